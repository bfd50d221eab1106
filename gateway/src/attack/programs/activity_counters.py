"""Reads counters of the whole machine again and again: when they move, somebody else works, and the rhythm tells at what. Contained:
no file has a counter that moves while this worksheet sleeps."""
probe = Probe("activity_counters")
names = ["stat", "vmstat", "meminfo", "interrupts", "softirqs", "schedstat", "diskstats", "zoneinfo", "buddyinfo", "loadavg", "net/softnet_stat", "net/sockstat", "fs/ext4/stats"]
names += ["pressure/cpu", "pressure/memory", "sys/fs/file-nr", "sys/fs/inode-nr", "sys/fs/inode-state", "sys/fs/dentry-state", "sys/kernel/random/entropy_avail"]
names += ["sys/kernel/ns_last_pid", "sys/fs/aio-nr", "sys/kernel/sched_domain", "sysvipc/shm", "timer_list", "sched_debug", "uptime"]


def counters():
    found = {}
    total = [line.split()[1] for line in (read("/proc/meminfo") or "").splitlines() if line.startswith("MemTotal")]
    own = total and int(total[0]) >> 10 <= SETTINGS["limit_mib"] * 1.2
    for name in names:
        text = read("/proc/" + name, 1 << 18)
        if text and name == "stat":
            text = "\n".join(line for line in text.splitlines() if not line.startswith("btime"))
        elif text and name == "uptime":
            text = text.split()[1]  # idle time of all processors; the first number is only the time
        elif name == "meminfo" and own:
            text = None  # this sandbox's own memory
        found[name] = text
    return found


before = counters()
for _ in range(8):
    time.sleep(0.05)
    after = counters()
    for name in names:
        hole = "/proc/%s moves" % name
        if before[name] != after[name] and hole not in probe.holes:
            probe.hole(hole)
probe.note("%d of %d files can be read" % (sum(bool(text) for text in before.values()), len(names)))
probe.end()
