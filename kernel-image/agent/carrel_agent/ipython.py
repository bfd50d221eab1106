"""ipykernel as a sandbox needs it: started by a fork, prepared ahead, its output bounded and never dropped.

Stock ipykernel publishes on a PUB socket that drops what does not fit and gathers a fast loop's prints in one message of any size. Here
the thread that prints waits while more than LIMIT is under way (an interrupt ends the wait), a stream message holds at most
CHUNK characters, and the PUB socket makes its sender wait.
"""

import atexit
import codecs
import json
import os
import sys
import tempfile
import threading

import zmq
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell  # noqa: F401  (imported here, before any fork)
from tornado.ioloop import IOLoop
from traitlets.config import Config
from zmq.eventloop.zmqstream import ZMQStream

#: Characters in one stream message.
CHUNK = 1 << 18
#: Bytes (of text: characters) that may be on their way from the code to the socket.
LIMIT = 1 << 20
#: Messages that the PUB socket holds for its reader, and the size above which it holds a single one.
SEND_LIMIT = 16
LARGE = 1 << 20


def run(folder, go):
    """The kernel's whole life. `go`: socket on which a line of JSON, the environment to add, comes once."""
    sys.argv = ["ipykernel_launcher.py"]
    tempfile.tempdir = "/tmp"  # Found by a trial write otherwise, which fails where a tenant has filled it.
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.Session.key = b""
    # Programs look for this section to know that they run in a notebook.
    config.IPKernelApp.connection_file = os.path.join(folder, "connection.json")
    app = SandboxKernelApp.instance(
        config=config,
        transport="ipc",
        ip=os.path.join(folder, "k"),
        shell_port=1,
        iopub_port=2,
        stdin_port=3,
        control_port=4,
        hb_port=5,
        outstream_class=f"{__name__}.SandboxOutStream",
    )
    app.initialize([])
    loop = IOLoop.current()
    loop.add_handler(go.fileno(), lambda *_: _released(loop, go), loop.READ)
    app.start()
    # Before the thread that publishes: after its last reply it flushes, and would wait for that one for ever.
    app.control_thread.stop()
    app.control_thread.join()
    atexit._run_exitfuncs()  # Those of the cells; and ipykernel's own, which waits until its last replies are written.


def _released(loop, go):
    loop.remove_handler(go.fileno())
    go.setblocking(True)
    with go, go.makefile("r") as lines:
        os.environ.update(json.loads(lines.readline()))
        go.sendall(b"\n")


class Gate:
    """Counts what is on its way to the socket. Whoever hands something over waits for room before and adds its size afterwards: an
    interrupt between the two makes the count too small, which does no harm, where one too large would hang the kernel."""

    def __init__(self):
        self._renew()
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self):
        self._lock = threading.Lock()
        self._room = threading.Lock()
        self._pending = 0

    def wait(self):
        while self._pending >= LIMIT:
            self._room.acquire(timeout=0.1)

    def add(self, size):
        with self._lock:
            self._pending += size
        if size < 0 and self._room.locked():
            try:
                self._room.release()
            except RuntimeError:
                pass


class SandboxIOPubThread(IOPubThread):
    """Sends every message, however slowly it is read, and keeps those who publish from running ahead."""

    def __init__(self, socket, pipe=False):
        self.gate = Gate()
        super().__init__(socket, pipe)

    def _setup_pipe_in(self):
        """For what forked children publish: a socket in the kernel's own folder instead of a TCP port."""
        self._pipe_uuid = os.urandom(16)
        self._pipe_address = self.socket.getsockopt_string(zmq.LAST_ENDPOINT) + "-children"
        pipe_in = self.socket.context.socket(zmq.PULL)
        pipe_in.linger = 0
        pipe_in.bind(self._pipe_address)
        self._pipe_in = ZMQStream(pipe_in, self.io_loop)
        self._pipe_in.on_recv(self._handle_pipe_msg)

    def _setup_pipe_out(self):
        context = zmq.Context()
        pipe_out = context.socket(zmq.PUSH)
        pipe_out.linger = 3000
        pipe_out.connect(self._pipe_address)
        return context, pipe_out

    def may_wait(self):
        """False for the thread that empties the gate, and in forked children, whose messages take another way."""
        return self._is_master_process() and threading.current_thread() is not self.thread and self.thread.is_alive()

    def send_multipart(self, msg, *args, **kwargs):
        size = sum(memoryview(part).nbytes for part in msg)
        if threading.current_thread() is self.thread:
            # At once: whoever flushes is told when this returns, and may then hold the interpreter's lock for minutes.
            self.gate.add(size)
            self._send_counted(size, msg, *args, **kwargs)
            return
        if self.may_wait():
            self.gate.wait()
        self.schedule(lambda: self._send_counted(size, msg, *args, **kwargs))
        self.gate.add(size)

    def _send_counted(self, size, msg, *args, **kwargs):
        try:
            if size >= LARGE and self._is_master_process() and not self.closed:
                self.socket.send_multipart(msg, copy=False, track=True).wait()
            else:
                self._really_send(msg, *args, **kwargs)
        finally:
            self.gate.add(-size)


class SandboxOutStream(OutStream):
    """sys.stdout and sys.stderr, cut into pieces of CHUNK characters."""

    #: Whoever flushes waits until everything is out, or is interrupted.
    flush_timeout = None
    _buffered = 0

    def write(self, string):
        if not isinstance(string, str) or self.pub_thread is None or len(string) == 0 or not self.pub_thread.may_wait():
            return super().write(string)
        for start in range(0, len(string), CHUNK):
            piece = string[start : start + CHUNK]
            self.pub_thread.gate.wait()
            before, self._buffered = self._buffered, self._buffered + len(piece)
            super().write(piece)
            self.pub_thread.gate.add(len(piece))
            if before < CHUNK <= self._buffered:
                self.pub_thread.schedule(self._flush)
        return len(string)

    def _flush_buffers(self):
        self._buffered = 0
        for parent, data in super()._flush_buffers():
            if self.pub_thread._is_master_process():
                self.pub_thread.gate.add(-len(data))
            for start in range(0, len(data), CHUNK):
                yield parent, data[start : start + CHUNK]

    def _watch_pipe_fd(self):
        """What child processes and C code write to the descriptor; a character may be cut by a read."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            data = os.read(self._fid, 1 << 16)
            if not data or not self._should_watch:
                return
            self.write(decoder.decode(data))


class SandboxKernelApp(IPKernelApp):
    """Without heartbeat (the agent sees its child end) and with the bounded output."""

    def init_heartbeat(self):
        self.heartbeat = None

    def init_iopub(self, context):
        socket = context.socket(zmq.PUB)
        socket.linger = 1000
        socket.sndhwm = SEND_LIMIT
        socket.setsockopt(zmq.XPUB_NODROP, 1)
        self.iopub_port = self._bind_socket(socket, self.iopub_port)
        self.configure_tornado_logger()
        self.iopub_thread = SandboxIOPubThread(socket, pipe=True)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket
