"""Talks to a service that a neighbour runs on a port and on an abstract Unix socket. Contained: neither answers."""
probe = Probe("neighbour_sockets")
mark = SETTINGS["mark_reversed"][::-1]


def visit(family, address):
    with socket.socket(family) as caller:
        caller.settimeout(1)
        caller.connect(address)
        if caller.recv(100).decode() != mark:
            raise OSError(errno.EPROTO, "somebody else answered")


probe.must_fail("the neighbour's port answers", visit, socket.AF_INET, ("127.0.0.1", SETTINGS["port"]))
probe.must_fail("the neighbour's abstract socket answers", visit, socket.AF_UNIX, "\0carrel-" + mark)
known = read("/proc/net/unix", 1 << 20) or ""
if mark in known:
    probe.hole("the neighbour's socket is listed in /proc/net/unix")
for path in ("/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock", "/run/dbus/system_bus_socket"):
    if path in known:
        probe.hole("%s is listed in /proc/net/unix" % path)
    probe.must_fail(path, visit, socket.AF_UNIX, path)
probe.end()
