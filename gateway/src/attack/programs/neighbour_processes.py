"""Looks for processes of the host or of a neighbour, and signals them. Contained: only this worksheet's own are there."""
probe = Probe("neighbour_processes")
mark = SETTINGS["mark_reversed"][::-1]
servers = ("dockerd", "containerd", "systemd", "kthreadd", "sshd", "node", "runsc-sandbox")
visible = pids()
for pid in visible:
    words = (read("/proc/%d/cmdline" % pid) or "").replace("\0", " ")
    name = (read("/proc/%d/comm" % pid) or "").strip()
    if mark in words:
        probe.hole("the neighbour's process %d is visible" % pid)
        probe.must_fail("it can be signalled", os.kill, pid, 0)
    elif name in servers:
        probe.hole("process %d of the host is visible: %s" % (pid, name))
if len(visible) > 200:
    probe.hole("%d processes visible" % len(visible))
probe.note("%d processes visible" % len(visible))
probe.end()
