"""The kernelspecs that the image has installed. Read once, by the agent, from folders that no tenant can write."""

import os

from .lean import loads

FOLDERS = ("/usr/local/share/jupyter/kernels", "/usr/share/jupyter/kernels")
#: The kernelspecs that are forked from the zygote, and as what; the others start from their argv.
DIRECT = "carrel_kernel"
#: Not a kernel, but forked like one: what reads and writes files.
FILES = "files"
FORKED = {"python3": DIRECT, "ipykernel": "ipykernel"}


def installed(folders=FOLDERS):
    """{name: spec}; the first folder wins. A spec that is not readable or has no argv is left out."""
    found = {}
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            try:
                with open(os.path.join(folder, name, "kernel.json"), encoding="utf-8") as file:
                    spec = loads(file.read())
            except (OSError, ValueError):
                continue
            if isinstance(spec, dict) and isinstance(spec.get("argv"), list) and spec["argv"]:
                found.setdefault(name, spec)
    return found
