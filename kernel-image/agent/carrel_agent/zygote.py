"""The zygote: a Python that has imported what kernels need and forks them. It runs no code of a tenant.

Started by the agent with a SOCK_SEQPACKET socket as descriptor 3. A request is one JSON object with the kernel's side of a
socketpair attached (SCM_RIGHTS); the answer names the processes, which are children of PID 1 (forked twice):

    {"argv": null | [...], "env": {...}, "home": path}  →  {"kernel": pid, "bridge": pid} | {"error": text}

`argv` null forks the zygote into an ipykernel; otherwise the kernel is that program, with {connection_file} filled in.
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
SHARED_MEMORY = "/dev/shm"
PREFIX = "carrel-kernel-"


def main(preload, cell_uid, home):
    """Confines itself, imports, says {"ready": true}, then serves until the agent's socket ends."""
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
    _import(preload)
    requests.send(json.dumps({"ready": True}).encode())
    while True:
        data, descriptors = _receive(requests)
        if not data:
            return
        try:
            answer = _spawn(json.loads(data), descriptors[0], writable, requests)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:1000]}
        for descriptor in descriptors:
            os.close(descriptor)
        requests.send(json.dumps(answer).encode())


def _import(preload):
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    for name in ("bridge", "ipython", *preload):
        try:
            importlib.import_module(f"{__package__}.{name}" if name in ("bridge", "ipython") else name)
        except ImportError:
            if name not in preload:
                raise
    os.environ.pop("MPLBACKEND")
    sys.path.remove(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    gc.collect()
    gc.freeze()


def _receive(requests):
    data, ancillary, _, _ = requests.recvmsg(65536, socket.CMSG_SPACE(4 * 4), socket.MSG_CMSG_CLOEXEC)
    descriptors = array.array("i")
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % 4])
    return data, list(descriptors)


def _spawn(request, side, writable, requests):
    """Forks an intermediate process, which forks bridge and kernel and ends: both become children of PID 1."""
    reader, writer = os.pipe()
    middle = os.fork()
    if not middle:
        _never_return(_middle, request, side, writable, (reader, requests.detach()), writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read(65536)
    os.waitpid(middle, 0)
    return json.loads(answer) if answer else {"error": "the process between zygote and kernel ended early"}


def _middle(request, side, writable, close, answer):
    for descriptor in close:
        os.close(descriptor)
    confine.set_dumpable(True)  # What is not dumpable may not write its own oom_score_adj.
    _try(confine.prefer_to_kill, KERNEL_OOM)
    confine.restrict(writable)
    folder = _folder(request["home"])
    go_bridge, go_kernel = socket.socketpair()
    bridge = os.fork()
    if not bridge:
        os.close(answer)
        go_kernel.close()
        _never_return(_bridge, request, folder, side, go_bridge)
    os.close(side)
    go_bridge.close()
    kernel = os.fork()
    if not kernel:
        os.close(answer)
        _never_return(_kernel, request, folder, go_kernel)
    os.write(answer, json.dumps({"kernel": kernel, "bridge": bridge}).encode())


def _bridge(request, folder, side, go):
    confine.restrict()
    confine.set_dumpable(False)
    importlib.import_module(f"{__package__}.bridge").run(side, os.path.join(folder, "k"), None if request["argv"] else go)


def _kernel(request, folder, go):
    os.setsid()
    confine.restrict()
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["home"])
    if not request["argv"]:
        importlib.import_module(f"{__package__}.ipython").run(folder, go)
        return
    go.close()
    file = _connection_file(folder)
    argv = [word.replace("{connection_file}", file).replace("{resource_dir}", request["resources"]) for word in request["argv"]]
    confine.default_signals()
    os.execvp(argv[0], argv)


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
