"""sys.stdout and sys.stderr: text becomes `stream` messages, in the order in which it was written, bounded and never dropped.

The first line after a pause is sent at once. What follows within INTERVAL is gathered, and sent by the next line after it, by
anything else that is published, at the end of the cell, or by a thread that lives only while there is something to wait for.
A loop that prints very much is gathered in C (`fast_writes`) as long as nothing but this cell can print.
"""

import array
import codecs
import fcntl
import io
import os
import stat
import sys
import termios
import threading
import time

from . import parents
from .fast_writes import GATHER, FastWrites
from .timer import Timer

#: Characters in one message: at most 1 MiB of UTF-8.
CHUNK = 1 << 18
#: Writes that were gathered for one message by a loop that is worth being gathered in C.
MANY = 500
#: Seconds between two messages of a cell that prints all the time.
INTERVAL = 0.02
#: Seconds that a cell waits for its pipes to be read.
READ_WITHIN = 0.02


class Gatherer:
    """Both streams share one, so that their order is kept. `send(name, parent, data)` publishes UTF-8 without flushing, `flush()` writes."""

    def __init__(self, interrupts, send, flush):
        self._interrupts = self.shield = interrupts
        self._send = send
        self._flush = flush
        self._lock = threading.RLock()
        self._texts = []
        self._name = self._parent = None
        self._size = 0
        self._sent = 0.0
        self._timer = Timer(self._due)
        self._streams = {}
        self._fast = self._fast_parent = None
        #: Was fast until now: a write in C that waited meanwhile may have left something.
        self._left = None
        self._seen = 0
        self.forked = False

    def add(self, name, stream):
        self._streams[name] = stream

    def write(self, name, text):
        """Half a microsecond where text of the same cell and stream is on its way already: a loop may print a million lines."""
        parent = parents.current()
        length = len(text)
        if self._fast is not None:
            self.calm()
        elif self._left is not None:
            left, self._left = self._left, None
            left.drain()
        with self._lock:
            if parent is not self._parent or name is not self._name or self._size + length > CHUNK:
                self._turn_to(name, parent, text)
            else:
                self._texts.append(text)
                self._size += length
        if self._size >= GATHER or (text[-1:] == "\n" and time.monotonic() - self._sent >= INTERVAL):
            many = len(self._texts) >= MANY
            self.flush()
            if many:
                self._hasten(name, parent)
        elif not self._timer.armed:
            with self._interrupts:
                self._timer.arm(max(INTERVAL - (time.monotonic() - self._sent), INTERVAL / 2))
        return length

    def take(self, name, data):
        """From a stream that was fast, in the thread that empties it, which need not be the one that wrote."""
        with self._interrupts, self._lock:
            self._pack()
            parent = self._fast_parent or parents.current()
            if len(data) <= CHUNK:
                self._send(name, parent, data)
            else:
                text = data.decode()
                for start in range(0, len(text), CHUNK):
                    self._send(name, parent, text[start : start + CHUNK].encode())
        if self._interrupts.in_cell:
            self._flush()

    def calm(self):
        """From here on every write is looked at: somebody else may print too, or the cell is over."""
        fast = self._fast
        if fast is not None and fast.calm():
            with self._lock:
                if self._fast is fast and not fast.is_fast:
                    self._fast, self._left = None, fast

    def pack(self):
        """Puts what is gathered in front of what is published next, without writing yet."""
        for stream in self._streams.values():
            stream.drain()
        if self._texts:
            with self._interrupts, self._lock:
                self._pack()
                self._sent = time.monotonic()

    def flush(self):
        self.pack()
        self._flush()

    def before_fork(self):
        """A child must not have our text too, and no thread of ours may be alive while there are two processes."""
        self.calm()
        self.flush()
        self._timer.end()

    def after_fork(self):
        self.forked = True
        self._lock = threading.RLock()
        self._timer = Timer(self.flush)

    def _turn_to(self, name, parent, text):
        self._pack()
        self._name, self._parent = name, parent
        for start in range(0, len(text), CHUNK):
            self._pack()
            self._texts.append(text[start : start + CHUNK])
            self._size += len(self._texts[-1])
            if len(text) > CHUNK:
                self._flush()

    def _pack(self):
        if self._texts:
            texts, self._texts, self._size = self._texts, [], 0
            self._send(self._name, self._parent, "".join(texts).encode("utf-8", "replace"))

    def _hasten(self, name, parent):
        """In C nobody asks whose text it is; so all of it must be this cell's. And nobody may print in the middle of BufferedWriter's write, which
        is entered once: no tracer, no handler of a signal."""
        alone = self._interrupts.in_cell and threading.active_count() == 1 and parent is parents.newest()
        if alone and not (self._interrupts.handlers or sys.gettrace() or sys.getprofile()):
            fast = self._streams[name]
            with self._interrupts:
                self._timer.arm(INTERVAL)
                self._seen = fast.drain()
                with self._lock:
                    self._fast_parent, self._fast = parent, fast
                    fast.hasten()

    def _due(self):
        """In the timer's thread."""
        self.flush()
        fast = self._fast
        if fast is None:
            return
        seen, self._seen = self._seen, fast.drain()
        if seen == self._seen:
            self.calm()
        else:
            self._timer.arm(INTERVAL)


