"""Imports IPython without what a plain cell does not need; all of it can still be imported by whoever asks.

`import IPython` imports the terminal (prompt_toolkit), the completer imports jedi, the history sqlite3.
"""

import importlib
import importlib.util
import sys
import types

EMBED = "IPython.terminal.embed"


def import_ipython():
    """Idempotent; to be called before anything else imports IPython."""
    if "IPython" in sys.modules:
        return
    embed = types.ModuleType(EMBED)
    embed.embed = _embed
    sys.modules[EMBED] = embed
    sys.modules["jedi"] = None
    _lazy("sqlite3")
    try:
        importlib.import_module("IPython")
        importlib.import_module("IPython.core.completer")
    finally:
        del sys.modules[EMBED], sys.modules["jedi"]


def _embed(*arguments, **options):
    """IPython.embed."""
    return importlib.import_module(EMBED).embed(*arguments, **options)


def _lazy(name):
    """A module that is loaded when something of it is first used."""
    if name in sys.modules:
        return
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
