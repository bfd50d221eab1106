"""Which variables take the most memory: asked when it grows short, in the middle of a cell (KS9).

It may not run a program's own code, which could raise, wait or change what it looks at: sizes are asked of types that are written in C
only, containers are looked into by their positions, everything else by the collector's references. It may need neither much time nor
memory: of long containers a sample stands for the whole, and what is not reached in time is not counted.
"""

import collections
import functools
import gc
import itertools
import os
import sys
import time
import types

#: Seconds for all of them together, and at most this many objects.
WITHIN = 0.06
MOST_OBJECTS = 40_000
#: Elements of a container that stand for all of them.
SAMPLE = 64
DEEPEST = 8
#: Variables that are told, those from this size on, and the length of a name.
MOST = 10
SMALLEST = 1 << 20
LONGEST_NAME = 80
#: Functions of the running cell whose variables are looked at.
MOST_FRAMES = 40

_C_METHOD = types.MethodDescriptorType
#: Not part of what a variable holds: they lead to whole modules.
_SHARED = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.CodeType, types.FrameType)
_ATOMS = frozenset((bool, int, float, complex, str, bytes, type(None), type(...), range, slice))
_SEQUENCES = frozenset((list, tuple))
_OTHER_CONTAINERS = frozenset((set, frozenset, collections.deque))
_DICTS = frozenset((dict, collections.OrderedDict, collections.defaultdict, collections.Counter))
_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


def largest(shell, frame=None):
    """The content of the reply: `variables`, the largest first, and whether all were looked at. `frame`: where the cell stands; variables
    of the functions that run are among them, named `NAME in FUNCTION`."""
    look = Look()
    found = []
    for name, value in _candidates(shell, frame):
        if look.is_over:
            break
        size = look.at(value)
        if size >= SMALLEST:
            found.append((size, name[:LONGEST_NAME], _type_name(value)))
    found.sort(key=_by_size)
    told = [{"name": name, "type": kind, "size": size} for size, name, kind in found[:MOST]]
    return {"status": "ok", "variables": told, "complete": not look.is_over}


class Look:
    """Adds up sizes, within bounds that hold for all that it looks at."""

    def __init__(self):
        self._until = time.monotonic() + WITHIN
        self._objects = MOST_OBJECTS
        self.is_over = False

    def at(self, value):
        """Bytes that this value holds, as far as they can be told."""
        return self._size(value, set(), 0)

    def _size(self, value, seen, depth):
        kind = type(value)
        if issubclass(kind, _SHARED):
            return 0
        self._objects -= 1
        if self._objects <= 0 or time.monotonic() > self._until:
            self.is_over = True
        size = _own_size(value, kind)
        if kind in _ATOMS or self.is_over or depth >= DEEPEST or id(value) in seen:
            return 0 if id(value) in seen else size
        seen.add(id(value))
        parts, of = _parts(value, kind)
        if not parts:
            return size
        held = sum(self._size(part, seen, depth + 1) for part in parts)
        return size + held * of // len(parts)


def _candidates(shell, frame):
    """(name, value): what the person's code has named, and what waits in the functions that run."""
    hidden = shell.user_ns_hidden
    for name, value in list(shell.user_ns.items()):
        if isinstance(name, str) and not name.startswith("_") and (name not in hidden or hidden[name] is not value):
            yield name, value
    outputs = shell.user_ns.get("Out")
    if type(outputs) is dict and outputs:
        yield "Out", outputs
    for _ in range(MOST_FRAMES):
        if frame is None:
            return
        code, known = frame.f_code, frame.f_globals is shell.user_ns
        if known and frame.f_locals is not shell.user_ns and not code.co_filename.startswith(_OWN):
            for name, value in list(frame.f_locals.items()):
                yield f"{name} in {code.co_name}", value
        frame = frame.f_back


def _own_size(value, kind):
    """Without what it refers to. Of an array the whole of the memory that it shows a part of."""
    try:
        numpy = sys.modules.get("numpy")
        array = getattr(numpy, "ndarray", None)
        if isinstance(array, type) and issubclass(kind, array):
            return _array_size(value, array)
        if kind is memoryview:
            return value.nbytes
        size = _in_c(kind, "__sizeof__")
        return size(value) if size is not None else object.__sizeof__(value)
    except Exception:
        return 0


def _array_size(value, array):
    base, fields = value, vars(array)
    for _ in range(DEEPEST):
        below = fields["base"].__get__(base)
        if not issubclass(type(below), array):
            break
        base = below
    return int(fields["nbytes"].__get__(base)) + 128


def _parts(value, kind):
    """(some of what it holds, how many there are of these)."""
    try:
        if kind in _SEQUENCES:
            count = len(value)
            step = max(1, count // SAMPLE)
            return [value[at] for at in range(0, count, step)][:SAMPLE], count
        if kind in _DICTS:
            pairs = list(itertools.islice(dict.items(value), SAMPLE))
            return [part for pair in pairs for part in pair], 2 * dict.__len__(value)
        if kind in _OTHER_CONTAINERS:
            return list(itertools.islice(iter(value), SAMPLE)), len(value)
        numpy = sys.modules.get("numpy")
        if kind is getattr(numpy, "ndarray", None):
            if not value.dtype.hasobject:
                return [], 0
            count = value.size
            step = max(1, count // SAMPLE)
            return [value.flat[at] for at in range(0, count, step)][:SAMPLE], count
        if not gc.is_tracked(value):
            return [], 0
        referents = gc.get_referents(value) if _is_small(value, kind) else []
        return referents, len(referents)
    except Exception:
        return [], 0


def _is_small(value, kind):
    """Whether a list of all it refers to can be made without a thought: a subclass of a container may be long."""
    for container in (list, tuple, dict, set, frozenset, collections.deque):
        if issubclass(kind, container):
            return container.__len__(value) <= 16 * SAMPLE
    return True


@functools.lru_cache(maxsize=512)
def _in_c(kind, name):
    """The method of the type, or of its bases, where it is not the program's own."""
    for base in type.__dict__["__mro__"].__get__(kind):
        found = type.__dict__["__dict__"].__get__(base).get(name)
        if found is not None:
            return found if isinstance(found, _C_METHOD) else None
    return None


def _type_name(value):
    kind = type(value)
    name = type.__dict__["__name__"].__get__(kind)
    module = type.__dict__["__module__"].__get__(kind)
    plain = not isinstance(module, str) or module in ("builtins", "__main__")
    return (name if plain else f"{module.partition('.')[0]}.{name}")[:LONGEST_NAME]


def _by_size(one):
    return -one[0]
