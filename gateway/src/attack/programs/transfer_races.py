"""Changes a name between a file and a link to the agent's environment, thousands of times a second, while the harness fetches it.
Contained: what is fetched is the file or a refusal, never the agent's."""
probe = Probe("transfer_races")
home = os.path.expanduser("~")
file, link = os.path.join(home, "race.txt"), os.path.join(home, "race-link")
for path in (file, link):
    if os.path.lexists(path):
        os.unlink(path)
with open(file, "w") as target:
    target.write("plain")
os.symlink("/proc/1/environ", link)
child = os.fork()
if child == 0:
    os.setsid()
    for descriptor in (0, 1, 2):  # nobody shall wait for this child's end of the output
        os.close(descriptor)
    until = time.monotonic() + SETTINGS["hold_seconds"] / 2
    while time.monotonic() < until:
        try:
            syscall(316, -100, file.encode(), -100, link.encode(), 2)  # renameat2, RENAME_EXCHANGE
        except OSError:
            time.sleep(0.001)
    os._exit(0)
probe.facts["fetch"] = ["race.txt"] * 60
probe.note("the name changes meanwhile")
probe.end()
