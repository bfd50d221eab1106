"""How processes of a sandbox are kept from one another: Landlock, capabilities, user ids, limits, dumpability.

Numbers are those of the Linux x86-64 and arm64 ABI. What the running kernel does not have is skipped; `landlock_abi` says so.
"""

import ctypes
import os
import resource
import struct

from .lean import signal

_libc = ctypes.CDLL(None, use_errno=True)
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
#: All rights of files but execute, read_file and read_dir, by ABI: 2 adds refer, 3 truncate, 5 ioctl_dev.
_WRITES = {1: 0x1FF2, 2: 0x3FF2, 3: 0x7FF2, 4: 0x7FF2}
_ALL_WRITES = 0xFFF2
#: Of these, what a rule on a single file may grant: write_file, truncate, ioctl_dev.
_FILE_WRITES = 0xC002
#: ABI 6: no connection to abstract sockets, no signals out of the domain.
_SCOPES = 3
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/pts")


def landlock_abi():
    """The kernel's Landlock version; 0 where it has none."""
    return max(0, _libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, 1))


def _check(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def restrict(writable=None):
    """Puts this process into a new Landlock domain: it writes only below the paths `writable` (all that it could before, where
    None), and its signals and abstract sockets do not leave the domain. No effect without Landlock."""
    abi = landlock_abi()
    scopes = _SCOPES if abi >= 6 else 0
    rights = 0 if writable is None else _WRITES.get(abi, _ALL_WRITES)
    if abi < 1 or not (rights or scopes):
        return
    attributes = struct.pack("QQQ", rights, 0, scopes)
    ruleset = _check(
        _libc.syscall(LANDLOCK_CREATE_RULESET, attributes, len(attributes) if abi >= 6 else 8, 0), "landlock_create_ruleset"
    )
    for path in writable or ():
        try:
            target = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        allowed = rights if os.path.isdir(path) else rights & _FILE_WRITES
        rule = struct.pack("=Qi", allowed, target)
        _check(_libc.syscall(LANDLOCK_ADD_RULE, ruleset, 1, rule, 0), f"landlock_add_rule {path}")
        os.close(target)
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _check(_libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def set_dumpable(dumpable):
    """False: /proc/PID/{mem,fd,environ,…} belong to root and nobody attaches as a debugger."""
    _libc.prctl(PR_SET_DUMPABLE, int(dumpable), 0, 0, 0)


def become(uid):
    """Gives up every capability and takes the user and group id `uid` for good."""
    for capability in range(64):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def no_core_files():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def prefer_to_kill(adjustment):
    """Raises the own oom_score_adj to at least `adjustment`, 0..1000; never lowers it."""
    with open("/proc/self/oom_score_adj", "r+") as file:
        if int(file.read()) < adjustment:
            file.seek(0)
            file.write(str(adjustment))


def _numbers():
    return (n for n in range(1, signal.NSIG) if n not in (signal.SIGKILL, signal.SIGSTOP, 32, 33))


def ignore_signals():
    """Ignores every signal but SIGCHLD."""
    for number in _numbers():
        if number != signal.SIGCHLD:
            signal.signal(number, signal.SIG_IGN)


def default_signals():
    """The dispositions that a fresh Python has."""
    for number in _numbers():
        signal.signal(number, signal.SIG_DFL)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
