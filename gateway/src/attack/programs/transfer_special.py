"""Plants what is no file in the home folder: pipes that nobody feeds, sockets, endless devices, giants with holes, folders 400 deep,
names that are no text. The harness lists the folder and fetches each. Contained: every answer comes in time and within its bound."""
probe = Probe("transfer_special")
home = os.path.expanduser("~")


def plant(name, make):
    path = os.path.join(home, name)
    if os.path.lexists(path):
        os.unlink(path)
    try:
        make(path)
        probe.facts.setdefault("fetch", []).append(name)
    except OSError as error:
        probe.note("%s %s" % (name, errno.errorcode[error.errno]))


def listen(path):
    socket.socket(socket.AF_UNIX).bind(path)


def giant(path):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for size in (1 << 33, 60 << 20):
        try:
            with open(path, "wb") as file:
                file.truncate(size)
            return
        except OSError:
            continue


plant("fifo", os.mkfifo)
plant("endless", lambda path: os.symlink("/dev/zero", path))
plant("socket", listen)
plant("giant", giant)
deep = os.path.join(home, "deep")
if not os.path.lexists(deep):
    os.mkdir(deep)
    folder = os.open(deep, os.O_RDONLY)
    for _ in range(400):
        os.mkdir("d", dir_fd=folder)
        below = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
odd = os.path.join(os.fsencode(home), b"odd-\xff\n\x1b[2J")
if not os.path.lexists(odd):
    open(odd, "wb").close()
probe.note("planted: %s" % probe.facts.get("fetch"))
probe.end()
