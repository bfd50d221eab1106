"""Calls that change the machine: modules, reboot, clock, names, I/O ports, kernel log. The arguments would do no harm.
Contained: every one is refused before its arguments are looked at."""
probe = Probe("privileged_calls")
nothing = b"/nothing-here"


def all_of_them():
    probe.must_refuse("init_module", 175, buffer(), 0, nothing)
    probe.must_refuse("finit_module", 313, -1, nothing, 0)
    probe.must_refuse("delete_module", 176, nothing, 0o4000)
    probe.must_refuse("kexec_load", 246, 0, 0, 0, 0x7FFFFFFF)
    probe.must_refuse("reboot", 169, 0xFEE1DEAD, 672274793, 0x1234, 0)
    probe.must_refuse("acct", 163, nothing)
    probe.must_refuse("iopl", 172, 3)
    probe.must_refuse("ioperm", 173, 0x80, 1, 1)
    probe.must_refuse("sethostname", 170, b"worksheet", 9)
    probe.must_refuse("setdomainname", 171, b"worksheet", 9)
    probe.must_refuse("settimeofday", 164, 0, buffer(struct.pack("ii", 0, 0)))
    probe.must_refuse("clock_settime", 227, 0, 0)
    probe.must_refuse("adjtimex", 159, buffer(struct.pack("I", 0x8000)))
    probe.must_refuse("syslog", 103, 10, 0, 0)
    probe.must_refuse("vhangup", 153)
    probe.must_refuse("fanotify_init", 300, 0, 0)
    probe.must_refuse("lookup_dcookie", 212, 0, buffer(), 10)
    probe.must_refuse("move_pages", 279, 1, 0, 0, 0, 0, 0)
    probe.must_refuse("sync", 162)


probe.apart("privileged calls", all_of_them)
probe.end()
