"""Opens a socket to the hypervisor, which a network namespace does not cover; also with bits in the upper half of the
family's register, where filters by "not 40" or by ranges look and the kernel does not. Contained: no such socket."""
probe = Probe("af_vsock")
for kind in (1, 2, 5):
    probe.must_refuse("AF_VSOCK type %d" % kind, 41, 40, kind, 0)
for high in (1 << 32, 1 << 63, 0xFFFFFFFF << 32):
    probe.must_refuse("AF_VSOCK with high bits %x" % (high >> 32), 41, ctypes.c_ulong(40 | high), 1, 0)
probe.must_refuse("socketpair AF_VSOCK", 53, 40, 1, 0, buffer())
probe.must_fail("/dev/vsock opens", lambda: os.close(os.open("/dev/vsock", os.O_RDONLY)))
probe.end()
