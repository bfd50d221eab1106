"""Reads and steers the machine's clock: how it is disciplined (which tells this machine from others), precision clocks, alarms
that wake it. Contained: refused."""
probe = Probe("clock_discipline")
probe.must_refuse("adjtimex, only reading", 159, buffer(size=256))
probe.must_refuse("clock_adjtime, only reading", 305, 0, buffer(size=256))
for name in ("/dev/ptp0", "/dev/rtc0", "/dev/rtc", "/dev/hpet", "/dev/pps0"):
    probe.must_fail("%s opens" % name, lambda: os.close(os.open(name, os.O_RDONLY)))
probe.must_refuse("settimeofday", 164, 0, buffer(struct.pack("ii", 0, 0)))
event = struct.pack("QiiQQQQQQ", 0, 0, 1, 0, 0, 0, 0, 0, 0)
for clock in (8, 9):  # CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM
    probe.must_fail("an alarm that wakes the machine", syscall, 222, clock, buffer(event, 64), buffer(size=4))
probe.end()
