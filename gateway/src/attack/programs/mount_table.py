"""Reads the host's paths and the container's id off the mount table, which cannot be masked. Contained: neither is in it."""
import re

probe = Probe("mount_table")
table = read("/proc/self/mountinfo") or ""
for found in sorted(set(re.findall(r"/var/lib/[a-z]+/[a-z0-9]+|[0-9a-f]{64}|/data/overlay2", table)))[:4]:
    probe.hole(found)
probe.note("%d mounts" % len(table.splitlines()))
probe.end()
