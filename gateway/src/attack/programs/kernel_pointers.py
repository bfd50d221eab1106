"""Looks for addresses of the kernel, which an exploit needs first: symbols, wait channels, stacks, sockets' addresses, the log.
Contained: none is told."""
import re

probe = Probe("kernel_pointers")
address = re.compile(r"\bffff[0-9a-f]{12}\b")
paths = ["/proc/kallsyms", "/proc/modules", "/proc/self/stack", "/proc/self/wchan", "/proc/1/stack", "/proc/iomem", "/proc/timer_list", "/sys/kernel/notes"]
paths += ["/proc/net/" + name for name in ("unix", "tcp", "udp", "netlink", "packet", "raw", "ptype")]
for path in paths:
    if address.search(read(path, 1 << 18) or ""):
        probe.hole("%s shows addresses of the kernel" % path)
log = buffer(size=4096)
probe.must_refuse("the kernel's log", 103, 3, log, 4096)
for path in ("/dev/kmsg", "/proc/kmsg"):
    probe.must_fail("%s gives the log" % path, lambda: os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 4096))
sections = [path for path in ("/sys/module/kernel/sections", "/sys/kernel/vmcoreinfo", "/sys/kernel/btf/vmlinux") if read(path, 64)]
for path in sections:
    probe.hole("%s is readable" % path)
probe.end()
