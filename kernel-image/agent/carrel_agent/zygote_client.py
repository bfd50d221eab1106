"""The agent's side of the zygote: starting it, asking for processes, starting another when it has died.

Answers come from a process that a tenant may have taken over where the kernel has no Landlock: they are small, and every pid in
them is checked to be a child of ours.
"""

import os
import struct
import sys

from . import processes
from .kernelspecs import DIRECT, FILES
from .lean import dumps, loads, socket

LONGEST_ANSWER = 4096
ATTEMPTS = 3
#: Kinds that are one process.
ALONE = (DIRECT, FILES)


class Asked:
    """A request that has not been answered."""

    def __init__(self, request, descriptors, answered):
        self.request = request
        self.descriptors = descriptors
        self.answered = answered
        self.attempts = 0


class Zygote:
    """`arguments` are those of `zygote.main`; `environment` that of the zygote's process. `on_ended(pid, code, signal)` for what had been
    reaped before the answer that names it."""

    def __init__(self, arguments, environment, on_ended):
        self._arguments = arguments
        self._environment = environment
        self._on_ended = on_ended
        self._waiting = []
        #: {pid: (code, signal)} of children that have been reaped since something was asked: one of them may be what the answer names.
        self._reaped = {}
        self.pid = None
        self.socket = None

    def start(self):
        """Starts a fresh Python (fork and exec); its socket is non-blocking."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        code = "import sys; sys.path.insert(0, sys.argv[1]); from carrel_agent.bundle import Bundle; bundle = Bundle(); bundle.use(); "
        code += "import json; from carrel_agent.zygote import main; main(bundle, *json.loads(sys.argv[2]))"
        argv = [sys.executable, "-I", "-c", code, folder, dumps(self._arguments)]
        pid = os.fork()
        if not pid:
            try:
                if theirs.fileno() == 3:
                    os.set_inheritable(3, True)
                else:
                    os.dup2(theirs.fileno(), 3)
                os.execve(argv[0], argv, self._environment)
            finally:
                os._exit(127)
        theirs.close()
        self.pid, self.socket = pid, ours

    def ask(self, request, descriptors, answered):
        """Asks for a process that gets these descriptors, which stay open until `answered` has got {kernel, bridge} or {error}. Where the
        zygote dies before it answers, the next one is asked, ATTEMPTS times in all."""
        self._ask(Asked(request, descriptors, answered))

    def _ask(self, asked):
        self._waiting.append(asked)
        asked.attempts += 1
        rights = struct.pack(f"{len(asked.descriptors)}i", *asked.descriptors)
        try:
            self.socket.sendmsg([dumps(asked.request).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        except OSError:
            pass  # It is dying: `replace` follows.

    def reaped(self, pid, code, number):
        """Some child has ended. A program that is not there does so before the zygote has said which process it was."""
        if self._waiting:
            self._reaped[pid] = (code, number)

    def readable(self):
        """Reads the answers that are there. False when the socket has ended."""
        while True:
            try:
                data = self.socket.recv(LONGEST_ANSWER)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            self._answer(data)

    def replace(self):
        """The process has ended: starts another and asks it what was not answered."""
        waiting, self._waiting = self._waiting, []
        self._reaped.clear()
        self.socket.close()
        self.start()
        for asked in waiting:
            if asked.attempts < ATTEMPTS:
                self._ask(asked)
            else:
                asked.answered({"error": "the zygote ended"})

    def _answer(self, data):
        try:
            answer = loads(data.decode())
        except (ValueError, RecursionError):
            answer = None
        if answer == {"ready": True} or not self._waiting:
            return
        asked = self._waiting.pop(0)
        if not isinstance(answer, dict):
            asked.answered({"error": "the zygote's answer is not JSON"})
        elif isinstance(answer.get("error"), str):
            asked.answered({"error": answer["error"][:1000]})
        else:
            names = ("kernel",) if asked.request["kind"] in ALONE else ("kernel", "bridge")
            self._named(asked, {name: answer.get(name) for name in names})
        if not self._waiting:
            self._reaped.clear()

    def _named(self, asked, named):
        pids = named.values()
        if not all(type(pid) is int and (pid in self._reaped or processes.is_child(pid)) for pid in pids):
            asked.answered({"error": "the zygote's answer names processes that it has not started"})
            return
        ended = [(pid, *self._reaped[pid]) for pid in pids if not processes.is_child(pid)]
        asked.answered({"bridge": None, **named})
        for pid, code, number in ended:
            self._on_ended(pid, code, number)
