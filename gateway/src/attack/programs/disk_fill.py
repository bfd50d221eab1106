"""Fills every place it can write to (own cap: two fifths of the memory limit each). Contained: each has a bound, and together they stay below half
of the memory limit (they are memory)."""
probe = Probe("disk_fill")
block, total = b"\1" * (1 << 20), 0
cap = max(200, SETTINGS["limit_mib"] * 2 // 5)
places = set(writable_places()) | {p for p in ("/var/tmp", "/run", "/run/lock", "/dev", "/var/lib", "/mnt") if os.access(p, os.W_OK)}
paths = []
for place in sorted(places):
    written, refused = 0, "own cap"
    for number in range(4):
        path = os.path.join(place, "fill-%d" % number)
        try:
            with open(path, "wb", buffering=0) as file:
                paths.append(path)
                for _ in range(cap // 4):
                    written += file.write(block)
        except OSError as error:
            refused = errno.errorcode[error.errno]
            if error.errno != errno.EFBIG:
                break
    total += written
    (probe.hole if written >= cap // 4 * 4 << 20 else probe.note)("%s took %d MiB, then %s" % (place, written >> 20, refused))
for path in paths:
    os.unlink(path)
if total > SETTINGS["limit_mib"] << 19:
    probe.hole("%d MiB together" % (total >> 20))
probe.end()
