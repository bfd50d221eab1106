"""Takes the kernel's memory in small pieces that no file or process shows: POSIX timers, event counters, epoll sets (own
cap: 20 000 of each). Contained: each kind is refused early."""
probe = Probe("timer_flood")


def timers():
    made, refused = 0, "own cap"
    event, kept = struct.pack("QiiQQQQQQ", 0, 0, 1, 0, 0, 0, 0, 0, 0), buffer(size=4)  # SIGEV_NONE
    try:
        while made < 20000:
            syscall(222, 1, buffer(event, 64), kept)
            made += 1
    except OSError as error:
        refused = errno.errorcode[error.errno]
    (probe.hole if made >= 4096 else probe.note)("%d timers, then %s" % (made, refused))


def sets(what, number, *arguments):
    made, refused = 0, "own cap"
    try:
        while made < max(20000, 2 * SETTINGS["open_files"]):
            syscall(number, *arguments)
            made += 1
    except OSError as error:
        refused = errno.errorcode[error.errno]
    (probe.hole if made >= max(4096, SETTINGS["open_files"] * 1.1) else probe.note)("%d %s, then %s" % (made, what, refused))


probe.apart("timers", timers)
probe.apart("event counters", lambda: sets("event counters", 290, 0, 0))
probe.apart("epoll sets", lambda: sets("epoll sets", 291, 0))
probe.end()
