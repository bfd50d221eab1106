"""The tenant's side of the agent: what comes from a bridge is checked, and harms only its own kernel."""

import socket
import unittest

from carrel_agent import frames
from carrel_agent.side import Side


class FromTheBridge(unittest.TestCase):
    def setUp(self):
        ours, self.theirs = socket.socketpair()
        self.addCleanup(self.theirs.close)
        self.taken, self.controls, self.sent, self.ends = [], [], [], []
        self.room = True
        self.side = Side(ours, self.put, self.controls.append, self.sent.append, self.ends.append)
        self.addCleanup(self.side.close)

    def put(self, part):
        if self.room:
            self.taken.append(part.body)
        return self.room

    def test_control_frames(self):
        """KS1, KS2: `ready` and `went` come from there, `go` goes there, and messages"""
        self.theirs.sendall(frames.control({"type": "ready"}) + frames.control({"type": "went"}))
        self.side.readable()
        self.assertEqual(self.controls, ["ready", "went"])
        self.side.send_control({"type": "go", "env": {"A": "1"}})
        self.side.send(frames.Part(7, False, False, b"x"))
        self.side.writable()
        go, part = frames.Decoder().feed(self.theirs.recv(4096))
        self.assertEqual((go, part.sequence, part.body), ({"type": "go", "env": {"A": "1"}}, 1, b"x"))

    def test_violations(self):
        """AF1-AF7, KS1: each ends this side with a reason, once"""
        for data in (
            b"\xcb" * 16,
            frames.header(2, 0, frames.MAX_BODY + 1, 1),
            frames.header(1, 0, 5000, 0),
            frames.header(2, 0, 1, 7) + b"x",
            frames.header(1, 0, 4000, 0) + b"[" * 4000,
            frames.control({"type": "exited", "generation": 1}),
            frames.control({"type": "ready", "more": 1}),
        ):
            with self.subTest(data[:24]):
                self.setUp()
                self.theirs.sendall(data + frames.control({"type": "ready"}))
                self.side.readable()
                self.assertEqual(len(self.ends), 1)
                self.assertIn("broke a rule", self.ends[0])
                self.assertEqual(self.controls, [])

    def test_back_pressure(self):
        """AF16: what is refused is offered again, in order, and nothing more is read meanwhile"""
        self.room = False
        self.theirs.sendall(b"".join(frames.header(2, 0, 1, n) + bytes([n]) for n in (1, 2, 3)))
        self.side.readable()
        self.assertTrue(self.side.paused)
        self.side.resume()
        self.assertEqual(self.taken, [])
        self.room = True
        self.side.resume()
        self.assertEqual((self.taken, self.side.paused), ([b"\1", b"\2", b"\3"], False))

    def test_end(self):
        self.theirs.shutdown(socket.SHUT_WR)
        self.side.readable()
        self.assertEqual(self.ends, [None])

    def test_a_kernel_that_does_not_read(self):
        """AF14: a frame counts as taken when it has gone over whole"""
        for number in range(1, 4):
            self.side.send(frames.Part(number, False, False, b"x" * 500_000))
        self.side.writable()
        self.assertLess(len(self.sent), 3)
        self.assertEqual(self.side.unsent()[-1], 3)
        while self.side.wants_write:
            self.theirs.recv(1 << 20)
            self.side.writable()
        self.assertEqual(self.sent, [1, 2, 3])



if __name__ == "__main__":
    unittest.main()
