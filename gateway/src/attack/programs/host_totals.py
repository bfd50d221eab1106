"""Reads the machine's sums: memory, processor time, uptime, processes. Contained: only the worksheet's own."""
probe = Probe("host_totals")
limit = SETTINGS["limit_mib"]
for line in (read("/proc/meminfo") or "").splitlines():
    if line.startswith("MemTotal") and int(line.split()[1]) >> 10 > limit * 1.2:
        probe.hole("MemTotal %d MiB" % (int(line.split()[1]) >> 10))
pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
if pages > limit * 1.2:
    probe.hole("sysinfo(2) %d MiB" % pages)
busy = [line.split() for line in (read("/proc/stat") or "").splitlines() if line.startswith("cpu ")]
if busy and sum(int(word) for word in busy[0][1:3]) > 0:
    probe.hole("processor time in /proc/stat %s" % busy[0][1:4])
probe.note("uptime %s" % (read("/proc/uptime") or "").strip())
probe.end()
