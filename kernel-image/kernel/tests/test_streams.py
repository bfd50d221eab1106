"""stdout and stderr as messages: order, bounds, the thread that is there only when it is needed."""

import io
import signal
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

    def _send(self, name, parent, data):
        self.sent.append((name, data.decode()))

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

    def test_what_a_stream_of_output_cannot_is_refused_by_name(self):
        for name in ("read", "readline", "seek", "tell", "truncate", "detach"):
            with self.assertRaisesRegex(io.UnsupportedOperation, "seek|" + name):
                getattr(self.out, name)(*[0] * (name == "seek"))

    def test_bytes_may_cut_a_character(self):
        self.out.buffer.write("é".encode()[:1])
        self.out.buffer.write("é".encode()[1:])
        self.assertEqual(self.joined(), [("stdout", "é")])


class Fast(Gathering):
    """What a loop prints is gathered in C; every test above holds for that too."""

    def setUp(self):
        super().setUp()
        self.interrupts = self.gatherer.shield
        self.interrupts.running = True
        self.addCleanup(setattr, self.interrupts, "running", False)
        self.print_much()

    def print_much(self):
        """Until the stream is fast; what was sent for that is forgotten."""
        for _ in range(5 * streams.GATHER // 100):
            print("x" * 99, file=self.out)
        self.assertNotIn("write", vars(self.out))
        self.gatherer.flush()
        self.sent.clear()

    def test_a_loop_is_fast_and_whole(self):
        for number in range(200_000):
            print(number, file=self.out)
        self.assertNotIn("write", vars(self.out))
        self.assertEqual(self.joined(), [("stdout", "".join(f"{number}\n" for number in range(200_000)))])
        self.assertLessEqual(max(len(text) for _, text in self.sent), streams.CHUNK)

    def test_characters_of_several_bytes_stay_whole(self):
        for _ in range(50_000):
            print("é🎓", "\ud800", file=self.out)
        self.assertEqual(self.joined(), [("stdout", "é🎓 ?\n" * 50_000)])

    def test_the_other_stream_ends_it_in_order(self):
        for number in range(3):
            print("a", number, file=self.out)
            print("b", number, file=self.err)
        expected = [(name, f"{letter} {number}\n") for number in range(3) for name, letter in (("stdout", "a"), ("stderr", "b"))]
        self.assertEqual(self.joined(), expected)

    def test_it_ends_by_itself_when_nothing_is_printed(self):
        print("the last one", file=self.out)
        deadline = time.monotonic() + 30
        while "write" not in vars(self.out) and time.monotonic() < deadline:
            time.sleep(0.005)
        self.assertEqual(self.sent, [("stdout", "the last one\n")])

    def test_a_thread_ends_it(self):
        streams.watch_starts(self.gatherer)
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        self.assertIn("write", vars(self.out))

    def test_a_write_that_waited_while_it_ended_comes_before_what_is_written_next(self):
        self.gatherer.calm()
        # As a write in C that had begun before, and got its turn when the timer's thread had emptied the buffer.
        io.BufferedWriter.write(self.out._gathering, b"number ")
        self.out.write("line\n")
        self.assertEqual(self.joined(), [("stdout", "number line\n")])

    def test_what_a_program_put_in_the_place_of_write_stays(self):
        seen = []
        self.out.write = seen.append
        for _ in range(2000):
            print("y" * 999, file=self.out)
        self.gatherer.calm()
        self.assertEqual((len(seen), self.joined()), (4000, []))

    def test_an_interrupt_loses_and_repeats_nothing(self):
        """It strikes when the text has been taken: in the middle of BufferedWriter's write, which then believes that nothing was."""
        strikes = [1, 2]

        def flush():
            if threading.current_thread() is threading.main_thread() and strikes and len(self.sent) >= strikes[0]:
                strikes.pop(0)
                signal.raise_signal(signal.SIGINT)

        self.gatherer._flush = flush
        interrupted = []
        for number in range(100_000):
            try:
                self.out.write(f"{number}\n")
            except KeyboardInterrupt:
                interrupted.append(number)
        self.gatherer._flush = lambda: None
        self.assertEqual(len(interrupted), 2)
        shown = [int(line) for line in self.joined()[0][1].splitlines()]
        half_written = [number for number in interrupted if number not in shown]
        self.assertEqual(sorted(shown + half_written), list(range(100_000)))
        self.assertEqual(shown, sorted(shown))

    def test_a_handler_that_prints_in_the_middle_is_heard(self):
        heard = []

        def flush():
            if not heard:
                heard.append(True)
                print("from a handler", file=self.out)

        self.gatherer._flush = flush
        for number in range(30_000):
            print(number, file=self.out)
        before, after = self.joined()[0][1].split("from a handler\n")
        self.assertEqual(before + after, "".join(f"{number}\n" for number in range(30_000)))


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
