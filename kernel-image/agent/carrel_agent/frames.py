"""Frames of the stream between gateway and agent (docs/spec/agent-stream.md, AF1-AF7).

The same format runs on the socketpair between the agent and a kernel's side. Nothing here does input or output.
"""

import struct

from .lean import dumps, loads

MAGIC = 0xCA
VERSION = 1
CONTROL = 1
MESSAGE = 2
DATA = 3
MORE = 1
ABORT = 2
#: How a frame begins that is a whole message.
PLAIN = bytes((MAGIC, VERSION, MESSAGE, 0))
HEADER = struct.Struct("<BBBBIQ")
MAX_BODY = 1 << 20
MAX_MESSAGE = 128 << 20
#: AF21.
MAX_DATA = 1 << 16
MOST_TRANSFERS = 1 << 53
MAX_DEPTH = 32


class Violation(Exception):
    """The other side broke a rule; the text names which. The connection cannot go on."""


def header(kind, flags, length, sequence):
    """The 16 bytes before a body of `length` bytes."""
    return HEADER.pack(MAGIC, VERSION, kind, flags, length, sequence)


def control(body):
    """A whole control frame of the given dict."""
    data = dumps(body).encode()
    return header(CONTROL, 0, len(data), 0) + data


def data(transfer, body):
    """A whole frame with a piece of a file, 1 to MAX_DATA bytes."""
    return header(DATA, 0, len(body), transfer) + body


def depth_of(data):
    """How deep the JSON text `data` (bytes) nests, counted without parsing it; where few brackets are in it, how many."""
    brackets = data.count(b"{") + data.count(b"[")
    if brackets <= MAX_DEPTH:
        return brackets
    depth = deepest = 0
    text = escaped = False
    for byte in data:
        if text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                text = False
        elif byte == 0x22:
            text = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def parse_control(data):
    """AF7: the dict of a control body, or Violation."""
    if depth_of(data) > MAX_DEPTH:
        raise Violation(f"control: nests deeper than {MAX_DEPTH}")
    try:
        body = loads(bytes(data).decode())
    except ValueError as error:
        raise Violation(f"control: not JSON: {error}") from None
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise Violation("control: expected one object with a string `type`")
    return body


class Part:
    """One message frame: `body` is bytes, `more` and `abort` its flags."""

    __slots__ = ("sequence", "more", "abort", "body")

    def __init__(self, sequence, more, abort, body):
        self.sequence = sequence
        self.more = more
        self.abort = abort
        self.body = body


class Data:
    """A piece of a file (AF21): `transfer` is the number of what it belongs to, `body` is bytes."""

    __slots__ = ("transfer", "body")

    def __init__(self, transfer, body):
        self.transfer = transfer
        self.body = body


class Decoder:
    """Cuts a byte stream into control bodies (dict), message parts (Part) and pieces of files (Data).

    `zeros`: zero bytes between frames are skipped (AF8, towards the agent only). `received` is the last sequence number that
    counts as known; it moves on as parts come. A repeated part is left out. `control_limit` bounds a control body. `data`: pieces
    of files may come.
    """

    def __init__(self, zeros=False, received=0, control_limit=MAX_BODY, data=True):
        self.zeros = zeros
        self.received = received
        self.control_limit = control_limit
        self.data = data
        self.joined = 0
        self.open = False
        self._head = b""
        self._fields = None
        self._wanted = 0
        self._pieces = []

    def forget(self):
        """AF9: a new connection begins; what was not complete is discarded."""
        self._head = b""
        self._fields = None
        self._pieces = []

    @property
    def between(self):
        """True where a frame is expected to begin."""
        return self._fields is None and not self._head

    def feed(self, data):
        """Yields what `data` (bytes) completes."""
        place, end = 0, len(data)
        while place < end:
            if self._fields is None:
                if self.zeros and not self._head and data[place] == 0:
                    place = end - len(data[place:].lstrip(b"\0"))
                    continue
                take = min(16 - len(self._head), end - place)
                self._head += data[place : place + take]
                place += take
                if self._head[0] != MAGIC:
                    raise Violation(f"magic: expected 0xCA, found 0x{self._head[0]:02X}")
                if len(self._head) < 16:
                    return
                self._fields = self._check(self._head)
                self._wanted = self._fields[2]
            take = min(self._wanted, end - place)
            if take < self._fields[2]:
                self._pieces.append(data[place : place + take])
                self._wanted -= take
                place += take
                if self._wanted:
                    continue
                body = b"".join(self._pieces)
                self._pieces = []
            else:
                body = data[place : place + take]
                place += take
            event = self._complete(body)
            if event is not None:
                yield event

    def _check(self, head):
        _, version, kind, flags, length, sequence = HEADER.unpack(head)
        if head.startswith(PLAIN) and length <= MAX_BODY and sequence == self.received + 1 and not self.joined:
            return kind, flags, length, sequence
        if version != VERSION:
            raise Violation(f"version: expected {VERSION}, found {version}")
        if kind == DATA and self.data:
            return self._check_data(kind, flags, length, sequence)
        if kind not in (CONTROL, MESSAGE):
            raise Violation(f"kind: expected 1, 2 or 3, found {kind}")
        if flags not in (0, MORE, ABORT) or (kind == CONTROL and flags):
            raise Violation(f"flags: found {flags} in a frame of kind {kind}")
        if length > (MAX_BODY if kind == MESSAGE else self.control_limit) or (flags == ABORT and length):
            raise Violation(f"length: {length} bytes are too many")
        if (kind == CONTROL) != (sequence == 0):
            raise Violation(f"sequence: {sequence} in a frame of kind {kind}")
        if sequence > self.received + 1:
            raise Violation(f"sequence: expected {self.received + 1}, found {sequence}")
        if sequence == self.received + 1:
            if flags == ABORT and not self.open:
                raise Violation("flags: ABORT where no message was begun")
            if self.joined + length > MAX_MESSAGE:
                raise Violation(f"length: a message grows beyond {MAX_MESSAGE} bytes")
        return kind, flags, length, sequence

    @staticmethod
    def _check_data(kind, flags, length, sequence):
        if flags:
            raise Violation(f"flags: found {flags} in a frame of kind {kind}")
        if not 0 < length <= MAX_DATA:
            raise Violation(f"length: a piece of a file has 1 to {MAX_DATA} bytes, not {length}")
        if not 0 < sequence < MOST_TRANSFERS:
            raise Violation(f"sequence: {sequence} in a frame of kind {kind}")
        return kind, flags, length, sequence

    def _complete(self, body):
        kind, flags, length, sequence = self._fields
        self._fields, self._head = None, b""
        if kind == DATA:
            return Data(sequence, body)
        if kind == CONTROL:
            return parse_control(body)
        if sequence <= self.received:
            return None
        self.received = sequence
        self.open = flags == MORE
        self.joined = self.joined + length if self.open else 0
        return Part(sequence, flags == MORE, flags == ABORT, body)
