"""Carries messages between a kernel's ZeroMQ sockets and the agent's frames, in a process of its own: PID 1 never meets ZMTP.

Towards the agent: message frames (AF4, AF6) and the control frames `ready` (the kernel answers and nothing that it publishes is
missed), `went`. From the agent: message frames, and `go` (with the environment for a kernel prepared ahead), `interrupt`
(by message), `drain` (the kernel is dead: pass on what is still there, then end).
"""

import collections
import datetime
import json
import os
import socket
import time

import zmq
from zmq.utils.monitor import parse_monitor_message

from . import frames, layout

DELIMITER = b"<IDS|MSG>"
PORTS = {"shell": 1, "iopub": 2, "stdin": 3, "control": 4}
READ = 1 << 18
#: Messages that ZeroMQ may hold from the kernel: what is beyond waits in the kernel, which then waits itself.
RECEIVE_LIMIT = 2
#: A kernel that has been asked for kernel_info and published nothing is asked again after this time, in seconds.
NUDGE_EVERY = 0.1
QUIET = 1.0


def run(side, address, go):
    """`side`: descriptor of the agent's socketpair. `address`: the ipc path before "-PORT". `go`: socket to a kernel that waits for its
    environment, or None."""
    Bridge(socket.socket(fileno=side), address, go).serve()


