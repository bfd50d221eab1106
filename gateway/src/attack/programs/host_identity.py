"""Reads what names this machine: boot parameters and id, firmware, disks, kernel build, names. Contained: nothing of it."""
import re

probe = Probe("host_identity")
for path in (
    "/proc/cmdline",
    "/proc/config.gz",
    "/etc/machine-id",
    "/proc/sys/kernel/random/boot_id",
    "/sys/class/dmi/id/product_name",
    "/sys/class/dmi/id/sys_vendor",
    "/sys/hypervisor/uuid",
    "/proc/modules",
    "/proc/partitions",
    "/proc/iomem",
    "/proc/key-users",
):
    text = (read(path, 200) or "").strip()
    if text and "00000000-00000000" not in text and "gvisor" not in text:  # gVisor invents a command line
        probe.hole("%s %r" % (path, text[:50]))
for path in ("/sys/block", "/sys/class/net", "/sys/bus", "/sys/module", "/sys/dev", "/sys/devices/virtual/dmi"):
    try:
        names = [name for name in os.listdir(path) if name != "lo"]
        if names:
            probe.hole("%s lists %s" % (path, names[:3]))
    except OSError:
        pass
if re.fullmatch("[0-9a-f]{12}", socket.gethostname()):
    probe.hole("the host name %s is the container's id" % socket.gethostname())
if re.search("[0-9a-f]{64}", read("/proc/self/cgroup") or ""):
    probe.hole("/proc/self/cgroup tells the container's id")
probe.note("host name %s" % socket.gethostname())
probe.end()
