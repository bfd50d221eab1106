"""The agent that one writes first, PID 1 of the weak container: same user as the cell, default signals, its pipes open to all.

Lines of JSON: {"id", "source"} in (with "beside": the cell stays and its first line of output ends the order), {"id",
"type": "output"|"end"} out; with the argument "raw" cells print straight into that stream. {"fetch": path} and {"list": true} give
files of the home folder, following every link. A folder is left open in every cell. It shows that the attacks find the holes that
Carrel's agent closes.
"""
import json
import os
import subprocess
import sys


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def walk(folder):
    names = [os.path.join(folder, name) for name in os.listdir(folder)]
    return sum(walk(path) if os.path.isdir(path) and not os.path.islink(path) else 1 for path in names)


def files(order):
    home = os.path.expanduser("~")
    try:
        if "list" in order:
            return {"files": walk(home)}
        with open(os.path.join(home, order["fetch"]), "rb") as file:
            data = file.read(8 << 20)
        return {"begins": data[:4096].decode("latin-1"), "bytes": len(data)}
    except OSError as error:
        return {"refused": str(error)}


os.set_inheritable(os.open("/etc", os.O_RDONLY), True)
kept = []
say(id=0, type="end", code=0)
for line in sys.stdin:
    order = json.loads(line)
    if "source" not in order:
        say(id=order["id"], type="output", text=json.dumps(files(order)))
        say(id=order["id"], type="end", code=0)
        continue
    piped = None if "raw" in sys.argv else subprocess.PIPE
    command = [sys.executable, "-c", order["source"]]
    cell = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=piped, stderr=subprocess.STDOUT, close_fds=False)
    if order.get("beside"):
        kept.append(cell)
        if piped:
            say(id=order["id"], type="output", text=cell.stdout.readline().decode("latin-1"))
        say(id=order["id"], type="end", code=0)
        continue
    while piped:
        data = cell.stdout.read1(1 << 16)
        if not data:
            break
        say(id=order["id"], type="output", text=data.decode("latin-1"))
    say(id=order["id"], type="end", code=cell.wait())
