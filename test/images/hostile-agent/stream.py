"""Frames and messages of docs/spec/agent-stream.md as an honest agent writes them; what the attacks start from."""

import json
import struct

HEADER = struct.Struct("<BBBBIQ")
MAGIC, VERSION = 0xCA, 1
CONTROL, MESSAGE = 1, 2
MORE, ABORT = 1, 2
MAX_BODY = 1 << 20
READY = b"carrel/1 \r\n"


def frame(kind, body, seq=0, flags=0, magic=MAGIC, version=VERSION, length=None):
    """One frame; `length` may lie about the body."""
    return HEADER.pack(magic, version, kind, flags, len(body) if length is None else length, seq) + body


def control(type, **keys):
    return frame(CONTROL, json.dumps({"type": type, **keys}).encode())


def layout(channel, *parts):
    """A body in the layout of AF6; every part is bytes."""
    bodies = [channel.encode(), *parts]
    offset = 8 * (len(bodies) + 2)
    offsets = []
    for body in bodies:
        offsets.append(offset)
        offset += len(body)
    offsets.append(offset)
    return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(bodies)


def parts(body):
    """The parts of a body that the gateway wrote: channel, header, parent header, metadata, content and buffers."""
    (count,) = struct.unpack_from("<Q", body)
    offsets = struct.unpack_from(f"<{count}Q", body, 8)
    return [body[start:end] for start, end in zip(offsets, offsets[1:])]


class Reader:
    """Takes bytes of the gateway apart into events: ("attach", body), ("control", body), ("message", seq, joined body)."""

    def __init__(self):
        self.buffer = b""
        self.key = None
        self.joined = b""
        self.received = 0

    def feed(self, data):
        self.buffer += data
        if self.key is None:
            self.buffer = self.buffer.lstrip(b"\0")
            if len(self.buffer) < 32:
                return
            self.key, self.buffer = self.buffer[:32], self.buffer[32:]
        again = self.buffer.rfind(self.key)
        if again >= 0:
            self.buffer, self.joined = self.buffer[again + 32 :], b""
        while True:
            self.buffer = self.buffer.lstrip(b"\0") if self.buffer[:1] == b"\0" else self.buffer
            if len(self.buffer) < HEADER.size:
                return
            _, _, kind, flags, length, seq = HEADER.unpack_from(self.buffer)
            if len(self.buffer) < HEADER.size + length:
                return
            body, self.buffer = self.buffer[HEADER.size : HEADER.size + length], self.buffer[HEADER.size + length :]
            if kind == CONTROL:
                yield ("control", json.loads(body))
            elif seq == self.received + 1:
                self.received = seq
                self.joined = b"" if flags & ABORT else self.joined + body
                if not flags & (MORE | ABORT):
                    joined, self.joined = self.joined, b""
                    yield ("message", joined)
                else:
                    yield ("part",)
