"""Plain values are formatted quickly, and everything that somebody registered still counts."""

import unittest

from IPython.core.formatters import HTMLFormatter
from carrel_kernel.formatting import QuickDisplayFormatter


class Plain(unittest.TestCase):
    def setUp(self):
        self.formatter = QuickDisplayFormatter()
        self.html = self.formatter.formatters["text/html"]

    def test_a_plain_value_has_its_text(self):
        self.assertEqual(self.formatter.format([1, "a"]), ({"text/plain": "[1, 'a']"}, {}))

    def test_what_is_registered_for_a_type_a_base_a_name_or_an_object_counts(self):
        thing = [3]
        cases = {
            "type": (lambda: self.html.for_type(int, lambda _: "<i>"), 1),
            "base": (lambda: self.html.for_type(object, lambda _: "<o>"), "s"),
            "name": (lambda: self.html.for_type_by_name("builtins", "dict", lambda _: "<d>"), {}),
            "object": (lambda: self.html.singleton_printers.__setitem__(id(thing), lambda _: "<s>"), thing),
            "all at once": (lambda: setattr(self.html, "type_printers", {float: lambda _: "<f>"}), 1.5),
        }
        for name, (register, value) in cases.items():
            with self.subTest(name):
                self.setUp()
                self.formatter.format(0)
                register()
                self.assertIn("text/html", self.formatter.format(value)[0])

    def test_a_new_format_counts(self):
        self.formatter.format(0)

        class Other(HTMLFormatter):
            format_type = "x/y"

        self.formatter.formatters["x/y"] = Other()
        self.formatter.formatters["x/y"].for_type(int, lambda _: "new")
        self.assertEqual(self.formatter.format(5)[0]["x/y"], "new")
