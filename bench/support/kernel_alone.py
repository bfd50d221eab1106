"""The Python kernel with nothing around it: forked as the zygote forks it, driven over its socketpair in the same container.

Runs in the kernel image. A line with a number on stdin: so many cells `1+1`, answered by a JSON list of milliseconds, each from
writing the request to having read execute_reply and idle.
"""

import json
import os
import socket
import sys
import time

sys.path.insert(0, "/usr/lib/carrel")

from carrel_agent import frames, layout
from carrel_kernel import main


def child(side):
    os.setsid()
    reader, writer = os.pipe()
    if os.fork() == 0:  # Reads what the kernel's descriptors 1 and 2 bring, as the agent does.
        os.close(writer)
        while os.read(reader, 65536):
            pass
        os._exit(0)
    os.dup2(writer, 1)
    os.dup2(writer, 2)
    main.run(side.detach())


def control(ours, wanted):
    data = b""
    while wanted not in data:
        data += ours.recv(65536)


def request(count):
    header = {"msg_id": f"m{count}", "msg_type": "execute_request", "username": "", "session": "s", "date": "2026-01-02T03:04:05Z", "version": "5.3"}
    content = {"code": "1+1", "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
    parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
    body = layout.pack("shell", parts) + b"".join(parts)
    return frames.header(frames.MESSAGE, 0, len(body), count) + body


main.prepare()
ours, theirs = socket.socketpair()
if os.fork() == 0:
    ours.close()
    child(theirs)
    os._exit(0)
theirs.close()
control(ours, b'"ready"')
ours.sendall(frames.control({"type": "go", "env": {}}))
control(ours, b'"went"')
print("ready", flush=True)
sent = 0
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        sent += 1
        frame = request(sent)
        data = b""
        begun = time.perf_counter()
        ours.sendall(frame)
        while b'"idle"' not in data or b'"execute_reply"' not in data:
            data += ours.recv(65536)
        times.append((time.perf_counter() - begun) * 1000)
    print(json.dumps(times), flush=True)
