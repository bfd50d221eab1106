"""Which kernel the sandbox runs: the one prepared ahead, generations, and what the gateway is told of them."""

from . import frames
from .kernel import Kernel
from .kernelspecs import FORKED
from .lean import signal_name

STANDBY_ATTEMPTS = 3


class Kernels:
    """`host` is the agent (loop, link, outbox, zygote, cgroup, environment, home). `on_ready()` is called once, when a kernel is prepared or
    none is to be."""

    def __init__(self, host, specs, on_ready):
        self.host = host
        self.specs = specs
        self.generation = 0
        self.current = None
        self._on_ready = on_ready
        self._attempts = 0
        self._next = None
        self._asked = None
        self._ended = False
        self._open = False
        self._target = None

    @property
    def state(self):
        """none | starting | running | ended, of the newest generation."""
        if self.generation == 0:
            return "none"
        if self._ended:
            return "ended"
        return "running" if self.current and self.current.phase == "running" and self._next is None else "starting"

    def prepare_ahead(self, name):
        """AF13: readiness waits for it."""
        if name in FORKED and name in self.specs:
            self._attempts += 1
            self.current = Kernel(self.host, name, self.specs[name], {}, self._changed)
        else:
            self._ready()

    def command(self, body):
        """A control frame of the gateway's table that concerns kernels."""
        generation = body.get("generation")
        if type(generation) is not int or generation < 1:
            raise frames.Violation(f"{body['type']}: expected a generation, found {generation!r:.40}")
        if body["type"] in ("start", "restart"):
            self._start(generation, body.get("kernel"), body.get("env"))
        elif generation == self.generation and self.current and not self._ended:
            if body["type"] == "stop":
                self._next = None
                self.current.end(expected=True)
            elif self.current.phase == "running":
                self.host.link.send(
                    {"type": "interrupted", "generation": generation, "killed": self.current.interrupt()}
                )

    def part(self, part):
        """A message part from the gateway: to the kernel that ran or started when the message began, or to nobody."""
        if not self._open:
            self._target = None if self._ended or self.generation == 0 or self._next else self.current
        self._open = part.more
        if self._target is not None and self._target is self.current:
            self._target.send(part)
        else:
            self.host.link.acknowledge(part.sequence)

    def exited(self, pid, code, number):
        if self.current:
            self.current.exited(pid, code, number)

    def fewer(self):
        """Some children have ended."""
        if self.current:
            self.current.fewer()

    def _start(self, generation, name, env):
        if not isinstance(name, str) or not isinstance(env, dict):
            raise frames.Violation("start: expected a kernel's name and an environment")
        if generation <= self.generation:
            return
        old, self.generation, self._ended = self.generation, generation, False
        env = {key: value for key, value in env.items() if key.startswith("KERNEL_") and isinstance(value, str)}
        if name not in self.specs:
            self._fail(f"there is no kernel {name[:100]!r} in this image; there are: {', '.join(self.specs)}")
        elif self.current is None:
            self._begin(name, env)
        elif old == 0 and self.current.name == name and self.current.phase not in ("ending", "over"):
            self.current.release(env)
        else:
            self._asked = old
            self._next = (name, env)
            self.current.end(expected=True)

    def _begin(self, name, env):
        self.current = Kernel(self.host, name, self.specs[name], env, self._changed)
        self.current.release(env)

    def _changed(self, kernel):
        if kernel.phase == "ready":
            self._ready()
        elif kernel.phase == "running":
            self.host.outbox.place(
                {
                    "type": "started",
                    "generation": self.generation,
                    "kernel": kernel.name,
                    "pid": kernel.pid,
                    "standby": kernel.standby,
                }
            )
        elif kernel.phase == "over":
            self.current = None
            self._over(kernel)

    def _over(self, kernel):
        following, self._next = self._next, None
        generation = self._asked if following else self.generation
        if generation == 0 and not following:
            if self._attempts < STANDBY_ATTEMPTS:
                self.prepare_ahead(kernel.name)
            else:
                self._ready()
            return
        if generation and (kernel.was_running or following is None):
            self._report(kernel, generation)
        if following:
            self._begin(*following)

    def _report(self, kernel, generation):
        if generation == self.generation:
            self._ended = True
        if not kernel.was_running and not kernel.expected:
            self._fail(kernel.reason or f"it {_end_of(kernel)} before it answered")
            return
        oom = kernel.out_of_memory()
        memory = self.host.cgroup.memory()
        memory = {"peak": memory["peak"], "limit": memory["limit"]}
        detail = kernel.reason or f"The kernel {_end_of(kernel)}."
        if oom:
            detail = f"Memory ran out: {memory['peak']} of {memory['limit']} bytes were in use, and the kernel was killed."
        exited = {"generation": generation, "code": kernel.code, "signal": kernel.signal, "oom": oom}
        exited |= {"expected": kernel.expected, "memory": memory, "detail": detail[:2000]}
        self.host.outbox.place({"type": "exited", **exited})

    def _fail(self, reason):
        self._ended = True
        failed = {"type": "failed", "generation": self.generation, "reason": f"The kernel could not be started: {reason}."[:2000]}
        self.host.outbox.place(failed)

    def _ready(self):
        on_ready, self._on_ready = self._on_ready, lambda: None
        on_ready()


def _end_of(kernel):
    if kernel.signal is None:
        return f"ended with exit code {kernel.code}"
    return f"was ended by {signal_name(kernel.signal)}"
