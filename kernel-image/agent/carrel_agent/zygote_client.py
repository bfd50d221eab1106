"""The agent's side of the zygote: starting it, asking for processes, starting another when it has died.

Answers come from a process that a tenant may have taken over where the kernel has no Landlock: they are small, and every pid in
them is checked to be a child of ours.
"""

import json
import os
import socket
import sys

from . import processes

LONGEST_ANSWER = 4096


class Zygote:
    """`arguments` are those of `zygote.main`; `environment` that of the zygote's process."""

    def __init__(self, arguments, environment):
        self._arguments = arguments
        self._environment = environment
        self._waiting = []
        self.pid = None
        self.socket = None

    def start(self):
        """Starts a fresh Python (fork and exec); its socket is non-blocking."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        code = "import sys; sys.path.insert(0, sys.argv[1]); from carrel_agent.zygote import main; "
        code += "import json; main(*json.loads(sys.argv[2]))"
        argv = [sys.executable, "-I", "-c", code, folder, json.dumps(self._arguments)]
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

    def ask(self, request, side, answered):
        """Asks for a kernel with its side of a socketpair, which is closed here. `answered` gets {kernel, bridge} or {error}."""
        try:
            socket.send_fds(self.socket, [json.dumps(request).encode()], [side.fileno()])
            self._waiting.append(answered)
        except OSError as error:
            answered({"error": f"the zygote takes no request: {error}"})
        finally:
            side.close()

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

    def died(self):
        """The process has ended: every request that waits fails."""
        waiting, self._waiting = self._waiting, []
        self.socket.close()
        self.pid = None
        for answered in waiting:
            answered({"error": "the zygote ended"})

    def _answer(self, data):
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            answer = None
        if answer == {"ready": True} or not self._waiting:
            return
        answered = self._waiting.pop(0)
        if not isinstance(answer, dict):
            answered({"error": "the zygote's answer is not JSON"})
        elif isinstance(answer.get("error"), str):
            answered({"error": answer["error"][:1000]})
        elif all(type(answer.get(name)) is int and processes.is_child(answer[name]) for name in ("kernel", "bridge")):
            answered({"kernel": answer["kernel"], "bridge": answer["bridge"]})
        else:
            answered({"error": "the zygote's answer names processes that it has not started"})
