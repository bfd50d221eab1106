"""The processes of the sandbox as PID 1 sees them: who is there, who has died, ending those that must end."""

import os

from .lean import signal

LARGEST_PID = 1 << 22


def table(proc="/proc"):
    """{pid: (parent, state letter)} of every process that can be read."""
    found = {}
    for name in os.listdir(proc):
        if not name.isdigit():
            continue
        try:
            with open(f"{proc}/{name}/stat", "rb") as file:
                fields = file.read().rsplit(b")", 1)[1].split()
        except (OSError, IndexError):
            continue
        found[int(name)] = (int(fields[1]), fields[0].decode())
    return found


def strangers(processes, keep):
    """Living processes of the table that neither are nor descend from a pid in `keep` (whose children count as theirs), and not PID 1."""

    def kept(pid):
        for _ in range(len(processes)):
            if pid in keep:
                return True
            if pid <= 1 or pid not in processes:
                return False
            pid = processes[pid][0]
        return False

    return [pid for pid, (_, state) in processes.items() if pid != 1 and state not in "ZX" and not kept(pid)]


def others(processes, keep):
    """Living processes of the table but PID 1 and those in `keep`."""
    return [pid for pid, (_, state) in processes.items() if pid != 1 and state not in "ZX" and pid not in keep]


def kill(pids):
    """SIGSTOP to all, so that none can fork while the others go, then SIGKILL."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            send(pid, number)


def send(pid, number):
    """A signal to a process, or to a process group (negative); nothing where there is none."""
    try:
        os.kill(pid, number)
    except OSError:
        pass


def kill_everything():
    """SIGKILL to every process but PID 1 at once: the only call that a fork bomb cannot outrun."""
    try:
        os.kill(-1, signal.SIGKILL)
    except OSError:
        pass


def reap():
    """[(pid, code, signal)] of all children that have ended; code is None where a signal ended them, and the reverse."""
    ended = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if not pid:
            return ended
        if os.WIFSIGNALED(status):
            ended.append((pid, None, os.WTERMSIG(status)))
        else:
            ended.append((pid, os.WEXITSTATUS(status), None))


def is_child(pid):
    """True for a child of this process, dead or alive, that has not been reaped."""
    if not 1 < pid <= LARGEST_PID:
        return False
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
