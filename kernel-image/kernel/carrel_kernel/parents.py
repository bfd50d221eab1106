"""Which request output belongs to: that of the cell whose code made it, also in its threads, tasks and callbacks after the cell ended.

Tasks and callbacks of asyncio carry it in their context; a thread remembers that of whoever started it; everything else
belongs to the newest request.
"""

import contextvars
import threading

from .messages import Nobody

_variable = contextvars.ContextVar("carrel_parent")
_newest = Nobody()


def current():
    """The Request (or Nobody) that the running code belongs to."""
    parent = _variable.get(None)
    if parent is None:
        parent = getattr(threading.current_thread(), "_carrel_parent", None)
    return _newest if parent is None else parent


def newest():
    """The Request (or Nobody) that was entered last."""
    return _newest


def enter(request):
    """From here on, code of this context and whatever it starts belongs to `request`."""
    global _newest
    _newest = request
    _variable.set(request)


def follow_threads():
    """Lets threads inherit, once per process."""
    start = threading.Thread.start

    def start_with_parent(self):
        self._carrel_parent = current()
        start(self)

    start_with_parent.__doc__ = start.__doc__
    threading.Thread.start = start_with_parent
