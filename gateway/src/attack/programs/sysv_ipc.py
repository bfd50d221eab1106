"""System V and POSIX queues: memory beyond every quota of a file system, which outlives its maker. Contained: refused."""
probe = Probe("sysv_ipc")
segment = probe.must_refuse("shmget", 29, 0x6361, 1 << 20, 0o1600)
if segment is not None:
    syscall(31, segment, 0, 0)  # shmctl IPC_RMID
group = probe.must_refuse("semget", 64, 0x6361, 1, 0o1600)
if group is not None:
    syscall(66, group, 0, 0, 0)
queue = probe.must_refuse("msgget", 68, 0x6361, 0o1600)
if queue is not None:
    syscall(71, queue, 0, 0)
probe.must_refuse("mq_open", 240, b"carrel-probe", os.O_RDWR | os.O_CREAT, 0o600, 0)
try:
    syscall(241, b"carrel-probe")
except OSError:
    pass
probe.end()
