"""The agent's end of the stream: key, attach, acknowledgements and the order of what is written (AF8-AF19).

Reads and writes non-blocking descriptors, a bounded piece at a time, so that a flood one way never delays the other.
"""

import os

from . import frames
from .keyscan import KeyScanner
from .lean import deque

READ = 1 << 16
WRITE = 1 << 18
#: One write has about so many bytes, in at most so many pieces.
TOGETHER, PIECES = 1 << 16, 128
#: AF15 allows the gateway 2 MiB without an acknowledgement, repeated frames included.
UNACKED_INPUT = (2 << 20) + frames.MAX_BODY
HOLD = 0.05
#: AF20: seconds.
COMPANY = 0.002


class Link:
    """`on_part(part)` gets message parts, `on_control(body)` the control frames that are not the link's own, `hello()` gives the
    fields of AF10's hello that the link does not know."""

    def __init__(self, fd_in, fd_out, outbox, on_part, on_control, hello, now):
        self.fd_in = fd_in
        self.fd_out = fd_out
        self.outbox = outbox
        self.heard = now
        self.attached = False
        #: Nothing can be written until the descriptor is writable again.
        self.stuck = False
        #: Frames about files that wait to be written (AF23).
        self.files = deque()
        #: Gets the pieces of files (`frames.Data`).
        self.on_data = None
        self._on_part = on_part
        self._on_control = on_control
        self._hello = hello
        self._scanner = KeyScanner()
        self._decoder = frames.Decoder(zeros=True)
        self._expect_attach = False
        self._urgent = deque()
        self._writing = []
        self._ack = None
        self._acknowledged = 0
        self._late = False

    def banner(self):
        """AF13."""
        self._writing = [b"carrel/1\r\n"]

    @property
    def holding(self):
        """True while bytes are held back that might begin the key; call `release` after HOLD seconds."""
        return bool(self._scanner.held) and self._scanner.key is not None

    def release(self):
        """Nothing has followed what was held back: it is no key."""
        self._consume(self._scanner.release())

    def readable(self, now):
        """Reads once. False at the end of the input."""
        try:
            data = os.read(self.fd_in, READ)
        except BlockingIOError:
            return True
        if not data:
            return False
        self.heard = self.outbox.heard = now
        for piece in self._scanner.feed(data):
            if piece is None:
                self._decoder.forget()
                self._expect_attach = True
            else:
                self._consume(piece)
        return True

    def send(self, body):
        """A control frame, before everything else that waits."""
        self._urgent.append(frames.control(body))

    def acknowledge(self, sequence):
        """AF14: the kernel's side has taken the frame."""
        self._ack = self._acknowledged = sequence

    @property
    def wants_write(self):
        """True where something has to be written now."""
        pressing = self._late or (self.outbox.pressing and self.outbox.unsent)
        return bool(self._writing) or (self.attached and bool(self._urgent or pressing or self.files))

    @property
    def may_wait(self):
        """True where the only thing to write is what AF20 lets wait; `hurry` ends that."""
        return self.attached and not self.wants_write and bool(self._ack is not None or self.outbox.unsent)

    def hurry(self):
        """Nothing has followed within AF20's time."""
        self._late = self._ack is not None or bool(self.outbox.unsent)

    def writable(self):
        """Writes a bounded piece, many frames at once; `stuck` when no more is taken."""
        budget = WRITE
        while budget > 0:
            if not self._writing and not self._gather():
                self._late = False
                return
            try:
                count = os.writev(self.fd_out, self._writing)
            except BlockingIOError:
                self.stuck = True
                return
            except BrokenPipeError:
                self.attached, self._writing = False, []
                return
            budget -= count
            for place, piece in enumerate(self._writing):
                if count < len(piece):
                    self._writing = [memoryview(piece)[count:], *self._writing[place + 1 :]]
                    break
                count -= len(piece)
            else:
                self._writing = []

    def _gather(self):
        """Takes what is to be written next. False where there is nothing."""
        if not self.attached:
            return False
        pieces = self._writing
        if self._ack is not None:
            pieces.append(frames.control({"type": "ack", "seq": self._ack}))
            self._ack = None
        while self._urgent:
            pieces.append(self._urgent.popleft())
        size = 0
        while size < TOGETHER and len(pieces) < PIECES:
            entry = self.outbox.take()
            if entry is None:
                break
            pieces.append(entry.head)
            if entry.body:
                pieces.append(entry.body)
            size += len(entry.body)
        if self.files:
            pieces.append(self.files.popleft())
        return bool(pieces)

    def _consume(self, data):
        for event in self._decoder.feed(data):
            if isinstance(event, frames.Part):
                self._refuse_before_attach("a message")
                self._on_part(event)
            elif isinstance(event, frames.Data):
                self._refuse_before_attach("a piece of a file")
                self.on_data(event)
            elif event["type"] == "attach":
                self._attach(event)
            else:
                self._refuse_before_attach(event["type"])
                self._control(event)

    def _refuse_before_attach(self, what):
        if self._expect_attach:
            raise frames.Violation(f"order: expected attach after the key, found {what[:40]}")

    def _control(self, body):
        if body["type"] == "ack":
            self.outbox.ack(whole(body, "seq"))
        elif body["type"] == "ping":
            self.send({"type": "pong"})
        else:
            self._on_control(body)

    def _attach(self, body):
        if not self._expect_attach:
            raise frames.Violation("order: attach without the key before it")
        self._expect_attach = False
        nonce = body.get("nonce")
        if not isinstance(nonce, str) or len(nonce) != 64:
            raise frames.Violation("attach: expected a nonce of 64 hexadecimal digits")
        try:
            nonce = bytes.fromhex(nonce)
        except ValueError:
            raise frames.Violation("attach: expected a nonce of 64 hexadecimal digits") from None
        self.outbox.limit = whole(body, "journal")
        self.outbox.rewind(whole(body, "received"))
        self.attached = True
        self._urgent.clear()
        self.files.clear()
        self._ack = self._acknowledged or None
        hello = {
            "type": "hello",
            "protocol": 1,
            "received": self._decoder.received,
            "first": self.outbox.first,
            "next": self.outbox.next,
            **self._hello(),
        }
        self._writing = [nonce + frames.control(hello)]


def whole(body, key):
    """A whole number ≥ 0 of a control body, or Violation."""
    value = body.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise frames.Violation(f"{body['type']}: expected {key} to be a whole number, found {value!r:.40}")
    return value
