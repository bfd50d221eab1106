"""IPython's InteractiveShell for a notebook: where its output, errors, payloads and questions go."""

import os
import sys

from IPython.core import page, payloadpage
from IPython.core.autocall import ZMQExitAutocall
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell, InteractiveShellABC
from IPython.utils.process import system
from traitlets import Any, CBool, Instance, Type, default

from .answers import text_of
from .display import MessageDisplayHook, MessageDisplayPublisher
from .formatting import QuickDisplayFormatter
from .history import MemoryHistory
from .magics import NotebookMagics
from .tracebacks import without_own_frames

#: What `%gui` and `%matplotlib` may ask for: backends without a window, and the loop that runs anyway.
WINDOWLESS = {None, "", "inline", "agg", "svg", "pdf", "ps", "nbagg", "notebook", "ipympl", "widget", "asyncio"}


class ZMQInteractiveShell(InteractiveShell):
    """The name is ipykernel's: countless programs ask for `get_ipython().__class__.__name__` to know that they run in a notebook.

    `kernel` publishes; it is given by `attach`, after the zygote has forked."""

    displayhook_class = Type(MessageDisplayHook)
    display_pub_class = Type(MessageDisplayPublisher)
    kernel = Any()
    keepkernel_on_exit = None
    autoindent = CBool(False)
    exiter = Instance(ZMQExitAutocall)
    _last_traceback = None

    @default("exiter")
    def _exiter(self):
        return ZMQExitAutocall(self)

    def attach(self, kernel):
        self.kernel = self.displayhook.kernel = self.display_pub.kernel = kernel

    def init_environment(self):
        """Colours for programs that ask TERM, and no pagers: nobody could press a key."""
        os.environ.update(TERM="xterm-color", CLICOLOR="1", FORCE_COLOR="1", CLICOLOR_FORCE="1", PAGER="cat", GIT_PAGER="cat")

    def init_virtualenv(self):
        """The image has one Python."""

    def init_history(self):
        self.history_manager = MemoryHistory(shell=self, parent=self)
        self.configurables.append(self.history_manager)

    def init_hooks(self):
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(payloadpage.page), 99)

    def init_magics(self):
        super().init_magics()
        self.register_magics(NotebookMagics)
        self.magics_manager.register_alias("ed", "edit")

    def init_display_formatter(self):
        self.display_formatter = QuickDisplayFormatter(parent=self)
        self.configurables.append(self.display_formatter)

    def init_data_pub(self):
        """ipyparallel's; nothing publishes there."""

    def enable_gui(self, gui=None):
        if gui not in WINDOWLESS:
            raise UsageError(f"GUI event loop {gui!r} is not available: worksheets have no display. Use %matplotlib inline.")
        self.active_eventloop = gui

    def ask_exit(self):
        """`exit` and `quit`: the frontend is told, and the kernel ends after the cell."""
        self.exit_now = not self.keepkernel_on_exit
        self.payload_manager.write_payload({"source": "ask_exit", "keepkernel": self.keepkernel_on_exit})

    def set_next_input(self, text, replace=False):
        """Text for the next cell, or instead of this one."""
        self.payload_manager.write_payload({"source": "set_next_input", "text": text, "replace": replace})

    def get_parent(self):
        """The request that the running code belongs to."""
        return self.kernel.get_parent()

    @property
    def parent_header(self):
        return self.kernel.get_parent()

    def system_piped(self, cmd):
        """`!command`: its output is the cell's, its exit code is in `_exit_code`."""
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        self.user_ns["_exit_code"] = system(self.var_expand(cmd, depth=1))

    system = system_piped

    def _get_exc_info(self, exc_tuple=None):
        kind, value, traceback = super()._get_exc_info(exc_tuple)
        return kind, value, without_own_frames(traceback)

    def _showtraceback(self, etype, evalue, stb):
        content = {"traceback": stb, "ename": etype.__name__, "evalue": text_of(evalue)}
        self.kernel.publish("error", content, flush=False)
        self._last_traceback = stb

    def atexit_operations(self):
        super().atexit_operations()
        sys.stdout.flush()


InteractiveShellABC.register(ZMQInteractiveShell)
#: Some programs look for "zmqshell" in the name of the class.
ZMQInteractiveShell.__module__ = "ipykernel.zmqshell"
