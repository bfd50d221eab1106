"""SIGINT in a kernel of one thread: where it may strike, and where it waits.

A KeyboardInterrupt may be raised between any two bytecodes. What must not be cut in two (a frame half written, a queue half moved)
runs under `shield`, and the interrupt strikes when the shield ends. Outside of user code it is ignored (KS7). A program's own handlers
of other signals may raise too: where there are any, the shield holds those signals back.
"""

import _signal  # Without the conversions to enumerations, which cost more than the call.
import asyncio
import functools
import os
import selectors
import signal
import threading

#: KS6: something stands on the channel `control`.
CONTROL_SIGNAL = signal.SIGRTMIN + 2
#: Never held back: those that are handled here, and those that end a process that cannot go on.
_FATAL = {signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT}
_OTHERS = [int(number) for number in signal.valid_signals() - {signal.SIGINT, CONTROL_SIGNAL, *_FATAL}]


class Interrupts:
    """`on_control()` is called in the main thread, never under a shield, when KS6's signal has come.

    While user code runs, the handler is Python's own: one that is written in Python cannot be called, and the interrupt is lost, where a
    recursion has reached its limit. Ours holds under a shield, and where the event loop waits."""

    def __init__(self, on_control):
        self.pending = False
        self.cancel = None
        #: A cell has been announced and does not run yet; an interrupt that comes then is due when it does.
        self.announced = False
        self.due = False
        #: A program handles other signals.
        self.handlers = False
        self._on_control = on_control
        self._running = False
        self._control = False
        self._depth = 0
        self._outside = self._mask = None
        #: It came while a process was forked, where an exception is shown and lost.
        self._owed = False
        self._main = threading.get_ident()

    def install(self):
        _signal.signal(signal.SIGINT, self._interrupted)
        _signal.signal(CONTROL_SIGNAL, self._control_came)
        signal.signal = self._noting(signal.signal)

    def _noting(self, install):
        @functools.wraps(install)
        def noting(signalnum, handler):
            if callable(handler) and signalnum != signal.SIGINT:
                self.handlers = True
            return install(signalnum, handler)

        return noting

    @property
    def running(self):
        """True while an interrupt concerns somebody. A handler of the user's holds until it is False again, as in ipykernel."""
        return self._running

    @running.setter
    def running(self, running):
        self._running = running
        self.pending = self._owed = False
        _signal.signal(signal.SIGINT, signal.default_int_handler if running and self.cancel is None else self._interrupted)

    @property
    def in_cell(self):
        """True in the main thread while code runs in it that awaits nothing: nothing else runs there until it ends."""
        return self._running and self.cancel is None and threading.get_ident() == self._main

    def __enter__(self):
        if threading.get_ident() != self._main:
            return
        if not self._depth and self._running:
            self._outside = _signal.signal(signal.SIGINT, self._interrupted)
        if self.handlers and not self._depth:
            self._hold()
        self._depth += 1

    def __exit__(self, *_):
        if threading.get_ident() != self._main:
            return
        self._depth -= 1
        if self._depth:
            return
        try:
            if self._outside is not None:
                outside, self._outside = self._outside, None
                _signal.signal(signal.SIGINT, outside)
        finally:
            if self._mask is not None:
                mask, self._mask = self._mask, None
                _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
        if self._control:
            self._control_came()
        if self.pending:
            self.pending = False
            if self._running:
                signal.raise_signal(signal.SIGINT)

    def before_fork(self):
        """Hooks of os.fork cannot raise: what comes from here to the end of the last one waits (KS10)."""
        if threading.get_ident() == self._main:
            if not self._depth and self._running:
                self._outside = _signal.signal(signal.SIGINT, self._interrupted)
            self._depth += 1

    def after_fork(self, in_child):
        if threading.get_ident() != self._main or not self._depth:
            return
        try:
            self._depth -= 1
            if not self._depth and self._outside is not None:
                outside, self._outside = self._outside, None
                _signal.signal(signal.SIGINT, outside)
        except KeyboardInterrupt:
            self.pending = True
        if self._depth or not self.pending:
            return
        self.pending = False
        if in_child and callable(_signal.getsignal(signal.SIGINT)):
            _signal.signal(signal.SIGINT, _signal.SIG_DFL)  # None of its own code has run.
            os.kill(os.getpid(), signal.SIGINT)
        self._owed = self._running

    def _hold(self):
        mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())
        try:
            _signal.pthread_sigmask(_signal.SIG_BLOCK, _OTHERS)
        except BaseException:  # Of the handler of one that had just come.
            _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
            raise
        self._mask = mask

    @property
    def waiting(self):
        """True where the main thread holds an interrupt back: a wait under the shield is then to be given up."""
        return self.pending and threading.get_ident() == self._main

    def _interrupted(self, _number, frame):
        if not self._running:
            self.due = self.announced
            return
        if self._depth:
            self.pending = True
        elif self.cancel is None or not _between_callbacks(frame):
            raise KeyboardInterrupt
        else:
            self.cancel()

    def strike_if_due(self):
        """Called where the cell begins."""
        if self.due:
            self.due = False
            raise KeyboardInterrupt

    def _control_came(self, *_):
        self._control = bool(self._depth)
        if not self._control:
            if self._owed:
                self._owed = False
                signal.raise_signal(signal.SIGINT)
            try:
                self._on_control()
            except RecursionError:
                self._control = True  # The program has no room left on its stack; it is not its error, and the next shield's end tries again.


def _between_callbacks(frame):
    """True where the event loop itself runs (most often: waits), and not code that it has called. An exception in the machinery (a task that
    puts its next step into the queue, a callback that has been taken from it and not begun) would lose a step, and its task never go on."""
    only_machinery = True
    while frame is not None:
        if frame.f_code is _CALLBACK:
            return only_machinery
        if frame.f_code in _LOOP:
            return True
        only_machinery = only_machinery and frame.f_code.co_filename.startswith(_MACHINERY)
        frame = frame.f_back
    return False


_CALLBACK = asyncio.Handle._run.__code__
_LOOP = {asyncio.BaseEventLoop._run_once.__code__, selectors.EpollSelector.select.__code__}
#: asyncio's own code, and the kernel's callbacks.
_MACHINERY = (os.path.dirname(asyncio.__file__) + os.sep, os.path.join(os.path.dirname(__file__), "kernel.py"))
