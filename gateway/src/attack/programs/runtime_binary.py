"""Replaces what the engine or its runtime runs next (CVE-2019-5736): the program behind /proc/PID/exe, the container's first
program, the loader and the libraries that it loads. Nothing is replaced: a second name beside it shows that it could be.
Contained: none of them opens for writing, and beside none of them a file can be made."""
probe = Probe("runtime_binary")
programs = {os.path.realpath(sys.executable), os.path.realpath("/bin/sh")}
for line in (read("/proc/self/maps", 1 << 20) or "").splitlines():
    path = line.split()[-1]
    if path.startswith("/") and (".so" in path or "ld-" in path):
        programs.add(path)
for pid in pids():
    try:
        path = os.readlink("/proc/%d/exe" % pid)
    except OSError:
        continue
    if any(word in path for word in ("runc", "crun", "memfd:", "containerd")):
        probe.hole("process %d is the runtime: %s" % (pid, path))
    probe.must_fail("/proc/%d/exe opens for writing" % pid, lambda: os.close(os.open("/proc/%d/exe" % pid, os.O_WRONLY)))


def beside(path):
    name = path + ".carrel-probe"
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    os.unlink(name)


for path in sorted(programs):
    probe.must_fail("%s can be replaced" % path, beside, path)
probe.notes = ["%d programs and libraries tried" % len(programs)]
probe.end()
