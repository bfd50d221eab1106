"""The kernel: takes requests in their order, answers those of `control` at any moment, and publishes.

Everything runs in the callbacks of one asyncio loop in the main thread. While a cell runs, other requests wait in a queue;
while a cell awaits, only tasks and `control` go on.
"""

import asyncio
import atexit
import collections
import contextvars
import faulthandler
import os
import signal
import sys
import threading
import time

from . import answers, comms, inspection, parents, streams, variables
from .connection import Closed, Connection
from .execution import Cell
from .facade import Facade, Session
from .interrupts import Interrupts
from .messages import Writer, now, stream_content
from .stdin import Stdin

#: What a forked child may still show: text on its descriptors (KS3).
TEXTS = {"display_data": 1, "execute_result": 1, "error": 2}


class Kernel(Facade):
    def __init__(self, shell, sock):
        self.shell = shell
        self.interrupts = Interrupts(self._signalled)
        self.connection = Connection(sock, self.interrupts)
        self._writer = Writer()
        self.session = Session(self, self._writer)
        self.gatherer = streams.Gatherer(self.interrupts, self._stream, self.connection.flush)
        self.comm_manager = comms.install(self)
        self.stdin = Stdin(self._ask)
        self._queue = collections.deque()
        self._answers = collections.deque()
        self._reading = threading.RLock()
        self._busy = False
        self._pid = os.getpid()
        self._main = threading.get_ident()
        self._context = contextvars.copy_context()
        self._loop = asyncio.new_event_loop()
        self._handlers = {
            "kernel_info_request": lambda _: answers.kernel_info(),
            "complete_request": self._complete,
            "inspect_request": self._inspect,
            "is_complete_request": lambda content: inspection.is_complete(shell, _text(content, "code")),
            "history_request": lambda content: answers.history(shell.history_manager, content),
            "comm_info_request": lambda content: comms.listed(self.comm_manager, content.get("target_name")),
            "connect_request": lambda _: {"status": "ok"},
            "interrupt_request": self._interrupt,
            "debug_request": answers.debug,
            "usage_request": lambda _: answers.usage(),
            "variables_request": lambda _: variables.largest(shell, sys._getframe()),
        }
        shell.attach(self)

    def serve(self):
        """Until the agent closes the connection or a client asks for the end."""
        self._take_over_process()
        asyncio.set_event_loop(self._loop)
        self._loop.add_reader(self.connection.socket, self._readable)
        self.connection.control("ready")
        while True:
            try:
                self._loop.run_forever()
            except (KeyboardInterrupt, SystemExit) as end:
                # Raised in a callback, the user's or ours: the loop goes on, as it does after every other exception. A cell that awaits was meant.
                if isinstance(end, KeyboardInterrupt) and self.interrupts.cancel is not None:
                    self.interrupts.cancel()

    def publish(self, kind, content, metadata=None, buffers=(), parent=None, flush=True):
        """A message on iopub: of the request that the running code belongs to, or with `parent` (JSON bytes of a header)."""
        if self.gatherer.forked:
            _show_as_text(kind, content)
            return
        self.gatherer.pack()
        self._put("iopub", kind, content, parent or parents.current().raw, metadata, buffers)
        if flush:
            self.connection.flush()

    def get_parent(self, _channel=None):
        """The request that the running code belongs to, as a dict."""
        return parents.current().as_dict()

    def _take_over_process(self):
        faulthandler.enable(2)  # A crash in native code says where, on a descriptor that outlives us (KS8).
        self.interrupts.install()
        self.stdin.install()
        parents.follow_threads()
        sys.stdout = streams.OutStream("stdout", 1, self.gatherer)
        sys.stderr = streams.OutStream("stderr", 2, self.gatherer)
        streams.watch_starts(self.gatherer)
        os.register_at_fork(before=self._before_fork, after_in_parent=self._after_fork, after_in_child=self._in_child)

    def _before_fork(self):
        if not self.gatherer.forked:
            self.interrupts.before_fork()
            self.gatherer.before_fork()

    def _after_fork(self):
        if not self.gatherer.forked:
            self.interrupts.after_fork(in_child=False)

    def _in_child(self):
        if not self.gatherer.forked:
            self.gatherer.after_fork()
            self.connection.socket.close()
            self.interrupts.after_fork(in_child=True)

    def _put(self, channel, kind, content, parent, metadata=None, buffers=()):
        self.connection.put(self._writer.message(channel, kind, content, parent, metadata, buffers))

    def _stream(self, name, parent, data):
        self._put("iopub", "stream", stream_content(name, data), parent.raw)

    def _status(self, state, request):
        self._put("iopub", "status", {"execution_state": state}, request.raw)

    def _reply(self, request, content, metadata=None):
        self.gatherer.pack()
        kind = f"{(request.kind or '').removesuffix('_request')}_reply"
        self._put(request.channel, kind, content, request.raw, metadata)

    def _read(self):
        """Takes what has arrived: `control` is answered here, also in the middle of a cell."""
        try:
            with self.interrupts, self._reading:
                for arrived in self.connection.receive():
                    if isinstance(arrived, dict):
                        self._command(arrived)
                    elif arrived.channel == "control":
                        self._control(arrived)
                    elif arrived.channel == "stdin":
                        self._answers.append(arrived)
                    else:
                        self._queue.append(arrived)
        except Closed:
            os._exit(0)

    def _signalled(self):
        """KS6, in a signal handler: what has been read for the channel shell is nothing any more that the waiting loop would wake for."""
        self._read()
        if self._queue and not self._busy:
            self._loop.call_soon_threadsafe(self._next, context=self._context)

    def _readable(self):
        self._read()
        if self._queue and not self._busy:
            self._context.run(self._next)

    def _next(self):
        """Handles the oldest request. Between two the loop has a turn, so that tasks of earlier cells go on."""
        if self._busy or not self._queue:
            return
        request = self._queue.popleft()
        self._busy = True
        if request.kind == "execute_request":
            streams.wait_until_read(1, 2)
        parents.enter(request)
        self._status("busy", request)
        if request.kind == "execute_request":
            self._execute(request)
            return
        if request.kind == "shutdown_request":
            self._shutdown(request)
        if request.kind in ("comm_open", "comm_msg", "comm_close"):
            self._guarded(comms.handle, self.comm_manager, request)
        else:
            self._reply(request, self._guarded(self._handler(request), request.content))
        self._idle(request)

    def _idle(self, request):
        self.gatherer.calm()
        self.gatherer.pack()
        self._status("idle", request)
        self.connection.flush()
        if self.shell.exit_now:
            self._end()
        self._busy = False
        if self._queue:
            self._loop.call_soon(self._next, context=self._context)

    def _handler(self, request):
        """What makes the content of its reply."""
        unknown = NotImplementedError(f"this kernel knows no message of type {request.kind!r}")
        return self._handlers.get(request.kind, lambda _: answers.error(unknown))

    def _guarded(self, function, *arguments):
        """Calls what may run user code: it can be interrupted, and what it raises becomes the content of an error."""
        try:
            try:
                self.interrupts.running = True
                return function(*arguments)
            finally:
                self.interrupts.running = False
        except BaseException as problem:
            self.interrupts.running = False
            return answers.error(problem)

    def _control(self, request):
        self._status("busy", request)
        if request.kind == "shutdown_request":
            self._shutdown(request)
        if request.kind == "execute_request":
            content = answers.error(NotImplementedError("code is executed on the channel shell"))
        else:
            try:
                content = self._handler(request)(request.content)
            except Exception as problem:
                content = answers.error(problem)
        self._reply(request, content)
        self._status("idle", request)
        self.connection.flush()

    def _command(self, body):
        if body["type"] == "go":
            os.environ.update(body["env"])
            self.connection.control("went")

    def _execute(self, request):
        content = request.content
        silent = bool(content.get("silent"))
        started = now()
        if not isinstance(content.get("code"), str):
            problem = ValueError(f"code: expected a string, found {type(content.get('code')).__name__}")
            self._executed(request, None, answers.error(problem), started)
            return
        if not silent:
            shown = {"code": content["code"], "execution_count": self.shell.execution_count}
            self._put("iopub", "execute_input", shown, request.raw)
        self.interrupts.announced = True
        self.connection.flush()
        self.stdin.allowed = bool(content.get("allow_stdin"))
        cell = self._guarded(self._cell, request, silent)
        if isinstance(cell, dict):
            self._executed(request, None, cell, started)
        elif cell.needs_loop:
            task = cell.start(self._loop, self._context)
            task.add_done_callback(lambda _: self._awaited(request, cell, task, started), context=self._context)
            self.interrupts.cancel = cell.interrupt
            self.interrupts.running = True
            if self.interrupts.due:
                self.interrupts.due = False
                cell.interrupt()
        else:
            self._executed(request, cell, self._guarded(cell.run, self.interrupts.strike_if_due), started)

    def _awaited(self, request, cell, task, started):
        self.interrupts.cancel = None
        self.interrupts.running = False
        problem = cell.cancelled() if task.cancelled() else task.exception()
        self._executed(request, cell, cell.failed(problem) if problem else task.result(), started)

    def _cell(self, request, silent):
        content = request.content
        store = bool(content.get("store_history", not silent)) and not silent
        return Cell(self.shell, content["code"], silent, store, request.metadata.get("cellId"))

    def _executed(self, request, cell, result, started):
        """Replies. `result`: IPython's, or a dict where the cell did not get that far."""
        self.interrupts.announced = self.interrupts.due = False
        if os.getpid() != self._pid:
            os._exit(0)  # A child that the cell forked and that went on to its end.
        reply = result if isinstance(result, dict) else self._outcome(request, result)
        reply["execution_count"] = self.shell.execution_count - (cell is not None)
        reply["payload"] = self.shell.payload_manager.read_payload()
        self.shell.payload_manager.clear_payload()
        self._reply(request, reply, {"started": started, "status": reply["status"]})
        if reply["status"] == "error" and request.content.get("stop_on_error", True) and not request.content.get("silent"):
            self._abort_queue()
        self._idle(request)

    def _outcome(self, request, result):
        if not result.success:
            problem = result.error_before_exec or result.error_in_exec
            return {**answers.error(problem), "traceback": self.shell._last_traceback or [], "user_expressions": {}}
        expressions = request.content.get("user_expressions") or {}
        values = self._guarded(self.shell.user_expressions, expressions) if expressions else {}
        return {"status": "ok", "user_expressions": values}

    def _abort_queue(self):
        """stop_on_error: cells that were sent before the error was known are not run."""
        self._read()
        kept = []
        for request in self._queue:
            if request.kind != "execute_request":
                kept.append(request)
                continue
            self._status("busy", request)
            self._reply(request, {"status": "aborted"}, {"started": now(), "status": "aborted"})
            self._status("idle", request)
        self._queue = collections.deque(kept)

    def _complete(self, content):
        return inspection.complete(self.shell, _text(content, "code"), content.get("cursor_pos"))

    def _inspect(self, content):
        detail = content.get("detail_level", 0)
        omit = content.get("omit_sections") or ()
        return inspection.inspect(self.shell, _text(content, "code"), content.get("cursor_pos"), detail, omit)

    def _interrupt(self, _):
        os.kill(self._pid, signal.SIGINT)
        return {"status": "ok"}

    def _shutdown(self, request):
        """Answers, runs what was registered for the end, and ends."""
        content = {"status": "ok", "restart": bool(request.content.get("restart"))}
        self._reply(request, content)
        self._put("iopub", "shutdown_reply", content, request.raw)
        self._status("idle", request)
        self.connection.flush()
        self._end()

    def _end(self):
        atexit._run_exitfuncs()
        self.gatherer.flush()
        os._exit(0)

    def _ask(self, prompt, password):
        """input(): waits for the client's answer, while other requests queue."""
        self._read()
        self._answers.clear()
        self.gatherer.pack()
        self._put("stdin", "input_request", {"prompt": prompt, "password": password}, parents.current().raw)
        self.connection.flush()
        while not self._answers:
            if threading.get_ident() == self._main:
                self.connection.wait()
            else:
                time.sleep(0.02)
            self._read()
        return str(self._answers.popleft().content.get("value", ""))


def _text(content, name):
    value = content.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected a string, found {type(value).__name__}")
    return value


def _show_as_text(kind, content):
    """What a forked child displays: its text goes to the descriptors that it shares with the kernel."""
    text = content.get("data", {}).get("text/plain") or "\n".join(content.get("traceback", ()))
    if kind in TEXTS and text:
        streams.write_all(TEXTS[kind], f"{text}\n".encode("utf-8", "replace"))
