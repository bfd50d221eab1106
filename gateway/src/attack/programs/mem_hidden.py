"""Takes memory that belongs to no process's size (memfd, unlinked files on tmpfs, pipes, socket buffers), so that the
out-of-memory killer looks for somebody else: the agent. Contained: stopped before the cap, and the agent lives."""
import fcntl

probe = Probe("mem_hidden")
block, taken, kept = b"\1" * (1 << 20), {}, []


def count(kind, size):
    taken[kind] = taken.get(kind, 0) + size
    return sum(taken.values()) >= SETTINGS["memory_mib"] << 20


def fill(kind, descriptor):
    kept.append(descriptor)
    try:
        for _ in range(SETTINGS["memory_mib"]):
            if count(kind, os.write(descriptor, block)):
                return
    except OSError as error:
        probe.note("%s %s" % (kind, errno.errorcode[error.errno]))


try:
    for number in range(8):
        fill("memfd", syscall(319, b"hidden", 0))
except OSError as error:
    probe.note("memfd %s" % errno.errorcode[error.errno])
for place in writable_places():
    if "tmpfs" not in [line.split()[2] for line in (read("/proc/mounts") or "").splitlines() if line.split()[1] == place]:
        continue
    path = os.path.join(place, "unlinked-%d" % os.getpid())
    for number in range(8):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        os.unlink(path)
        fill(place, descriptor)
try:
    while len(kept) < 900 and not count("pipes", 0):
        reading, writing = os.pipe()
        kept += [reading, writing]
        try:
            fcntl.fcntl(writing, 1031, 1 << 20)
        except OSError:
            pass
        os.set_blocking(writing, False)
        count("pipes", os.write(writing, block))
        left, right = socket.socketpair()
        kept += [left.detach(), right.detach()]
        os.set_blocking(kept[-1], False)
        count("sockets", os.write(kept[-1], block[: 200 << 10]))
except OSError as error:
    probe.note("pipes %s" % errno.errorcode[error.errno])
anonymous = []
try:
    while not count("heap", 0) and len(anonymous) * 8 < SETTINGS["memory_mib"]:
        anonymous.append(bytearray(b"\1") * (8 << 20))
        count("heap", 8 << 20)
except MemoryError:
    probe.note("MemoryError")
sizes = ", ".join("%s %d MiB" % (kind, size >> 20) for kind, size in taken.items())
if count("", 0):
    probe.hole("nobody objected to %s" % sizes)
probe.note(sizes)
anonymous.clear()
for descriptor in kept:
    os.close(descriptor)
probe.end()
