"""The agent's side of the zygote: what it takes from an answer that a tenant may have written, and a process that ends before it is named."""

import json
import os
import socket
import unittest

from carrel_agent import processes
from carrel_agent.zygote_client import Zygote

STRANGER = {"error": "the zygote's answer names processes that it has not started"}


def child(status=0):
    """The pid of a child of this process that ends at once, and has not been reaped."""
    pid = os.fork()
    if not pid:
        os._exit(status)
    return pid


class FromTheZygote(unittest.TestCase):
    """The test plays the zygote at the other end of the socketpair."""

    def setUp(self):
        self.told = []
        self.zygote = Zygote([], {}, lambda *ended: self.told.append(ended))
        self.zygote.socket, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.zygote.socket.setblocking(False)
        self.addCleanup(self.zygote.socket.close)
        self.addCleanup(self.theirs.close)
        self.addCleanup(processes.reap)

    def ask(self, kind="program"):
        self.zygote.ask({"kind": kind}, [self.theirs.fileno()], self.told.append)

    def answer(self, data):
        self.told.clear()
        self.theirs.send(data if isinstance(data, bytes) else json.dumps(data).encode())
        self.zygote.readable()
        return self.told

    def reap(self, pid):
        _, status = os.waitpid(pid, 0)
        self.zygote.reaped(pid, os.waitstatus_to_exitcode(status), None)

    def test_lies(self):
        """Only children of the agent count as kernel and bridge"""
        lies = (
            b"\xff\xfe",
            b"[" * 3000,
            [],
            {},
            {"kernel": 1, "bridge": 1},
            {"kernel": os.getpid(), "bridge": os.getppid()},
            {"kernel": -1, "bridge": True},
            {"kernel": [2], "bridge": "2"},
            {"kernel": 1 << 80, "bridge": 1 << 80},
            {"error": 5},
        )
        for lie in lies:
            with self.subTest(lie):
                self.ask()
                (told,) = self.answer(lie)
                self.assertEqual(list(told), ["error"])

    def test_reason(self):
        self.ask()
        self.assertEqual(self.answer({"error": "no room"}), [{"error": "no room"}])

    def test_children(self):
        pid = child()
        for kind, bridge in (("ipykernel", pid), ("program", pid), ("carrel_kernel", None), ("files", None)):
            self.ask(kind)
            self.assertEqual(self.answer({"kernel": pid, "bridge": bridge}), [{"kernel": pid, "bridge": bridge}])

    def test_a_bridge_is_named_where_the_kind_has_one(self):
        pid = child()
        self.ask()
        self.assertEqual(self.answer({"kernel": pid, "bridge": None}), [STRANGER])

    def test_what_ended_before_it_was_named_has_started_and_ended(self):
        kernel, bridge = child(3), child()
        self.ask()
        self.reap(kernel)
        named = {"kernel": kernel, "bridge": bridge}
        self.assertEqual(self.answer(named), [named, (kernel, 3, None)])

    def test_what_ended_before_anything_was_asked_is_not_named(self):
        kernel = child()
        self.reap(kernel)
        self.ask("carrel_kernel")
        self.assertEqual(self.answer({"kernel": kernel, "bridge": None}), [STRANGER])


if __name__ == "__main__":
    unittest.main()
