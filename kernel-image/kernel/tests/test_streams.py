"""stdout and stderr as messages: order, bounds, the thread that is there only when it is needed."""

import threading
import time
import unittest

from carrel_kernel import parents, streams
from carrel_kernel.interrupts import Interrupts


class Gathering(unittest.TestCase):
    def setUp(self):
        self.sent = []
        self.flushes = 0
        self.gatherer = streams.Gatherer(Interrupts(lambda: None), self._send, self._flush)
        self.addCleanup(self.gatherer.before_fork)
        self.out = streams.OutStream("stdout", 1, self.gatherer)
        self.err = streams.OutStream("stderr", 2, self.gatherer)

    def _send(self, name, parent, text):
        self.sent.append((name, text))

    def _flush(self):
        self.flushes += 1

    def joined(self):
        self.gatherer.flush()
        found = []
        for name, text in self.sent:
            if found and found[-1][0] == name:
                found[-1] = (name, found[-1][1] + text)
            else:
                found.append((name, text))
        return found

    def test_the_order_of_both_streams_is_kept(self):
        for stream, text in ((self.out, "a"), (self.err, "b"), (self.out, "c\n"), (self.out, "d"), (self.err, "e\n")):
            stream.write(text)
        self.assertEqual(self.joined(), [("stdout", "a"), ("stderr", "b"), ("stdout", "c\nd"), ("stderr", "e\n")])

    def test_many_lines_are_few_messages_and_a_long_text_is_many(self):
        for number in range(5000):
            self.out.write(f"{number}\n")
        self.gatherer.flush()
        self.assertLess(len(self.sent), 500)
        self.sent.clear()
        self.out.write("x" * 1_000_000)
        self.gatherer.flush()
        self.assertEqual(sum(len(text) for _, text in self.sent), 1_000_000)
        self.assertLessEqual(max(len(text) for _, text in self.sent), streams.CHUNK)

    def test_a_text_without_a_line_end_is_sent_although_nothing_follows(self):
        self.out.write("working… ")
        deadline = time.monotonic() + 30
        while not self.sent and time.monotonic() < deadline:
            time.sleep(0.005)
        self.assertEqual(self.sent, [("stdout", "working… ")])

    def test_its_thread_ends_before_a_fork_and_is_not_shown(self):
        self.out.write("a")
        self.assertEqual(threading.enumerate(), [threading.main_thread()])
        self.gatherer.before_fork()
        with open("/proc/self/status", encoding="ascii") as status:
            self.assertIn("Threads:\t1\n", status.read())

    def test_a_write_of_something_else_than_text_is_refused_by_name(self):
        with self.assertRaisesRegex(TypeError, "must be str, not bytes"):
            self.out.write(b"x")

    def test_bytes_may_cut_a_character(self):
        self.out.buffer.write("é".encode()[:1])
        self.out.buffer.write("é".encode()[1:])
        self.assertEqual(self.joined(), [("stdout", "é")])


class Parents(unittest.TestCase):
    def test_a_thread_belongs_to_whoever_started_it(self):
        parents.follow_threads()
        first, second = object(), object()
        seen = []
        go = threading.Event()
        parents.enter(first)
        thread = threading.Thread(target=lambda: (go.wait(), seen.append(parents.current())))
        thread.start()
        parents.enter(second)
        go.set()
        thread.join()
        self.assertEqual(seen, [first])
        self.assertIs(parents.current(), second)
