"""What the agent has to send and may have to send again: numbers, acknowledgements, back-pressure and the away mode
(AF2, AF5, AF10, AF14-AF17). Pure: the time is an argument, in seconds.
"""

from . import frames, layout
from .lean import deque

AWAY_AFTER = 5.0
RESERVE = 1 << 20
DROPPABLE = frozenset(
    (b"stream", b"display_data", b"execute_result", b"update_display_data", b"clear_output", b"comm_msg", b"error")
)
TYPE = b'"msg_type"'

#: AF20: after this message the cell begins; what it says first is sent together with it.
ANNOUNCING = b"execute_input"


class Entry:
    """`sequence` is 0 for a control frame, which is whole in `head`."""

    __slots__ = ("sequence", "head", "body")

    def __init__(self, sequence, head, body):
        self.sequence = sequence
        self.head = head
        self.body = body



def kind_and_total(start):
    """(type, length) of the message on iopub whose first part is `start`; (None, 0) of others."""
    if not layout.is_on(start, b"iopub"):
        return None, 0
    try:
        offsets = layout.read_offsets(start)
    except frames.Violation:
        return None, 0
    place = start.find(TYPE, offsets[1], min(offsets[2], offsets[1] + 65536))
    found = start[place + len(TYPE) : place + 100].split(b'"', 2) if place >= 0 else ()
    return found[1] if len(found) == 3 else None, offsets[-1]


class Outbox:
    """Entries are numbered message frames, and control frames that must keep their place among them.

    `limit` bounds the bodies that are not acknowledged (AF16). `put` takes a part or refuses it; who is refused offers the same part
    again later and reads nothing more from the kernel. `pressing` is False while what is unsent may wait for what follows (AF20).
    """

    def __init__(self, limit=4 << 20, now=0.0):
        self.limit = limit
        self.held = 0
        self.next = 1
        self.acked = 0
        self.unsent = deque()
        self.unacked = deque()
        self.heard = now
        self.pressing = False
        self._is_open = False
        self._written = 0
        self._total = None
        self._skipping = False
        self._lost = [0, 0]

    @property
    def first(self):
        """The oldest sequence number still held, or the next one."""
        return self.acked + 1

    def away(self, now):
        """AF16: nothing at all has come from the gateway for 5 s."""
        return now - self.heard >= AWAY_AFTER

    def put(self, part, now):
        """Takes one part of a message; False where there is no room and nothing may be dropped."""
        size = len(part.body)
        if self._skipping:
            self._lost[1] += size
            self._skipping = part.more
            return True
        away, starting = self.away(now), not self._is_open
        if starting:
            kind, total = kind_and_total(part.body)
            self._total = total if kind in DROPPABLE else None
            self.pressing = kind != ANNOUNCING
        droppable = self._total is not None
        if away and droppable and self.held + (self._total if starting else size) > self.limit:
            self._drop(part, size)
            return True
        if self.held and self.held + size > self.limit + (RESERVE if away and not droppable else 0):
            return False
        if starting:
            self._settle_gap()
        self._append(frames.MORE if part.more else frames.ABORT if part.abort else 0, part.body)
        self._is_open = part.more
        self._written = self._written + size if part.more else 0
        return True

    def abort(self):
        """AF5: the kernel has died; ends the message that it had begun."""
        if self._is_open:
            self._append(frames.ABORT, b"")
        self.pressing = True
        self._is_open = self._skipping = False
        self._written = 0

    def place(self, body):
        """A control frame at this place of the stream; written again after an attach until something after it is acknowledged."""
        self.unsent.append(Entry(0, frames.control(body), b""))
        self.pressing = True

    def ack(self, sequence):
        """AF14. A number that was never given is a violation."""
        if sequence >= self.next:
            raise frames.Violation(f"ack: {sequence} was never sent, the next is {self.next}")
        for entries in (self.unacked, self.unsent):
            count = 0
            for place, entry in enumerate(entries, 1):
                if entry.sequence > sequence:
                    break
                count = place if entry.sequence else count
            for _ in range(count):
                self.held -= len(entries.popleft().body)
        self.acked = max(self.acked, sequence)

    def rewind(self, received):
        """AF10: everything after `received` is to be sent (again)."""
        self.ack(received)
        self.unacked.extend(self.unsent)
        self.unsent, self.unacked = self.unacked, deque()
        if not self._is_open and not self._skipping:
            self._settle_gap()

    def take(self):
        """The next entry to write, or None."""
        if not self.unsent:
            return None
        self.unacked.append(self.unsent.popleft())
        return self.unacked[-1]

    def _drop(self, part, size):
        if self._is_open:
            self._append(frames.ABORT, b"")
            size += self._written
        self._is_open = False
        self._written = 0
        self._lost[0] += 1
        self._lost[1] += size
        self._skipping = part.more

    def _settle_gap(self):
        if self._lost[0]:
            self.place({"type": "gap", "messages": self._lost[0], "bytes": self._lost[1]})
            self._lost = [0, 0]

    def _append(self, flags, body):
        head = frames.header(frames.MESSAGE, flags, len(body), self.next)
        self.unsent.append(Entry(self.next, head, body))
        self.next += 1
        self.held += len(body)
