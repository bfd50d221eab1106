"""Imports IPython without what a plain cell does not need; all of it can still be imported by whoever asks.

`import IPython` imports the terminal (prompt_toolkit), jedi, sqlite3, TLS, HTTP and more, for magics and methods that most
worksheets never call. A module that others only look into becomes lazy: it is loaded when something of it is first used. From a module
that others take functions of, they get functions that import it when they are called. `tests/test_imports.py` holds the list.
"""

import contextlib
import importlib
import importlib.machinery
import importlib.util
import sys
import types

#: Loaded when an attribute of them is first used.
LAZY = ("asyncio.sslproto", "bz2", "cProfile", "lzma", "mimetypes", "pstats", "pydoc", "sqlite3", "ssl")
#: Functions and classes that are only called, by the module that has them.
CALLED = {
    "IPython.terminal.embed": ("embed",),
    "importlib.metadata": ("entry_points",),
    "logging.config": ("dictConfig",),
    "rlcompleter": ("Completer",),
    "urllib.request": ("Request", "urlopen"),
}
#: IPython imports it first of its terminal's modules; whoever imports another one first needs it there, or meets a circle.
EMBED = "IPython.terminal.embed"
#: Not there while IPython is imported. `inspection` imports jedi at the first completion; without `_hashlib` (OpenSSL) hashlib has its own
#: functions for what IPython hashes, and is imported again, with all of them, by whoever asks after that.
ABSENT = ("jedi", "_hashlib")
AGAIN = ("hashlib",)


def import_ipython():
    """To be called before anything else imports IPython."""
    if "IPython" in sys.modules:
        return
    for name in LAZY:
        _make_lazy(name)
    with _placeholders():
        for name in ("IPython", "IPython.core.completer", "IPython.core.magics"):
            importlib.import_module(name)
    importlib.import_module("IPython.terminal")
    _make_lazy(EMBED)
    for name in (*LAZY, EMBED):
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], child, sys.modules[name])


@contextlib.contextmanager
def _placeholders():
    names = [name for name in (*CALLED, *ABSENT) if name not in sys.modules]
    sys.modules.update({name: _callers(name) if name in CALLED else None for name in names})
    try:
        yield
    finally:
        for name in (*names, *AGAIN):
            sys.modules.pop(name, None)
            parent, _, child = name.rpartition(".")
            vars(sys.modules.get(parent, types)).pop(child, None) if parent else None


def _callers(name):
    module = types.ModuleType(name)
    for one in CALLED[name]:
        setattr(module, one, _caller(name, one))
    return module


def _caller(module, name):
    def call(*arguments, **options):
        return getattr(importlib.import_module(module), name)(*arguments, **options)

    call.__name__ = call.__qualname__ = name
    return call


class _Lazy(types.ModuleType):
    """A module that executes when something is asked of it that it does not have yet. (importlib's LazyLoader executes as soon as anything
    is asked, and a traceback asks every module for its file.)"""

    def __getattr__(self, name):
        if name in ("__path__", "__warningregistry__", "__wrapped__"):
            raise AttributeError(name)
        self.__class__ = types.ModuleType
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def _make_lazy(name):
    """Without importing the package that it is in: that would already use it."""
    parent = name.rpartition(".")[0]
    path = importlib.util.find_spec(parent).submodule_search_locations if parent else None
    spec = importlib.machinery.PathFinder.find_spec(name, path)
    if name in sys.modules or spec is None:
        return
    module = importlib.util.module_from_spec(spec)
    module.__class__ = _Lazy
    sys.modules[name] = module
