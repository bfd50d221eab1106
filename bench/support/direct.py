"""ipykernel driven directly by jupyter_client, over raw sockets of its own session: commands as JSON lines on stdin, one answer each.

Only the headers of messages are parsed, as the other client does. Times are milliseconds of this process's clock.
"""

import json
import os
import sys
import time

import ipykernel
import jupyter_client
import zmq
from jupyter_client import KernelManager

LIMIT = 60


class Direct:
    def start(self):
        """From the start of the process to the first result."""
        begun = time.perf_counter()
        self.manager = KernelManager(context=zmq.Context.instance())
        self.manager.start_kernel(stdout=open(os.devnull, "w"), stderr=sys.stderr)
        self.connect()
        self.execute("1+1", "execute_result")
        return {"times": [ms(begun)]}

    def connect(self):
        """Sockets, and a kernel whose output arrives: asked once, and again only where iopub was not joined in time."""
        self.shell, self.iopub = self.manager.connect_shell(), self.manager.connect_iopub()
        self.poller = zmq.Poller()
        self.poller.register(self.shell, zmq.POLLIN)
        self.poller.register(self.iopub, zmq.POLLIN)
        request = self.ask_info()
        if not self.until(request, ("kernel_info_reply",)):
            raise SystemExit("ipykernel did not answer")
        while not self.until(self.ask_info(), ("kernel_info_reply", "idle"), 0.05):
            pass

    def ask_info(self):
        return self.manager.session.send(self.shell, "kernel_info_request", {})["header"]["msg_id"]

    def until(self, request, wanted, limit=LIMIT, on_stream=None):
        """Whether all of the wanted types (`idle` is a status) came as answers to the request in time."""
        missing = set(wanted)
        deadline = time.perf_counter() + limit
        while missing:
            left = deadline - time.perf_counter()
            events = self.poller.poll(max(0, left) * 1000)
            if not events and left <= 0:
                return False
            for socket, _ in events:
                _, parts = self.manager.session.feed_identities(socket.recv_multipart())
                kind = json.loads(parts[1])["msg_type"]
                if json.loads(parts[2]).get("msg_id") != request:
                    continue
                if kind == "stream" and on_stream:
                    on_stream(parts[4])
                missing.discard("idle" if kind == "status" and b'"idle"' in parts[4] else kind)
        return True

    def execute(self, code, *more, on_stream=None):
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        begun = time.perf_counter()
        message = self.manager.session.send(self.shell, "execute_request", content)
        if not self.until(message["header"]["msg_id"], ("execute_reply", "idle", *more), on_stream=on_stream):
            raise SystemExit("a cell did not end in time")
        return ms(begun)

    def round(self, count, code):
        return {"times": [self.execute(code) for _ in range(count)]}

    def printed(self, code):
        """One cell that prints: its time, and the bytes of text that came."""
        contents = []
        took = self.execute(code, on_stream=contents.append)
        return {"times": [took], "bytes": sum(len(json.loads(content)["text"]) for content in contents)}

    def interrupt(self, code, wait):
        """From SIGINT to the reply of a cell that has run `wait` seconds."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        message = self.manager.session.send(self.shell, "execute_request", content)
        time.sleep(wait)
        begun = time.perf_counter()
        self.manager.interrupt_kernel()
        if not self.until(message["header"]["msg_id"], ("execute_reply",)):
            raise SystemExit("an interrupt was not answered in time")
        took = ms(begun)
        self.execute("1")
        return {"times": [took]}

    def restart(self):
        """From the request to the first result of the new process."""
        begun = time.perf_counter()
        self.manager.restart_kernel(now=True)
        self.close()
        self.connect()
        self.execute("1+1", "execute_result")
        return {"times": [ms(begun)]}

    def process(self):
        return {"times": [], "pid": self.manager.provisioner.process.pid}

    def end(self):
        self.close()
        self.manager.shutdown_kernel(now=True)
        return {"times": []}

    def close(self):
        self.shell.close(0)
        self.iopub.close(0)

    def versions(self):
        return {"times": [], "text": f"ipykernel {ipykernel.__version__}, jupyter_client {jupyter_client.__version__}, Python {sys.version.split()[0]}"}


def ms(begun):
    return (time.perf_counter() - begun) * 1000


direct = Direct()
for line in sys.stdin:
    command = json.loads(line)
    answer = getattr(direct, command.pop("do"))(**command)
    print(json.dumps(answer), flush=True)
