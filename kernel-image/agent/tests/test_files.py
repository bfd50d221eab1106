"""What lists, reads and writes files, with real folders and links: what a cell makes of them meanwhile leads nowhere."""

import os
import shutil
import socket
import tempfile
import threading
import unittest

from carrel_agent import files, frames, home


class World(unittest.TestCase):
    """A home folder, and a secret outside of it."""

    def setUp(self):
        base = tempfile.TemporaryDirectory()
        self.addCleanup(base.cleanup)
        self.home, self.outside = os.path.join(base.name, "home"), os.path.join(base.name, "outside")
        os.makedirs(os.path.join(self.home, "data"))
        os.makedirs(self.outside)
        self.put("../outside/secret.txt", "secret")
        self.put("data/a.csv", "a,b\n")
        ours, self.agent = socket.socketpair()
        self.server = files.Server(ours, self.home)
        self.thread = threading.Thread(target=self.server.serve)
        self.thread.start()
        self.addCleanup(self.end)
        self.decoder = frames.Decoder()
        self.last = 0

    def end(self):
        self.agent.close()
        self.thread.join()
        self.server.agent.close()
        os.close(self.server.root)

    def put(self, path, text=""):
        with open(os.path.join(self.home, path), "w") as file:
            file.write(text)

    def ask(self, kind, transfer=None, **fields):
        """The answer to a request: a dict, or the bytes of a piece."""
        if transfer is None:
            self.last += 1
            transfer = self.last
        self.agent.sendall(frames.control({"type": kind, "transfer": transfer, **fields}))
        return self.answer()

    def answer(self):
        while True:
            for event in self.decoder.feed(self.agent.recv(1 << 20)):
                return event.body if isinstance(event, frames.Data) else event

    def listing(self, most=1000):
        answer = self.ask("file-list", most=most)
        entries = answer["entries"]
        while answer["more"]:
            answer = self.ask("file-next", self.last)
            entries += answer["entries"]
        return answer, [path for path, _, _ in entries]

    def read(self, path):
        opened = self.ask("file-read", path=path)
        if opened["type"] != "file-opened":
            return opened
        pieces = []
        while isinstance(piece := self.ask("file-next", self.last), bytes):
            pieces.append(piece)
        return b"".join(pieces) if piece["type"] == "file-done" else piece

    def write(self, path, body, size=None, mtime=1_000_000):
        answer = self.ask("file-write", path=path, size=len(body) if size is None else size, mtime=mtime)
        for start in range(0, len(body), frames.MAX_DATA):
            if answer["type"] != "file-taken":
                break
            self.agent.sendall(frames.data(self.last, body[start : start + frames.MAX_DATA]))
            answer = self.answer()
        return answer

    def temporaries(self):
        return [name for _, _, names in os.walk(self.home) for name in names if name.startswith(".carrel")]


class Ordinary(World):
    def test_reading_and_writing(self):
        """AF23, AF26: in pieces, with the time that it had; folders that are missing are made"""
        body = os.urandom(3 * frames.MAX_DATA + 17)
        done = self.write("new/deep/b.bin", body, mtime=1_234_567_890)
        self.assertEqual((done["type"], done["size"], done["mtime"]), ("file-done", len(body), 1_234_567_890))
        self.assertEqual(self.read("new/deep/b.bin"), body)
        self.assertEqual(self.ask("file-read", path="new/deep/b.bin")["mtime"], 1_234_567_890)
        self.assertEqual(self.write("empty", b"")["type"], "file-done")
        self.assertEqual(self.read("empty"), b"")
        self.assertEqual(self.temporaries(), [])

    def test_listing(self):
        """AF25: hidden names and what Python compiles are left out; pages; at most as many as were asked for"""
        for folder in (".cache", "__pycache__", "data/.hidden"):
            os.makedirs(os.path.join(self.home, folder))
            self.put(f"{folder}/x", "x")
        for number in range(300):
            self.put(f"data/{number:03}.txt")
        last, paths = self.listing()
        self.assertEqual(paths, [*(f"data/{number:03}.txt" for number in range(300)), "data/a.csv"])
        self.assertEqual((last["cut"], last["odd"]), (False, 0))
        last, paths = self.listing(most=200)
        self.assertEqual((len(paths), last["cut"]), (200, True))

    def test_odd_names(self):
        """AF25: names that are no text, and paths that are too long, are counted"""
        with open(os.path.join(os.fsencode(self.home), b"\xff.csv"), "w"):
            pass
        deep = "/".join(["n" * 200] * 6)
        os.makedirs(os.path.join(self.home, deep))
        last, paths = self.listing()
        self.assertEqual((paths, last["odd"]), (["data/a.csv"], 2))

    def test_what_did_not_become_whole(self):
        """AF26: nothing is left of it, and what was there stays"""
        self.assertEqual(self.write("data/a.csv", b"half", size=10)["type"], "file-taken")
        self.assertEqual(len(self.temporaries()), 1)
        self.agent.sendall(frames.control({"type": "file-close", "transfer": self.last}))
        self.assertEqual(self.read("data/a.csv"), b"a,b\n")
        self.assertEqual(self.temporaries(), [])
        self.assertEqual(self.write("data/a.csv", b"too much", size=3)["code"], "refused")
        self.assertEqual(self.read("data/a.csv"), b"a,b\n")
        self.assertEqual(self.temporaries(), [])

    def test_what_a_killed_process_left(self):
        """AF26: is removed by the next listing, what is being written is not"""
        self.put("data/.carrel-0123456789abcdef", "half")
        self.write("data/b", b"half", size=10)
        self.listing()
        self.assertEqual(self.temporaries(), list(home.Writing.names))

    def test_a_file_that_changes(self):
        """WF6: is refused at its end"""
        self.ask("file-read", path="data/a.csv")
        self.put("data/a.csv", "changed meanwhile")
        self.assertEqual(self.ask("file-next", self.last), b"chan")
        self.assertEqual(self.ask("file-next", self.last)["code"], "changed")

    def test_removing(self):
        self.assertEqual(self.ask("file-remove", path="data/a.csv")["type"], "file-done")
        self.assertEqual(self.ask("file-remove", path="data/a.csv")["type"], "file-done")
        self.assertEqual(self.ask("file-remove", path="no/such/folder")["type"], "file-done")
        self.assertEqual(self.ask("file-remove", path="data")["code"], "refused")
        self.assertEqual(self.listing()[1], [])

    def test_nonsense(self):
        """AF27: a request that is none fails, and the next one is answered"""
        for fields in ({}, {"path": 7}, {"path": "x", "size": -1, "mtime": 0}, {"path": "x", "size": 1, "mtime": 1 << 60}):
            self.assertEqual(self.ask("file-write", **fields)["type"], "file-failed")
        self.assertEqual(self.ask("file-next", 999)["type"], "file-failed")
        self.assertEqual(self.read("data/a.csv"), b"a,b\n")


