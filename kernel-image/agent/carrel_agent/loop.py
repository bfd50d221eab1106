"""One epoll loop with timers: the only thing in PID 1 that waits."""

import select
import time


class Loop:
    def __init__(self):
        self._epoll = select.epoll()
        self._callbacks = {}
        self._masks = {}
        self._timers = []

    def now(self):
        """Seconds on the monotonic clock."""
        return time.monotonic()

    def after(self, seconds, callback):
        self._timers.append((self.now() + seconds, callback))
        self._timers.sort(key=_due)

    def watch(self, fd, callback, read, write):
        """`callback(readable, writable)` when `fd` is; neither asked for: not watched (an error of it is then not seen)."""
        mask = (select.EPOLLIN if read else 0) | (select.EPOLLOUT if write else 0)
        known = self._masks.get(fd)
        self._callbacks[fd] = callback
        if mask == known or (not mask and known is None):
            return
        if not mask:
            self.forget(fd)
        elif known is None:
            self._epoll.register(fd, mask)
            self._masks[fd] = mask
        else:
            self._epoll.modify(fd, mask)
            self._masks[fd] = mask

    def forget(self, fd):
        """Must be called before `fd` is closed."""
        if self._masks.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def turn(self, longest):
        """Waits for the next event, timer or `longest` seconds, and handles what is due."""
        if self._timers:
            longest = min(longest, max(0.0, self._timers[0][0] - self.now()))
        for fd, events in self._epoll.poll(longest):
            if fd in self._masks:
                failed = events & (select.EPOLLERR | select.EPOLLHUP)
                self._callbacks[fd](bool(events & select.EPOLLIN or failed), bool(events & select.EPOLLOUT or failed))
        now = self.now()
        while self._timers and self._timers[0][0] <= now:
            self._timers.pop(0)[1]()


def _due(timer):
    return timer[0]
