"""sys.stdout and sys.stderr: text becomes `stream` messages, in the order in which it was written, bounded and never dropped.

The first line after a pause is sent at once. What follows within INTERVAL is gathered, and sent by the next line after it, by
anything else that is published, at the end of the cell, or by a thread that lives only while there is something to wait for.
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

#: Characters in one message: at most 1 MiB of UTF-8.
CHUNK = 1 << 18
#: Characters that are gathered before they are sent.
GATHER = 1 << 17
#: Seconds between two messages of a cell that prints all the time.
INTERVAL = 0.02
#: Seconds after which the thread ends that had nothing to do.
LINGER = 0.5
#: Seconds that a cell waits for its pipes to be read.
READ_WITHIN = 0.02


class Gatherer:
    """Both streams share one, so that their order is kept. `send(name, parent, text)` publishes without flushing, `flush()` writes."""

    def __init__(self, interrupts, send, flush):
        self._interrupts = interrupts
        self._send = send
        self._flush = flush
        self._lock = threading.RLock()
        self._texts = []
        self._name = self._parent = None
        self._size = 0
        self._sent = 0.0
        self._timer = Timer(self.flush)
        self.forked = False

    def write(self, name, text):
        """Half a microsecond where text of the same cell and stream is on its way already: a loop may print a million lines."""
        parent = parents.current()
        length = len(text)
        with self._lock:
            if parent is not self._parent or name is not self._name or self._size + length > CHUNK:
                self._turn_to(name, parent, text)
            else:
                self._texts.append(text)
                self._size += length
        if self._size >= GATHER or (text[-1:] == "\n" and time.monotonic() - self._sent >= INTERVAL):
            self.flush()
        elif not self._timer.armed:
            with self._interrupts:
                self._timer.arm(max(INTERVAL - (time.monotonic() - self._sent), INTERVAL / 2))
        return length

    def _turn_to(self, name, parent, text):
        self.pack()
        self._name, self._parent = name, parent
        for start in range(0, len(text), CHUNK):
            self.pack()
            self._texts.append(text[start : start + CHUNK])
            self._size += len(self._texts[-1])
            if len(text) > CHUNK:
                self.flush()

    def pack(self):
        """Puts what is gathered in front of what is published next, without writing yet."""
        if self._texts:
            with self._interrupts, self._lock:
                self._pack()

    def flush(self):
        if self._texts:
            with self._interrupts, self._lock:
                self._pack()
                self._sent = time.monotonic()
        self._flush()

    def before_fork(self):
        """A child must not have our text too, and no thread of ours may be alive while there are two processes."""
        self.flush()
        self._timer.end()

    def after_fork(self):
        self.forked = True
        self._lock = threading.RLock()
        self._timer = Timer(self.flush)

    def _pack(self):
        if self._texts:
            texts, self._texts, self._size = self._texts, [], 0
            self._send(self._name, self._parent, "".join(texts))


class Timer:
    """Calls `due()` once after each `arm`, from a thread that ends by itself."""

    def __init__(self, due):
        self._due = due
        self._lock = threading.Lock()
        self._signal = threading.Lock()
        self._signal.acquire()
        self.armed = None
        self._thread = None
        self._ending = False

    def arm(self, seconds):
        with self._lock:
            self.armed = time.monotonic() + seconds
            if self._thread is not None:
                if self._signal.locked():
                    self._signal.release()
                return
            self._ending = False
            self._thread = start_thread(self._run)

    def end(self):
        """Waits for the thread's end."""
        with self._lock:
            thread, self._ending = self._thread, True
            if thread is not None and self._signal.locked():
                self._signal.release()
        if thread is not None:
            thread.join()

    def _run(self):
        while True:
            at = self.armed
            wait = LINGER if at is None else at - time.monotonic()
            signalled = wait > 0 and self._signal.acquire(timeout=wait)
            with self._lock:
                if self._ending or (at is None and not signalled and self.armed is None):
                    self._thread = self.armed = None
                    return
            if not signalled and at is not None:
                self.armed = None
                self._due()


def start_thread(function):
    """A thread that threading.enumerate() does not show: it is none of the user's."""
    import _thread

    return _thread.start_joinable_thread(function, daemon=True)


class OutStream(io.TextIOBase):
    """A text stream of the kernel. In a forked child it writes to the descriptor, which the agent reads (KS3)."""

    encoding = "UTF-8"
    errors = "replace"
    newlines = None
    line_buffering = True

    def __init__(self, name, descriptor, gatherer):
        self.name = f"<{name}>"
        self.buffer = Bytes(self)
        self._name = name
        self._descriptor = descriptor
        self._gatherer = gatherer

    def write(self, text):
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


def flush_before_children(gatherer):
    """What was printed before a program is started comes before what that program prints."""
    events = {"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec"}

    def hook(event, _):
        if event in events and not gatherer.forked:
            gatherer.flush()

    sys.addaudithook(hook)
