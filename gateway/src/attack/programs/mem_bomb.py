"""Takes memory in the cell's own process until somebody objects. Contained: stopped before the cap; the agent lives and says
why. The harness also counts the kernel's death by memory as contained when the worksheet answers afterwards."""
probe = Probe("mem_bomb")
taken = []
try:
    while len(taken) * 16 < SETTINGS["memory_mib"]:
        taken.append(bytearray(b"\1") * (16 << 20))
    probe.hole("%d MiB taken and nobody objected" % (16 * len(taken)))
except MemoryError:
    probe.note("MemoryError at %d MiB" % (16 * len(taken)))
taken.clear()
probe.end()
