"""One kernel, with its bridge where it needs one: from the request to the zygote until every process of it is gone.

Phases only move forward: asked → preparing → ready → going → running → ending → over. What it needs of the agent is `Host` in
`kernels.py`.
"""

from . import frames, processes
from .kernelspecs import DIRECT, FORKED
from .lean import signal, socket
from .link import UNACKED_INPUT
from .pipes import Pipes
from .side import Side

PHASES = ("asked", "preparing", "ready", "going", "running", "ending", "over")
PREPARE_WITHIN = 60.0
#: KS7, in seconds.
NUDGES = (0.02, 0.1, 0.5)
SWEEP_EVERY = 0.003
#: After so many rounds in which new processes were found a fork bomb has won, and kill(-1) takes the zygote and the bridge too.
SWEEP_ROUNDS = 20
#: A side that passes nothing on for so long after the kernel's death, although it may, has nothing left.
DRAIN_WITHIN = 2.0
#: A kernel that dies closes its socket first; one that has closed it and lives is ended after this time.
DIES_WITHIN = 0.1
#: Tells a kernel of one thread that something has come for its channel control (KS6).
CONTROL_SIGNAL = signal.SIGRTMIN + 2


class Kernel:
    """`on_change(kernel)` after ready, running and over. `wanted`: release it as soon as it is ready."""

    def __init__(self, host, name, spec, env, on_change):
        self.host = host
        self.name = name
        self.pid = self.bridge = None
        self.phase = "asked"
        self.wanted = None
        self.standby = False
        self.code = self.signal = None
        self.reason = ""
        self.was_running = False
        self.expected = False
        self.by_message = spec.get("interrupt_mode") == "message"
        self.oom_kills = host.cgroup.oom_kills()
        self._on_change = on_change
        self._held = []
        self._held_bytes = 0
        self._skipping = False
        self._progress = 0
        self._reaped = False
        self._rounds = 0
        self._seen = set()
        self._swept = False
        self._then_end = None
        #: It speaks frames itself, without a bridge.
        self.direct = FORKED.get(name) == DIRECT
        pipes = Pipes() if self.direct else None
        ours, self._theirs = socket.socketpair()
        taken = host.link.acknowledge
        self.side = Side(ours, self._from_kernel, self._on_control, taken, self._side_ended, pipes, self._urgent)
        request = {
            "kind": FORKED.get(name, "program"),
            "argv": spec["argv"],
            "env": {**host.environment, **spec.get("env", {}), **env},
            "home": host.home,
            "resources": spec.get("resources", ""),
        }
        host.loop.after(PREPARE_WITHIN, self._late)
        host.zygote.ask(request, [self._theirs.fileno(), *(pipes.theirs if pipes else ())], self._answered)

    def release(self, env):
        """Lets it begin, with these variables added to its environment; at once, or as soon as it is ready."""
        self.wanted = env
        self.standby = self.phase == "ready"
        if self.phase == "ready":
            self.phase = "going"
            self.side.send_control({"type": "go", "env": env})

    def send(self, part):
        """A message part from the gateway; what comes before it runs is kept for it (AF15 bounds that)."""
        if self.phase in ("ending", "over"):
            self.host.link.acknowledge(part.sequence)
        elif self.was_running:
            self.side.send(part)
        else:
            self._held_bytes += len(part.body)
            if self._held_bytes > UNACKED_INPUT:
                raise frames.Violation("flow: more than 2 MiB without an acknowledgement")
            self._held.append(part)

    def interrupt(self):
        """SIGINT to the process group or a message, then the end of what detached itself. Returns how many that were."""
        if self.by_message:
            self.side.send_control({"type": "interrupt"})
        else:
            processes.send(-self.pid, signal.SIGINT)
            if self.direct:
                for seconds in NUDGES:
                    self.host.loop.after(seconds, self._nudge)
        keep = {self.pid, self.bridge, *self.host.spared}
        killed = set()
        for _ in range(3):
            strays = set(processes.strangers(processes.table(), keep)) - killed
            if not strays:
                break
            processes.kill(strays)
            killed |= strays
        return len(killed)

    def end(self, reason="", expected=False):
        """Ends every process of it. Where the end was asked for, what it still had to say is dropped."""
        if self.phase in ("ending", "over"):
            self.expected = self.expected or expected
            return
        if self.phase == "asked":
            self._then_end = (reason, expected)
            return
        self.phase = "ending"
        self.reason = reason
        self.expected = expected
        self._sweep()

    def exited(self, pid, code, number):
        """A child of the agent has ended. True where it was one of ours."""
        if pid == self.bridge:
            self.bridge = None
            self.end("the process that carries its messages ended")
            return True
        if pid != self.pid or self._reaped:
            return False
        self._reaped = True
        self.code, self.signal = code, number
        if self.phase == "ending":
            self._maybe_over()
        else:
            self.end()
        return True

    def fewer(self):
        """Some process has ended: perhaps the last that had to."""
        if self.phase == "ending" and not self._swept:
            self._left()

    def out_of_memory(self):
        """True where the cgroup's counter says that its death was one."""
        return self.signal == signal.SIGKILL and self.host.cgroup.oom_kills() > self.oom_kills

    def _answered(self, answer):
        self.phase = "preparing"
        self._theirs.close()
        if self.side.pipes:
            self.side.pipes.given()
        if "error" in answer:
            self._reaped = True
            self.end(answer["error"])
            return
        self.pid, self.bridge = answer["kernel"], answer["bridge"]
        if self._then_end:
            self.end(*self._then_end)

    def _late(self):
        if self.phase == "asked":
            processes.kill([self.host.zygote.pid])
        elif self.phase in ("preparing", "going"):
            self.end(f"it did not answer within {PREPARE_WITHIN:.0f} s")

    def _on_control(self, kind):
        if kind == "ready" and self.phase == "preparing":
            self.phase = "ready"
            if self.wanted is not None:
                self.phase = "going"
                self.side.send_control({"type": "go", "env": self.wanted})
            self._on_change(self)
        elif kind == "went" and self.phase == "going":
            self.phase = "running"
            self.was_running = True
            self._on_change(self)
            for part in self._held:
                self.side.send(part)
            self._held = []

    def _from_kernel(self, part):
        self._progress += 1
        if self._skipping or not self.was_running:
            self._skipping = part.more
            return True
        return self.host.outbox.put(part, self.host.loop.now())

    def _nudge(self):
        """KS7. A process that has gone is not named any more: its pid may be another's."""
        if self.phase == "running" and not self._reaped:
            processes.send(self.pid, CONTROL_SIGNAL)

    def _urgent(self):
        if self.direct:
            processes.send(self.pid, CONTROL_SIGNAL)

    def _side_ended(self, reason):
        if self.phase == "ending":
            self._maybe_over()
        elif reason or not self.direct:
            self.end(reason or "the process that carries its messages ended")
        else:
            self.host.loop.after(DIES_WITHIN, lambda: self.end("it closed its stream"))

    def _sweep(self):
        """Kills what is left, again and again until nothing is."""
        if self._swept or not (left := self._left()):
            return
        self._rounds += not self._seen.issuperset(left)
        self._seen.update(left)
        if self._rounds > SWEEP_ROUNDS:
            processes.kill_everything()
        else:
            processes.kill(left)
        self.host.loop.after(SWEEP_EVERY, self._sweep)

    def _left(self):
        """Its processes that are alive. Where there are none, it lets the side finish."""
        keep = self.host.spared | ({self.bridge} if self._drains() else set())
        left = processes.others(processes.table(), keep)
        if not left:
            self._swept = True
            self._finish()
        return left

    def _finish(self):
        if self._drains():
            if self.bridge is not None:
                self.side.send_control({"type": "drain"})
            self._watch_drain(self._progress - 1)
        else:
            self.side.give_up()
            self._maybe_over()

    def _drains(self):
        carried = self.direct or self.bridge is not None
        return carried and not self.expected and self.was_running and not self.side.ended

    def _watch_drain(self, before):
        if self.phase == "over" or self.side.ended:
            return
        if self._progress == before and not self.side.paused:
            processes.kill([self.bridge] if self.bridge else [])
            self.side.give_up()
            self._maybe_over()
            return
        self.host.loop.after(DRAIN_WITHIN, lambda seen=self._progress: self._watch_drain(seen))

    def _maybe_over(self):
        if self.phase == "over":
            return
        if not (self._swept and self._reaped and self.side.ended):
            if self._swept and self.side.ended:
                self.host.loop.after(SWEEP_EVERY, self._maybe_over)
            return
        self.phase = "over"
        if self.bridge is not None:
            processes.kill([self.bridge])
        self.host.outbox.abort()
        for sequence in [*(part.sequence for part in self._held), *self.side.unsent()]:
            self.host.link.acknowledge(sequence)
        self.host.forget(self.side)
        self.side.close()
        self._on_change(self)
