"""A stream that a loop prints to a million times: the interpreter's own C code gathers what is written, instead of a method in Python.

`print` looks up its stream's `write` at each call. As an attribute of the stream stands there the careful one, in Python; without it `write` is
that of io.TextIOWrapper, and the text goes into an io.BufferedWriter, which hands it on when it is full or emptied.
"""

import io
import threading

#: Bytes that are gathered before they are handed on.
GATHER = 1 << 17


class FastWrites(io.TextIOWrapper):
    """`careful(text)` is `write` until `hasten`. `take(bytes)` gets in order what was written since, as UTF-8; nothing is given twice, nothing lost."""

    encoding = "UTF-8"
    errors = "replace"
    newlines = None
    line_buffering = True
    closed = False
    #: Those of a stream that can none of these.
    read, readline, seek, truncate, detach = (getattr(io.TextIOBase, name) for name in ("read", "readline", "seek", "truncate", "detach"))

    def __init__(self, careful, take, shield):
        self._careful = careful
        self._lock = threading.RLock()
        self._fast = False
        self.write = careful
        self._outlet = Outlet(self, take, shield)
        self._gathering = Gathering(self._outlet, GATHER)
        self._gathering.write = self._late
        super().__init__(self._gathering, "UTF-8", "replace", newline="\n", write_through=True)

    def hasten(self):
        """From here on writes are gathered in C; whoever calls it sees to it that `drain` is called soon."""
        with self._lock:
            self._fast = True
            self._choose()

    def calm(self):
        """Returns False where this is said within `take`: something may be left then, and has to be drained before anything else."""
        with self._lock:
            self._fast = False
            self._choose()
        self.drain()
        return self._outlet.inside is None

    def drain(self):
        """Hands on what is gathered. Returns how many bytes were ever handed on."""
        try:
            if self._outlet.inside != threading.get_ident():
                self._gathering.flush()
        except (RuntimeError, ValueError):
            pass  # In the handler of a signal amid a write, which hands on itself what is there; or collected as garbage already.
        return self._outlet.count

    @property
    def is_fast(self):
        return self._fast

    def _late(self, data):
        """By a `write` of C that a program has kept from when it was fast."""
        self._careful(bytes(data).decode())
        return len(data)

    def _choose(self):
        """What programs have put in the place of `write` stays there."""
        found = self.__dict__.get("write")
        if self._fast and self._outlet.inside is None:
            vars(self._gathering).pop("write", None)
            if found is self._careful:
                del self.write
        else:
            self._gathering.write = self._late
            if found is None:
                self.write = self._careful


class Gathering(io.BufferedWriter):
    """Has room for another `write`: TextIOWrapper looks it up at each call."""


class Outlet(io.RawIOBase):
    """What BufferedWriter writes to. Where an interrupt ends `write` after the text was taken, the same bytes come again, and are left out."""

    closed = False

    def __init__(self, stream, take, shield):
        self._stream = stream
        self._take = take
        self._shield = shield
        self._again = 0
        #: The thread that hands something on just now.
        self.inside = None
        self.count = 0

    def writable(self):
        return True

    def write(self, data):
        taken = 0
        try:
            with self._shield:
                size = len(data)
                fresh = bytes(data[self._again :])
                self._again = 0
                self._turn(threading.get_ident())
                try:
                    taken = size
                    self.count += len(fresh)
                    self._take(fresh)
                finally:
                    self._turn(None)
            return size
        except BaseException:
            if taken <= GATHER:  # A longer text never stood in the buffer: it does not come again.
                self._again = taken
            raise

    def _turn(self, inside):
        """A handler of a signal or a finalizer that prints meanwhile takes the careful way: BufferedWriter lets nobody in twice."""
        with self._stream._lock:
            self.inside = inside
            self._stream._choose()
