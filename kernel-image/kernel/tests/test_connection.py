"""Whole messages over a socketpair: order, length, interrupts in the middle of a write."""

import json
import os
import signal
import socket
import threading
import time
import unittest

from carrel_agent import frames, layout
from carrel_kernel.connection import Closed, Connection
from carrel_kernel.interrupts import Interrupts
from carrel_kernel.messages import Writer


def read_all(sock, count):
    """The contents of `count` messages, as a slow reader sees them."""
    decoder, parts, found = frames.Decoder(), [], []
    while len(found) < count:
        for event in decoder.feed(sock.recv(1 << 16)):
            parts.append(event.body)
            if not event.more:
                found.append(json.loads(bytes(layout.unpack(b"".join(parts))[1][3])))
                parts.clear()
    return found


class Writing(unittest.TestCase):
    def setUp(self):
        self.theirs, ours = socket.socketpair()
        self.interrupts = Interrupts(lambda: None)
        self.connection = Connection(ours, self.interrupts)
        self.writer = Writer()
        self.addCleanup(self.theirs.close)
        self.addCleanup(ours.close)

    def put(self, content):
        self.connection.put(self.writer.message("iopub", "stream", content, b"{}"))

    def test_long_and_short_messages_arrive_in_order(self):
        contents = [{"n": n, "text": "x" * (3_000_000 if n % 3 == 1 else 10)} for n in range(9)]
        reader = threading.Thread(target=lambda: found.extend(read_all(self.theirs, len(contents))))
        found = []
        reader.start()
        for content in contents:
            self.put(content)
            self.connection.flush()
        reader.join()
        self.assertEqual(found, contents)

    def test_an_interrupt_ends_a_wait_for_room_and_loses_nothing(self):
        old = signal.getsignal(signal.SIGINT)
        self.addCleanup(signal.signal, signal.SIGINT, old)
        self.interrupts.install()
        self.put({"text": "a" * 5_000_000})
        with self.assertRaises(KeyboardInterrupt):
            self.interrupts.running = True
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            self.connection.flush()
        self.interrupts.running = False
        found = []
        reader = threading.Thread(target=lambda: found.extend(read_all(self.theirs, 2)))
        reader.start()
        self.put({"text": "b"})
        self.connection.flush()
        reader.join()
        self.assertEqual([len(one["text"]) for one in found], [5_000_000, 1])

    def test_threads_that_write_at_once_do_not_mix_their_messages(self):
        def write(name):
            for number in range(50):
                self.put({"name": name, "number": number, "text": "y" * 40_000})
                self.connection.flush()

        writers = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for one in writers:
            one.start()
        found = read_all(self.theirs, 200)
        for one in writers:
            one.join()
        for name in "abcd":
            self.assertEqual([one["number"] for one in found if one["name"] == name], list(range(50)))


class Reading(unittest.TestCase):
    def setUp(self):
        self.theirs, ours = socket.socketpair()
        self.connection = Connection(ours, Interrupts(lambda: None))
        self.addCleanup(ours.close)

    def test_a_body_that_is_no_message_is_left_out(self):
        parts = [b"not json", b"{}", b"{}", b"{}"]
        body = layout.pack("shell", parts) + b"".join(parts)
        self.theirs.sendall(frames.header(frames.MESSAGE, 0, len(body), 1) + body)
        self.assertEqual(self.connection.receive(), [])
        self.theirs.close()

    def test_the_end_of_the_agent_is_told(self):
        self.theirs.close()
        with self.assertRaises(Closed):
            self.connection.receive()


class Shield(unittest.TestCase):
    def test_an_interrupt_waits_for_the_end_of_the_shield(self):
        old = signal.getsignal(signal.SIGINT)
        self.addCleanup(signal.signal, signal.SIGINT, old)
        interrupts = Interrupts(lambda: None)
        interrupts.install()
        interrupts.running = True
        done = []
        with self.assertRaises(KeyboardInterrupt):
            with interrupts:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.01)
                done.append("all of it")
        self.assertEqual(done, ["all of it"])

    def test_ks7_it_is_ignored_where_no_user_code_runs(self):
        old = signal.getsignal(signal.SIGINT)
        self.addCleanup(signal.signal, signal.SIGINT, old)
        Interrupts(lambda: None).install()
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
