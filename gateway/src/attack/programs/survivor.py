"""Leaves processes behind that detach, ignore signals, rename themselves and start each other again. The harness interrupts
and restarts, then looks which of them live. Contained: none."""
probe = Probe("survivor")
reading, writing = os.pipe()


def detach(action):
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, 65):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            for descriptor in (0, 1, 2):
                os.dup2(os.open("/dev/null", os.O_RDWR), descriptor)
            os.write(writing, struct.pack("i", os.getpid()))
            action()
        os._exit(0)
    os.waitpid(child, 0)


def renamed():
    _libc.prctl(15, b"python3", 0, 0, 0)
    time.sleep(600)


def hydra():
    end = time.monotonic() + 600
    while time.monotonic() < end:
        child = os.fork()
        if child:
            os.waitpid(child, 0)
        else:
            time.sleep(5)
            os._exit(0)


detach(lambda: time.sleep(600))
detach(renamed)
detach(hydra)
detach(lambda: os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"]))
time.sleep(0.2)
left = struct.unpack("iiii", os.read(reading, 16))
probe.facts["left"] = {str(pid): started(pid) for pid in left}
probe.note("left behind: %s" % list(left))
probe.end()
