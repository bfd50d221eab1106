"""Ground that every attack stands on; the harness puts SETTINGS and this text in front of each of them.

An attack is what a student could type into a cell: Python's standard library, x86-64 Linux. It records what got through as
holes and ends with one JSON line. Attacks probe and never exploit: interfaces are opened and not used, no packet leaves, and
what they take they bound and give back.
"""
import ctypes
import errno
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

# What a kernel answers when it does not offer a call or a family at all, or not to us.
REFUSALS = {
    errno.EPERM,
    errno.EACCES,
    errno.ENOSYS,
    errno.EAFNOSUPPORT,
    errno.EPROTONOSUPPORT,
    errno.ESOCKTNOSUPPORT,
    errno.EOPNOTSUPP,
}


def syscall(number, *arguments):
    """The raw x86-64 call; raises OSError as Python's own wrappers do."""
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    ctypes.set_errno(0)
    result = _libc.syscall(ctypes.c_long(number), *words)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def read(path, size=1 << 16):
    """Text of a file, or None where it cannot be read, or has nothing to give now."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            return file.read(size).decode("utf-8", "replace")
    except OSError:
        return None


def buffer(data=b"", size=256):
    return ctypes.create_string_buffer(data, max(size, len(data)))


def pids():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def started(pid):
    """Start time of a process in clock ticks: with the pid it names the process for good. None: gone, or a zombie."""
    stat = read("/proc/%d/stat" % pid)
    fields = stat.rsplit(")", 1)[1].split() if stat else ["Z"]
    return None if fields[0] == "Z" else int(fields[19])


def writable_places():
    """The folders in which a worksheet may keep files."""
    return [p for p in ("/tmp", os.path.expanduser("~"), "/dev/shm") if os.path.isdir(p) and os.access(p, os.W_OK)]


class Probe:
    """Collects holes (what should not have been possible) and notes, and tells the verdict."""

    def __init__(self, attack):
        self.attack, self.holes, self.notes, self.facts = attack, [], [], {}

    def hole(self, text):
        self.holes.append(text)

    def note(self, text):
        self.notes.append(text)

    def must_fail(self, what, action, *arguments):
        """A hole when the action succeeds; any OSError counts as the refusal."""
        try:
            result = action(*arguments)
        except OSError as error:
            self.note("%s %s" % (what, errno.errorcode.get(error.errno, error)))
            return None
        self.hole(what)
        return result

    def must_refuse(self, what, number, *arguments):
        """A hole unless the kernel refuses the call as such: EINVAL, EFAULT or EBADF mean that its code was reached."""
        try:
            result = syscall(number, *arguments)
        except OSError as error:
            name = errno.errorcode.get(error.errno, str(error.errno))
            (self.note if error.errno in REFUSALS else self.hole)("%s %s" % (what, name))
            return None
        self.hole("%s succeeded" % what)
        return result

    def apart(self, what, action, seconds=8):
        """Runs the action in a child process; its holes and notes become ours. Answers how it ended: 0, -signal or None (late)."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setsid()
                self.holes, self.notes = [], []
                try:
                    action()
                except BaseException as error:
                    self.note("%s ended with %r" % (what, error))
                told = json.dumps([self.holes[:200], self.notes[:200], self.facts]).encode()[:60000]
                os.write(writing, told)
            finally:
                os._exit(0)
        os.close(writing)
        data, end, ended = b"", time.monotonic() + seconds, None
        while time.monotonic() < end:
            if select.select([reading], [], [], 0 if ended is not None else 0.05)[0]:
                piece = os.read(reading, 65536)
                data += piece
                if not piece:
                    break
            elif ended is not None:
                break
            else:
                # Its last words may lie between the look at the pipe and this one: the loop looks once more.
                done, status = os.waitpid(child, os.WNOHANG)
                ended = os.waitstatus_to_exitcode(status) if done else None
        os.close(reading)
        if ended is None:
            ended = self._reap(child, end)
        try:
            holes, notes, facts = json.loads(data)
            self.holes += holes
            self.notes += notes
            self.facts.update(facts)
        except ValueError:
            self.note("%s: no answer, ended %s" % (what, ended))
        return ended

    def _reap(self, child, end):
        while True:
            try:
                done, status = os.waitpid(child, os.WNOHANG)
            except ChildProcessError:
                return 0
            if done:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() >= end:
                for kill in (os.killpg, os.kill):
                    try:
                        kill(child, signal.SIGKILL)
                    except OSError:
                        pass
                os.waitpid(child, 0)
                return None
            time.sleep(0.01)

    def end(self):
        notes = "; ".join(self.notes) or "nothing was found"
        evidence = ("holes: %s" % "; ".join(self.holes)) if self.holes else notes
        if self.holes and self.notes:
            evidence += " | also: %s" % "; ".join(self.notes)
        report = {"attack": self.attack, "contained": not self.holes, "evidence": evidence[:1500], "facts": self.facts}
        report["holes"] = [hole[:80] for hole in self.holes[:40]]
        sys.stdout.write("\n" + json.dumps(report) + "\n")
        sys.stdout.flush()
