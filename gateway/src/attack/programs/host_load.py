"""Watches what the neighbours do: load, pressure, disk and interrupt counters, locks. Contained: no file tells."""
probe = Probe("host_load")
load = (read("/proc/loadavg") or "").split()
if load and load[:3] != ["0.00"] * 3:
    probe.hole("loadavg %s" % " ".join(load))
lines = {"diskstats": 0, "interrupts": 1, "softirqs": 1, "schedstat": 0, "zoneinfo": 0, "buddyinfo": 0, "locks": 0, "swaps": 1}
lines.update({"pagetypeinfo": 0, "slabinfo": 0, "vmallocinfo": 0, "timer_list": 0, "sched_debug": 0})
for name, expected in lines.items():
    if len((read("/proc/" + name) or "").splitlines()) > expected:
        probe.hole("/proc/%s" % name)
for name in ("cpu", "memory", "io"):
    if read("/proc/pressure/" + name):
        probe.hole("/proc/pressure/%s" % name)
probe.end()
