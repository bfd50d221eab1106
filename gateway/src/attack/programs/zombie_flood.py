"""Leaves orphans that have ended, so that they stay as zombies with PID 1 and use up the number of processes. Contained: PID 1
reaps them."""
probe = Probe("zombie_flood")


def orphan():
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            time.sleep(0.05)  # until its parent has gone
        os._exit(0)
    os.waitpid(child, 0)


def zombies():
    found = 0
    for pid in pids():
        fields = (read("/proc/%d/stat" % pid) or ") gone 0").rsplit(")", 1)[1].split()
        found += fields[0] == "Z" and fields[1] == "1"
    return found


before = zombies()
for _ in range(60):
    orphan()
until = time.monotonic() + 2
while zombies() > before and time.monotonic() < until:
    time.sleep(0.1)
left = zombies() - before
(probe.hole if left > 0 else probe.note)("%d of 60 orphans are zombies of PID 1" % max(0, left))
probe.end()
