"""The home folder as files.py reads and writes it (AF25, AF26): by descriptors of folders, never through a link, ordinary files only.

Times are microseconds since the epoch.
"""

import os
import stat
import time

from . import frames

PIECE = frames.MAX_DATA
#: Of one answer to `file-list`.
PAGE_FILES, PAGE_BYTES = 128, 1 << 15
DEEPEST = 32
LONGEST_PATH, LONGEST_NAME = 1024, 255
LATEST = 1 << 52
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
TEMPORARY = ".carrel-"
#: AF25: not listed, whatever is below them.
UNLISTED = ("__pycache__",)


class Refused(Exception):
    """(code, reason): what the gateway is told."""


def parts_of(path):
    """The names of a relative path, or Refused."""
    if not isinstance(path, str):
        raise Refused("refused", "its path is no text")
    names = path.split("/")
    if len(path.encode("utf-8", "replace")) > LONGEST_PATH or len(names) > DEEPEST:
        raise Refused("refused", "its path is too long")
    for name in names:
        if name in ("", ".", "..") or "\0" in name or len(name.encode()) > LONGEST_NAME:
            raise Refused("refused", "a part of its path is no name")
    return names


def open_folder(root, names, make=False):
    """A descriptor of the folder below `root`, opened one after the other and never through a link. `make`: those that are missing are made."""
    folder = os.dup(root)
    try:
        for name in names:
            try:
                below = os.open(name, FOLDER, dir_fd=folder)
            except FileNotFoundError:
                if not make:
                    raise
                try:
                    os.mkdir(name, 0o755, dir_fd=folder)
                except FileExistsError:
                    pass
                below = os.open(name, FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
    except BaseException:
        os.close(folder)
        raise
    return folder


def remove(root, path):
    """One that is not there is removed already."""
    *above, name = parts_of(path)
    try:
        folder = open_folder(root, above)
    except FileNotFoundError:
        return
    try:
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise Refused("refused", "it is a folder")
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass
    finally:
        os.close(folder)


def _time_of(status):
    return min(max(0, status.st_mtime_ns // 1000), LATEST)


class Listing:
    """All ordinary files below `root` but those with an unlisted name in their path, by name; at most `most`. `cut`: there are more, or a
    folder could not be read. `odd`: how many have names that are no text, too long or too deep."""

    def __init__(self, root, most):
        self.left = int(most)
        self.odd = 0
        self.cut = False
        self._walk = self._folder(os.dup(root), "", 1)
        self._ahead = next(self._walk, None)

    def next(self):
        entries, size = [], 0
        while self._ahead is not None and len(entries) < PAGE_FILES and size < PAGE_BYTES:
            if not self.left:
                self.cut, self._ahead = True, None
                break
            self.left -= 1
            entries.append(self._ahead)
            size += len(self._ahead[0]) + 40
            self._ahead = next(self._walk, None)
        more = self._ahead is not None
        return {"type": "file-listed", "entries": entries, "more": more, "cut": self.cut, "odd": self.odd, "now": time.time_ns() // 1000}

    def close(self):
        self._walk.close()

    def _folder(self, folder, prefix, depth):
        """Yields [path, bytes, time]; closes `folder`."""
        try:
            for name in sorted(os.listdir(folder)):
                yield from self._entry(folder, prefix, name, depth)
        except OSError:
            self.cut = True
        finally:
            os.close(folder)

    def _entry(self, folder, prefix, name, depth):
        if name.startswith(TEMPORARY):
            self._tidy(folder, name)
        if name.startswith(".") or name in UNLISTED:
            return
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            is_folder = stat.S_ISDIR(status.st_mode)
            if not is_folder and not stat.S_ISREG(status.st_mode):
                return
            path = prefix + name
            if depth > DEEPEST or len(path.encode()) > LONGEST_PATH:
                self.odd += 1
            elif is_folder:
                yield from self._folder(os.open(name, FOLDER, dir_fd=folder), path + "/", depth + 1)
            else:
                yield [path, status.st_size, _time_of(status)]
        except FileNotFoundError:
            pass
        except UnicodeEncodeError:
            self.odd += 1
        except OSError:
            self.cut = True

    @staticmethod
    def _tidy(folder, name):
        """What a process like this one has left half written; what this one writes is not older than it."""
        if name not in Writing.names:
            try:
                os.unlink(name, dir_fd=folder)
            except OSError:
                pass


class Reading:
    """One file as it is now; where it changes meanwhile, the end is a refusal."""

    def __init__(self, root, path):
        *above, name = parts_of(path)
        folder = open_folder(root, above)
        try:
            self.fd = os.open(name, FILE, dir_fd=folder)
        finally:
            os.close(folder)
        status = os.fstat(self.fd)
        if not stat.S_ISREG(status.st_mode):
            self.close()
            raise Refused("refused", "it is a folder" if stat.S_ISDIR(status.st_mode) else "it is no ordinary file")
        self.size, self.mtime = status.st_size, _time_of(status)
        self.place = 0

    def next(self):
        body = os.pread(self.fd, min(PIECE, self.size - self.place), self.place) if self.place < self.size else b""
        self.place += len(body)
        if body:
            return body
        status = os.fstat(self.fd)
        if self.place < self.size or (status.st_size, _time_of(status)) != (self.size, self.mtime):
            raise Refused("changed", "it is being written at this moment")
        return {"type": "file-done", "size": self.size, "mtime": self.mtime}

    def close(self):
        os.close(self.fd)


class Writing:
    """A new file under a name of its own, which takes the place of an earlier one when it is whole (AF26)."""

    #: Temporary names of this process.
    names = set()

    def __init__(self, root, path, size, mtime):
        if not (isinstance(size, int) and size >= 0 and isinstance(mtime, int) and 0 <= mtime <= LATEST):
            raise Refused("refused", "its size or time is none")
        *above, self.name = parts_of(path)
        self.size, self.mtime, self.place = size, mtime, 0
        self.fd, self.temporary = None, f"{TEMPORARY}{os.urandom(8).hex()}"
        self.folder = open_folder(root, above, make=True)
        try:
            self.fd = os.open(self.temporary, NEW, 0o644, dir_fd=self.folder)
            self.names.add(self.temporary)
            if size:
                os.posix_fallocate(self.fd, 0, size)
        except BaseException:
            self.close()
            raise

    def add(self, body):
        if self.place + len(body) > self.size:
            raise Refused("refused", "more came than was announced")
        view = memoryview(body)
        while view:
            count = os.pwrite(self.fd, view, self.place)
            self.place += count
            view = view[count:]

    def state(self):
        """What is answered: it is whole, or more may come."""
        if self.place < self.size:
            return {"type": "file-taken"}
        os.utime(self.fd, ns=(self.mtime * 1000, self.mtime * 1000))
        os.rename(self.temporary, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        return {"type": "file-done", "size": self.size, "mtime": self.mtime}

    def next(self):
        raise Refused("refused", "it is being written, not read")

    def close(self):
        """What did not become whole is removed."""
        if self.fd is not None:
            os.close(self.fd)
            try:
                os.unlink(self.temporary, dir_fd=self.folder)
            except OSError:
                pass
            self.names.discard(self.temporary)
        os.close(self.folder)
