"""Plants links in the home folder, where files are fetched for people: to the agent's own side of /proc, to folders, to itself.
The harness fetches each as a person would. Contained: nothing comes that the cell could not read itself, and every answer
comes in time."""
probe = Probe("transfer_links")
home = os.path.expanduser("~")
plants = {
    "plain.txt": None,
    "environment.txt": "/proc/1/environ",
    "stream.txt": "/proc/1/fd/0",
    "memory.txt": "/proc/1/mem",
    "shadow.txt": "/etc/shadow",
    "loop.txt": "loop.txt",
    "nowhere.txt": "/nowhere/at/all",
    "root": "/",
    "agent": "/proc/1",
}
for name, target in plants.items():
    path = os.path.join(home, name)
    if os.path.lexists(path):
        os.unlink(path)
    if target is None:
        with open(path, "w") as file:
            file.write("plain")
    else:
        os.symlink(target, path)
probe.facts["fetch"] = ["environment.txt", "stream.txt", "memory.txt", "shadow.txt", "loop.txt", "nowhere.txt", "root/etc/shadow", "agent/environ", "../../proc/1/environ", "/proc/1/environ"]
probe.note("%d links planted" % (len(plants) - 1))
probe.end()
