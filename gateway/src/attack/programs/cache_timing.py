"""Looks for the instruments of side channels: which pages of shared files are in memory, counters of the processor, merged memory
pages. Contained: none of the instruments can be had; what plain instructions measure remains (see the residual risks)."""
probe = Probe("cache_timing")
program = os.open(os.path.realpath(sys.executable), os.O_RDONLY)
probe.must_refuse("mincore", 27, 0, 0, 0)
probe.must_refuse("cachestat", 451, program, buffer(), buffer(), 0)
try:
    os.preadv(program, [bytearray(1)], 0, 8)  # RWF_NOWAIT: only what is in memory
    probe.hole("preadv2 tells which pages of a shared file are in memory")
except OSError as error:
    probe.note("preadv2 RWF_NOWAIT %s" % errno.errorcode[error.errno])
os.close(program)
attributes = struct.pack("IIQ", 0, 112, 0) + bytes(96)
probe.must_refuse("hardware counters", 298, buffer(attributes), 0, -1, -1, 0)
for path in ("/dev/cpu/0/msr", "/sys/devices/cpu/rdpmc", "/sys/bus/event_source/devices/cpu/rdpmc", "/sys/kernel/mm/ksm/pages_shared"):
    probe.must_fail("%s is readable" % path, lambda: os.close(os.open(path, os.O_RDONLY)))
if (read("/sys/kernel/mm/ksm/run") or "0").strip() == "1":
    probe.hole("the host merges equal pages of different worksheets")
probe.end()
