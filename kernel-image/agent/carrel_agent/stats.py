"""What the gateway is told of the sandbox's memory and processors: at the interval that it asks for, and at once when memory runs short.

Memory may be gone in less than that interval. So it is looked at more often while something computes or grows, which costs nothing
while nothing does.
"""

#: Seconds between two looks.
LOOK_EVERY = 0.1
#: Memory is told when it passes another one of so many steps of its limit, from LOW on.
STEPS = 20
LOW = 15
#: Less processor time than this part of LOOK_EVERY is rest, where memory does not grow by that part of its limit either.
REST = 0.05
GROWS = 1 / 256
#: So many looks at rest end the looking: on a busy host a process may not be let on for a while.
RESTFUL = 10
LEAST_INTERVAL = 0.2


class Stats:
    """`loop` has timers, `cgroup` the facts; `send(body)` gives a control frame to the gateway, where there is one."""

    def __init__(self, loop, cgroup, send):
        self._loop = loop
        self._cgroup = cgroup
        self._send = send
        self._every = 0
        self._round = 0
        self._looking = False
        self._cpu = 0
        self._used = 0
        self._step = 0
        self._rests = 0

    def ask(self, every):
        """Sends them at once, and then every so many seconds; 0: not again."""
        self._every = every
        self._round += 1
        self._turn(self._round)

    def look_soon(self):
        """Something may be about to compute."""
        self._rests = 0
        if self._every > 0 and not self._looking:
            self._looking = True
            self._loop.after(LOOK_EVERY, self._look)

    def _turn(self, number):
        if number != self._round:
            return
        self._tell()
        if self._every > 0:
            self._loop.after(max(LEAST_INTERVAL, self._every), lambda: self._turn(number))

    def _tell(self):
        stats = self._cgroup.stats()
        if self._works(stats["memory"], stats["cpu"]["usec"]):
            self.look_soon()
        self._step = _step_of(stats["memory"])
        self._send(stats)

    def _look(self):
        self._looking = False
        memory = self._cgroup.memory()
        step = _step_of(memory)
        self._rests = 0 if self._works(memory, self._cgroup.cpu()) else self._rests + 1
        if self._rests < RESTFUL and self._every > 0:
            self._looking = True
            self._loop.after(LOOK_EVERY, self._look)
        if step != self._step and max(step, self._step) >= LOW:
            self._tell()

    def _works(self, memory, usec):
        spent, self._cpu = usec - self._cpu, usec
        grown, self._used = memory["used"] - self._used, memory["used"]
        return spent > REST * LOOK_EVERY * 1e6 or grown > GROWS * memory["limit"]


def _step_of(memory):
    return memory["used"] * STEPS // memory["limit"] if memory["limit"] else 0
