"""A kernel for tests: forked like the zygote does it, driven over its socketpair, its descriptors 1 and 2 read here."""

import json
import os
import select
import signal
import socket
import time

from carrel_agent import frames, layout
from carrel_kernel import main

main.prepare()
PATIENCE = 60


class Message:
    def __init__(self, channel, parts):
        self.channel = channel
        self.header, self.parent, self.metadata, self.content = (json.loads(bytes(part)) for part in parts[:4])
        self.buffers = [bytes(part) for part in parts[4:]]
        self.kind = self.header["msg_type"]


class Driven:
    """`with Driven() as kernel`: it has gone when the block ends. `written` is what came through descriptors 1 and 2."""

    def __init__(self, released=True):
        self.socket, theirs = socket.socketpair()
        self.pipe, writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            self._become(theirs, writer)
        theirs.close()
        os.close(writer)
        self.written = b""
        self.longest_frame = 0
        self._decoder = frames.Decoder()
        self._parts, self._arrived = [], []
        self._sequence = self._count = 0
        self.expect_control("ready")
        if released:
            self.release({})

    def _become(self, side, writer):
        try:
            os.setsid()
            self.socket.close()
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            main.run(side.detach())
        finally:
            os._exit(9)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        os.close(self.pipe)
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except OSError:
            pass
        os.waitpid(self.pid, 0)

    def release(self, env):
        self.socket.sendall(frames.control({"type": "go", "env": env}))
        self.expect_control("went")

    def expect_control(self, kind):
        found = self.receive()
        assert found == {"type": kind}, found

    def send(self, kind, content, channel="shell", signalled=False, buffers=()):
        """Returns the message's id. `signalled`: with KS6's signal, as the agent does it on `control`."""
        self._count += 1
        header = {"msg_id": f"m{self._count}", "msg_type": kind, "session": "test", "username": "t", "version": "5.3"}
        parts = [json.dumps(header).encode(), b"{}", b"{}", json.dumps(content).encode(), *buffers]
        body = layout.pack(channel, parts) + b"".join(parts)
        self._sequence += 1
        self.socket.sendall(frames.header(frames.MESSAGE, 0, len(body), self._sequence) + body)
        if signalled:
            os.kill(self.pid, signal.SIGRTMIN + 2)
        return header["msg_id"]

    def execute(self, code, **options):
        content = {"code": code, "silent": False, "allow_stdin": False, **options}
        return self.send("execute_request", content)

    def receive(self):
        """The next message or control body; what comes on the pipe meanwhile is kept."""
        deadline = time.monotonic() + PATIENCE
        while not self._arrived:
            readable, _, _ = select.select([self.socket, self.pipe], [], [], max(0, deadline - time.monotonic()))
            assert readable, "nothing came"
            if self.pipe in readable:
                self.written += os.read(self.pipe, 1 << 16)
            if self.socket in readable:
                self._read()
        return self._arrived.pop(0)

    def _read(self):
        data = self.socket.recv(1 << 18)
        if not data:
            raise EOFError
        for event in self._decoder.feed(data):
            if isinstance(event, dict):
                self._arrived.append(event)
                continue
            self.longest_frame = max(self.longest_frame, len(event.body))
            self._parts.append(event.body)
            if not event.more:
                self._arrived.append(Message(*layout.unpack(b"".join(self._parts))))
                self._parts.clear()

    def until_idle(self, msg_id):
        """Everything up to the idle status that belongs to `msg_id`."""
        found = []
        while True:
            found.append(self.receive())
            last = found[-1]
            if last.kind == "status" and last.content["execution_state"] == "idle" and last.parent.get("msg_id") == msg_id:
                return found

    def run(self, code, **options):
        return self.until_idle(self.execute(code, **options))

    def ask(self, kind, content, channel="shell"):
        """The content of the reply."""
        msg_id = self.send(kind, content, channel)
        return next(one.content for one in self.until_idle(msg_id) if one.kind == kind.replace("_request", "_reply"))

    def wait_for(self, kind):
        while True:
            message = self.receive()
            if message.kind == kind:
                return message


def text(messages, name=None):
    """What the stream messages say."""
    streams = [one.content for one in messages if one.kind == "stream"]
    return "".join(one["text"] for one in streams if name in (None, one["name"]))


def reply(messages):
    return next(one.content for one in messages if one.kind == "execute_reply")
