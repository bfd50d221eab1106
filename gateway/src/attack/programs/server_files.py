"""Reads the server's own files and writes to what the engine mounts. Contained: nothing of the host can be read or changed."""
probe = Probe("server_files")
for path in ("/etc/shadow", "/etc/gshadow", "/root/.ssh", "/root/.bash_history", "/etc/docker/daemon.json", "/etc/machine-id"):
    text = read(path, 200)
    if text and text.strip():
        probe.hole("%s is readable" % path)
for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd", "/run/podman", "/run/carrel", "/var/lib/carrel"):
    if os.path.lexists(path):
        probe.hole("%s exists" % path)
probe.must_fail("/root can be listed", os.listdir, "/root")

suspicious = (".db", ".sqlite", ".sqlite3", ".key")
for root in ("/etc", "/opt", "/srv", "/home", "/run", "/var/lib/carrel", "/data"):
    for folder, _, names in os.walk(root):
        if folder.startswith(os.path.expanduser("~")):
            continue
        for name in names:
            if name.endswith(suspicious):
                probe.hole("%s looks like a server's data" % os.path.join(folder, name))

for line in (read("/proc/self/mountinfo") or "").splitlines():
    target, kind = line.split()[4], line.split(" - ")[1].split()[0]
    if kind in ("proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2", "devtmpfs"):
        continue
    if os.path.isfile(target):
        probe.must_fail("%s (%s) can be written" % (target, kind), lambda: os.close(os.open(target, os.O_WRONLY | os.O_APPEND)))
probe.end()
