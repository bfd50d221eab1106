"""Prints 96 MiB of short lines. Contained: what arrives is bounded, which the harness counts, and the worksheet answers."""
probe = Probe("output_flood")
lines = ("all work and no play " * 3 + "\n") * 16384
for _ in range(96 * (1 << 20) // len(lines)):
    sys.stdout.write(lines)
probe.note("all was taken")
probe.end()
