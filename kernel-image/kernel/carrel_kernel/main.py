"""The kernel's life: `prepare` in the zygote, which forks; `run` in the process that becomes a kernel."""

import os
import socket
import sys
import tempfile

from .imports import import_ipython

import_ipython()

import pdb  # noqa: E402

from IPython.core import debugger  # noqa: E402
from traitlets.config import Config  # noqa: E402

from .kernel import Kernel  # noqa: E402
from .shell import ZMQInteractiveShell  # noqa: E402
from .tracebacks import make_cheap  # noqa: E402
from .warmup import run_cells  # noqa: E402

#: What jedi sets when it is imported, so that the depth of a recursion does not depend on whether somebody has completed a word.
RECURSION_LIMIT = 3000


def prepare():
    """Builds the shell, which every kernel forked from here on has ready. Starts no thread and opens no file."""
    config = Config()
    config.IPKernelApp.parent_appname = "carrel"  # Programs look for this section to know that they run in a notebook.
    pdb.Pdb, pdb.set_trace = debugger.InterruptiblePdb, debugger.set_trace  # breakpoint(), in colours and with completion.
    make_cheap()
    run_cells(ZMQInteractiveShell.instance(config=config))


def run(side):
    """Serves as a kernel on the descriptor `side` until its end. Descriptors 1 and 2 are read by the agent (KS3)."""
    if not ZMQInteractiveShell.initialized():
        prepare()
    tempfile.tempdir = "/tmp"  # Found by a trial write otherwise, which fails where the disk is full.
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    sys.setrecursionlimit(RECURSION_LIMIT)
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    sys.argv = ["carrel_kernel"]
    sys.path.insert(0, "")
    for stream in (sys.__stdout__, sys.__stderr__):
        stream.reconfigure(line_buffering=True)
    shell = ZMQInteractiveShell.instance()
    shell.init_environment()  # Again: the environment of a kernel is its own.
    Kernel(shell, socket.socket(fileno=side)).serve()
