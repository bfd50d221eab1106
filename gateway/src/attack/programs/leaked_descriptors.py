"""Looks for descriptors that the engine, its runtime or the agent left open in the cell, and climbs from open folders to the
host's files (CVE-2024-21626). Contained: no folder, block device or foreign socket is open, and the current folder is within
the root."""
import stat

probe = Probe("leaked_descriptors")
kinds = {}
for name in os.listdir("/proc/self/fd"):
    descriptor = int(name)
    try:
        status, target = os.fstat(descriptor), os.readlink("/proc/self/fd/" + name)
    except OSError:
        continue  # that of the listing itself
    kinds[descriptor] = target[:60]
    if stat.S_ISBLK(status.st_mode):
        probe.hole("descriptor is a block device: %s" % target)
    elif stat.S_ISDIR(status.st_mode) and not target.startswith("/proc/%d" % os.getpid()):
        try:
            seen = len(os.listdir("/proc/self/fd/%d/../../../.." % descriptor))
        except OSError:
            seen = 0
        probe.hole("descriptor is a folder: %s, %d names above it" % (target, seen))
    elif any(word in target for word in ("docker", "containerd", "runc", "cgroup", "ns:[")):
        probe.hole("descriptor of the engine's: %s" % target)
for pid in pids():
    try:
        place = os.readlink("/proc/%d/cwd" % pid)
    except OSError:
        continue
    if "unreachable" in place or place.startswith("/proc/self/fd"):
        probe.hole("process %d works in %s" % (pid, place))
probe.note("open: %s" % sorted(kinds.items()))
probe.end()
