"""Opens files until refused (own cap: 20 000, or twice the limit). Contained: refused before 4096 in one process, or a tenth above
the policy's limit where that is higher."""
probe = Probe("fd_exhaust")


def grab():
    kept, refused = 0, "own cap"
    try:
        while kept < max(20000, 2 * SETTINGS["open_files"]):
            os.open("/dev/null", os.O_RDONLY)
            kept += 1
    except OSError as error:
        refused = errno.errorcode[error.errno]
    (probe.hole if kept >= max(4096, SETTINGS["open_files"] * 1.1) else probe.note)("%d open files, then %s" % (kept, refused))


probe.apart("files", grab)
probe.end()
