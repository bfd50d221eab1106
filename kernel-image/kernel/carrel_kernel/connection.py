"""The kernel's end of the socketpair: whole messages in and out (docs/spec/kernel-stream.md).

Whoever has something to say appends it, from any thread and even from a finalizer; one at a time writes. A write that waits
for room can be interrupted, and the next one goes on where it stopped.
"""

import collections
import os
import select
import threading

from carrel_agent import frames, layout

from .messages import Request

READ = 1 << 18
#: Messages are joined up to this many bytes for one write.
JOIN = 1 << 16
#: How often a wait looks whether it was interrupted, in seconds.
PATIENCE = 0.02
#: How often a wait for a person's answer looks whether it has come in another way, in seconds.
LOOK_EVERY = 0.2


class Closed(Exception):
    """The agent has closed the socket: there is nobody left to work for."""


class Connection:
    def __init__(self, sock, interrupts):
        sock.setblocking(False)
        self.socket = sock
        self._interrupts = interrupts
        self._lock = threading.RLock()
        self._writing = False
        self._messages = collections.deque()
        self._frames = collections.deque()
        self._rest = memoryview(b"")
        self._sequence = 0
        self._decoder = frames.Decoder()
        self._parts = []

    def put(self, pieces):
        """Appends a message (the pieces of its body) or, where `pieces` is bytes, a control frame. `flush` sends it."""
        self._messages.append(pieces)

    def control(self, kind):
        self.put(frames.control({"type": kind}))
        self.flush()

    def flush(self):
        """Writes everything; waits where the agent has no room. An interrupt ends the wait, and nothing is lost."""
        with self._interrupts:
            while not self._lock.acquire(timeout=PATIENCE):
                if self._interrupts.waiting:
                    return
            try:
                if not self._writing:
                    self._writing = True
                    self._write()
            finally:
                self._writing = False
                self._lock.release()

    def _write(self):
        while self._rest or self._next():
            try:
                self._rest = self._rest[self.socket.send(self._rest) :]
            except BlockingIOError:
                poll = select.poll()
                poll.register(self.socket, select.POLLOUT)
                poll.poll(PATIENCE * 1000)
                if self._interrupts.waiting:
                    return
            except ConnectionError:
                os._exit(0)  # The agent has gone; nobody is left to hear of it.

    def _next(self):
        """Moves what comes next into `_rest`. False when everything is written."""
        if self._frames:
            self._rest = self._frames.popleft()
            return True
        joined = []
        size = 0
        while self._messages and size < JOIN:
            pieces = self._messages.popleft()
            if isinstance(pieces, bytes):
                joined.append(pieces)
                size += len(pieces)
                continue
            length = sum(map(len, pieces))
            if length > JOIN:
                self._cut(pieces, length)
                break
            self._sequence += 1
            joined += (frames.header(frames.MESSAGE, 0, length, self._sequence), *pieces)
            size += length
        if joined:
            self._rest = memoryview(b"".join(joined))
        elif self._frames:
            self._rest = self._frames.popleft()
        return bool(self._rest)

    def _cut(self, pieces, left):
        """A long message becomes frames that share its memory."""
        rest = collections.deque(memoryview(piece) for piece in pieces if len(piece))
        while left:
            length = min(left, frames.MAX_BODY)
            left -= length
            self._sequence += 1
            flags = frames.MORE if left else 0
            self._frames.append(memoryview(frames.header(frames.MESSAGE, flags, length, self._sequence)))
            while length:
                piece = rest.popleft()
                self._frames.append(piece[:length])
                if len(piece) > length:
                    rest.appendleft(piece[length:])
                length -= min(length, len(piece))

    def receive(self):
        """What has arrived, without waiting: requests, and control bodies (dict). Closed where the agent has gone."""
        with self._interrupts:
            arrived = []
            while True:
                try:
                    data = self.socket.recv(READ)
                except BlockingIOError:
                    return arrived
                except ConnectionError:
                    raise Closed from None
                if not data:
                    raise Closed
                for event in self._decoder.feed(data):
                    if isinstance(event, dict):
                        arrived.append(event)
                    else:
                        self._join(event, arrived)
                if len(data) < READ:
                    return arrived

    def wait(self):
        """Until something has arrived, or a moment has passed: what KS6's signal has read meanwhile, no wait would wake for. KeyboardInterrupt
        may be raised here."""
        select.select([self.socket], [], [], LOOK_EVERY)

    def _join(self, part, arrived):
        if part.abort:
            self._parts.clear()
            return
        self._parts.append(part.body)
        if part.more:
            return
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        try:
            arrived.append(Request(*layout.unpack(body)))
        except (ValueError, RecursionError):
            pass  # What is no message has nobody who waits for a reply.
