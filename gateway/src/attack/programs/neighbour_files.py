"""Looks for a neighbour's files and secrets in shared folders and through /proc. Contained: the mark is nowhere."""
import stat

probe = Probe("neighbour_files")
mark = SETTINGS["mark_reversed"][::-1].encode()
until = time.monotonic() + 6
roots = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/home", "/root", "/mnt", "/media", "/srv", "/data", "/shared", "/host"]
roots += ["/var/lib/docker", "/var/lib/containerd", "/var/lib/carrel"]
for pid in pids():
    roots += ["/proc/%d/root/tmp" % pid, "/proc/%d/root/home" % pid, "/proc/%d/cwd" % pid]
for line in (read("/proc/self/mountinfo") or "").splitlines():
    roots += [word for word in line.replace("=", " ").replace(":", " ").split() if word.startswith("/var/lib/")]

seen = 0
for root in roots:
    if root.endswith("/cwd") and os.path.realpath(root) == "/":
        continue
    for folder, _, names in os.walk(root):
        if time.monotonic() > until:
            break
        for name in names:
            path = os.path.join(folder, name)
            seen += 1
            try:
                status = os.lstat(path)
            except OSError:
                continue
            small = stat.S_ISREG(status.st_mode) and status.st_size < 1 << 16
            if mark.decode() in name or (small and mark.decode() in (read(path) or "")):
                probe.hole(path)
for pid in pids():
    for name in ("environ", "cmdline"):
        if mark.decode() in (read("/proc/%d/%s" % (pid, name)) or ""):
            probe.hole("/proc/%d/%s" % (pid, name))
probe.note("%d files seen, none has the neighbour's mark" % seen)
probe.end()
