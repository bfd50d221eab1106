"""Mounts the file systems by which containers were left: cgroup with its release_agent (CVE-2022-0492), debugfs, tracefs, bpf,
overlay, fuse and others, each in a namespace of its own where that is possible. What was mounted is unmounted again.
Contained: every mount is refused as such."""
probe = Probe("special_filesystems")
place = os.path.join(writable_places()[0], "mount-%d" % os.getpid())
os.mkdir(place)
KINDS = ("cgroup", "cgroup2", "debugfs", "tracefs", "bpf", "securityfs", "configfs", "fusectl", "binfmt_misc", "devtmpfs", "sysfs", "nfs", "9p", "overlay", "ext4")


def mount(kind, data):
    try:
        syscall(165, b"carrel-probe", place.encode(), kind.encode(), 0, data)
    except OSError as error:
        (probe.note if error.errno in REFUSALS else probe.hole)("%s %s" % (kind, errno.errorcode[error.errno]))
        return
    probe.hole("%s is mounted" % kind)
    for name in ("release_agent", "notify_on_release", "kprobe_events", "tracing_on", "register"):
        if os.path.lexists(os.path.join(place, name)):
            probe.hole("%s offers %s" % (kind, name))
    _libc.umount2(place.encode(), 2)


def all_of_them():
    for kind in KINDS:
        mount(kind, b"memory" if kind == "cgroup" else 0)
    probe.must_refuse("unshare(user, mount, cgroup)", 272, (1 << 28) | (1 << 17) | (1 << 25))


probe.apart("mounts", all_of_them)
os.rmdir(place)
probe.end()
