"""Reads and writes the agent's memory and takes its descriptors. Contained: no door of /proc/1, no ptrace, no pidfd."""
probe = Probe("pid1_memory")
for name in ("environ", "maps", "smaps", "auxv", "pagemap", "stack", "syscall", "personality", "io"):
    try:
        with open("/proc/1/" + name, "rb") as file:
            if file.read(64):
                probe.hole("/proc/1/%s is readable" % name)
    except OSError as error:
        probe.note("%s %s" % (name, errno.errorcode[error.errno]))
probe.must_fail("/proc/1/mem opens", lambda: os.close(os.open("/proc/1/mem", os.O_RDONLY)))
probe.must_fail("/proc/1/mem opens for writing", lambda: os.close(os.open("/proc/1/mem", os.O_RDWR)))


def attach():
    page = buffer(b"x")
    vector = struct.pack("QQ", ctypes.addressof(page), 1)
    probe.must_fail("ptrace attaches", syscall, 101, 0x4206, 1, 0, 0)
    probe.must_fail("process_vm_readv", syscall, 310, 1, buffer(vector), 1, buffer(vector), 1, 0)
    probe.must_fail("process_vm_writev", syscall, 311, 1, buffer(vector), 1, buffer(vector), 1, 0)
    try:
        door = syscall(434, 1, 0)  # pidfd_open
    except OSError as error:
        return probe.note("pidfd_open %s" % errno.errorcode[error.errno])
    for descriptor in (0, 1, 2, 3):
        probe.must_fail("descriptor %d of the agent is taken" % descriptor, syscall, 438, door, descriptor, 0)


probe.apart("attach", attach)
probe.end()
