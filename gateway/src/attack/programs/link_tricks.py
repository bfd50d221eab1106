"""Follows the agent's magic links in /proc and plants links of its own. Contained: the agent's side of /proc stays shut."""
probe = Probe("link_tricks")
for name in ("root", "cwd", "exe"):
    probe.must_fail("/proc/1/%s is followed" % name, os.readlink, "/proc/1/" + name)
for name in ("fd", "map_files", "fdinfo"):
    probe.must_fail("/proc/1/%s is listed" % name, os.listdir, "/proc/1/" + name)
trap = os.path.join(writable_places()[0], "trap-%d" % os.getpid())
for target in ("/proc/1/root/etc/hostname", "/proc/1/environ", "/proc/1/cwd/etc/hostname"):
    os.symlink(target, trap)
    probe.must_fail("a link to %s is followed" % target, lambda: open(trap).read(10))
    os.unlink(trap)
for target in ("/etc/hostname", "/etc/hosts", sys.executable):
    try:
        os.link(os.path.realpath(target), trap)
        os.unlink(trap)
        probe.hole("a hard link to %s" % target)
    except OSError as error:
        probe.note("hard link %s" % errno.errorcode[error.errno])
probe.end()
