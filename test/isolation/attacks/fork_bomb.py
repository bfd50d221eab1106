"""Forks, and forks from the forks, and starts threads, without end (own cap: 800). Contained: refused before 512 tasks."""
probe = Probe("fork_bomb")
reading, writing = os.pipe()
children, refused = [], None
for _ in range(800):
    try:
        child = os.fork()
    except OSError as error:
        refused = errno.errorcode[error.errno]
        break
    if child == 0:
        os.close(writing)
        os.read(reading, 1)  # until the parent lets go
        os._exit(0)
    children.append(child)
threads = 0
for _ in range(200):
    if len(children) + threads >= 800:
        break
    try:
        threading.Thread(target=time.sleep, args=(0.5,), daemon=True).start()
        threads += 1
    except RuntimeError:
        break
os.close(writing)
os.close(reading)
for child in children:
    os.waitpid(child, 0)
(probe.hole if len(children) + threads >= 512 else probe.note)(
    "%d processes and %d threads, then %s" % (len(children), threads, refused)
)
probe.end()
