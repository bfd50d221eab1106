"""A gateway in small, for trying the image by hand and for its tests: runs a hardened container by the docker CLI, speaks the stream.

    python3 tests/drive.py [--image carrel-kernel] [--kernel ipykernel] [--split] [--runtime runsc]    # how long what takes
"""

import argparse
import http.client
import json
import os
import select
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from carrel_agent import frames, layout  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[3]
IMAGE = os.environ.get("CARREL_TEST_IMAGE", "carrel-kernel")
UID = 217345
SPLIT_CAPABILITIES = ("SETUID", "SETGID", "SETPCAP", "KILL")


def flags(split=False, runtime="runc", memory="512m", pids=128):
    """The docker flags of a sandbox, as the warden's plan has them."""
    given = ["--network", "none", "--dns", "127.0.0.1", "--hostname", "worksheet", "--cgroupns", "private", "--read-only"]
    given += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--ipc", "none", "--log-driver", "none"]
    given += ["--security-opt", f"seccomp={REPOSITORY}/policies/seccomp/worksheet.json", "--runtime", runtime]
    given += ["--memory", memory, "--memory-swap", memory, "--cpus", "1", "--pids-limit", str(pids + 256 * (runtime != "runc"))]
    given += ["--ulimit", "nofile=1024:1024", "--ulimit", "core=0:0", "--ulimit", "fsize=67108864:67108864"]
    given += ["--tmpfs", "/tmp:size=64m,nr_inodes=8192,nosuid,nodev,exec,mode=1777", "--oom-score-adj", "500"]
    given += ["--tmpfs", f"/home/worksheet:size=48m,nr_inodes=8192,nosuid,nodev,exec,mode=0700,uid={UID},gid={UID}"]
    given += ["--tmpfs", "/dev/shm:size=16m,nr_inodes=1024,nosuid,nodev,noexec,mode=1777"]
    if not split:
        return [*given, "--user", f"{UID}:{UID}"]
    return [*given, "--user", "0:0", *(word for name in SPLIT_CAPABILITIES for word in ("--cap-add", name))]


