"""Looks for credentials: environment, command lines, files beside the agent. Contained: none; names tell nobody's name."""
import re

probe = Probe("secrets_around")
telling = re.compile("TOKEN|SECRET|PASSW|CREDENTIAL|COOKIE|JWT|API_?KEY|DATABASE|REDIS|DOCKER", re.I)
for pid in pids():
    for name in ("environ", "cmdline"):
        for word in (read("/proc/%d/%s" % (pid, name)) or "").split("\0"):
            if telling.search(word.split("=")[0]) or re.search("[0-9a-f]{64}", word):
                probe.hole("/proc/%d/%s: %s" % (pid, name, word[:40]))
for name in os.environ:
    if telling.search(name):
        probe.hole("variable %s" % name)
for root in ("/run", "/var/run", "/etc", os.path.expanduser("~")):
    for folder, _, names in os.walk(root):
        for name in names:
            if re.search(r"(^|\.)(token|secret|jwt|credentials)$|docker.*\.json$", name):
                probe.hole(os.path.join(folder, name))
probe.end()
