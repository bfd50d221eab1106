"""Enters and makes namespaces. Contained: unshare, clone and clone3 with namespace flags and setns are refused."""
probe = Probe("namespaces")
FLAGS = {"user": 1 << 28, "pid": 1 << 29, "net": 1 << 30, "mount": 1 << 17, "uts": 1 << 26, "ipc": 1 << 27, "cgroup": 1 << 25, "time": 1 << 7}


def make(flag):
    try:
        child = syscall(56, flag | signal.SIGCHLD, 0, 0, 0, 0)  # clone
    except OSError as error:
        return probe.note("clone %s" % errno.errorcode[error.errno])
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    probe.hole("clone with a new namespace %x" % flag)


def make3(flag):
    try:
        child = syscall(435, buffer(struct.pack("QQQQQQQQ", flag, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)), 64)
    except OSError as error:
        return probe.note("clone3 %s" % errno.errorcode[error.errno])
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    probe.hole("clone3 with a new namespace %x" % flag)


def all_of_them():
    for name, flag in FLAGS.items():
        probe.must_refuse("unshare %s" % name, 272, flag)
    for flag in (FLAGS["user"], FLAGS["user"] | FLAGS["net"], FLAGS["pid"], FLAGS["mount"]):
        make(flag)
        make3(flag)
    for owner in ("self", "1"):
        for name in ("user", "pid", "net", "mnt", "uts", "ipc", "cgroup"):
            try:
                door = os.open("/proc/%s/ns/%s" % (owner, name), os.O_RDONLY)
            except OSError as error:
                probe.note("/proc/%s/ns/%s %s" % (owner, name, errno.errorcode[error.errno]))
                continue
            probe.must_refuse("setns %s of %s" % (name, owner), 308, door, 0)


probe.apart("namespaces", all_of_them)
probe.end()
