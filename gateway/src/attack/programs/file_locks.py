"""Locks files of the image that every worksheet opens, in all three ways, and holds the locks for a while. The harness asks the
neighbour meanwhile to lock the same files. Contained: the neighbour gets its locks."""
import fcntl

probe = Probe("file_locks")
reading, writing = os.pipe()
holder = os.fork()
if holder == 0:
    os.setsid()
    taken = []
    for path in ("/etc/os-release", "/etc/passwd"):
        for name, lock in (("flock", fcntl.flock), ("lockf", fcntl.lockf)):
            try:
                descriptor = os.open(path, os.O_RDWR)
            except OSError:
                descriptor = os.open(path, os.O_RDONLY)
            try:
                lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                taken.append("%s %s" % (name, path))
            except OSError:
                pass
    os.write(writing, json.dumps(taken).encode())
    for descriptor in (0, 1, 2):  # nobody shall wait for this child's end of the output
        os.close(descriptor)
    time.sleep(SETTINGS["hold_seconds"])
    os._exit(0)
os.close(writing)
probe.note("holds %s" % json.loads(os.read(reading, 4096)))
os.close(reading)
probe.end()
