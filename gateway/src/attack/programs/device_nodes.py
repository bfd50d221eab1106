"""Makes device nodes and opens those of the host. Contained: no node can be made, only the harmless ones are there."""
import stat

probe = Probe("device_nodes")
place = writable_places()[0]
for kind, name, major, minor in ((stat.S_IFBLK, "disk", 8, 0), (stat.S_IFCHR, "mem", 1, 1), (stat.S_IFCHR, "kmsg", 1, 11)):
    path = os.path.join(place, "node-" + name)
    probe.must_fail("mknod %s" % name, os.mknod, path, kind | 0o600, os.makedev(major, minor))
    if os.path.lexists(path):
        probe.must_fail("open of our own %s" % name, lambda: os.close(os.open(path, os.O_RDONLY)))
        os.unlink(path)

harmless = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "fd", "stdin", "stdout", "stderr", "core"}
for folder, _, names in os.walk("/dev"):
    if folder.startswith(("/dev/shm", "/dev/pts", "/dev/fd")):
        continue
    for name in names:
        if name not in harmless:
            path = os.path.join(folder, name)
            probe.must_fail("open of %s" % path, lambda: os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK)))
for path in ("/dev/mem", "/dev/kmsg", "/dev/kvm", "/dev/fuse", "/dev/net/tun", "/dev/vsock", "/dev/sda", "/dev/vda", "/dev/loop-control"):
    probe.must_fail("open of %s" % path, lambda: os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK)))
probe.end()
