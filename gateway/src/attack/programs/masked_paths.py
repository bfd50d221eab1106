"""Looks behind the masks of /proc and /sys, and at what the masks are made of (CVE-2025-31133, CVE-2025-52881). Contained: every
masked file is the real /dev/null, every masked folder is empty, and nothing in /dev can be made or replaced."""
import stat

probe = Probe("masked_paths")
files = ("kcore", "keys", "timer_list", "interrupts", "kallsyms", "cmdline", "modules", "iomem", "loadavg", "kpageflags")
folders = ("/proc/acpi", "/proc/scsi", "/sys/firmware", "/sys/kernel", "/sys/class", "/sys/module")
for name in files:
    path = "/proc/" + name
    try:
        status = os.stat(path)
    except OSError as error:
        probe.note("%s %s" % (path, errno.errorcode[error.errno]))
        continue
    if not (stat.S_ISCHR(status.st_mode) and status.st_rdev == os.makedev(1, 3)):
        probe.hole("%s is not masked" % path)
for path in folders:
    try:
        names = os.listdir(path)
    except OSError as error:
        probe.note("%s %s" % (path, errno.errorcode[error.errno]))
        continue
    if names:
        probe.hole("%s is not masked: %s" % (path, names[:3]))
null = os.lstat("/dev/null")
if not stat.S_ISCHR(null.st_mode) or null.st_rdev != os.makedev(1, 3):
    probe.hole("/dev/null is not the real one")


def swap():
    os.symlink("/proc/sysrq-trigger", "/dev/null.carrel-probe")
    os.unlink("/dev/null.carrel-probe")


probe.must_fail("/dev/null can be replaced", swap)
probe.end()
