"""Takes all that the kernel counts per user id (inotify instances, pipe buffers) and holds it in a child for a while. The harness
asks the neighbour meanwhile; this program only tells what it took. Contained: the neighbour still gets its share."""
probe = Probe("uid_quota")
reading, writing = os.pipe()
holder = os.fork()
if holder == 0:
    kept, pipes = 0, 0
    try:
        os.setsid()
        while kept < 2000:
            syscall(294, 0)  # inotify_init1
            kept += 1
    except OSError:
        pass
    try:
        import fcntl

        while pipes < 80 and kept + 2 * pipes < 900:
            fcntl.fcntl(os.pipe()[1], 1031, 1 << 20)  # F_SETPIPE_SZ
            pipes += 1
    except OSError:
        pass
    os.write(writing, json.dumps([kept, pipes]).encode())
    for descriptor in (0, 1, 2):  # nobody shall wait for this child's end of the output
        os.close(descriptor)
    time.sleep(SETTINGS["hold_seconds"])
    os._exit(0)
os.close(writing)
taken = json.loads(os.read(reading, 100))
os.close(reading)
probe.facts["holder"] = holder
probe.note("holds %d inotify instances and %d pipes of 1 MiB" % tuple(taken))
probe.end()
