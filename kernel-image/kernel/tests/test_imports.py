"""What a kernel does not carry before somebody asks for it."""

import os
import subprocess
import sys
import unittest

START = "import sys; sys.path[:0] = {path!r}; from carrel_kernel import main; main.prepare(); "
#: Each costs memory in every worksheet; none is needed to run a plain cell or to show an error.
UNWANTED = ("prompt_toolkit", "jedi", "_sqlite3", "_ssl", "http.client", "multiprocessing", "ipykernel", "zmq", "tornado")
UNWANTED += ("jupyter_client", "numpy", "pexpect", "logging.config", "importlib.metadata", "readline")


def python(code):
    path = [folder for folder in sys.path if os.path.isdir(os.path.join(folder, "carrel_kernel")) or os.path.isdir(os.path.join(folder, "carrel_agent"))]
    return subprocess.run([sys.executable, "-I", "-c", START.format(path=path) + code], capture_output=True, text=True)


class Lean(unittest.TestCase):
    def test_a_prepared_kernel_has_none_of_the_heavy_modules(self):
        result = python(f"print([name for name in {UNWANTED} if sys.modules.get(name)])")
        self.assertEqual(result.stdout, "[]\n", result.stderr)

    def test_every_one_of_them_is_there_when_it_is_asked_for(self):
        uses = {
            "ssl": "ssl.create_default_context",
            "sqlite3": "sqlite3.connect(':memory:').execute('select 1').fetchone",
            "pydoc": "pydoc.render_doc(int).upper",
            "bz2": "lambda: bz2.decompress(bz2.compress(b''))",
            "lzma": "lambda: lzma.decompress(lzma.compress(b''))",
            "cProfile": "cProfile.Profile",
            "pstats": "lambda: pstats.Stats",
            "mimetypes": "lambda: mimetypes.guess_type('a.png')",
            "asyncio.sslproto": "lambda: asyncio.sslproto.SSLProtocol",
            "logging.config": "lambda: logging.config.dictConfig({'version': 1})",
            "importlib.metadata": "lambda: importlib.metadata.version('ipython')",
            "urllib.request": "lambda: urllib.request.Request('http://x')",
            "rlcompleter": "rlcompleter.Completer",
            "IPython.terminal.embed": "lambda: IPython.terminal.embed.InteractiveShellEmbed",
            "jedi": "lambda: jedi.Script('')",
        }
        calls = "\n".join(f"import {name}\n({use})()" for name, use in uses.items())
        result = python(f"exec({calls!r})")
        self.assertEqual(result.returncode, 0, result.stderr)
