"""Makes the whole machine wait: writes back all file systems, drops caches, compacts memory, locks files of the image out of
swap. Contained: every call is refused and no switch opens."""
probe = Probe("host_stalls")
program = os.open(os.path.realpath(sys.executable), os.O_RDONLY)
probe.must_refuse("sync", 162)
probe.must_refuse("syncfs", 306, program)
probe.must_refuse("sync_file_range", 277, program, 0, 1, 2)
probe.must_refuse("readahead", 187, program, 0, 4096)
os.close(program)
for name in ("vm/drop_caches", "vm/compact_memory", "vm/swappiness", "kernel/panic", "kernel/sysrq"):
    probe.must_fail("/proc/sys/%s opens for writing" % name, lambda: os.close(os.open("/proc/sys/" + name, os.O_WRONLY)))
probe.end()
