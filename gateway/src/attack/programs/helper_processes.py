"""Reaches into every process of the sandbox that this cell did not start, the agent's helpers among them: memory, descriptors,
environment, limits. Contained: none can be read, written, traced or limited. One that is ended is started anew."""
probe = Probe("helper_processes")


def parent(pid):
    return int((read("/proc/%d/stat" % pid) or ") gone 0").rsplit(")", 1)[1].split()[1])


def is_mine(pid):
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = parent(pid)
    return False


def reach():
    for pid in others:
        name = "helper %s" % (read("/proc/%d/comm" % pid) or "?").strip()
        probe.must_fail("%s: memory opens for writing" % name, lambda: os.close(os.open("/proc/%d/mem" % pid, os.O_RDWR)))
        probe.must_fail("%s: memory opens" % name, lambda: os.close(os.open("/proc/%d/mem" % pid, os.O_RDONLY)))
        probe.must_fail("%s: descriptors are listed" % name, os.listdir, "/proc/%d/fd" % pid)
        probe.must_fail("%s: environment is readable" % name, lambda: open("/proc/%d/environ" % pid, "rb").read(1))
        probe.must_fail("%s: limits change" % name, syscall, 302, pid, 4, buffer(struct.pack("QQ", 0, 0)), 0)
        probe.must_fail("%s: ptrace attaches" % name, syscall, 101, 0x4206, pid, 0, 0)


others = [pid for pid in pids() if pid != 1 and not is_mine(pid)]
probe.apart("helpers", reach)
probe.note("%d helpers" % len(others))
probe.end()
