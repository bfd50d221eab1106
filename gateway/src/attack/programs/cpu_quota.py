"""Spins in four processes for two seconds. Contained: the share of the policy was not exceeded, which the harness measures
from outside; this script looks whether there is a quota at all."""
import hashlib

probe = Probe("cpu_quota")


def spin(until):
    while time.monotonic() < until:
        hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2000)


children, begin = [], time.monotonic()
for _ in range(4):
    child = os.fork()
    if child == 0:
        spin(begin + 2)
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
for path in ("/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us"):
    quota = (read(path) or "").split()
    if quota:
        (probe.hole if quota[0] in ("max", "-1") else probe.note)("quota %s" % quota[0])
probe.facts["seconds"] = time.monotonic() - begin
probe.end()
