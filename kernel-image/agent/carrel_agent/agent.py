"""PID 1 of a sandbox: joins the stream, the kernels, the zygote and the loop.

It never waits on a kernel, holds no whole message, and looks into no message beyond its type.
"""

import fcntl
import gc
import os
import sys

from . import confine, frames, kernelspecs, processes
from .cgroup import Cgroup
from .files_client import Files
from .kernels import Kernels
from .lean import signal
from .link import COMPANY, HOLD, Link
from .loop import Loop
from .outbox import AWAY_AFTER, Outbox
from .stats import Stats
from .zygote_client import Zygote

VERSION = "1"
HOME = "/home/worksheet"
#: Of the agent's own environment, what kernels get; the rest of theirs comes from the policy and from `start`.
INHERITED = ("PATH", "LANG", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
DEFAULTS = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
LONGEST_WAIT = 10.0


class Options:
    """The command line, written by the warden."""

    orphan = 3600.0  #: seconds without a word after which the sandbox ends
    kernel = None  #: kernelspec to prepare ahead
    preload = ""  #: modules to import before kernels are forked, with commas
    cell_uid = 0  #: user id of kernels, where the agent's is 0

    def __init__(self, argv):
        self.env = []  #: NAME=VALUE, variables of every kernel
        words = iter(argv)
        for word in words:
            value = next(words, None)
            if value is None:
                raise ValueError(f"{word}: expected a value after it")
            if word == "--env":
                self.env.append(value)
            elif word in ("--kernel", "--preload"):
                setattr(self, word[2:], value)
            elif word == "--orphan":
                self.orphan = float(value)
            elif word == "--cell-uid":
                self.cell_uid = int(value)
            else:
                raise ValueError(f"expected --orphan, --kernel, --preload, --env or --cell-uid, found {word}")


class Agent:
    """The `host` of kernels."""

    def __init__(self, options, fd_in, fd_out):
        self.options = options
        self.home = HOME
        self.loop = Loop()
        self.cgroup = Cgroup()
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        policy = dict(pair.partition("=")[::2] for pair in options.env)
        self.environment = {**DEFAULTS, **inherited, "HOME": HOME, "USER": "worksheet", "SHELL": "/bin/sh", **policy}
        self.outbox = Outbox(now=self.loop.now())
        specs = kernelspecs.installed()
        self.link = Link(fd_in, fd_out, self.outbox, self._part, self._control, self._hello, self.loop.now())
        self.kernels = Kernels(self, specs, self.link.banner)
        preload = [name for name in options.preload.split(",") if name]
        zygote_env = {**DEFAULTS, "HOME": HOME, **inherited}
        prepared = kernelspecs.FORKED.get(options.kernel)
        self.zygote = Zygote([prepared, preload, options.cell_uid, HOME], zygote_env, self._child_ended)
        self.files = Files(self)
        self.link.on_data = self.files.piece
        self.stats = Stats(self.loop, self.cgroup, self._tell)
        self._input = True
        self._zygote_alive = True
        self._holding = False
        self._waits_since = None
        self._watched = None

    @property
    def spared(self):
        """Processes that are no kernel's: they stay when one is ended."""
        return {self.zygote.pid, self.files.pid}

    def run(self):
        """Until the sandbox is to end. Raises Violation where the gateway broke a rule."""
        self._watch_children()
        self.zygote.start()
        self.kernels.prepare_ahead(self.options.kernel)
        while (now := self.loop.now()) - self.link.heard < self.options.orphan:
            self._pass_on(now)
            self._watch()
            self.loop.turn(self._patience(now))

    def _pass_on(self, now):
        """Writes at once what can be written; only what is stuck waits for its descriptor."""
        link, kernel = self.link, self.kernels.current
        if kernel:
            side = kernel.side
            if side.paused:
                side.resume()
            if side.wants_write and not side.stuck:
                side.writable()
        self.files.writable()
        if link.may_wait:
            self._waits_since = self._waits_since or now
            if now - self._waits_since >= COMPANY:
                link.hurry()
        else:
            self._waits_since = None
        if link.wants_write and not link.stuck:
            link.writable()

    def _watch(self):
        """Tells the loop what to wait for, where that has changed."""
        link, kernel, zygote = self.link, self.kernels.current, self.zygote
        side = kernel.side if kernel and kernel.phase != "asked" else None  # What has no name yet may already speak.
        watched = (self._input, link.stuck, zygote.socket, self._zygote_alive, side, side and side.waits_for, self.files.waits_for)
        if watched == self._watched:
            return
        self._watched = watched
        self.loop.watch(link.fd_in, self._from_gateway, self._input, False)
        self.loop.watch(link.fd_out, self._to_gateway, False, link.stuck)
        self.loop.watch(zygote.socket.fileno(), self._from_zygote, self._zygote_alive, False)
        self.files.watch()
        if side:
            reads, writes, reads_pipes, _ = side.waits_for
            self.loop.watch(side.socket.fileno(), self._kernel_side, reads, writes)
            for pipe in side.pipes.both if side.pipes else ():
                self.loop.watch(pipe.fd, self._kernel_pipe, reads_pipes and not pipe.ended, False)

    def _patience(self, now):
        """How long nothing needs to be done but what descriptors and timers tell, in seconds."""
        link = self.link
        if link.wants_write and not link.stuck:
            return 0.0
        wait = min(LONGEST_WAIT, self.options.orphan - (now - link.heard))
        if self._waits_since is not None:
            wait = min(wait, COMPANY - (now - self._waits_since))
        kernel = self.kernels.current
        if kernel and kernel.side.paused and not self.outbox.away(now):
            wait = min(wait, AWAY_AFTER - (now - self.outbox.heard))
        return max(0.0, wait)

    def _from_gateway(self, readable, _):
        if not self.link.readable(self.loop.now()):
            self._input = False
        if self.link.holding and not self._holding:
            self._holding = True
            self.loop.after(HOLD, self._release)

    def _to_gateway(self, *_):
        self.link.stuck = False

    def _release(self):
        self._holding = False
        self.link.release()

    def _kernel_side(self, readable, writable):
        if not self.kernels.current:
            return
        side = self.kernels.current.side
        if writable:
            side.stuck = False
        if readable and not side.closed and not side.paused:
            side.readable()

    def _kernel_pipe(self, *_):
        if self.kernels.current:
            self.kernels.current.side.pipes_readable()

    def forget(self, side):
        """Before its descriptors are closed."""
        for fd in (side.socket.fileno(), *(pipe.fd for pipe in (side.pipes.both if side.pipes else ()))):
            self.loop.forget(fd)

    def _from_zygote(self, *_):
        if not self.zygote.readable():
            processes.kill([self.zygote.pid])
            self._zygote_alive = False

    def _part(self, part):
        self.kernels.part(part)
        self.stats.look_soon()

    def _control(self, body):
        kind = body["type"]
        if kind in ("start", "restart", "interrupt", "stop"):
            self.kernels.command(body)
        elif kind.startswith("file-"):
            self.files.command(body)
        elif kind == "stats":
            every = body.get("every")
            if isinstance(every, bool) or not isinstance(every, int | float) or every < 0:
                raise frames.Violation("stats: expected every to be seconds")
            self.stats.ask(every)
        else:
            raise frames.Violation(f"control: unknown type {kind[:40]!r}")

    def _tell(self, body):
        if self.link.attached:
            self.link.send(body)

    def _hello(self):
        self.files.reset()
        return {
            "agent": VERSION,
            "files": True,
            "generation": self.kernels.generation,
            "state": self.kernels.state,
            "kernels": list(self.kernels.specs),
            "confinement": {"landlock": confine.landlock_abi(), "split": self.options.cell_uid > 0},
        }

    def _watch_children(self):
        reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

        def ended(*_):
            try:
                os.read(reader, 4096)
            except BlockingIOError:
                pass
            for pid, code, number in processes.reap():
                self.zygote.reaped(pid, code, number)
                self._child_ended(pid, code, number)
            self.kernels.fewer()

        self.loop.watch(reader, ended, True, False)

    def _child_ended(self, pid, code, number):
        if pid == self.zygote.pid:
            self._zygote_ended()
        elif pid == self.files.pid:
            self.files.ended("the process that reads and writes files ended")
        else:
            self.kernels.exited(pid, code, number)

    def _zygote_ended(self):
        self.loop.forget(self.zygote.socket.fileno())
        self.zygote.replace()
        self._zygote_alive = True


def private_stdio():
    """Moves stdin, stdout and stderr to descriptors that no child gets; 0, 1, 2 become /dev/null. Returns the three."""
    private = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in (0, 1, 2)]
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    for fd in private[:2]:
        os.set_blocking(fd, False)
    return private


def main():
    try:
        options = Options(sys.argv[1:])
    except ValueError as error:
        sys.exit(f"carrel-agent: {error}")
    fd_in, fd_out, fd_err = private_stdio()
    confine.ignore_signals()
    confine.set_dumpable(False)
    confine.no_core_files()
    gc.freeze()
    try:
        Agent(options, fd_in, fd_out).run()
    except frames.Violation as violation:
        os.write(fd_err, f"carrel-agent: the gateway broke a rule: {violation}\n".encode())
        os._exit(1)
    except BaseException as error:
        os.write(fd_err, f"carrel-agent: {type(error).__name__}: {error} ({_where(error)})\n".encode()[:4000])
        os._exit(2)
    os._exit(0)


def _where(error):
    places = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        places.append(f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return ", ".join(places[-4:])
