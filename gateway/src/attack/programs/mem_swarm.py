"""A hundred small processes grow in step, each smaller than the agent, so that the agent is the largest victim around.
Contained: the kernel ends some of them, the agent lives; the harness asks for 1+1 afterwards."""
probe = Probe("mem_swarm")
agent, children = started(1), []
share = SETTINGS["memory_mib"] // 100 + 1
grown, done = os.pipe()
hold, release = os.pipe()
for _ in range(100):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        os.close(release)
        taken = []
        try:
            for _ in range(share):
                taken.append(bytearray(b"\1") * (1 << 20))
                time.sleep(0.05)
            os.write(done, b"x")
            os.read(hold, 1)  # until the parent lets go
        finally:
            os._exit(0)
    children.append(child)
full, ended, until = 0, {}, time.monotonic() + 15
while full + len(ended) < len(children) and time.monotonic() < until:
    while select.select([grown], [], [], 0)[0]:
        full += len(os.read(grown, 100))
    for child in children:
        if child not in ended:
            gone, status = os.waitpid(child, os.WNOHANG)
            if gone:
                ended[child] = status
    time.sleep(0.02)
killed = sum(os.WIFSIGNALED(status) for status in ended.values())
os.close(release)
for child in children:
    if child not in ended:
        os.waitpid(child, 0)
for descriptor in (hold, grown, done):
    os.close(descriptor)
if not killed and full * share >= SETTINGS["memory_mib"]:
    probe.hole("%d processes of %d MiB lived at the same time" % (full, share))
if started(1) != agent:
    probe.hole("PID 1 is another one now")
probe.note("%d processes, %d ended by the kernel" % (len(children), killed))
probe.end()
