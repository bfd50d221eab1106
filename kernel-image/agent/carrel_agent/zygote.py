"""The zygote: a Python that has imported what kernels need and forks them. It runs no code of a tenant.

Started by the agent with a SOCK_SEQPACKET socket as descriptor 3. A request is one JSON object with descriptors attached
(SCM_RIGHTS): the kernel's side of a socketpair, then for a carrel_kernel what becomes its descriptors 1 and 2. The answer names the
processes, which are children of PID 1 (forked twice):

    {"kind": text, "argv": [...], "env": {...}, "home": path}  →  {"kernel": pid, "bridge": pid | null} | {"error": text}

The kinds are `carrel_kernel`, which has the socketpair itself, `ipykernel` (both forks of the zygote), and `program`: that argv
with {connection_file} filled in. The last two have a bridge. `files` is no kernel but what reads and writes files (files.py).
"""

import array
import gc
import importlib
import json
import os
import shutil
import socket
import sys
import tempfile
import traceback

from . import confine

REQUESTS = 3
#: Between the agent's own value and that of kernels, so that the kernel goes first when memory runs out, and the agent last.
ZYGOTE_OOM, KERNEL_OOM = 750, 1000
BACKEND = "module://matplotlib_inline.backend_inline"
SHARED_MEMORY = "/dev/shm"
IPYKERNEL = "import sys; sys.path.insert(0, sys.argv[1]); from carrel_agent import ipython; sys.path.pop(0); "
IPYKERNEL += "import socket; ipython.run(sys.argv[2], socket.socket(fileno=int(sys.argv[3])))"
PREFIX = "carrel-kernel-"


def main(bundle, prepared, preload, cell_uid, home):
    """Confines itself, imports what the kind `prepared` needs and the modules `preload`, says {"ready": true}, then serves until the
    agent's socket ends. `bundle` is in use until everything is imported. What the other kinds need they import after the fork."""
    requests = socket.socket(fileno=REQUESTS)
    confine.default_signals()
    confine.no_core_files()
    _try(confine.prefer_to_kill, ZYGOTE_OOM)
    writable = ("/tmp", home, SHARED_MEMORY, *confine.DEVICES)
    confine.restrict((*writable, "/proc"))
    if cell_uid:
        confine.become(cell_uid)
    confine.set_dumpable(False)
    os.umask(0o022)
    _fill_home(home)
    _import(prepared, preload)
    bundle.close()
    requests.send(json.dumps({"ready": True}).encode())
    while True:
        data, descriptors = _receive(requests)
        if not data:
            return
        try:
            answer = _spawn(json.loads(data), descriptors, writable, requests)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:1000]}
        for descriptor in descriptors:
            os.close(descriptor)
        requests.send(json.dumps(answer).encode())


def _import(prepared, preload):
    os.environ["MPLBACKEND"] = BACKEND
    if prepared == "carrel_kernel":
        importlib.import_module("carrel_kernel.main").prepare()
    elif prepared == "ipykernel":
        importlib.import_module(f"{__package__}.bridge")
        importlib.import_module(f"{__package__}.ipython")
    for name in preload:
        try:
            importlib.import_module(name)
        except ImportError:
            pass
    os.environ.pop("MPLBACKEND")
    gc.collect()
    gc.freeze()


def _receive(requests):
    data, ancillary, _, _ = requests.recvmsg(65536, socket.CMSG_SPACE(4 * 4), socket.MSG_CMSG_CLOEXEC)
    descriptors = array.array("i")
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % 4])
    return data, list(descriptors)


