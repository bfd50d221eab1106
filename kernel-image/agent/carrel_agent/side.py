"""The agent's end of the socketpair to a kernel's side: message parts both ways, a few control frames, and the kernel's pipes.

What comes from there is a tenant's: it is checked like the gateway's bytes, and a violation ends that kernel only.
"""

from . import frames, layout
from .lean import deque

READ = 1 << 16
CONTROL_LIMIT = 4096
KNOWN = ("ready", "went")


class Side:
    """`put(part)` takes a part or refuses it (False), then nothing more is read until `resume`; `on_control(type)`; `on_taken(sequence)` when
    a part has been handed over whole; `on_end(reason)` when the other end has closed (None) or broken a rule, and once more when
    the pipes too have ended; `on_urgent()` when a message for the channel control has been written whole (KS6)."""

    def __init__(self, sock, put, on_control, on_taken, on_end, pipes=None, on_urgent=None):
        sock.setblocking(False)
        self.socket = sock
        self.pipes = pipes
        self.paused = False
        #: Nothing can be written until the socket is writable again.
        self.stuck = False
        #: The socket gives nothing more; the pipes may.
        self.closed = False
        self._put = put
        self._on_control = on_control
        self._on_taken = on_taken
        self._on_end = on_end
        self._on_urgent = on_urgent
        self._decoder = frames.Decoder(control_limit=CONTROL_LIMIT, data=False)
        self._events = iter(())
        self._refused = None
        self._between = True
        self._cell = b""
        self._broken = False
        self._out = deque()
        self._sequence = 0
        self._urgent = None

    @property
    def ended(self):
        """Everything has been passed on, and nothing more comes."""
        return self.closed and not self.paused and (self.pipes is None or self.pipes.ended)

    @property
    def wants_write(self):
        return bool(self._out) and not self.closed and not self._broken

    @property
    def wants_pipes(self):
        """KS4, KS5: they wait while a message is not whole, and while there is no room."""
        return self._between and not self.paused

    @property
    def waits_for(self):
        """(readable socket, writable socket, readable pipes, how many pipes have not ended)."""
        reads = not self.paused and not self.closed
        return reads, self.stuck and not self.closed, self.wants_pipes, self.pipes and self.pipes.open

    def send_control(self, body):
        self._out.append((frames.control(body), None, False))

    def send(self, part):
        """A part from the gateway, under a number of this socketpair's own."""
        self._sequence += 1
        flags = frames.MORE if part.more else frames.ABORT if part.abort else 0
        head = frames.header(frames.MESSAGE, flags, len(part.body), self._sequence)
        if self._urgent is None:
            self._urgent = layout.is_on(part.body, b"control")
        self._out.append((head + part.body, part.sequence, self._urgent and not part.more))
        if not part.more:
            self._urgent = None

    def unsent(self):
        """The gateway's numbers of the parts that were not handed over."""
        return [sequence for _, sequence, _ in self._out if sequence is not None]

    def writable(self):
        """Writes what the socket takes now; `stuck` when it takes no more."""
        while self._out:
            data, sequence, urgent = self._out[0]
            try:
                count = self.socket.send(data)
            except BlockingIOError:
                self.stuck = True
                return
            except OSError:
                self._broken = True  # The reading side tells why.
                return
            if count < len(data):
                self._out[0] = (memoryview(data)[count:], sequence, urgent)
                continue
            self._out.popleft()
            if sequence is not None:
                self._on_taken(sequence)
            if urgent and self._on_urgent:
                self._on_urgent()

    def readable(self):
        """Reads the socket once."""
        try:
            data = self.socket.recv(READ)
        except BlockingIOError:
            return
        except OSError as error:
            self._close(f"the kernel's side failed: {error}")
            return
        if not data:
            self._close(None)
            return
        self._events = self._in_order(data)
        self.resume()

    def pipes_readable(self):
        """Reads the pipes."""
        if self.wants_pipes:
            self._events = self.pipes.read(self._parent)
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
            for part in self._events:
                if not self._put(part):
                    self._refused = part
                    self.paused = True
                    return
        except frames.Violation as violation:
            self._close(f"the kernel's side broke a rule: {violation}")
            return
        if self.pipes and self.ended:
            self._on_end(None)

    def give_up(self):
        """What has not been passed on is dropped, and nothing more is read."""
        self.closed = True
        self.paused = False
        self._refused = None
        self._events = iter(())
        if self.pipes:
            self.pipes.give_up()

    def close(self):
        self.give_up()
        self._out.clear()
        self.socket.close()
        if self.pipes:
            self.pipes.close()

    def _in_order(self, data):
        """The parts of `data`, and at their place what stands in the pipes (KS4)."""
        events, violation = self._decoded(data)
        place = self._place(events)
        for index, event in enumerate(events):
            if index == place:
                yield from self.pipes.read(self._parent)
            if isinstance(event, dict):
                if event not in [{"type": known} for known in KNOWN]:
                    raise frames.Violation(f"control: unknown {str(event)[:80]}")
                self._on_control(event["type"])
                continue
            if self._between and self.pipes:
                self._cell = layout.begun_by(event.body) or self._cell
            self._between = not event.more
            yield event
        if place == len(events):
            yield from self.pipes.read(self._parent)
        if violation:
            raise violation

    def _decoded(self, data):
        """(events, the violation that ends them or None)."""
        events = []
        try:
            events.extend(self._decoder.feed(data))
        except frames.Violation as violation:
            return events, violation
        return events, None

    def _place(self, events):
        """Before which of the events the pipes are read. Behind the last beginning of a cell: the kernel has seen them empty before it. Or
        else before the first message that begins. None where no message does."""
        place, between = None, self._between
        if self.pipes is None:
            return None
        for index, event in enumerate(events):
            if isinstance(event, dict):
                continue
            if between and place is None:
                place = index
            if between and layout.begun_by(event.body):
                following = events[index + 1] if index + 1 < len(events) else {}
                place = index + 1 + (not isinstance(following, dict) and not following.more and layout.shows_input(following.body))
            between = not event.more
        return place

    def _parent(self):
        """The header of the cell that has begun last, as it came."""
        return self._cell or b"{}"

    def _close(self, reason):
        if not self.closed:
            self.closed = True
            self._events = self._rest()
            self._on_end(reason)
            self.resume()

    def _rest(self):
        """KS8; a message that was begun will not be completed."""
        if not self._between:
            self._between = True
            yield frames.Part(0, False, True, b"")
        if self.pipes:
            yield from self.pipes.read(self._parent)
