"""Types into terminals: TIOCSTI and TIOCLINUX, also with bits in the upper half of the request. Contained: refused."""
import pty

probe = Probe("tty_ioctl")


def push():
    master, slave = pty.openpty()
    try:
        syscall(16, slave, 0x540E, 0)  # TIOCSCTTY: pushing is allowed into one's own terminal
    except OSError:
        pass
    for high in (0, 1 << 32):
        probe.must_refuse("TIOCSTI %x" % high, 16, slave, ctypes.c_ulong(0x5412 | high), b"x")
        probe.must_refuse("TIOCLINUX %x" % high, 16, slave, ctypes.c_ulong(0x541C | high), b"\x03")


probe.apart("terminal", push)
probe.end()
