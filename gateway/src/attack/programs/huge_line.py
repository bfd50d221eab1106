"""Prints one line of 100 MB. Contained: what arrives is bounded, as a whole and in its largest message."""
probe = Probe("huge_line")
sys.stdout.write("y" * 100_000_000 + "\n")
probe.note("all was taken")
probe.end()
