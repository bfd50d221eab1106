"""Reads what the machine is made of: buses, memory banks, nodes, disks, firmware tables, processors. Contained: only what programs
need to choose their code, the processor's model and number."""
probe = Probe("hardware_facts")
for path in ("/proc/bus/pci/devices", "/proc/bus/input/devices", "/proc/scsi/scsi", "/proc/mdstat", "/proc/ioports", "/proc/dma", "/proc/crypto", "/proc/mtrr", "/sys/firmware/acpi/tables/APIC"):
    text = (read(path, 200) or "").strip()
    if text:
        probe.hole("%s %r" % (path, text[:40]))
for path in ("/sys/bus/pci/devices", "/sys/class/block", "/sys/class/thermal", "/sys/devices/system/memory", "/sys/devices/system/node", "/sys/devices/pci0000:00"):
    try:
        names = sorted(os.listdir(path))
    except OSError:
        continue
    if names:
        probe.hole("%s lists %s" % (path, names[:2]))
processors = [line.split(":", 1)[1].strip() for line in (read("/proc/cpuinfo", 1 << 20) or "").splitlines() if line.startswith("model name")]
if processors:
    probe.hole("/proc/cpuinfo names %d processors: %s" % (len(processors), processors[0]))
probe.end()
