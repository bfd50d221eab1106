"""The process that lists, reads and writes files of the home folder for the gateway (AF21-AF27).

It runs as the cell's user, so that whatever a cell makes of its folders meanwhile it reaches nothing that the cell does not; and it
follows no link all the same. One frame in, one frame out; it ends with its socket. Times are microseconds since the epoch.
"""

import errno
import os
import socket

from . import frames
from .home import Listing, Reading, Refused, Writing, remove

READ = 1 << 17

#: errno → (code, what a person reads).
REASONS = {
    errno.ENOENT: ("missing", "there is no such file"),
    errno.ENOSPC: ("full", "the sandbox's home folder is full"),
    errno.EDQUOT: ("full", "the sandbox's home folder is full"),
    errno.EFBIG: ("full", "it is larger than the largest file that the policy allows"),
    errno.ELOOP: ("refused", "a part of its path is a link"),
    errno.ENOTDIR: ("refused", "a part of its path is no folder"),
    errno.EISDIR: ("refused", "it is a folder"),
    errno.EACCES: ("refused", "its folder or the file itself is closed to its own user"),
    errno.EPERM: ("refused", "it may not be changed"),
    errno.ENXIO: ("refused", "it is no ordinary file"),
}


def run(side, home):
    """`side`: descriptor of the agent's socketpair."""
    Server(socket.socket(fileno=side), home).serve()


class Server:
    def __init__(self, agent, home):
        self.agent = agent
        self.root = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.open = {}

    def serve(self):
        """Until the socket ends."""
        decoder = frames.Decoder(control_limit=1 << 16)
        try:
            while data := self.agent.recv(READ):
                for event in decoder.feed(data):
                    self._take(event)
        except (OSError, frames.Violation):
            pass
        for transfer in list(self.open):
            self._forget(transfer)

    def _take(self, event):
        transfer = event.transfer if isinstance(event, frames.Data) else event["transfer"]
        try:
            answer = self._piece(event) if isinstance(event, frames.Data) else self._command(event, transfer)
        except Refused as refused:
            answer = _failed(*refused.args)
        except OSError as error:
            answer = _failed(*REASONS.get(error.errno, ("failed", os.strerror(error.errno or 0))))
        except (KeyError, TypeError, ValueError) as error:
            answer = _failed("failed", f"the request is not understood: {error}")
        if answer is None:
            return
        if isinstance(answer, bytes):
            self.agent.sendall(frames.data(transfer, answer))
            return
        if answer["type"] in ("file-done", "file-failed"):
            self._forget(transfer)
        self.agent.sendall(frames.control({**answer, "transfer": transfer}))

    def _command(self, body, transfer):
        kind = body["type"]
        if kind == "file-close":
            self._forget(transfer)
            return None
        if kind == "file-remove":
            remove(self.root, body["path"])
            return {"type": "file-done"}
        if kind == "file-list":
            self.open[transfer] = Listing(self.root, body["most"])
        elif kind == "file-read":
            self.open[transfer] = reading = Reading(self.root, body["path"])
            return {"type": "file-opened", "size": reading.size, "mtime": reading.mtime}
        elif kind == "file-write":
            self.open[transfer] = writing = Writing(self.root, body["path"], body["size"], body["mtime"])
            return writing.state()
        return self.open[transfer].next()

    def _piece(self, data):
        writing = self.open.get(data.transfer)
        if not isinstance(writing, Writing):
            return None
        writing.add(data.body)
        return writing.state()

    def _forget(self, transfer):
        opened = self.open.pop(transfer, None)
        if opened:
            opened.close()


def _failed(code, reason):
    return {"type": "file-failed", "code": code, "reason": reason}