def _spawn(request, descriptors, writable, requests):
    """Forks an intermediate process, which forks kernel and bridge and ends: both become children of PID 1."""
    reader, writer = os.pipe()
    middle = os.fork()
    if not middle:
        _never_return(_middle, request, descriptors, writable, (reader, requests.detach()), writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read(65536)
    os.waitpid(middle, 0)
    return json.loads(answer) if answer else {"error": "the process between zygote and kernel ended early"}


def _middle(request, descriptors, writable, close, answer):
    for descriptor in close:
        os.close(descriptor)
    confine.set_dumpable(True)  # What is not dumpable may not write its own oom_score_adj.
    _try(confine.prefer_to_kill, KERNEL_OOM)
    confine.restrict(writable)
    if request["kind"] == "carrel_kernel":
        made = {"kernel": _fork(answer, _carrel_kernel, request, *descriptors), "bridge": None}
    elif request["kind"] == "files":
        made = {"kernel": _fork(answer, _files, request, descriptors[0]), "bridge": None}
    else:
        made = _with_bridge(request, descriptors[0], answer)
    os.write(answer, json.dumps(made).encode())


def _fork(answer, function, *arguments):
    """The pid of a new process that runs the function."""
    pid = os.fork()
    if not pid:
        os.close(answer)
        _never_return(function, *arguments)
    return pid


def _with_bridge(request, side, answer):
    folder = _folder(request["home"])
    go_bridge, go_kernel = socket.socketpair()
    bridge = _fork(answer, _bridge, request, folder, side, go_bridge, go_kernel)
    os.close(side)
    go_bridge.close()
    return {"kernel": _fork(answer, _kernel, request, folder, go_kernel), "bridge": bridge}


def _bridge(request, folder, side, go, other):
    other.close()
    confine.restrict()
    confine.set_dumpable(False)
    go = go if request["kind"] == "ipykernel" else None
    importlib.import_module(f"{__package__}.bridge").run(side, os.path.join(folder, "k"), go)


def _files(request, side):
    """Out of the cell's reach where there is Landlock: another domain, and not dumpable."""
    os.setsid()
    confine.restrict((request["home"],))
    confine.set_dumpable(False)
    importlib.import_module(f"{__package__}.files").run(side, request["home"])


def _carrel_kernel(request, side, out, err):
    _begin(request)
    for theirs, descriptor in ((out, 1), (err, 2)):
        os.dup2(theirs, descriptor)
        os.close(theirs)
    kernel = importlib.import_module("carrel_kernel.main")
    _leave_path()
    kernel.run(side)


def _kernel(request, folder, go):
    _begin(request)
    if request["kind"] == "ipykernel":
        _ipykernel(folder, go)
        return
    go.close()
    file = _connection_file(folder)
    argv = [word.replace("{connection_file}", file).replace("{resource_dir}", request["resources"]) for word in request["argv"]]
    confine.default_signals()
    os.execvp(argv[0], argv)


def _ipykernel(folder, go):
    """As a fork where the zygote was made for it. Where it was made for a carrel_kernel, whose shell is there already, as a new Python."""
    name = f"{__package__}.ipython"
    if name in sys.modules:
        kernel = sys.modules[name]
        _leave_path()
        kernel.run(folder, go)
        return
    confine.default_signals()
    os.set_inheritable(go.fileno(), True)
    os.execv(sys.executable, [sys.executable, "-I", "-c", IPYKERNEL, _own_folder(), folder, str(go.fileno())])


def _begin(request):
    """The own session, signals that stay in it, and the environment that was asked for."""
    os.setsid()
    confine.restrict()
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["home"])


def _leave_path():
    """The code of a cell does not find these packages by their folder."""
    sys.path.remove(_own_folder())


def _own_folder():
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _folder(home):
    """A private folder for sockets, on the first tmpfs that has room; those of earlier kernels are removed."""
    failure = None
    for place in ("/tmp", SHARED_MEMORY, home):
        try:
            for name in os.listdir(place):
                if name.startswith(PREFIX):
                    shutil.rmtree(os.path.join(place, name), ignore_errors=True)
            folder = tempfile.mkdtemp(prefix=PREFIX, dir=place)
            with open(os.path.join(folder, "room"), "wb") as file:
                file.write(bytes(4096))
            return folder
        except OSError as error:
            failure = error
    raise failure


def _connection_file(folder):
    """For kernels that are programs of their own; ipc on the same paths that the bridge connects to."""
    path = os.path.join(folder, "connection.json")
    ports = {f"{name}_port": place + 1 for place, name in enumerate(("shell", "iopub", "stdin", "control", "hb"))}
    info = {"transport": "ipc", "ip": os.path.join(folder, "k"), "key": "", "signature_scheme": "hmac-sha256", **ports}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(info, file)
    return path


def _fill_home(home):
    """What makes the first imports fast (font lists) is copied from the image, once."""
    source = "/usr/share/carrel/home"
    if os.path.isdir(source) and not os.path.exists(os.path.join(home, ".cache")):
        _try(shutil.copytree, source, home, dirs_exist_ok=True)


def _try(function, *arguments, **options):
    """Some runtimes and full file systems refuse what is only an improvement."""
    try:
        function(*arguments, **options)
    except OSError:
        pass


def _never_return(function, *arguments):
    status = 1
    try:
        function(*arguments)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status & 0xFF)
