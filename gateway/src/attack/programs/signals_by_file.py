"""Lets the kernel signal the agent in the name of a file: owner and signal of a pipe and of a socket, leases and folder notices.
Contained: the agent lives, is not stopped, and answers afterwards."""
import fcntl

probe = Probe("signals_by_file")
before = started(1)
F_SETSIG, F_SETOWN_EX = 10, 15


def own(descriptor, number):
    for request, owner in ((fcntl.F_SETOWN, 1), (F_SETOWN_EX, struct.pack("ii", 1, 1)), (F_SETOWN_EX, struct.pack("ii", 0, 1))):
        try:
            fcntl.fcntl(descriptor, request, owner)
            fcntl.fcntl(descriptor, F_SETSIG, number)
            fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
            yield request
        except OSError as error:
            probe.note("owner of a file %s" % errno.errorcode[error.errno])


def send():
    asked = 0
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGALRM, signal.SIGIO):
        left, right = socket.socketpair()
        for _ in own(left.fileno(), number):
            right.send(b"x")
            asked += 1
        reading, writing = os.pipe()
        for _ in own(reading, number):
            os.write(writing, b"x")
            asked += 1
    probe.note("%d signals were asked for" % asked)


probe.apart("files", send)
time.sleep(0.3)
state = (read("/proc/1/stat") or ") gone").rsplit(")", 1)[1].split()[0]
if started(1) != before or state in ("T", "t"):
    probe.hole("PID 1 is in state %s" % state)
probe.end()
