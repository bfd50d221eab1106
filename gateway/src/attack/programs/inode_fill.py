"""Makes empty files until refused (own cap in each place: 20 000, or twice the policy's bound): inodes are kernel memory, or the host's. Contained: bounded."""
probe = Probe("inode_fill")
cap = max(20000, 2 * SETTINGS["inodes"])


def fill():
    for place in writable_places():
        folder = os.path.join(place, "many-%d" % os.getpid())
        os.mkdir(folder)
        made, refused, until = 0, "own cap", time.monotonic() + 6
        try:
            while made < cap and time.monotonic() < until:
                os.close(os.open("%s/%d" % (folder, made), os.O_CREAT | os.O_WRONLY))
                made += 1
        except OSError as error:
            refused = errno.errorcode[error.errno]
        for number in range(made):
            os.unlink("%s/%d" % (folder, number))
        os.rmdir(folder)
        (probe.hole if refused == "own cap" else probe.note)("%s took %d files, then %s" % (place, made, refused))


probe.apart("files", fill, 40)
probe.end()
