"""jupyter_kernel_test on a kernel behind Carrel: its manager and client are jupyter_server's own for gateways.

usage: kernel_tests.py URL TOKEN KERNELSPEC; unittest's report on stderr.
"""
import asyncio
import sys
import unittest

import jupyter_kernel_test
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.gateway.managers import GatewayKernelManager

URL, TOKEN, KERNEL = sys.argv[1:4]
GatewayClient.instance().url = URL
GatewayClient.instance().auth_token = TOKEN
LOOP = asyncio.new_event_loop()
asyncio.set_event_loop(LOOP)


class Blocking:
    """The manager or client with coroutines run to their end: the tests were written for blocking ones."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*arguments, **options):
            result = found(*arguments, **options)
            return LOOP.run_until_complete(result) if asyncio.iscoroutine(result) else result

        return call


class Tests(jupyter_kernel_test.KernelTests):
    kernel_name = KERNEL
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    completion_samples = [
        {"text": "zi", "matches": {"zip"}},
        {"text": "import hashlib; hashlib.blake2", "matches": {"blake2b", "blake2s"}},
        {"text": "nosuchname_"},
    ]
    complete_code_samples = ["1", "print('hello, world')", "def f(x):\n  return x*2\n\n\n", "%matplotlib inline", ""]
    incomplete_code_samples = ["print('''hello", "def f(x):\n  x*2", "for i in range(3):", "(1,"]
    invalid_code_samples = ["import = 7q", "1 +* 2"]
    code_page_something = "zip?"
    code_generate_error = "raise ValueError('an error')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"},
        {"code": "6*7", "result": "42"},
        {"code": "from IPython.display import HTML; HTML('<b>x</b>')", "mime": "text/html", "result": "<b>x</b>"},
    ]
    code_display_data = [
        {"code": "from IPython.display import HTML, display; display(HTML('<b>test</b>'))", "mime": "text/html"},
        {"code": "from IPython.display import Math, display; display(Math('\\frac{1}{2}'))", "mime": "text/latex"},
        {"code": "import matplotlib.pyplot as p; p.plot([1, 2]); p.show()", "mime": "image/png"},
    ]
    code_history_pattern = "1?2*"
    #: ipykernel answers a range of this session as one of session 0, which these tests count as wrong (and its own leave out).
    supported_history_operations = ("tail", "search") if KERNEL == "ipykernel" else ("tail", "range", "search")
    code_inspect_sample = "zip"
    code_clear_output = "from IPython.display import clear_output; clear_output()"

    @classmethod
    def setUpClass(cls):
        manager = GatewayKernelManager(kernel_name=KERNEL)
        cls.km = Blocking(manager)
        cls.km.start_kernel(kernel_name=KERNEL)
        cls.kc = Blocking(manager.client())
        cls.kc.start_channels()
        cls.kc.wait_for_ready(timeout=60)


unittest.main(argv=["kernel_tests.py", "-v"])
