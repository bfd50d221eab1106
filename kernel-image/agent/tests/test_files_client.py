"""The agent's side of files: what the gateway may ask, and what a process that a tenant may have taken over may say."""

import socket
import unittest

from carrel_agent import files_client, frames
from carrel_agent.files_client import Files


class Host:
    """The agent, as far as files concern it."""

    home = "/home/worksheet"

    def __init__(self):
        self.loop = self.link = self.zygote = self
        self.files, self.attached, self.asked, self.timers = [], True, [], []

    def ask(self, request, descriptors, answered):
        self.asked.append((request, socket.socket(fileno=socket.dup(descriptors[0])), answered))

    def after(self, seconds, callback):
        self.timers.append(callback)

    def watch(self, *_):
        pass

    forget = watch


class FilesOfTheAgent(unittest.TestCase):
    def setUp(self):
        self.host = Host()
        self.files = Files(self.host)
        self.addCleanup(self.files.reset)

    def begin(self, transfer=1, kind="file-read", pid=77):
        self.files.command({"type": kind, "transfer": transfer, "path": "a"})
        if len(self.host.asked) == 1 and self.files.pid is None:
            _, self.theirs, answered = self.host.asked[0]
            self.addCleanup(self.theirs.close)
            answered({"kernel": pid, "bridge": None})

    def said(self):
        """Takes what waits for the gateway."""
        said = list(frames.Decoder().feed(b"".join(self.host.files)))
        self.host.files.clear()
        return said

    def hear(self, data):
        self.theirs.sendall(data)
        self.files._ready(True, False)

    def test_frames_are_carried_both_ways(self):
        """AF22, AF23"""
        self.begin()
        self.assertEqual(self.host.asked[0][0], {"kind": "files", "home": Host.home})
        self.assertEqual(self.files.pid, 77)
        (request,) = frames.Decoder().feed(self.theirs.recv(4096))
        self.assertEqual(request, {"type": "file-read", "transfer": 1, "path": "a"})
        self.hear(frames.data(1, b"piece"))
        (piece,) = self.said()
        self.assertEqual((piece.transfer, piece.body), (1, b"piece"))
        self.hear(frames.control({"type": "file-done", "transfer": 1, "size": 5, "mtime": 0}))
        self.assertEqual([body["type"] for body in self.said()], ["file-done"])
        self.host.timers[-1]()
        self.assertEqual(self.theirs.recv(10), b"", "it ends when nothing has been asked for a while")

    def test_nothing_is_read_while_something_waits_for_the_gateway(self):
        """AF23"""
        self.begin()
        self.hear(frames.data(1, b"x"))
        self.assertFalse(self.files.waits_for[1])
        self.hear(frames.data(1, b"y"))
        self.assertEqual([piece.body for piece in self.said()], [b"x"])
        self.files._ready(True, False)
        self.assertEqual([piece.body for piece in self.said()], [b"y"])

    def test_what_the_gateway_may_not(self):
        """AF24: too many transfers, one twice, more bytes than are asked for"""
        for transfer in range(1, files_client.MOST_OPEN + 1):
            self.begin(transfer, "file-write")
        for transfer in (1, 99):
            with self.assertRaisesRegex(frames.Violation, "flow"):
                self.files.command({"type": "file-list", "transfer": transfer})
        with self.assertRaisesRegex(frames.Violation, "unknown"):
            self.files.command({"type": "file-eat", "transfer": 1})
        with self.assertRaisesRegex(frames.Violation, "flow"):
            for _ in range(40):
                self.files.piece(frames.Data(1, bytes(frames.MAX_DATA)))

    def test_what_has_ended_is_ignored(self):
        """AF22, AF27: whoever speaks of it"""
        self.begin(2)
        self.files.command({"type": "file-next", "transfer": 1})
        self.files.piece(frames.Data(1, b"x"))
        self.hear(frames.data(1, b"x") + frames.control({"type": "file-done", "transfer": 1}))
        self.assertEqual(self.said(), [])

    def test_lies(self):
        """AF27: what is about something else ends the process and its transfers, and nothing else"""
        for lie in (
            b"\xff" * 16,
            frames.control({"type": "exited", "generation": 1}),
            frames.control({"type": "file-done", "transfer": "1"}),
            frames.header(2, 0, 1, 1) + b"x",
            frames.header(3, 0, frames.MAX_DATA + 1, 1),
            frames.header(1, 0, 1 << 20, 0),
        ):
            with self.subTest(lie[:24]):
                self.setUp()
                self.begin()
                self.hear(lie)
                (failed,) = self.said()
                self.assertEqual((failed["type"], failed["transfer"], failed["code"]), ("file-failed", 1, "failed"))
                self.assertIsNone(self.files.waits_for[0])

    def test_its_end(self):
        """AF27: fails its transfers; the next one starts another"""
        self.begin()
        self.theirs.close()
        self.files._ready(True, False)
        self.assertIn("ended", self.said()[0]["reason"])
        self.files.command({"type": "file-list", "transfer": 2})
        self.assertEqual(len(self.host.asked), 2)
        self.host.asked[1][2]({"error": "no room"})
        self.assertIn("no room", self.said()[0]["reason"])
        self.host.asked[1][1].close()

    def test_a_new_connection(self):
        """AF22: what an earlier one had begun is over"""
        self.begin()
        self.files.reset()
        self.assertEqual(self.theirs.recv(4096)[:1], b"\xca")
        self.assertEqual(self.theirs.recv(10), b"")
        self.files.command({"type": "file-next", "transfer": 1})
        self.assertEqual(len(self.host.asked), 1)


if __name__ == "__main__":
    unittest.main()
