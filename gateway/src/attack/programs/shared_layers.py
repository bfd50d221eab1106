"""Changes the image's files under every worksheet that shares them: shared writable mappings, writes through /proc/self/mem into
read-only ones (Dirty COW), unnamed files, holes. Contained: nothing opens or maps for writing, and the bytes stay as they were."""
import mmap

probe = Probe("shared_layers")
path = os.path.realpath("/etc/os-release")
before = open(path, "rb").read()


def shared():
    with open(path, "r+b") as file:
        mmap.mmap(file.fileno(), 0, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE).close()


def punch():
    descriptor = os.open(path, os.O_WRONLY)
    os.close(descriptor)


probe.must_fail("a shared writable mapping of %s" % path, shared)
probe.must_fail("%s opens to punch holes" % path, punch)
probe.must_fail("an unnamed file in /usr", lambda: os.close(os.open("/usr", os.O_TMPFILE | os.O_WRONLY)))
probe.must_fail("mode of %s is set" % path, os.chmod, path, os.stat(path).st_mode & 0o7777)
with open(path, "rb") as file:
    page = mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)
    start = [line.split("-")[0] for line in (read("/proc/self/maps", 1 << 20) or "").splitlines() if line.endswith(path)]
    try:
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            memory.seek(int(start[0], 16))
            memory.write(b"#")
        probe.note("/proc/self/mem takes a private copy")
    except (OSError, IndexError, ValueError) as error:
        probe.note("/proc/self/mem %s" % error)
    page.close()
if open(path, "rb").read() != before:
    probe.hole("the bytes of %s have changed" % path)
probe.end()
