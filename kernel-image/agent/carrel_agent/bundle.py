"""The modules that every zygote imports, in one file that is made with the image: found without a search, read without opening hundreds of files.

A third of what a sandbox takes to start Python's part is looking for modules and opening them through the image's layers. Modules come out
as from their own files, with the same `__file__` and source; what the bundle does not have is imported as ever.
"""

import marshal
import os
import sys
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader, spec_from_file_location

PATH = "/usr/lib/carrel/modules.bundle"
#: Bytes of the interpreter's magic number and of the index's length, at the beginning of the file.
HEAD = 8


class Bundle:
    """A finder for `sys.meta_path`, from `use` to `close`. `index`: name → (path of the source, whether it is a package, offset, length)."""

    def __init__(self, path=PATH):
        self.index = {}
        self._begin = 0
        try:
            self._file = open(path, "rb", buffering=0)
        except FileNotFoundError:
            self._file = None
            return
        head = self._file.read(HEAD)
        if head[:4] == MAGIC_NUMBER:  # Another Python's code is none.
            size = int.from_bytes(head[4:], "little")
            self.index = marshal.loads(self._file.read(size))
            self._begin = HEAD + size

    def use(self):
        sys.meta_path.insert(0, self)

    def close(self):
        """From here on modules are imported, and imported again, from their own files."""
        sys.meta_path.remove(self)
        self.index = {}
        if self._file:
            self._file.close()

    def find_spec(self, name, _path=None, _target=None):
        found = self.index.get(name)
        if found is None:
            return None
        path, is_package, _, _ = found
        places = [os.path.dirname(path)] if is_package else None
        return spec_from_file_location(name, path, loader=Loader(name, path, self), submodule_search_locations=places)

    def code(self, name):
        """None where it is not there (any more)."""
        found = self.index.get(name)
        return found and marshal.loads(os.pread(self._file.fileno(), found[3], self._begin + found[2]))


class Loader(SourceFileLoader):
    def __init__(self, name, path, bundle):
        super().__init__(name, path)
        self._bundle = bundle

    def get_code(self, name):
        return self._bundle.code(name) or super().get_code(name)

    def __reduce__(self):
        """Elsewhere, and copied, it is the loader of its file."""
        return SourceFileLoader, (self.name, self.path)


def write(path, modules):
    """Makes the file of those of these modules that come from Python sources."""
    index, codes, offset = {}, [], 0
    for name, module in sorted(modules.items()):
        spec = getattr(module, "__spec__", None)
        if spec is None or type(spec.loader) is not SourceFileLoader or spec.name != name:
            continue
        code = marshal.dumps(spec.loader.get_code(name))
        index[name] = (spec.origin, spec.submodule_search_locations is not None, offset, len(code))
        codes.append(code)
        offset += len(code)
    whole = marshal.dumps(index)
    with open(path, "wb") as file:
        file.write(MAGIC_NUMBER + len(whole).to_bytes(HEAD - 4, "little") + whole + b"".join(codes))