def engine(method, path, body=None):
    """A call of the Docker Engine API."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://"))
    connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
    answer = connection.getresponse().read()
    connection.close()
    return json.loads(answer or b"null")


def create(words):
    """The id of a new container. Its stdin stays open when an attachment ends, which `docker create` cannot say."""
    made = subprocess.run(["docker", "create", "-i", *words], check=True, capture_output=True, text=True).stdout.strip()
    plan = engine("GET", f"/containers/{made}/json")
    subprocess.run(["docker", "rm", made], check=True, capture_output=True)
    body = {**plan["Config"], "StdinOnce": False, "HostConfig": plan["HostConfig"]}
    return engine("POST", "/containers/create", body)["Id"]


class Sandbox:
    """A container and one attachment to its stream. `messages` are (channel, header, parent, content, buffers)."""

    def __init__(self, image=IMAGE, arguments=(), docker_flags=None, split=False, kernel="python3"):
        self.kernel = kernel
        extra = ["--cell-uid", str(UID)] if split else []
        command = [image, "--orphan", "60", "--kernel", kernel, *extra, *arguments]
        self.id = create([*(docker_flags or flags(split)), *command])
        self.key = bytes([os.urandom(1)[0] | 0x81]) + os.urandom(31)
        self.session = uuid.uuid4().hex
        self.received = self.sent = self.acknowledged = 0
        self.attached = None
        self.pace = None
        self.process = subprocess.Popen(["docker", "start", "-ai", self.id], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._fresh()

    def _fresh(self):
        os.set_blocking(self.process.stdout.fileno(), False)
        self.decoder = frames.Decoder(received=self.received)
        self.controls = []
        self.messages = []
        self.parts = getattr(self, "parts", [])
        self.attached = None
        self.before = b""
        self.bytes = 0

    def banner(self, within=60):
        """AF13."""
        self._until(lambda: b"carrel/1\r\n" in self.before, within)

    def attach(self, journal=4 << 20):
        """AF9, AF10: the hello."""
        self.nonce = os.urandom(32)
        self.before = b""
        self.attached = False
        self.write(self.key)
        self.control(type="attach", nonce=self.nonce.hex(), received=self.received, journal=journal)
        return self.expect("hello")

    def reattach(self, journal=4 << 20):
        """Another attachment to the running container, as after the gateway's death."""
        self.cut()
        self.process = subprocess.Popen(["docker", "attach", "--sig-proxy=false", self.id], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._fresh()
        return self.attach(journal)

    def cut(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def control(self, **body):
        self.write(frames.control(body))

    def send(self, kind, content, channel="shell", parent=None, buffers=()):
        """Sends a message; returns its msg_id."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": self.session, "username": "t", "version": "5.3"}
        header["date"] = "2025-01-01T00:00:00.000000Z"
        parts = [json.dumps(part).encode() for part in (header, parent or {}, {}, content)] + list(buffers)
        body = layout.pack(channel, parts) + b"".join(parts)
        while True:
            piece, body = body[: frames.MAX_BODY], body[frames.MAX_BODY :]
            self.sent += 1
            self.write(frames.header(2, frames.MORE if body else 0, len(piece), self.sent) + piece)
            if not body:
                return header["msg_id"]

    def execute(self, code, **more):
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": True, "stop_on_error": True}
        return self.send("execute_request", {**content, **more})

    def run(self, code, within=60, **more):
        """Executes until reply and idle; (reply's content, [(type, content, buffers)] of its iopub messages)."""
        return self.gather(self.execute(code, **more), within)

    def gather(self, request, within=60):
        seen, found, reply = 0, [], []

        def done():
            nonlocal seen
            for channel, header, parent, content, buffers in self.messages[seen:]:
                if parent.get("msg_id") != request:
                    continue
                if channel == "iopub":
                    found.append((header["msg_type"], content, buffers))
                elif header["msg_type"].endswith("_reply"):
                    reply.append(content)
            seen = len(self.messages)
            return reply and any(kind == "status" and content["execution_state"] == "idle" for kind, content, _ in found)

        self._until(done, within)
        return reply[0], found

    def start(self, generation=1, kernel=None, kind="start", within=60):
        self.control(type=kind, generation=generation, kernel=kernel or self.kernel, env={"KERNEL_USERNAME": "ada"})
        return self.expect("started", within, generation=generation)

    def expect(self, kind, within=60, **fields):
        """The next control frame of this type with these fields; what came before it stays."""

        def found():
            for place, body in enumerate(self.controls):
                if body["type"] == kind and all(body[name] == value for name, value in fields.items()):
                    return place + 1

        place = self._until(found, within)
        return self.controls.pop(place - 1)

    def _until(self, condition, within):
        end = time.monotonic() + within
        while True:
            result = condition()
            if result:
                return result
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"not within {within} s; controls {self.controls[-5:]}, {len(self.messages)} messages")
            self.pump(min(left, 1.0))

    def pump(self, wait=0.0):
        """Reads once, up to 1 MiB."""
        if not select.select([self.process.stdout], [], [], wait)[0]:
            return
        data = os.read(self.process.stdout.fileno(), 1 << 20)
        if not data:
            raise EOFError(f"the stream ended; the container: {self.state()}")
        self.bytes += len(data)
        if self.attached is not True:
            self.before += data
            if self.attached is None or self.nonce not in self.before:
                return
            data = self.before.split(self.nonce, 1)[1]
            self.attached = True
        for event in self.decoder.feed(data):
            if isinstance(event, dict):
                self.controls.append(event)
            else:
                self._part(event)
        if self.received != self.acknowledged and self.pace is None:
            self.acknowledged = self.received
            self.control(type="ack", seq=self.received)

    def _part(self, part):
        self.received = part.sequence
        if part.abort:
            self.parts = []
            return
        self.parts.append(part.body)
        if not part.more:
            channel, found = layout.unpack(b"".join(self.parts))
            self.parts = []
            header, parent, _, content = (json.loads(bytes(piece)) for piece in found[:4])
            self.messages.append((channel, header, parent, content, [bytes(piece) for piece in found[4:]]))

    def processes(self):
        """[(pid, command)] in the container, by `docker top`."""
        lines = subprocess.run(["docker", "top", self.id, "-eo", "pid,args"], capture_output=True, text=True).stdout
        return [tuple(line.split(None, 1)) for line in lines.splitlines()[1:]]

    def state(self):
        return subprocess.run(
            ["docker", "inspect", "-f", "{{json .State}}", self.id], capture_output=True, text=True
        ).stdout.strip()

    def close(self):
        self.cut()
        subprocess.run(["docker", "rm", "-f", self.id], capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def text_of(found, name="stdout"):
    return "".join(content["text"] for kind, content, _ in found if kind == "stream" and content["name"] == name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--image", default=IMAGE)
    parser.add_argument("--kernel", default="python3")
    parser.add_argument("--runtime", default="runc")
    parser.add_argument("--split", action="store_true")
    given, rest = parser.parse_known_args()
    began = time.monotonic()

    def say(what, value=""):
        print(f"{(time.monotonic() - began) * 1000:8.1f} ms  {what} {value}", flush=True)

    with Sandbox(given.image, rest, flags(given.split, given.runtime), given.split, given.kernel) as sandbox:
        say("created")
        sandbox.banner()
        say("banner")
        say("hello", sandbox.attach())
        say("started", sandbox.start())
        reply, found = sandbox.run("1+1")
        say("executed", (reply["status"], [content["data"] for kind, content, _ in found if kind == "execute_result"]))
        for _ in range(3):
            sandbox.run("1+1")
            say("executed")
        for generation in range(2, 5):
            sandbox.start(generation, kind="restart")
            say("restarted")
            sandbox.run("1+1")
            say("executed")
        sandbox.control(type="stats", every=0)
        say("stats", sandbox.expect("stats"))


if __name__ == "__main__":
    main()
