"""Opens files until refused (own cap: 20 000). Contained: refused before 4096 in one process."""
probe = Probe("fd_exhaust")


def grab():
    kept, refused = 0, "own cap"
    try:
        while kept < 20000:
            os.open("/dev/null", os.O_RDONLY)
            kept += 1
    except OSError as error:
        refused = errno.errorcode[error.errno]
    (probe.hole if kept >= 4096 else probe.note)("%d open files, then %s" % (kept, refused))


probe.apart("files", grab)
probe.end()
