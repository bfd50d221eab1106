"""KS3-KS6, KS8 in the agent: what a kernel's processes write to descriptors 1 and 2, beside what the kernel itself says."""

import json
import os
import socket
import unittest

from carrel_agent import frames, layout
from carrel_agent.pipes import Pipes
from carrel_agent.side import Side


def body(kind, parent, channel="iopub", content="{}", buffers=()):
    parts = [json.dumps({"msg_type": kind}).encode(), json.dumps(parent).encode(), b"{}", content.encode(), *buffers]
    return layout.pack(channel, parts) + b"".join(parts)


BUSY = '{"execution_state": "busy"}'


class AKernelWithPipes(unittest.TestCase):
    def setUp(self):
        ours, self.theirs = socket.socketpair()
        self.pipes = Pipes()
        self.out, self.err = map(os.dup, self.pipes.theirs)
        self.pipes.given()
        self.parts, self.ends, self.urgent, self.room, self.sequence = [], [], [], True, 0
        self.side = Side(ours, self.put, print, lambda _: None, self.ends.append, self.pipes, lambda: self.urgent.append(1))
        self.addCleanup(self.side.close)
        self.addCleanup(self.theirs.close)
        self.addCleanup(self.end_pipes)

    def end_pipes(self):
        for fd in (self.out, self.err):
            if fd >= 0:
                os.close(fd)
        self.out = self.err = -1

    def put(self, part):
        if self.room:
            self.parts.append(part)
        return self.room

    def say(self, data, more=False):
        """A frame of the kernel."""
        self.sequence += 1
        self.theirs.sendall(frames.header(2, int(more), len(data), self.sequence) + data)

    def taken(self):
        """What was passed on: (stream's name, text, parent) of the agent's own, the body of everything else."""
        found = []
        for part in self.parts:
            try:
                parts = [json.loads(bytes(piece)) for piece in layout.unpack(part.body)[1][:4]]
            except frames.Violation:
                found.append(part.body)
                continue
            own = parts[0]["msg_type"] == "stream"
            found.append((parts[3]["name"], parts[3]["text"], parts[1]) if own else part.body)
        self.parts.clear()
        return found

    def test_a_message_as_any_other(self):
        """KS3: whole, on iopub, with an id and a date of its own"""
        os.write(self.out, b"one\n")
        self.side.pipes_readable()
        os.write(self.out, b"two\n")
        self.side.pipes_readable()
        messages = [layout.unpack(part.body) for part in self.parts]
        self.assertEqual([channel for channel, _ in messages], ["iopub", "iopub"])
        headers = [json.loads(bytes(parts[0])) for _, parts in messages]
        self.assertEqual({header["msg_type"] for header in headers}, {"stream"})
        self.assertEqual(len({header["msg_id"] for header in headers}), 2)
        self.assertRegex(headers[0]["date"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")

    def test_both_pipes_and_the_cell(self):
        """KS3: the parent is the cell that has begun last, whatever else is said and for whomever"""
        os.write(self.err, b"nobody's\n")
        self.side.pipes_readable()
        first, second = ({"msg_id": name, "session": "ä", "msg_type": "execute_request"} for name in "12")
        other = {"msg_id": "9", "msg_type": "kernel_info_request"}
        said = [body("status", first, content=BUSY), body("status", other, content=BUSY), body("execute_reply", first, "shell")]
        said += [body("status", second, content=BUSY), body("display_data", first, buffers=[b"\0" * 9] * 300)]
        for message in said[:3]:
            self.say(message)
        self.side.readable()
        os.write(self.out, b"out\n")
        os.write(self.err, b"err\n")
        self.side.pipes_readable()
        self.say(said[3])
        self.side.readable()
        self.say(said[4])
        self.side.readable()
        os.write(self.out, b"later\n")
        self.side.pipes_readable()
        expected = [("stderr", "nobody's\n", {}), *said[:3], ("stdout", "out\n", first), ("stderr", "err\n", first)]
        self.assertEqual(self.taken(), [*expected, *said[3:], ("stdout", "later\n", second)])

    def test_written_as_a_cell_begins(self):
        """KS4: what stands in the pipes together with the beginning of a cell is that cell's, behind its input"""
        first, second = ({"msg_id": name, "msg_type": "execute_request"} for name in "12")
        said = [body("status", first, content=BUSY), body("execute_reply", first, "shell")]
        said += [body("status", second, content=BUSY), body("execute_input", second), body("execute_reply", second, "shell")]
        os.write(self.out, b"early")
        for message in said:
            self.say(message)
        self.side.readable()
        self.assertEqual(self.taken(), [*said[:4], ("stdout", "early", second), said[4]])

    def test_what_is_not_utf8(self):
        """KS3: a character cut in two waits for its rest, other bytes become U+FFFD, also a beginning at the end"""
        for data in ("ä€😀".encode()[:4], "ä€😀".encode()[4:7], "ä€😀".encode()[7:], b"\xff\x00\xc3"):
            os.write(self.out, data)
            self.side.pipes_readable()
        self.end_pipes()
        self.side.pipes_readable()
        self.assertEqual("".join(text for _, text, _ in self.taken()), "ä€😀\ufffd\0\ufffd")

    def test_at_most_64_kib(self):
        """KS3, KS8: longer text is cut, and nothing of it lost"""
        os.set_blocking(self.out, False)
        size = os.write(self.out, b"x" * (1 << 20))
        self.side.pipes_readable()
        size += os.write(self.out, b"x" * (1 << 20))
        self.end_pipes()
        self.theirs.close()
        self.side.readable()
        sizes = [len(text) for _, text, _ in self.taken()]
        self.assertEqual(sum(sizes), size)
        self.assertLessEqual(max(sizes), 1 << 16)

    def test_written_before_said_before(self):
        """KS4: what was written before a message comes before it"""
        os.write(self.out, b"before")
        self.say(body("status", {}))
        self.side.readable()
        self.assertEqual(self.taken(), [("stdout", "before", {}), body("status", {})])

    def test_never_between_the_parts_of_another(self):
        """KS4: text that is written meanwhile waits for the last part, and comes before the next message"""
        cell = {"msg_id": "1", "msg_type": "execute_request"}
        message = body("display_data", cell, content="[" + "1," * 50 + "1]")
        self.say(body("status", cell, content=BUSY))
        self.side.readable()
        self.taken()
        self.say(message[:150], more=True)
        self.side.readable()
        os.write(self.out, b"meanwhile")
        self.assertFalse(self.side.wants_pipes)
        self.side.pipes_readable()
        self.say(message[150:160], more=True)
        self.side.readable()
        self.assertEqual(self.taken(), [message[:150], message[150:160]])
        self.say(message[160:])
        self.say(body("status", {}))
        self.side.readable()
        self.assertEqual(self.taken(), [message[160:], ("stdout", "meanwhile", cell), body("status", {})])

    def test_no_room(self):
        """KS5: whoever writes waits; when there is room again nothing is missing, in the same order"""
        self.room = False
        os.set_blocking(self.out, False)
        written = b""
        for piece in (b"a" * 40_000, b"b" * 40_000):
            written += piece[: os.write(self.out, piece)]
            self.side.pipes_readable()
        self.say(body("status", {}))
        self.assertEqual((self.side.paused, self.side.wants_pipes, self.taken()), (True, False, []))
        with self.assertRaises(BlockingIOError):
            while True:
                written += b"c" * os.write(self.out, b"c" * 40_000)
        self.room = True
        self.side.resume()
        self.side.readable()
        *texts, last = self.taken()
        self.assertEqual("".join(text for _, text, _ in texts).encode(), written)
        self.assertEqual(last, body("status", {}))

    def test_a_writer_without_end(self):
        """KS4: who writes on and on does not hold up what the kernel says"""
        child = os.fork()
        if not child:
            try:
                while True:
                    os.write(self.out, b"x" * 65536)
            finally:
                os._exit(0)
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(os.kill, child, 9)
        self.say(body("status", {}))
        self.side.readable()
        self.assertIn(body("status", {}), self.taken())

    def test_after_the_death(self):
        """KS8: the socket's end is not the end of the pipes; a message that was begun is given up first (AF5)"""
        self.say(body("display_data", {"msg_id": "1"})[:100], more=True)
        self.side.readable()
        os.write(self.out, b"last ")
        self.theirs.close()
        self.side.readable()
        self.assertEqual((self.ends, self.side.ended), ([None], False))
        os.write(self.err, b"words")
        self.end_pipes()
        while not self.side.ended:
            self.side.pipes_readable()
        self.assertEqual((self.ends, self.side.ended), ([None, None], True))
        self.assertEqual([part.abort for part in self.parts], [False, True, False, False])
        self.assertEqual([text for _, text, _ in self.taken()[2:]], ["last ", "words"])

    def test_a_message_on_control(self):
        """KS6: told when all parts of a message for control have gone over, and for no other"""
        control, shell = body("interrupt_request", {}, "control"), body("execute_request", {}, "shell")
        for number, (data, more, told) in enumerate(
            ((shell[:100], True, 0), (shell[100:], False, 0), (control[:100], True, 0), (control[100:], False, 1), (shell, False, 1)), 1
        ):
            self.side.send(frames.Part(number, more, False, data))
            self.side.writable()
            self.assertEqual(len(self.urgent), told)


if __name__ == "__main__":
    unittest.main()
