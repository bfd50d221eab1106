"""Runs one cell in IPython's shell: at once where it has no top-level await, otherwise as a task of the event loop."""

import asyncio
import sys

from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, _asyncio_runner


class Cell:
    """A cell to run: `code`, `silent`, `store_history`, `cell_id`. `run` or `start`, by `needs_loop`."""

    def __init__(self, shell, code, silent, store_history, cell_id):
        self._shell = shell
        self._info = (code, store_history, silent, True, cell_id)
        self._failure = None
        self._number = shell.execution_count
        shell._last_traceback = None
        try:
            self._transformed = shell.transform_cell(code)
        except Exception:
            self._transformed, self._failure = code, sys.exc_info()

    @property
    def needs_loop(self):
        """True for top-level await. The words are looked for first: telling needs a compilation."""
        text = self._transformed
        return (
            self._failure is None
            and ("await" in text or "async" in text)
            and self._shell.loop_runner is _asyncio_runner
            and self._shell.should_run_async(self._info[0], transformed_cell=text)
        )

    def run(self, begins=lambda: None):
        """Runs it to its end. Returns IPython's ExecutionResult; what the code raises is in it, and what `begins()` raises."""
        result = None
        try:
            begins()
            self._coroutine().send(None)
        except StopIteration as end:
            result = end.value
        except BaseException as error:
            result = self.failed(error)
        else:
            result = self.failed(RuntimeError("the cell waits for an event loop that it was not given"))
        self._after(result)
        return result

    def start(self, loop, context):
        """Starts it as a task; `interrupt` strikes it at its await. The task's result is IPython's ExecutionResult."""
        self._interruptible = Interruptible(self._coroutine())
        self._task = loop.create_task(self._finish(), context=context)
        self._loop = loop
        return self._task

    def interrupt(self):
        """KeyboardInterrupt where the cell awaits. May be called by a signal handler of the main thread. At once, as asyncio.Runner does it: a
        step of the task may be next in the loop, and perhaps never end."""
        self._interruptible.interrupted = True
        self._task.cancel()
        self._loop.call_soon_threadsafe(lambda: None)  # Wakes the loop where it waits.

    def cancelled(self):
        """What ended a task that was cancelled before its first step."""
        return KeyboardInterrupt() if self._interruptible.interrupted else asyncio.CancelledError()

    def failed(self, error):
        """The result of a cell that `error` ended outside of its own code. It counts like any other: an interrupt may also strike in a jump of
        IPython's that no `except` covers (CPython 3.13; in run_ast_nodes, between two statements)."""
        if self._info[1] and self._shell.execution_count == self._number:
            self._shell.execution_count += 1
        result = ExecutionResult(ExecutionInfo(*self._info))
        result.error_in_exec = error
        self._shell.showtraceback((type(error), error, error.__traceback__), running_compiled_code=True)
        return result

    async def _finish(self):
        try:
            result = await self._interruptible
        except BaseException as error:
            result = self.failed(error)
        self._after(result)
        return result

    def _coroutine(self):
        code, store_history, silent, shell_futures, cell_id = self._info
        return self._shell.run_cell_async(
            code,
            store_history=store_history,
            silent=silent,
            shell_futures=shell_futures,
            transformed_cell=self._transformed,
            preprocessing_exc_tuple=self._failure,
            cell_id=cell_id,
        )

    def _after(self, result):
        self._shell.events.trigger("post_execute")
        if not self._info[2]:
            self._shell.events.trigger("post_run_cell", result)


class Interruptible:
    """Awaits a coroutine; a cancellation that an interrupt asked for reaches its code as KeyboardInterrupt."""

    def __init__(self, coroutine):
        self._coroutine = coroutine
        self.interrupted = False

    def __await__(self):
        step, value = self._coroutine.send, None
        while True:
            try:
                waited = step(value)
            except StopIteration as end:
                return end.value
            try:
                step, value = self._coroutine.send, (yield waited)
            except asyncio.CancelledError as error:
                step, value = self._coroutine.throw, error
                if self.interrupted:
                    self.interrupted = False
                    asyncio.current_task().uncancel()
                    value = KeyboardInterrupt()
            except BaseException as error:
                step, value = self._coroutine.throw, error
