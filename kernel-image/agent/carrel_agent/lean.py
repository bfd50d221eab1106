"""What process 1 uses of the standard library's larger modules, from the interpreter's own C modules.

The Python faces of these (`json` with `re`, `signal` and `socket` with `enum`, `argparse`, `collections`) are 2.3 MB that every sandbox would
hold for them. Same names, same behaviour; numbers where those have enumerations.
"""

import _json as _c
import _signal as signal
import _socket as socket
from _collections import deque

__all__ = ["deque", "dumps", "loads", "signal", "signal_name", "socket"]


class _Scan:
    strict = True
    object_hook = object_pairs_hook = None
    parse_float = float
    parse_int = int

    @staticmethod
    def parse_constant(name):
        raise ValueError(f"{name} is not JSON")


def _refuse(value):
    raise TypeError(f"{type(value).__name__} is not JSON")


_scan = _c.make_scanner(_Scan)
_chunks = _c.make_encoder(None, _refuse, _c.encode_basestring_ascii, None, ":", ",", False, False, False)
_BLANK = " \t\n\r"


def loads(text):
    """The value of a JSON text (str), or ValueError."""
    text = text.strip(_BLANK)
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise ValueError("expected a value") from None
    if end != len(text):
        raise ValueError(f"expected the end at character {end}")
    return value


def dumps(value):
    """The shortest JSON text (str, ASCII) of dicts, lists, strings, numbers, booleans and None."""
    return "".join(_chunks(value, 0))


def signal_name(number):
    """As the manual has it: SIGKILL."""
    names = (name for name in dir(signal) if name.startswith("SIG") and not name.startswith("SIG_"))
    return next((name for name in names if getattr(signal, name) == number), f"signal {number}")