class OutStream(FastWrites):
    """A text stream of the kernel. In a forked child it writes to the descriptor, which the agent reads (KS3)."""

    def __init__(self, name, descriptor, gatherer):
        super().__init__(self._write, lambda data: gatherer.take(name, data), gatherer.shield)
        self._bytes = Bytes(self)
        self._name = name
        self._descriptor = descriptor
        self._gatherer = gatherer
        gatherer.add(name, self)

    @property
    def name(self):
        return f"<{self._name}>"

    @property
    def buffer(self):
        return self._bytes

    def _write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._gatherer.forked:
            write_all(self._descriptor, text.encode("utf-8", "replace"))
            return len(text)
        return self._gatherer.write(self._name, text) if text else 0

    def flush(self):
        if not self._gatherer.forked:
            self._gatherer.flush()

    def writable(self):
        return True

    def fileno(self):
        return self._descriptor

    def close(self):
        """Nothing but a flush: a cell that closes its stdout would mute all later ones."""
        self.flush()

    def reconfigure(self, **_):
        """Accepted for programs that ask for UTF-8, which it is."""


class Bytes(io.RawIOBase):
    """`sys.stdout.buffer`: bytes that are decoded as UTF-8, where a character may come in two writes."""

    def __init__(self, stream):
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, data):
        data = bytes(data)
        self._stream.write(self._decoder.decode(data))
        return len(data)

    def writable(self):
        return True

    def flush(self):
        self._stream.flush()

    def fileno(self):
        return self._stream.fileno()

    def close(self):
        self.flush()


def write_all(descriptor, data):
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def wait_until_read(*descriptors):
    """KS4: waits until the agent has read what stands in the pipes, READ_WITHIN seconds at most."""
    end = None
    while any(map(_unread, descriptors)):
        now = time.monotonic()
        end = end or now + READ_WITHIN
        if now > end:
            return
        time.sleep(READ_WITHIN / 100)


def _unread(descriptor):
    """True where bytes stand in the pipe. Code may have put anything in a descriptor's place."""
    count = array.array("i", [0])
    try:
        fcntl.ioctl(descriptor, termios.FIONREAD, count)
    except OSError:
        return False
    return count[0] and stat.S_ISFIFO(os.fstat(descriptor).st_mode)


def watch_starts(gatherer):
    """What was printed before a program is started comes before what that program prints; and who else may print ends the fast way."""
    events = {"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec"}
    printers = {"_thread.start_new_thread", "_thread.start_joinable_thread", "sys.settrace", "sys.setprofile"}

    def hook(event, _):
        if event in events and not gatherer.forked:
            gatherer.flush()
        elif event in printers:
            gatherer.calm()

    sys.addaudithook(hook)
