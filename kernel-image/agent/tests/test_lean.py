"""The C functions under the standard library's faces do what those do."""

import json
import signal
import subprocess
import sys
import unittest
from pathlib import Path

from carrel_agent import lean

VALUES = ({"a": [1, -2.5, True, None, "ä\n\ud83d\"\\"], "b": {}}, [], "", 0, "\0\x7f\uffff", {"n": 10**30})


class Lean(unittest.TestCase):
    def test_json(self):
        for value in VALUES:
            text = json.dumps(value, separators=(",", ":"))
            self.assertEqual(lean.dumps(value), text)
            self.assertEqual(lean.loads(f" \n{text}\t"), value)

    def test_what_is_not_json(self):
        for text in ("", " ", "{", "[1,]", "nul", '{"a" 1}', "1 2", '"a\nb"', "NaN", "-Infinity", "'a'"):
            with self.subTest(text), self.assertRaises(ValueError):
                lean.loads(text)
        with self.assertRaises(TypeError):
            lean.dumps({1, 2})

    def test_names_of_signals(self):
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGCHLD):
            self.assertEqual(lean.signal_name(int(number)), number.name)
        self.assertEqual(lean.signal_name(99), "signal 99")

    def test_the_agent_brings_none_of_them(self):
        """What process 1 holds in memory: none of the large modules"""
        code = f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[1])!r}); import carrel_agent.agent; print(*sys.modules)"
        loaded = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(set(loaded) & {"argparse", "collections", "enum", "json", "re", "signal", "socket", "asyncio"}, set())


if __name__ == "__main__":
    unittest.main()
