"""Forks, and forks from the forks, and starts threads, without end (own cap: 800, or twice the limit). Contained:
refused before 512 tasks, or one and a half times the policy's limit where that is higher."""
probe = Probe("fork_bomb")
reading, writing = os.pipe()
children, refused = [], None
cap = max(800, 2 * SETTINGS["pids"])
for _ in range(cap):
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
    if len(children) + threads >= cap:
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
(probe.hole if len(children) + threads >= max(512, SETTINGS["pids"] * 1.5) else probe.note)(
    "%d processes and %d threads, then %s" % (len(children), threads, refused)
)
probe.end()
