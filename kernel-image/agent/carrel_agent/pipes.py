"""Descriptors 1 and 2 of a kernel's processes, read by the agent, as `stream` messages (KS3).

What is written there is a tenant's: bytes of any kind, at any speed. Never more than READ bytes are in hand.
"""

import codecs
import fcntl
import os
import select
import time

from . import frames, layout
from .lean import dumps

#: Bytes of one `stream` message (KS3), and what one read takes.
READ = 1 << 16
NAMES = ("stdout", "stderr")
SESSION = os.urandom(8).hex()


class Pipe:
    """`fd` is the reading end, `theirs` the writing end, for the kernel; `ended` when no process holds that any more."""

    def __init__(self, name):
        self.name = name
        self.ended = False
        self.fd, self.theirs = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.fd, False)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self):
        """(bytes read, their text); the last text may come with the end."""
        try:
            data = os.read(self.fd, READ)
        except BlockingIOError:
            return 0, ""
        self.ended = not data
        return len(data), self._decoder.decode(data, not data)


class Pipes:
    """Both of one kernel."""

    def __init__(self):
        self.both = [Pipe(name) for name in NAMES]
        self.theirs = [pipe.theirs for pipe in self.both]
        self._poll = select.poll()
        for pipe in self.both:
            self._poll.register(pipe.fd, select.POLLIN)

        self.open = len(self.both)

    @property
    def ended(self):
        return not self.open

    def give_up(self):
        """What stands in them is dropped."""
        self.open = 0
        for pipe in self.both:
            pipe.ended = True

    def given(self):
        """The kernel has its ends: from here only its processes hold them."""
        for fd in self.theirs:
            os.close(fd)
        self.theirs = []

    def read(self, parent):
        """Yields what stands in the pipes as whole messages (Part), one at a time; `parent()` is the JSON of their parent_header. Who writes
        on meanwhile is not followed further than a pipe can hold."""
        ready = dict(self._poll.poll(0))
        for pipe in self.both if ready else ():
            if pipe.fd not in ready or pipe.ended:
                continue
            left = fcntl.fcntl(pipe.fd, fcntl.F_GETPIPE_SZ)
            while left > 0:
                count, text = pipe.read()
                if text:
                    yield stream(pipe.name, text, parent())
                left = left - count if count == READ else 0
            if pipe.ended:
                self._poll.unregister(pipe.fd)
                self.open -= 1

    def close(self):
        self.given()
        for pipe in self.both:
            os.close(pipe.fd)


def stream(name, text, parent):
    """A message of the type `stream` as the Part of one frame that has no number yet."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    header = {
        "msg_id": os.urandom(16).hex(),
        "msg_type": "stream",
        "username": "",
        "session": SESSION,
        "date": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest // 1000:06}Z",
        "version": "5.3",
    }
    parts = [dumps(header).encode(), parent, b"{}", dumps({"name": name, "text": text}).encode()]
    return frames.Part(0, False, False, layout.pack("iopub", parts) + b"".join(parts))