class Hostile(World):
    def refused(self, answer):
        self.assertEqual(answer["type"], "file-failed", answer)
        self.assertIn(answer["code"], ("refused", "missing"))

    def test_paths_that_lead_out(self):
        """AF25: each is refused for reading, writing and removing"""
        for path in ("../outside/secret.txt", "/etc/passwd", "data/../../outside/secret.txt", "", ".", "data//a.csv", "a\0b", "x/" * 40):
            with self.subTest(path):
                self.refused(self.read(path))
                self.refused(self.write(path, b"x"))
                self.assertEqual(self.ask("file-remove", path=path)["type"], "file-failed")

    def test_links(self):
        """AF25: neither a link to a file nor one to a folder is followed; what is written takes the link's place"""
        os.symlink(f"{self.outside}/secret.txt", f"{self.home}/file")
        os.symlink(self.outside, f"{self.home}/folder")
        os.symlink(f"{self.home}/data", f"{self.home}/within")
        self.assertEqual(self.listing()[1], ["data/a.csv"])
        for path in ("file", "folder/secret.txt", "within/a.csv"):
            self.refused(self.read(path))
        self.refused(self.write("folder/new.txt", b"x"))
        self.refused(self.ask("file-remove", path="folder/secret.txt"))
        self.assertEqual(self.write("file", b"mine")["type"], "file-done")
        self.assertEqual(os.listdir(self.outside), ["secret.txt"])
        with open(f"{self.outside}/secret.txt") as secret:
            self.assertEqual(secret.read(), "secret")
        self.assertFalse(os.path.islink(f"{self.home}/file"))

    def test_what_is_no_file(self):
        """AF25: pipes, sockets, devices and folders are refused, and none of them holds the process up"""
        os.mkfifo(f"{self.home}/pipe")
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(f"{self.home}/socket")
        for path in ("pipe", "socket", "data"):
            self.refused(self.read(path))
        self.assertEqual(self.listing()[1], ["data/a.csv"])
        self.refused(self.write("data", b"x"))
        self.assertEqual(self.temporaries(), [])

    def test_a_folder_that_becomes_a_link_again_and_again(self):
        """AF25: whichever it is at the moment, nothing of the outside is read, written or removed"""
        real, aside = f"{self.home}/data", f"{self.home}/.aside"
        self.put("data/secret.txt", "harmless")
        stop, swaps = threading.Event(), []

        def swap():
            while not stop.is_set():
                os.rename(real, aside)
                insist(lambda: os.symlink(self.outside, real))
                os.unlink(real)
                insist(lambda: os.rename(aside, real))
                swaps.append(1)

        def insist(step):
            """What is written makes a folder where there is none."""
            while True:
                try:
                    return step()
                except OSError:
                    shutil.rmtree(real, ignore_errors=True)

        racer = threading.Thread(target=swap)
        racer.start()
        try:
            for _ in range(400):
                answer = self.read("data/secret.txt")
                self.assertNotEqual(answer, b"secret")
                self.write("data/new.txt", b"x")
                self.ask("file-remove", path="data/other.txt")
                self.listing()
        finally:
            stop.set()
            racer.join()
        self.assertGreater(len(swaps), 20)
        self.assertEqual(os.listdir(self.outside), ["secret.txt"])


if __name__ == "__main__":
    unittest.main()
