"""The agent's side of what the gateway asks about files (AF21-AF27): it starts the process that does it (files.py) when something is
asked, carries frames between it and the gateway, and ends it when nothing has been asked for a while.

That process is the cell's user: what comes from it is checked, and is about files or nothing.
"""

from . import frames
from .kernelspecs import FILES
from .lean import deque, socket
from .link import whole

#: Transfers that are open at the same time.
MOST_OPEN = 8
#: Of what waits for the process, in bytes: AF23 lets no more come than one piece and a few words.
MOST_HELD = 1 << 18
CONTROL_LIMIT = 1 << 16
READ = 1 << 17
#: Seconds without a transfer after which the process is ended.
IDLE = 20.0
BEGINS = ("file-list", "file-read", "file-write", "file-remove")
GOES_ON = ("file-next", "file-close")
ANSWERS = ("file-listed", "file-opened", "file-taken", "file-done", "file-failed")
ENDS = ("file-done", "file-failed")


class Files:
    """`host` is the agent (loop, link, zygote, home)."""

    def __init__(self, host):
        self.host = host
        self.pid = None
        self._socket = None
        self._theirs = None
        self._stuck = False
        self._out = deque()
        self._held = 0
        self._open = set()
        self._decoder = None
        self._events = iter(())
        self._round = 0

    @property
    def waits_for(self):
        """(socket, readable, writable): nothing is read while something waits for the gateway."""
        return self._socket, not self.host.link.files, self._stuck

    def watch(self):
        if self._socket:
            self.host.loop.watch(self._socket.fileno(), self._ready, not self.host.link.files, self._stuck)

    def command(self, body):
        """A control frame of the gateway about files."""
        kind, transfer = body["type"], whole(body, "transfer")
        if kind in BEGINS:
            if transfer in self._open or len(self._open) >= MOST_OPEN:
                raise frames.Violation(f"flow: {kind} where {len(self._open)} transfers are open")
            self._open.add(transfer)
        elif kind not in GOES_ON:
            raise frames.Violation(f"control: unknown type {kind[:40]!r}")
        elif transfer not in self._open:
            return
        if kind == "file-close":
            self._close(transfer)
        self._send(frames.control(body))

    def piece(self, data):
        """A piece of a file that is to be written."""
        if data.transfer in self._open:
            self._send(frames.data(data.transfer, data.body))

    def reset(self):
        """A connection begins: what an earlier one had begun is over."""
        self._open.clear()
        self._end()

    def ended(self, reason):
        """The process is gone: what was under way fails, and the next request starts another one."""
        failed, self._open = self._open, set()
        self._end()
        for transfer in sorted(failed):
            self._tell({"type": "file-failed", "transfer": transfer, "code": "failed", "reason": reason[:500]})

    def writable(self):
        """Writes what the process takes now."""
        while self._out and not self._stuck and self._socket:
            try:
                count = self._socket.send(self._out[0])
            except BlockingIOError:
                self._stuck = True
                return
            except OSError:
                return  # The reading side tells.
            self._held -= count
            if count < len(self._out[0]):
                self._out[0] = memoryview(self._out[0])[count:]
            else:
                self._out.popleft()

    def _send(self, data):
        self._held += len(data)
        if self._held > MOST_HELD:
            raise frames.Violation("flow: more about files than was asked for")
        self._out.append(data)
        if self._socket is None:
            self._start()
        self.writable()

    def _start(self):
        self._socket, self._theirs = socket.socketpair()
        self._socket.setblocking(False)
        self._decoder = frames.Decoder(control_limit=CONTROL_LIMIT)
        theirs = self._theirs
        request = {"kind": FILES, "home": self.host.home}
        self.host.zygote.ask(request, [theirs.fileno()], lambda answer: self._answered(theirs, answer))

    def _answered(self, theirs, answer):
        theirs.close()
        if theirs is not self._theirs:
            return  # It was ended before it had begun; its socket is closed, so it ends.
        self._theirs = None
        if "error" in answer:
            self.ended(f"the process that reads and writes files could not be started: {answer['error']}")
        else:
            self.pid = answer["kernel"]

    def _ready(self, readable, writable):
        if writable:
            self._stuck = False
            self.writable()
        if readable and self._socket and not self.host.link.files:
            self._read()

    def _read(self):
        try:
            data = self._socket.recv(READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.ended("the process that reads and writes files ended")
            return
        try:
            for event in self._decoder.feed(data):
                self._pass_on(event)
        except frames.Violation as violation:
            self.ended(f"the process that reads and writes files broke a rule: {violation}")

    def _pass_on(self, event):
        if isinstance(event, frames.Data):
            if event.transfer in self._open:
                self.host.link.files.append(frames.data(event.transfer, event.body))
            return
        if not isinstance(event, dict) or event["type"] not in ANSWERS:
            raise frames.Violation("control: it is about something else")
        if whole(event, "transfer") not in self._open:
            return
        if event["type"] in ENDS:
            self._close(event["transfer"])
        self._tell(event)

    def _tell(self, body):
        if self.host.link.attached:
            self.host.link.files.append(frames.control(body))

    def _close(self, transfer):
        self._open.discard(transfer)
        self._round += 1
        turn = self._round
        self.host.loop.after(IDLE, lambda: self._idle(turn))

    def _idle(self, turn):
        if turn == self._round and not self._open:
            self._end()

    def _end(self):
        """It ends when its socket does, and removes what it has half written."""
        if self._socket:
            self.host.loop.forget(self._socket.fileno())
            self._socket.close()
        self._socket = self._theirs = self.pid = None
        self._stuck = False
        self._out.clear()
        self._held = 0
