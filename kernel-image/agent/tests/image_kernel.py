"""What a kernel in a hardened sandbox can do, on the real image. `python3 -m unittest discover -p 'image_*.py'` (needs Docker)."""

import json
import time
import unittest

from .drive import Sandbox, text_of


def data_of(found, kind="execute_result"):
    return [content["data"] for name, content, _ in found if name == kind]


class Kernel(unittest.TestCase):
    KERNEL = "python3"

    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox(kernel=cls.KERNEL)
        cls.addClassCleanup(cls.sandbox.close)
        cls.sandbox.banner()
        cls.hello = cls.sandbox.attach()
        cls.started = cls.sandbox.start()

    def run_code(self, code, **more):
        reply, found = self.sandbox.run(code, **more)
        self.assertEqual(reply["status"], "ok", reply)
        return reply, found

    def test_hello(self):
        """AF10, AF13: the banner, then hello; Landlock is on"""
        self.assertEqual(self.hello["state"], "none")
        self.assertEqual(self.hello["kernels"], ["ipykernel", "python3"])
        self.assertGreaterEqual(self.hello["confinement"]["landlock"], 6)
        self.assertTrue(self.started["standby"])

    def test_result(self):
        self.assertEqual(data_of(self.run_code("1+1")[1]), [{"text/plain": "2"}])

    def test_kernel_info_after_started(self):
        request = self.sandbox.send("kernel_info_request", {})
        reply, found = self.sandbox.gather(request)
        self.assertEqual(reply["language_info"]["name"], "python")
        self.assertEqual([c["execution_state"] for k, c, _ in found if k == "status"], ["busy", "idle"])

    def test_environment(self):
        """Only the fixed list, the policy's and KERNEL_ variables; the home folder is where it starts"""
        found = self.run_code("import os, json; print(json.dumps([dict(os.environ), os.getcwd()]))")[1]
        environment, folder = json.loads(text_of(found))
        self.assertEqual(folder, "/home/worksheet")
        self.assertEqual(environment["KERNEL_USERNAME"], "ada")
        self.assertEqual(environment["HOME"], "/home/worksheet")
        self.assertNotIn("HOSTNAME", environment)

    def test_plot(self):
        found = self.run_code("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")[1]
        self.assertIn("image/png", data_of(found, "display_data")[0])
        self.assertEqual(text_of(found, "stderr"), "")

    def test_science(self):
        code = "import numpy as n, scipy.linalg, pandas as p, sympy as s; s.init_printing()\n"
        code += "p.DataFrame({'a': scipy.linalg.inv(n.eye(2))[0]}), s.integrate(s.Symbol('x')**2)"
        found = self.run_code(code)[1]
        self.assertTrue(data_of(found), found)

    def test_widget_and_buffers(self):
        code = "import ipywidgets; from comm import create_comm\nb = ipywidgets.IntSlider(value=3); display(b)\n"
        code += "c = create_comm(target_name='t', data={}, buffers=[bytes(range(256)) * 8192])\n"
        code += "c.on_msg(lambda m: c.send({'n': len(m['buffers'][0])}, buffers=[bytes(m['buffers'][0])[::-1]]))"
        found = self.run_code(code)[1]
        opened = [(content, buffers) for kind, content, buffers in found if kind == "comm_open" and content["target_name"] == "t"]
        self.assertEqual(opened[0][1], [bytes(range(256)) * 8192])
        self.assertIn("application/vnd.jupyter.widget-view+json", data_of(found, "display_data")[0])
        buffer = bytes(range(256)) * 12000
        request = self.sandbox.send("comm_msg", {"comm_id": opened[0][0]["comm_id"], "data": {}}, buffers=[buffer])
        self.sandbox._until(
            lambda: [m for m in self.sandbox.messages if m[1]["msg_type"] == "comm_msg" and m[2].get("msg_id") == request], 20
        )
        answer = [m for m in self.sandbox.messages if m[1]["msg_type"] == "comm_msg" and m[2].get("msg_id") == request][0]
        self.assertEqual((answer[3]["data"], answer[4]), ({"n": len(buffer)}, [buffer[::-1]]))

    def test_input(self):
        for function in ("input('name? ')", "__import__('getpass').getpass('name? ')"):
            request = self.sandbox.execute(f"print({function})")
            asked = lambda: [m for m in self.sandbox.messages if m[0] == "stdin" and m[2].get("msg_id") == request]  # noqa: E731
            self.sandbox._until(asked, 20)
            self.assertEqual(asked()[0][3]["prompt"], "name? ")
            self.sandbox.send("input_reply", {"value": "Ada", "status": "ok"}, "stdin", asked()[0][1])
            self.assertEqual(text_of(self.sandbox.gather(request)[1]), "Ada\n")

    def test_child_and_c_output(self):
        """KS3: what child processes and native libraries write to the descriptors belongs to the cell"""
        code = "import os, subprocess, ctypes\nsubprocess.run(['echo', 'child'])\nos.system('echo shell')\n"
        code += "l = ctypes.CDLL(None); l.puts(b'from C'); l.fflush(None)\nimport time; time.sleep(0.3)"
        text = text_of(self.run_code(code)[1])
        self.assertEqual(sorted(text.split("\n")), ["", "child", "from C", "shell"])

    def test_multiprocessing(self):
        code = "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p: print(p.map(abs, [-1, -2]))"
        self.assertEqual(text_of(self.run_code(code)[1]), "[1, 2]\n")

    def test_magic_await_expressions(self):
        reply, found = self.run_code("import asyncio; await asyncio.sleep(0)\n%time 3", user_expressions={"x": "6*7"})
        self.assertEqual(reply["user_expressions"]["x"]["data"]["text/plain"], "42")
        self.assertIn("ls: ", text_of(self.run_code("!ls /nothing 2>&1")[1]))

    def test_history(self):
        self.run_code("'a cell for the history'")
        request = self.sandbox.send("history_request", {"hist_access_type": "tail", "n": 5, "raw": True, "output": False})
        reply, _ = self.sandbox.gather(request)
        self.assertIn("'a cell for the history'", [entry[2] for entry in reply["history"]])

    def test_completion_and_inspection(self):
        self.run_code("import numpy")
        reply, _ = self.sandbox.gather(self.sandbox.send("complete_request", {"code": "numpy.linsp", "cursor_pos": 11}))
        self.assertIn("numpy.linspace", [m if "." in m else f"numpy.{m}" for m in reply["matches"]])
        request = self.sandbox.send("inspect_request", {"code": "print", "cursor_pos": 5, "detail_level": 0})
        self.assertTrue(self.sandbox.gather(request)[0]["found"])

    def test_error(self):
        reply, found = self.sandbox.run("1/0")
        self.assertEqual((reply["status"], reply["ename"]), ("error", "ZeroDivisionError"))
        self.assertIn("error", [kind for kind, _, _ in found])

    def test_interrupt(self):
        """KS7"""
        for code in ("while True: pass", "import time; time.sleep(60)", "input()", "while True: print('x' * 100)"):
            with self.subTest(code):
                request = self.sandbox.execute(code)
                time.sleep(0.5)
                self.sandbox.control(type="interrupt", generation=1)
                self.assertEqual(self.sandbox.gather(request, 20)[0]["ename"], "KeyboardInterrupt")
                self.sandbox.expect("interrupted")

    def test_interrupt_ends_detached_processes(self):
        code = "import os, time\nif not os.fork():\n  os.setsid()\n  if not os.fork():\n    time.sleep(1000)\n  os._exit(0)\nos.wait()"
        self.run_code(code)
        self.sandbox.control(type="interrupt", generation=1)
        self.assertEqual(self.sandbox.expect("interrupted")["killed"], 1)

    def test_a_line_of_100_mb(self):
        found = self.run_code("print('x' * 100_000_000)")[1]
        self.assertEqual(len(text_of(found)), 100_000_001)
        self.assertLessEqual(max(len(c["text"]) for k, c, _ in found if k == "stream"), 1 << 18)

    def test_50_mb_in_one_message(self):
        code = "from IPython.display import display\ndisplay({'text/plain': 'y' * 50_000_000}, raw=True)"
        self.assertEqual(len(data_of(self.run_code(code)[1], "display_data")[0]["text/plain"]), 50_000_000)

    def test_order_is_kept(self):
        found = self.run_code("for i in range(20000): print(i)")[1]
        self.assertEqual(text_of(found), "".join(f"{i}\n" for i in range(20000)))


class IPykernel(Kernel):
    """The same of the other kernelspec, which runs behind a bridge."""

    KERNEL = "ipykernel"


class TheOtherOne(unittest.TestCase):
    def test_what_was_not_prepared_starts_too(self):
        """A sandbox that has one kernel ready runs the other, also by a restart, and the first again"""
        for prepared, other in (("python3", "ipykernel"), ("ipykernel", "python3")):
            with self.subTest(prepared), Sandbox(kernel=prepared) as sandbox:
                sandbox.banner()
                sandbox.attach()
                for generation, name in enumerate((other, prepared, other), 1):
                    started = sandbox.start(generation, name, "start" if generation == 1 else "restart")
                    self.assertEqual((started["kernel"], started["standby"]), (name, False))
                    reply, found = sandbox.run("import sys; ('carrel_kernel.kernel' in sys.modules, 'IPKernelApp' in get_ipython().config)")
                    self.assertEqual(data_of(found), [{"text/plain": f"({name == 'python3'}, True)"}], reply)


if __name__ == "__main__":
    unittest.main()
