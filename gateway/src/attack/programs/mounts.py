"""Mounts, remounts, changes its root, opens files by handle. Contained: every call is refused."""
probe = Probe("mounts")
place = writable_places()[0].encode()


def all_of_them():
    probe.must_refuse("chroot", 161, place)
    probe.must_refuse("mount tmpfs", 165, b"none", place, b"tmpfs", 0, 0)
    probe.must_refuse("mount proc", 165, b"proc", place, b"proc", 0, 0)
    probe.must_refuse("bind mount", 165, b"/", place, 0, 4096, 0)
    probe.must_refuse("remount / writable", 165, b"none", b"/", 0, 32, 0)
    probe.must_refuse("umount", 166, b"/tmp", 2)
    probe.must_refuse("pivot_root", 155, place, place)
    probe.must_refuse("fsopen", 430, b"tmpfs", 0)
    probe.must_refuse("open_tree", 428, -100, b"/", 1)
    probe.must_refuse("move_mount", 429, -1, b"", -1, b"", 0x44)
    probe.must_refuse("fsmount", 432, -1, 0, 0)
    probe.must_refuse("mount_setattr", 442, -100, b"/", 0, buffer(size=32), 32)
    probe.must_refuse("name_to_handle_at", 303, -100, b"/etc/hostname", buffer(struct.pack("Ii", 128, 0)), buffer(), 0)
    probe.must_refuse("open_by_handle_at", 304, -100, buffer(struct.pack("IiQ", 8, 1, 2)), 0)
    probe.must_refuse("quotactl", 179, 0x800001, 0, 0, 0)
    probe.must_refuse("swapon", 167, b"/nothing", 0)


probe.apart("mounts", all_of_them)
probe.end()
