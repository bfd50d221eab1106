"""Looks whether setuid bits or device nodes would count in the places it can write to. Contained: each is nosuid and nodev."""
probe = Probe("mount_options")
mounted = {line.split()[1]: line.split()[3].split(",") for line in (read("/proc/mounts") or "").splitlines()}
for place in writable_places():
    missing = {"nosuid", "nodev"} - set(mounted.get(os.path.realpath(place), []))
    if missing:
        probe.hole("%s is not mounted %s" % (place, ", ".join(sorted(missing))))
    probe.note("%s %s" % (place, sorted(mounted.get(os.path.realpath(place), []))))
probe.end()
