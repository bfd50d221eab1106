"""Changes or reads the kernel through /proc, /sys and the cgroup files. Contained: nothing opens for writing, nothing tells
addresses or the kernel's log."""
probe = Probe("kernel_files")


def writable(path):
    os.close(os.open(path, os.O_WRONLY))


for name in ("kernel/core_pattern", "kernel/modprobe", "vm/overcommit_memory", "net/ipv4/ip_forward", "fs/binfmt_misc/register", "kernel/domainname"):
    probe.must_fail("/proc/sys/%s" % name, writable, "/proc/sys/" + name)
for path in ("/proc/sysrq-trigger", "/proc/irq/default_smp_affinity", "/sys/power/state", "/sys/kernel/uevent_helper"):
    probe.must_fail(path, writable, path)
for path in ("/proc/kcore", "/proc/kmsg", "/proc/kpageflags", "/proc/timer_list", "/proc/sched_debug", "/sys/kernel/debug/x", "/sys/firmware/acpi/tables/DSDT"):
    if read(path, 64):
        probe.hole("%s is readable" % path)
symbols = read("/proc/kallsyms", 4096) or ""
if any(line.split()[0].strip("0") for line in symbols.splitlines() if line):
    probe.hole("/proc/kallsyms shows addresses")
for folder, _, names in os.walk("/sys/fs/cgroup"):
    for name in names:
        try:
            writable(os.path.join(folder, name))
            probe.hole(os.path.join(folder, name))
        except OSError:
            pass
probe.must_fail("a cgroup of its own", os.mkdir, "/sys/fs/cgroup/carrel-probe")
for path in ("/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/cpu"):
    probe.must_fail("a cgroup below %s" % path, os.mkdir, path + "/carrel-probe")
if len(probe.holes) > 8:
    probe.holes[8:] = ["and %d more" % (len(probe.holes) - 8)]
probe.end()
