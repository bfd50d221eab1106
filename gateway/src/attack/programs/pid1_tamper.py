"""Changes how the agent runs: limits, priority, processors, I/O class, who dies first when memory runs out; also the calls
that mean "all processes of my user". Contained: nothing of PID 1 changes."""
probe = Probe("pid1_tamper")


def nice(pid):
    return int((read("/proc/%d/stat" % pid) or "").rsplit(")", 1)[1].split()[16])


def facts():
    status = read("/proc/1/status") or ""
    allowed = [line for line in status.splitlines() if line.startswith("Cpus_allowed_list")]
    return {"nice": nice(1), "processors": allowed, "oom": read("/proc/1/oom_score_adj"), "name": read("/proc/1/comm")}


def tamper():
    probe.must_fail("prlimit", syscall, 302, 1, 7, buffer(struct.pack("QQ", 3, 3)), 0)
    probe.must_fail("setpriority", syscall, 141, 0, 1, 19)
    probe.must_fail("setpriority of the group", syscall, 141, 1, 1, 19)
    probe.must_fail("sched_setaffinity", syscall, 203, 1, 8, buffer(struct.pack("Q", 1)))
    probe.must_fail("sched_setscheduler", syscall, 144, 1, 5, buffer(struct.pack("i", 0)))
    probe.must_fail("sched_setparam", syscall, 142, 1, buffer(struct.pack("i", 0)))
    probe.must_fail("sched_setattr", syscall, 314, 1, buffer(struct.pack("IIQiIQQQ", 48, 3, 0, 19, 0, 0, 0, 0)), 0)
    probe.must_fail("ioprio_set", syscall, 251, 1, 1, 3 << 13)
    for call, name in ((lambda: syscall(141, 2, 0, 19), "setpriority"), (lambda: syscall(251, 3, os.getuid(), 3 << 13), "ioprio_set")):
        try:
            call()
            probe.note("%s for all of the user's processes was taken" % name)
        except OSError as error:
            probe.note("%s for all %s" % (name, errno.errorcode[error.errno]))
    for name, text in (("oom_score_adj", "1000"), ("coredump_filter", "0"), ("timerslack_ns", "1"), ("clear_refs", "1"), ("comm", "forged"), ("autogroup", "19")):
        probe.must_fail("/proc/1/%s" % name, lambda: os.write(os.open("/proc/1/" + name, os.O_WRONLY), text.encode()))
    mine = int(read("/proc/self/oom_score_adj") or 0)
    if mine <= int(read("/proc/1/oom_score_adj") or 0):
        probe.hole("this process does not go before the agent when memory runs out: %d" % mine)
    for value in (-1000, -500, 0):
        try:
            os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), str(value).encode())
            probe.hole("our own oom_score_adj goes from %d to %d" % (mine, value))
            break
        except OSError as error:
            probe.note("oom_score_adj %d %s" % (value, errno.errorcode[error.errno]))


before = facts()
probe.apart("tamper", tamper)
after = facts()
for name in before:
    if before[name] != after[name]:
        probe.hole("%s of PID 1 went from %s to %s" % (name, before[name], after[name]))
probe.end()
