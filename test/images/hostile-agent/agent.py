"""
PID 1 of the image carrel-test-hostile: an honest little agent until it is told otherwise. `--env HOSTILE=NAME` (a variable
of its policy) chooses how it misbehaves before a kernel runs; the code of a cell names the attack that comes then.
"""

import json
import os
import sys
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from attacks import ATTACKS  # noqa: E402
from stream import MESSAGE, READY, Reader, control, frame, layout, parts  # noqa: E402

NO_CONFINEMENT = {"landlock": 0, "split": False}


class Agent:
    def __init__(self, mode):
        self.mode = mode
        self.reader = Reader()
        self.sent = 0
        self.generation = 0
        self.count = 0
        self.asked = {}
        self.silent = False

    def write(self, data):
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]

    def number(self):
        self.sent += 1
        return self.sent

    def header(self, type):
        return {
            "msg_id": uuid.uuid4().hex,
            "msg_type": type,
            "username": "kernel",
            "session": "hostile",
            "date": "2026-01-01T00:00:00.000000Z",
            "version": "5.3",
        }

    def body(self, channel, type, content):
        """A message that answers the last one asked."""
        return layout(channel, *(json.dumps(part).encode() for part in (self.header(type), self.asked, {}, content)))

    def send(self, channel, type, content):
        self.write(frame(MESSAGE, self.body(channel, type, content), self.number()))

    def finish(self, status="ok"):
        """The honest end of a cell."""
        self.send("shell", "execute_reply", {"status": status, "execution_count": self.count, "user_expressions": {}, "payload": []})
        self.send("iopub", "status", {"execution_state": "idle"})

    def hello(self):
        self.write(
            control(
                "hello",
                agent="0.1.0",
                protocol=1,
                received=self.reader.received,
                first=self.sent + 1,
                next=self.sent + 1,
                generation=self.generation,
                state="running" if self.generation else "none",
                kernels=["python3"],
                confinement=NO_CONFINEMENT,
            )
        )

    def serve(self):
        if self.mode == "dies-at-once":
            os._exit(5)
        if self.mode != "never-ready":
            self.write(READY)
        while True:
            data = os.read(0, 65536)
            if not data:
                time.sleep(0.05)
            for event in self.reader.feed(data):
                if not self.silent:
                    getattr(self, f"on_{event[0]}")(*event[1:])

    def on_part(self):
        self.write(control("ack", seq=self.reader.received))

    def on_control(self, body):
        type = body["type"]
        if type == "attach":
            self.attach(body)
        elif type == "ping":
            self.write(control("pong"))
        elif type in ("start", "restart"):
            self.start(body)
        elif type == "stop":
            self.write(control("exited", generation=self.generation, code=0, signal=None, oom=False, expected=True, memory={"peak": 0, "limit": 0}, detail=""))
            self.generation = 0
        elif type == "interrupt":
            self.write(control("interrupted", generation=self.generation, killed=0))

    def attach(self, body):
        nonce = bytes.fromhex(body["nonce"])
        if self.mode == "no-hello":
            self.silent = True
        elif self.mode == "wrong-nonce":
            self.write(bytes(32))
            self.hello()
        elif self.mode == "flood-before-nonce":
            while True:
                self.write(b"\xca\x01\x01\x00" * 65536)
        elif self.mode == "hello-of-the-future":
            self.write(nonce + control("hello", agent="9", protocol=2, received=10**9, first=-1, next=1.5, generation=3, state="ended", kernels="all", confinement=[]))
        elif self.mode == "dies-when-attached":
            os._exit(7)
        else:
            self.write(nonce)
            self.hello()

    def start(self, body):
        self.generation = body["generation"]
        if self.mode == "never-started":
            return
        if self.mode == "never-a-kernel":
            self.write(control("failed", generation=self.generation, reason="no kernel today\x1b[2J"))
            return
        self.write(control("started", generation=self.generation, kernel=body["kernel"], pid=7, standby=False))

    def on_message(self, joined):
        self.write(control("ack", seq=self.reader.received))
        channel, header, _, _, content, *_ = parts(joined)
        self.asked = json.loads(header)
        type = self.asked["msg_type"]
        self.send("iopub", "status", {"execution_state": "busy"})
        if type == "execute_request":
            return self.execute(json.loads(content)["code"])
        if type == "kernel_info_request":
            self.send(channel.decode(), "kernel_info_reply", {
                "status": "ok", "protocol_version": "5.3", "implementation": "hostile", "implementation_version": "1",
                "language_info": {"name": "python", "version": "3", "mimetype": "text/x-python", "file_extension": ".py"},
                "banner": "", "help_links": [],
            })
        self.send("iopub", "status", {"execution_state": "idle"})

    def execute(self, code):
        self.count += 1
        self.send("iopub", "execute_input", {"code": code, "execution_count": self.count})
        if code in ATTACKS:
            return ATTACKS[code](self)
        self.finish("ok" if code == "honest" else "error")


def mode_of(arguments):
    """The value of HOSTILE among the policy's variables, which arrive as `--env NAME=VALUE`."""
    pairs = [value.partition("=") for flag, value in zip(arguments, arguments[1:]) if flag == "--env"]
    return next((value for name, _, value in pairs if name == "HOSTILE"), "none")


if __name__ == "__main__":
    Agent(mode_of(sys.argv[1:])).serve()
