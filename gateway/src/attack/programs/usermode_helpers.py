"""Opens for writing what names the programs that the kernel starts as the host's root: core_pattern, modprobe, hotplug, poweroff,
binfmt_misc, release_agent, request-key. Nothing is written. Contained: none opens."""
probe = Probe("usermode_helpers")
names = ["/proc/sys/kernel/" + name for name in ("core_pattern", "modprobe", "hotplug", "poweroff_cmd", "usermodehelper/bset", "core_pipe_limit")]
names += ["/proc/sys/fs/binfmt_misc/register", "/sys/kernel/uevent_helper", "/sys/fs/cgroup/release_agent", "/sys/kernel/debug/fault_around_bytes"]
if os.path.isdir("/sys/fs/cgroup"):
    names += [os.path.join("/sys/fs/cgroup", name, "release_agent") for name in os.listdir("/sys/fs/cgroup")]
for name in names:
    probe.must_fail("%s opens for writing" % name, lambda: os.close(os.open(name, os.O_WRONLY)))
probe.notes = ["%d files tried; core_pattern is %r" % (len(names), (read("/proc/sys/kernel/core_pattern") or "").strip())]
probe.end()
