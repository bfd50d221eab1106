"""The layout of a message body (AF6): u64 count, count u64 offsets, then channel, header, parent_header, metadata, content, buffers.

Parts are never parsed here; only the channel is looked at.
"""

import struct

from .frames import MAX_MESSAGE, Violation

CHANNELS = ("shell", "iopub", "control", "stdin")
MAX_PARTS = 1 << 16
#: Bytes: its headers are a few hundred, whatever a client puts into its msg_id.
LONGEST_STATUS = 1 << 14


def pack(channel, parts):
    """The prefix (offsets and channel) that, followed by `parts`, is the body of a message. Returns bytes."""
    name = channel.encode()
    count = len(parts) + 2
    offset = 8 * (1 + count)
    offsets = [offset]
    offset += len(name)
    offsets.append(offset)
    for part in parts:
        offset += len(part)
        offsets.append(offset)
    return struct.pack(f"<{count + 1}Q", count, *offsets) + name


def read_offsets(start):
    """The offsets at the beginning of a body of which `start` holds at least the first part, or Violation."""
    if len(start) < 8:
        raise Violation(f"layout: {len(start)} bytes hold no count")
    (count,) = struct.unpack_from("<Q", start)
    if not 6 <= count <= MAX_PARTS or 8 * (1 + count) > len(start):
        raise Violation(f"layout: {count} offsets in {len(start)} bytes")
    offsets = struct.unpack_from(f"<{count}Q", start, 8)
    if offsets[0] != 8 * (1 + count) or offsets[-1] > MAX_MESSAGE:
        raise Violation("layout: offsets do not fit the message")
    if list(offsets) != sorted(offsets):
        raise Violation("layout: offsets run backwards")
    return offsets


def is_on(start, channel):
    """Whether the message whose first part is `start` names this channel (bytes). Costs little, and checks nothing else."""
    return start.startswith(channel, 8 + 8 * int.from_bytes(start[:8], "little"))


def begun_by(start):
    """The parent_header (JSON as it came) of a message that says that a cell begins (`busy`, of an execute_request); empty for others.
    Nothing is parsed: whoever makes another message look like one deceives only about the own output."""
    if len(start) > LONGEST_STATUS or b'"busy"' not in start or not is_on(start, b"iopub"):
        return b""
    try:
        offsets = read_offsets(start)
    except Violation:
        return b""
    parent = start[offsets[2] : offsets[3]]
    return parent if b'"status"' in start[offsets[1] : offsets[2]] and b'"execute_request"' in parent else b""


def shows_input(start):
    """Whether it is an execute_input."""
    return is_on(start, b"iopub") and b'"execute_input"' in start[:LONGEST_STATUS]


def unpack(body):
    """(channel, [header, parent_header, metadata, content, *buffers]) of a whole body, or Violation."""
    offsets = read_offsets(body)
    if offsets[-1] != len(body):
        raise Violation(f"layout: ends at {offsets[-1]} of {len(body)} bytes")
    view = memoryview(body)
    parts = [view[a:b] for a, b in zip(offsets, offsets[1:])]
    channel = bytes(parts[0]).decode("latin-1")
    if channel not in CHANNELS:
        raise Violation(f"layout: unknown channel {channel[:20]!r}")
    return channel, parts[1:]
