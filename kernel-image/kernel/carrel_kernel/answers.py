"""The contents of replies that need neither user code nor the connection."""

import os
import platform
import resource

from IPython.core import release

from . import __version__
from .messages import PROTOCOL

LANGUAGE = {
    "name": "python",
    "version": platform.python_version(),
    "mimetype": "text/x-python",
    "codemirror_mode": {"name": "ipython", "version": 3},
    "pygments_lexer": "ipython3",
    "nbconvert_exporter": "python",
    "file_extension": ".py",
}
LINKS = [
    ("Python Reference", f"https://docs.python.org/{'.'.join(platform.python_version_tuple()[:2])}"),
    ("IPython Reference", "https://ipython.org/documentation.html"),
    ("NumPy Reference", "https://docs.scipy.org/doc/numpy/reference/"),
    ("SciPy Reference", "https://docs.scipy.org/doc/scipy/reference/"),
    ("Matplotlib Reference", "https://matplotlib.org/contents.html"),
    ("SymPy Reference", "http://docs.sympy.org/latest/index.html"),
    ("pandas Reference", "https://pandas.pydata.org/pandas-docs/stable/"),
]


def kernel_info():
    return {
        "status": "ok",
        "protocol_version": PROTOCOL,
        "implementation": "carrel_kernel",
        "implementation_version": __version__,
        "language_info": LANGUAGE,
        "banner": f"Python {platform.python_version()}, IPython {release.version}\n",
        "help_links": [{"text": text, "url": url} for text, url in LINKS],
        "debugger": False,
        "supported_features": [],
    }


def debug(content):
    """A refusal in the form of the Debug Adapter Protocol."""
    return {
        "type": "response",
        "request_seq": content.get("seq", 0),
        "success": False,
        "command": content.get("command", ""),
        "message": "This kernel has no debugger. The kernelspec 'ipykernel' and breakpoint() are other ways to look inside.",
        "body": {},
    }


def usage():
    """Memory in bytes and processor time in seconds of the kernel's own process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/statm", encoding="ascii") as file:
        resident = int(file.read().split()[1]) * resource.getpagesize()
    return {
        "hostname": platform.node(),
        "pid": os.getpid(),
        "kernel_memory": resident,
        "kernel_cpu_seconds": used.ru_utime + used.ru_stime,
        "cpu_count": os.cpu_count(),
    }


def history(manager, content):
    """The content of history_reply."""
    raw, output = content.get("raw", True), content.get("output", False)
    access = content.get("hist_access_type")
    if access == "tail":
        found = manager.get_tail(_number(content, "n", 10), raw=raw, output=output, include_latest=True)
    elif access == "range":
        start, stop = _number(content, "start", 0), content.get("stop")
        found = manager.get_range(_number(content, "session", 0), start, stop, raw=raw, output=output)
    elif access == "search":
        unique = bool(content.get("unique"))
        found = manager.search(content.get("pattern") or "*", raw=raw, output=output, n=content.get("n"), unique=unique)
    else:
        raise ValueError(f"hist_access_type: expected tail, range or search, found {access!r}")
    return {"status": "ok", "history": list(found)}


def error(problem):
    """The content of a reply that says why there is no other."""
    text = text_of(problem)
    return {"status": "error", "ename": type(problem).__name__, "evalue": text, "traceback": [f"{type(problem).__name__}: {text}"]}


def text_of(problem):
    """Its message. An exception of the user's may fail to have one."""
    try:
        return str(problem)
    except Exception as error:
        return f"<{type(problem).__name__} whose str() raised {type(error).__name__}>"


def _number(content, name, otherwise):
    value = content.get(name)
    return otherwise if value is None else int(value)
