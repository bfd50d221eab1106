"""Jupyter messages as this kernel reads and writes them: headers, JSON, the request that something belongs to. No input or output."""

import base64
import collections.abc
import datetime
import itertools
import json
import math
import numbers
import os
import time

from carrel_agent import layout

PROTOCOL = "5.3"
NOTHING = b"{}"


class Request:
    """One message from a client: `channel`, `kind` (msg_type), `header` (dict), `content` (dict), `buffers` (list of memoryview); `raw` is the
    header as it came (JSON bytes), which goes back as parent_header. `metadata` is parsed when it is asked for."""

    __slots__ = ("channel", "kind", "header", "content", "buffers", "raw", "aborted", "_metadata", "_parent")

    def __init__(self, channel, parts):
        """`parts`: header, parent_header, metadata, content, *buffers. ValueError where it is not a message."""
        self.channel = channel
        self.raw = bytes(parts[0])
        self.header = json.loads(self.raw)
        self.content = json.loads(bytes(parts[3]))
        if not isinstance(self.header, dict) or not isinstance(self.content, dict):
            raise ValueError("header and content are objects")
        self.kind = self.header.get("msg_type")
        self.buffers = parts[4:]
        self.aborted = False
        self._parent, self._metadata = parts[1], parts[2]

    @property
    def metadata(self):
        return _object(self._metadata)

    def as_dict(self):
        """The message in the shape that libraries know from ipykernel."""
        return {
            "header": self.header,
            "msg_id": self.header.get("msg_id", ""),
            "msg_type": self.kind,
            "parent_header": _object(self._parent),
            "metadata": self.metadata,
            "content": self.content,
            "buffers": self.buffers,
        }


class Nobody:
    """What output belongs to before the first request."""

    raw = NOTHING
    header = {}

    @staticmethod
    def as_dict():
        return {}


class Writer:
    """Makes messages of one session. The order of message ids is the order of calls."""

    def __init__(self):
        self.session = f"{os.urandom(16).hex()}"
        self._count = itertools.count(1)

    def header(self, kind):
        """A fresh header, as a dict."""
        return {
            "msg_id": f"{self.session}_{next(self._count)}",
            "msg_type": kind,
            "username": "kernel",
            "session": self.session,
            "date": now(),
            "version": PROTOCOL,
        }

    def message(self, channel, kind, content, parent, metadata=None, buffers=()):
        """The pieces of a body (AF6). `parent`: the parent's header as JSON bytes. `content`: a dict, or its JSON."""
        # Only `kind` may hold characters that JSON escapes, and it is ours or a library's constant.
        header = (
            f'{{"msg_id":"{self.session}_{next(self._count)}","msg_type":"{kind}","username":"kernel",'
            f'"session":"{self.session}","date":"{now()}","version":"{PROTOCOL}"}}'
        ).encode()
        parts = [header, parent, to_json(metadata) if metadata else NOTHING]
        parts.append(content if isinstance(content, bytes) else to_json(content))
        if buffers:
            parts += [memoryview(buffer).cast("B") for buffer in buffers]
        return [layout.pack(channel, parts), *parts]


def now():
    """The time in UTC, ISO 8601 with microseconds."""
    global _second
    seconds = time.time()
    second, text = _second
    if int(seconds) != second:
        second, text = _second = int(seconds), time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{text}.{int((seconds - second) * 1e6):06d}Z"


def to_json(value):
    """UTF-8 of `value`; what JSON does not know is turned into what Jupyter's clients expect: bytes into base64, dates into ISO 8601,
    iterables into lists, NaN and infinities into their names."""
    try:
        text = _encode(value)
    except ValueError:
        text = _encode(_finite(value, 0))
    return text.encode("utf-8", "replace")  # UTF-8 has no bytes for lone surrogates.


def stream_content(name, data):
    """The content of a stream message, as JSON. `data`: UTF-8. Most output holds nothing that JSON escapes but line ends, and is not looked
    at character by character."""
    if len(data.translate(None, _SELDOM)) < len(data):
        text = to_json(data.decode())
    else:
        for character, escaped in _OFTEN:
            data = data.replace(character, escaped)
        text = b'"%s"' % data
    return b'{"name":"%s","text":%s}' % (name.encode(), text)


def _plain(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode()
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return _finite(float(value), 0)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, collections.abc.Mapping):
        return dict(value)
    if isinstance(value, collections.abc.Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON serializable")


def _finite(value, depth):
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if depth < 500 and isinstance(value, dict):
        return {key: _finite(item, depth + 1) for key, item in value.items()}
    if depth < 500 and isinstance(value, (list, tuple)):
        return [_finite(item, depth + 1) for item in value]
    return value


def _object(data):
    try:
        value = json.loads(bytes(data))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


_OFTEN = ((b"\\", b"\\\\"), (b'"', b'\\"'), (b"\n", b"\\n"), (b"\t", b"\\t"), (b"\r", b"\\r"))
_SELDOM = bytes(set(range(32)) - set(b"\n\t\r"))
_second = (0, "")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain).encode
