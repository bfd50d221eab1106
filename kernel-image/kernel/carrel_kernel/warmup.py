"""Runs cells in the zygote, so that kernels share what the interpreter notes in code that has run.

CPython counts in the bytecode itself how often it runs, and rewrites it into faster instructions. In a kernel each such write copies a
page that it had in common with the zygote: 2 MB by the end of the first cell.
"""

import linecache

from .execution import Cell

#: After so many runs CPython has rewritten what it rewrites.
RUNS = 3


class _Nobody:
    """Takes what the cells publish."""

    def publish(self, *_, **__):
        pass


def run_cells(shell):
    """Leaves the shell as it was: no history, no variable, the next cell is the first."""
    names = dict(shell.user_ns)
    shell.attach(_Nobody())
    for _ in range(RUNS):
        for code in ("1+1", "1/0"):
            Cell(shell, code, False, True, None).run()
    shell.user_ns.clear()
    shell.user_ns.update(names)
    for cache in (names["_oh"], shell.history_manager.output_hist, shell.history_manager.output_hist_reprs):
        cache.clear()
    history = shell.history_manager
    history.input_hist_raw[:] = history.input_hist_parsed[:] = [""]
    history._i00 = history._i = history._ii = history._iii = ""
    hook = shell.displayhook
    hook._ = hook.__ = hook.___ = ""
    hook.exec_result = shell.last_execution_result = shell._last_traceback = None
    shell.last_execution_succeeded = True
    shell.execution_count = 1
    for name in [name for name in linecache.cache if name.startswith("<ipython-input")]:
        del linecache.cache[name]
