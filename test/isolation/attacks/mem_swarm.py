"""A hundred small processes grow in step, each smaller than the agent, so that the agent is the largest victim around.
Contained: the kernel ends some of them, the agent lives; the harness asks for 1+1 afterwards."""
probe = Probe("mem_swarm")
agent, children = started(1), []
share = SETTINGS["memory_mib"] // 100 + 1
for _ in range(100):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        grown = []
        try:
            for _ in range(share):
                grown.append(bytearray(b"\1") * (1 << 20))
                time.sleep(0.08)
            time.sleep(1)
        finally:
            os._exit(0)
    children.append(child)
ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
killed = sum(code < 0 for code in ended)
if not killed and len(children) * share >= SETTINGS["memory_mib"]:
    probe.hole("%d processes took %d MiB each and nobody objected" % (len(children), share))
if started(1) != agent:
    probe.hole("PID 1 is another one now")
probe.note("%d processes, %d ended by the kernel" % (len(children), killed))
probe.end()