class Bridge:
    def __init__(self, agent, address, go):
        self.agent = agent
        self.go = go
        agent.setblocking(False)
        self.context = zmq.Context()
        self.poller = zmq.Poller()
        self.decoder = frames.Decoder()
        self.sequence = 0
        self.pieces = collections.deque()
        self.inbound = []
        self.session = f"carrel-{os.urandom(8).hex()}"
        self.nudges = 0
        self.nudged = 0.0
        self.replied = self.published = self.ready = self.draining = False
        identity = os.urandom(16).hex().encode()
        self.sockets = {}
        self.monitors = {}
        for channel, port in PORTS.items():
            zsock = self.context.socket(zmq.SUB if channel == "iopub" else zmq.DEALER)
            zsock.linger = 0
            zsock.sndhwm = 0
            zsock.reconnect_ivl = 5
            zsock.reconnect_ivl_max = 100
            zsock.rcvhwm = RECEIVE_LIMIT
            self.monitors[channel] = zsock.get_monitor_socket(zmq.EVENT_CONNECTED | zmq.EVENT_DISCONNECTED)
            if channel == "iopub":
                zsock.setsockopt(zmq.SUBSCRIBE, b"")
            else:
                zsock.routing_id = identity
            zsock.connect(f"ipc://{address}-{port}")
            self.sockets[channel] = zsock
        self.connected = set()
        for monitor in self.monitors.values():
            self.poller.register(monitor, zmq.POLLIN)

    def serve(self):
        """Until the agent's end closes, or everything is passed on after `drain`."""
        quiet_since = None
        while True:
            self._interest()
            events = dict(self.poller.poll(None if self.ready and not self.draining else 20))
            for channel, monitor in self.monitors.items():
                if monitor in events:
                    self._watch(channel, monitor)
            if not self.ready:
                self._nudge()
            if self.pieces:
                self._write()
            if events.get(self.agent.fileno(), 0) & (zmq.POLLIN | zmq.POLLERR) and not self._read():
                return
            if self.go is not None and self.go.fileno() in events:
                self._went()
            came = False
            for channel, zsock in self.sockets.items():
                if zsock in events or self.draining:
                    came |= self._receive_some(channel)
            if not self.draining or came or self.pieces:
                quiet_since = None
                continue
            quiet_since = quiet_since or time.monotonic()
            if not self.connected or time.monotonic() - quiet_since > QUIET:
                return

    def _interest(self):
        """While the agent does not take what is there, nothing more is read from the kernel."""
        self.poller.register(self.agent, zmq.POLLIN | (zmq.POLLOUT if self.pieces else 0))
        for zsock in self.sockets.values():
            if not self.pieces:
                self.poller.register(zsock, zmq.POLLIN)
            elif zsock in self.poller:
                self.poller.unregister(zsock)

    def _watch(self, channel, monitor):
        event = parse_monitor_message(monitor.recv_multipart())["event"]
        (self.connected.add if event == zmq.EVENT_CONNECTED else self.connected.discard)(channel)

    def _read(self):
        try:
            data = self.agent.recv(READ)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        for event in self.decoder.feed(data):
            if isinstance(event, dict):
                self._command(event)
                continue
            if event.abort:
                self.inbound.clear()
                continue
            self.inbound.append(event.body)
            if not event.more:
                channel, parts = layout.unpack(b"".join(self.inbound))
                self.inbound.clear()
                if channel != "iopub":
                    self._pass(channel, parts)
        return True

    def _pass(self, channel, parts):
        self.sockets[channel].send_multipart([DELIMITER, b"", *parts], zmq.NOBLOCK, copy=False)

    def _receive_some(self, channel):
        for count in range(32):
            if self.pieces or not self._receive(channel):
                return count > 0
        return True

    def _receive(self, channel):
        try:
            message = self.sockets[channel].recv_multipart(zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return False
        views = [frame.buffer for frame in message]
        start = next((n for n, view in enumerate(views) if view == DELIMITER), None)
        if start is None or len(views) < start + 6:
            return True
        parts = views[start + 2 :]
        if self.session.encode() in bytes(parts[1][:4096]):
            self._answered(channel)
        elif self.ready:
            self._message(channel, parts)
        return True

    def _message(self, channel, parts):
        size = sum(map(len, parts))
        prefix = layout.pack(channel, parts)
        if size + len(prefix) > frames.MAX_MESSAGE:
            parts = _too_large(channel, parts, size)
            prefix = layout.pack(channel, parts)
        rest = [memoryview(prefix), *parts]
        left = sum(map(len, rest))
        while left:
            length = min(left, frames.MAX_BODY)
            left -= length
            self.sequence += 1
            self.pieces.append(frames.header(frames.MESSAGE, frames.MORE if left else 0, length, self.sequence))
            while length:
                piece = rest[0][:length]
                rest[0] = rest[0][len(piece) :]
                if not len(rest[0]):
                    rest.pop(0)
                if len(piece):
                    self.pieces.append(piece)
                length -= len(piece)
            while rest and not len(rest[0]):
                rest.pop(0)
        self._write()

    def _control(self, **body):
        self.pieces.append(frames.control(body))
        self._write()

    def _write(self):
        while self.pieces:
            some = [self.pieces[n] for n in range(min(len(self.pieces), 64))]
            try:
                count = self.agent.sendmsg(some)
            except BlockingIOError:
                return
            except OSError:
                os._exit(0)
            while count:
                head = self.pieces.popleft()
                if len(head) > count:
                    self.pieces.appendleft(memoryview(head)[count:])
                    break
                count -= len(head)

    def _command(self, body):
        if body["type"] == "go":
            if self.go is None:
                self._control(type="went")
            else:
                self.go.sendall(json.dumps(body["env"]).encode() + b"\n")
                self.poller.register(self.go, zmq.POLLIN)
        elif body["type"] == "interrupt":
            self._request("control", "interrupt_request")
        elif body["type"] == "drain":
            self.draining = True

    def _went(self):
        self.poller.unregister(self.go)
        self.go.close()
        self.go = None
        self._control(type="went")

    def _request(self, channel, kind):
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        header = {
            "msg_id": f"{self.session}-{os.urandom(4).hex()}",
            "msg_type": kind,
            "username": "carrel",
            "session": self.session,
            "date": now,
            "version": "5.3",
        }
        self._pass(channel, [json.dumps(header).encode(), b"{}", b"{}", b"{}"])

    def _nudge(self):
        """Asks kernel_info until the reply and one published message have come: the subscription stands then."""
        now = time.monotonic()
        if self.nudges == 0 or (self.replied and now - self.nudged > NUDGE_EVERY):
            self.nudges += 1
            self.nudged = now
            self.replied = False
            self._request("shell", "kernel_info_request")

    def _answered(self, channel):
        if channel == "iopub":
            self.published = True
        elif channel == "shell":
            self.replied = True
        if self.published and self.replied and not self.ready:
            self.ready = True
            self._control(type="ready")


def _too_large(channel, parts, size):
    """What takes the place of a message that no frame can carry: the same parents, and a text that says so."""
    text = f"A message of {size} bytes was left out: the longest that can be carried has {frames.MAX_MESSAGE}.\n"
    header = json.loads(bytes(parts[0]))
    if channel == "iopub":
        header["msg_type"] = "stream"
        content = {"name": "stderr", "text": text}
    else:
        content = {"status": "error", "ename": "MessageTooLarge", "evalue": text, "traceback": [text]}
    return [json.dumps(header).encode(), parts[1], b"{}", json.dumps(content).encode()]
