"""Reads and steers other processes and the kernel: ptrace, process_vm, bpf, perf, pidfd_getfd, ASLR off. Contained: refused."""
probe = Probe("tracing")
parent = os.getppid()
page = buffer(b"x")


def all_of_them():
    probe.must_refuse("ptrace(TRACEME)", 101, 0, 0, 0, 0)
    probe.must_refuse("ptrace(SEIZE) of the parent", 101, 0x4206, parent, 0, 0)
    here = struct.pack("QQ", ctypes.addressof(page), 1)
    probe.must_refuse("process_vm_readv", 310, os.getpid(), buffer(here), 1, buffer(here), 1, 0)
    probe.must_refuse("process_vm_writev", 311, os.getpid(), buffer(here), 1, buffer(here), 1, 0)
    probe.must_refuse("kcmp", 312, os.getpid(), os.getpid(), 0, 0, 0)
    probe.must_refuse("pidfd_getfd", 438, -1, 0, 0)
    probe.must_refuse("process_madvise", 440, -1, buffer(here), 1, 4, 0)
    probe.must_refuse("bpf", 321, 0, buffer(), 72)
    attributes = struct.pack("IIQ", 1, 112, 0) + bytes(96)
    probe.must_refuse("perf_event_open", 298, buffer(attributes), 0, -1, -1, 0)
    probe.must_refuse("personality: no address randomisation", 135, 0x0040000)
    probe.must_refuse("a seccomp filter of its own", 317, 1, 8, buffer(struct.pack("HxxxxxxQ", 0, 0)))


probe.apart("tracing", all_of_them)
probe.end()
