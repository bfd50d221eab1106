"""A module from the bundle is the one from its file; what the bundle has not, or cannot have, comes from where it always came."""

import contextlib
import importlib
import inspect
import os
import pickle
import sys
import tempfile
import unittest

from carrel_agent import bundle

SOURCE = '"""A module."""\ndef where():\n    """Its own file."""\n    return __file__\n'


class InABundle(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.package = os.path.join(folder, "bundled")
        os.mkdir(self.package)
        for name in ("__init__", "inner"):
            with open(os.path.join(self.package, f"{name}.py"), "w", encoding="utf-8") as file:
                file.write(SOURCE)
        sys.path.insert(0, folder)
        self.addCleanup(sys.path.remove, folder)
        self.addCleanup(self.forget)
        self.path = os.path.join(folder, "modules.bundle")
        before = set(sys.modules)
        importlib.import_module("bundled.inner")
        bundle.write(self.path, {name: sys.modules[name] for name in set(sys.modules) - before})
        self.forget()

    @staticmethod
    def forget():
        for name in [name for name in sys.modules if name.partition(".")[0] == "bundled"]:
            del sys.modules[name]

    @contextlib.contextmanager
    def used(self):
        found = bundle.Bundle(self.path)
        found.use()
        try:
            yield found
        finally:
            found.close()

    def test_it_is_the_same_module(self):
        with self.used():
            inner = importlib.import_module("bundled.inner")
        self.assertIs(type(inner.__loader__), bundle.Loader)
        self.assertEqual(inner.where(), os.path.join(self.package, "inner.py"))
        self.assertEqual(sys.modules["bundled"].__path__, [self.package])
        self.assertIn("Its own file.", inspect.getsource(inner.where))
        self.assertEqual(inner.__spec__.cached, importlib.util.cache_from_source(inner.__file__))

    def test_its_spec_can_be_copied_and_sent(self):
        with self.used():
            spec = importlib.import_module("bundled.inner").__spec__
        self.assertEqual(pickle.loads(pickle.dumps(spec)).loader.path, spec.origin)

    def test_after_the_end_it_is_imported_again_from_its_file(self):
        with self.used():
            inner = importlib.import_module("bundled.inner")
        with open(inner.__file__, "w", encoding="utf-8") as file:
            file.write("changed = True\n")
        self.assertTrue(importlib.reload(inner).changed)

    def test_without_a_bundle_and_with_another_pythons(self):
        os.remove(self.path)
        with self.used() as found:
            self.assertEqual(found.index, {})
            importlib.import_module("bundled.inner")
        with open(self.path, "wb") as file:
            file.write(bytes(100))
        with self.used() as found:
            self.assertEqual(found.index, {})
