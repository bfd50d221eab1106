"""The agent's end of the stream over two pipes, and the search for the key."""

import os
import unittest

from carrel_agent import frames
from carrel_agent.keyscan import KeyScanner
from carrel_agent.link import Link
from carrel_agent.outbox import Outbox

from .test_outbox import message

KEY = bytes(range(0x81, 0xA1))
NONCE = bytes(range(32))


def attach(received=0, journal=1 << 20):
    return KEY + frames.control({"type": "attach", "nonce": NONCE.hex(), "received": received, "journal": journal})


class Scanner(unittest.TestCase):
    def test_every_cut(self):
        """AF8, AF9: zeros, key, bytes, the key again in the middle of something; cut at every place"""
        stream = bytes(5) + KEY + b"abc" + KEY[:7] + b"d" + KEY + KEY + b"e"
        for size in range(1, len(stream)):
            scanner, found = KeyScanner(), []
            for start in range(0, len(stream), size):
                found += scanner.feed(stream[start : start + size])
            joined = b"".join(b"|" if piece is None else piece for piece in found)
            self.assertEqual(joined, b"|abc" + KEY[:7] + b"d||e")

    def test_what_may_begin_the_key_is_held_back(self):
        """AF9"""
        scanner = KeyScanner()
        scanner.feed(KEY)
        self.assertEqual(scanner.feed(b"x" + KEY[:3]), [b"x"])
        self.assertEqual(scanner.release(), KEY[:3])
        self.assertEqual(scanner.release(), b"")

    def test_an_even_first_byte(self):
        """AF9"""
        self.assertRaises(frames.Violation, KeyScanner().feed, b"\x82" + KEY)


class Ends(unittest.TestCase):
    def setUp(self):
        self.to_agent, self.from_agent = os.pipe(), os.pipe()
        for fd in (*self.to_agent, *self.from_agent):
            os.set_blocking(fd, False)
            self.addCleanup(os.close, fd)
        self.parts, self.controls = [], []
        self.outbox = Outbox()
        self.link = Link(
            self.to_agent[0], self.from_agent[1], self.outbox, self.parts.append, self.controls.append, lambda: {"agent": "1"}, 0
        )

    def give(self, data):
        os.write(self.to_agent[1], data)
        self.link.readable(1.0)

    def read(self):
        """What the agent writes now."""
        found = b""
        while self.link.wants_write:
            self.link.writable()
            try:
                found += os.read(self.from_agent[0], 1 << 20)
            except BlockingIOError:
                pass
        return found

    def answer(self):
        """The control bodies and sequence numbers after the nonce."""
        before, after = self.read().split(NONCE)
        events = list(frames.Decoder(received=self.outbox.acked).feed(after))
        return before, [e if isinstance(e, dict) else e.sequence for e in events]

    def test_banner(self):
        """AF13"""
        self.link.banner()
        self.assertEqual(self.read(), b"carrel/1\r\n")

    def test_attach(self):
        """AF10: nonce, hello, what is held"""
        self.outbox.put(frames.Part(0, False, False, b"m"), 0)
        self.assertEqual(self.read(), b"")
        self.give(bytes(9) + attach())
        before, (hello, *rest) = self.answer()
        self.assertEqual((before, rest), (b"", [1]))
        self.assertEqual(
            hello, {"type": "hello", "protocol": 1, "received": 0, "first": 1, "next": 2, "agent": "1"}
        )

    def test_attach_in_the_middle_of_a_frame_both_ways(self):
        """AF9, AF10: neither half is finished"""
        self.give(attach())
        self.answer()
        self.outbox.put(frames.Part(0, False, False, b"x" * 900_000), 0)
        self.link.writable()
        self.give(frames.header(2, 0, 1000, 1) + b"half" + attach())
        before, events = self.answer()
        self.assertLess(len(before), 900_000)
        self.assertEqual(events[0]["received"], 0)
        self.assertEqual(self.parts, [])

    def test_resume(self):
        """AF12: parts that came before are known, their acknowledgement is said again"""
        self.give(attach() + frames.header(2, 0, 1, 1) + b"a")
        self.link.acknowledge(1)
        self.read()
        self.give(attach() + frames.header(2, 0, 1, 1) + b"a" + frames.header(2, 0, 1, 2) + b"b")
        _, events = self.answer()
        self.assertEqual(events[0]["received"], 1)
        self.assertIn({"type": "ack", "seq": 1}, events)
        self.assertEqual([part.body for part in self.parts], [b"a", b"b"])

    def test_order(self):
        """AF9: attach follows the key at once, and only there"""
        self.assertRaises(frames.Violation, self.give, KEY + frames.control({"type": "ping"}))
        self.give(attach())
        self.assertRaises(frames.Violation, self.give, frames.control({"type": "attach", "nonce": "", "received": 0, "journal": 1}))

    def test_ping(self):
        """AF18: answered before the messages that wait"""
        self.give(attach())
        self.answer()
        self.outbox.put(frames.Part(0, False, False, b"m"), 0)
        self.give(frames.control({"type": "ping"}))
        events = list(frames.Decoder().feed(self.read()))
        self.assertEqual(events[0], {"type": "pong"})

    def test_wrong_numbers(self):
        """AF7, AF14: what is no whole number, what was never sent"""
        self.give(attach())
        for seq in (-1, 1, "1", True, None, 1.5):
            with self.subTest(seq):
                self.assertRaises(frames.Violation, self.give, frames.control({"type": "ack", "seq": seq}))

    def test_end_of_input(self):
        """AF19: the agent goes on and waits for its timer"""
        self.give(attach())
        os.close(self.to_agent[1])
        self.to_agent = (self.to_agent[0], os.dup(self.to_agent[0]))
        self.assertFalse(self.link.readable(2.0))

    def test_nobody_reads(self):
        """A broken output ends the attachment, not the agent"""
        self.give(attach())
        os.close(self.from_agent[0])
        self.from_agent = (os.dup(self.to_agent[0]), self.from_agent[1])
        while self.link.wants_write:
            self.link.writable()
        self.assertFalse(self.link.attached)

    def test_what_may_wait_for_company(self):
        """AF20: an acknowledgement and the announcement of a cell wait for what follows, and not for ever"""
        self.give(attach())
        self.read()
        self.link.acknowledge(1)
        self.outbox.put(message("status"), 1.0)
        self.outbox.put(message("execute_input"), 1.0)
        self.assertEqual((self.link.wants_write, self.link.may_wait), (False, True))
        self.outbox.put(message("execute_result"), 1.0)
        self.assertEqual((self.link.wants_write, self.link.may_wait), (True, False))
        self.link.writable()
        self.outbox.put(message("execute_input"), 1.0)
        self.assertTrue(self.link.may_wait)
        self.link.hurry()
        self.assertEqual((self.link.wants_write, self.link.may_wait), (True, False))
        self.link.writable()
        self.assertEqual((self.link.wants_write, self.link.may_wait), (False, False))


if __name__ == "__main__":
    unittest.main()
