"""Holds or regains privilege. Contained: no capability in any set, no way to user 0, to a better priority or to real time."""
probe = Probe("capabilities")
status = dict(line.split(":\t", 1) for line in (read("/proc/self/status") or "").splitlines() if ":\t" in line)
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    if int(status.get(name, "0"), 16):
        probe.hole("%s %s" % (name, status[name].strip()))
if 0 in (os.getuid(), os.geteuid(), os.getgid()):
    probe.hole("user or group 0")
if 0 in os.getgroups():
    probe.hole("supplementary group 0")
if status.get("Seccomp", "2").strip() != "2":
    probe.hole("no seccomp filter")


def regain():
    probe.must_refuse("setuid(0)", 105, 0)
    probe.must_refuse("setgid(0)", 106, 0)
    probe.must_refuse("setresuid(0)", 117, 0, 0, 0)
    probe.must_refuse("setgroups(0)", 116, 1, buffer(struct.pack("I", 0)))
    probe.must_refuse("nice -10", 141, 0, 0, -10)
    for policy, name in ((1, "SCHED_FIFO"), (2, "SCHED_RR")):
        probe.must_refuse(name, 144, 0, policy, buffer(struct.pack("i", 1)))
    attributes = struct.pack("IIQiIQQQ", 48, 6, 0, 0, 0, 10**7, 10**8, 10**8)
    probe.must_refuse("SCHED_DEADLINE", 314, 0, buffer(attributes), 0)
    probe.must_refuse("real-time I/O priority", 251, 1, 0, (1 << 13) | 1)


if os.getuid():
    probe.apart("regain", regain)
probe.end()
