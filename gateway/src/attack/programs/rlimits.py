"""Core dumps, giant files, locked memory, queued signals. Contained: each is bounded by a limit that cannot be raised."""
import resource

probe = Probe("rlimits")
place = writable_places()[0]


def dump():
    os.chdir(place)
    os.kill(os.getpid(), signal.SIGSEGV)


child = os.fork()
if child == 0:
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    dump()
    os._exit(0)
if os.WCOREDUMP(os.waitpid(child, 0)[1]):
    probe.hole("core dumped")
if resource.getrlimit(resource.RLIMIT_CORE)[1] != 0:
    probe.must_fail("core limit is raised", resource.setrlimit, resource.RLIMIT_CORE, (1 << 20, resource.RLIM_INFINITY))


def giant():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    path = os.path.join(place, "giant")
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        os.pwrite(file, b"x", 1 << 32)
        probe.hole("a file of 4 GiB")
    except OSError as error:
        probe.note("a file of 4 GiB %s" % errno.errorcode[error.errno])
    finally:
        os.close(file)
        os.unlink(path)


def lock():
    page = buffer(size=4 << 20)
    if _libc.mlock(page, len(page)) == 0:
        probe.hole("4 MiB locked in memory")


def queue():
    signal.pthread_sigmask(signal.SIG_BLOCK, [40])
    information = buffer(struct.pack("iii", 40, 0, -1), 128)
    kept = 0
    try:
        while kept < 20000:
            syscall(129, os.getpid(), 40, information)
            kept += 1
    except OSError:
        pass
    (probe.hole if kept > 2048 else probe.note)("%d signals queued" % kept)


for action in (giant, lock, queue):
    probe.note("%s ended %s" % (action.__name__, probe.apart(action.__name__, action)))
probe.end()
