"""Writes kernelspecs.json, what the gateway tells clients of the image's kernels: it must never read from a container.

    python3 kernel-image/kernelspecs.py           # write
    python3 kernel-image/kernelspecs.py --check   # status 1 where the file is not up to date
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE / "kernelspecs.json"


def listing():
    """{name: {spec, resources: names of the files beside kernel.json}}."""
    found = {}
    for folder in sorted(path.parent for path in HERE.glob("kernelspecs/*/kernel.json")):
        resources = sorted(path.name for path in folder.iterdir() if path.name != "kernel.json")
        found[folder.name] = {"spec": json.loads((folder / "kernel.json").read_text()), "resources": resources}
    return json.dumps(found, indent=2) + "\n"


if __name__ == "__main__":
    if "--check" not in sys.argv:
        TARGET.write_text(listing())
    elif not TARGET.exists() or TARGET.read_text() != listing():
        sys.exit(f"{TARGET.name} is not up to date: run python3 kernel-image/kernelspecs.py")
