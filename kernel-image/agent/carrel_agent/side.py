"""The agent's end of the socketpair to a kernel's side (a bridge): message parts both ways, a few control frames.

What comes from there is a tenant's: it is checked like the gateway's bytes, and a violation ends that kernel only.
"""

import collections
import socket

from . import frames

READ = 1 << 17
CONTROL_LIMIT = 4096
KNOWN = ("ready", "went")


class Side:
    """`put(part)` takes a part or refuses it (False), then nothing more is read until `resume`; `on_control(type)`; `on_taken(sequence)` when
    a part has been handed over whole; `on_end(reason)` once, when the other end has closed (None) or broken a rule."""

    def __init__(self, sock, put, on_control, on_taken, on_end):
        sock.setblocking(False)
        self.socket = sock
        self.paused = False
        self.ended = False
        self._put = put
        self._on_control = on_control
        self._on_taken = on_taken
        self._on_end = on_end
        self._decoder = frames.Decoder(control_limit=CONTROL_LIMIT)
        self._events = iter(())
        self._refused = None
        self._out = collections.deque()
        self._sequence = 0

    @property
    def wants_write(self):
        return bool(self._out) and not self.ended

    def send_control(self, body):
        self._out.append((memoryview(frames.control(body)), None))

    def send(self, part):
        """A part from the gateway, under a number of this socketpair's own."""
        self._sequence += 1
        flags = frames.MORE if part.more else frames.ABORT if part.abort else 0
        head = frames.header(frames.MESSAGE, flags, len(part.body), self._sequence)
        self._out.append((memoryview(head), None))
        self._out.append((memoryview(part.body), part.sequence))

    def unsent(self):
        """The gateway's numbers of the parts that were not handed over."""
        return [sequence for _, sequence in self._out if sequence is not None]

    def writable(self):
        """Writes what the socket takes now."""
        while self._out:
            data, sequence = self._out[0]
            try:
                count = self.socket.send(data) if len(data) else 0
            except BlockingIOError:
                return
            except OSError:
                return  # The reading side tells why.
            if count < len(data):
                self._out[0] = (data[count:], sequence)
                return
            self._out.popleft()
            if sequence is not None:
                self._on_taken(sequence)

    def readable(self):
        """Reads once."""
        try:
            data = self.socket.recv(READ)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(f"the kernel's side failed: {error}")
            return
        if not data:
            self._end(None)
            return
        self._events = self._decoder.feed(data)
        self.resume()

    def resume(self):
        """Goes on with what was refused and read already."""
        self.paused = False
        if self._refused is not None:
            if not self._put(self._refused):
                self.paused = True
                return
            self._refused = None
        try:
            for event in self._events:
                if isinstance(event, dict):
                    if event not in [{"type": known} for known in KNOWN]:
                        raise frames.Violation(f"control: unknown {str(event)[:80]}")
                    self._on_control(event["type"])
                elif not self._put(event):
                    self._refused = event
                    self.paused = True
                    return
        except frames.Violation as violation:
            self._end(f"the kernel's side broke a rule: {violation}")

    def close(self):
        self.ended = True
        self._refused = None
        self._events = iter(())
        self._out.clear()
        self.socket.close()

    def _end(self, reason):
        if not self.ended:
            self.ended = True
            self._on_end(reason)


def pair():
    """(ours, theirs)."""
    return socket.socketpair()
