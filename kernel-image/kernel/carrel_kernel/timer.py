"""A thread that is there only while there is something to wait for, and that nobody sees."""

import _signal
import threading
import time

#: Seconds after which the thread ends that had nothing to do.
LINGER = 0.5


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
        self.armed = time.monotonic() + seconds  # Before the lock: a handler that prints while it is held must not come here too.
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
        _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())  # They are for the thread whose code handles them.
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
