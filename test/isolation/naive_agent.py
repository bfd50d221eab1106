"""The agent that one writes first, PID 1 of the weak container: same user as the cell, default signals, its pipes open to all.

Lines of JSON: {"id", "source"} in (with "beside": the cell stays and its first line of output ends the order), {"id",
"type": "output"|"end"} out; with the argument "raw" cells print straight into that stream. It shows that the attacks find the holes that Carrel's agent closes.
"""
import json
import subprocess
import sys


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


kept = []
say(id=0, type="end", code=0)
for line in sys.stdin:
    order = json.loads(line)
    piped = None if "raw" in sys.argv else subprocess.PIPE
    command = [sys.executable, "-c", order["source"]]
    cell = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=piped, stderr=subprocess.STDOUT)
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
