"""A whole kernel over its socketpair: what the rules of docs/spec/kernel-stream.md ask of it, and what one thread makes hard."""

import os
import random
import signal
import time
import unittest

from .drive import Driven, reply, text


class Beginning(unittest.TestCase):
    def test_ks1_ks2_it_is_ready_then_takes_its_environment_then_runs(self):
        with Driven(released=False) as kernel:
            kernel.release({"KERNEL_USERNAME": "ada"})
            found = kernel.run("import os; os.environ['KERNEL_USERNAME']")
            result = next(one for one in found if one.kind == "execute_result")
            self.assertEqual(result.content["data"], {"text/plain": "'ada'"})

    def test_ks7_an_interrupt_before_the_first_cell_changes_nothing(self):
        with Driven() as kernel:
            os.kill(kernel.pid, signal.SIGINT)
            self.assertEqual(reply(kernel.run("1"))["status"], "ok")


class Interrupting(unittest.TestCase):
    def interrupt(self, kernel, code, after="here"):
        """As the agent does it (KS7)."""
        msg_id = kernel.execute(code)
        while after not in text([kernel.receive()]):
            pass
        os.kill(kernel.pid, signal.SIGINT)
        for seconds in (0.02, 0.08):
            time.sleep(seconds)
            os.kill(kernel.pid, signal.SIGRTMIN + 2)
        return kernel.until_idle(msg_id)

    def test_every_kind_of_waiting_ends(self):
        begin = "print('here', flush=True)\n"
        codes = {
            "busy": "while True: pass",
            "sleep": "import time; time.sleep(1000)",
            "await": "import asyncio; await asyncio.sleep(1000)",
            "await in a task": "import asyncio\nasync def f(): await asyncio.sleep(1000)\nawait asyncio.create_task(f())",
            "busy after await": "import asyncio\nawait asyncio.sleep(0)\nwhile True: pass",
            "printing": "while True: print('x' * 1000)",
            "printing a long text": "while True: print('x' * 10_000_000)",
            "at the limit of a recursion": """def f(n):
    try: return f(n - 1) if n else f(50)
    except RecursionError: return f(50)
try:
    while True: f(50)
except KeyboardInterrupt: raise KeyboardInterrupt from None  # Thousands of frames in a chain of errors take minutes to be shown.
""",
            "a child": "import subprocess; subprocess.run(['sleep', '1000'])",
            "a thread's end": "import threading; threading.Event().wait()",
        }
        with Driven() as kernel:
            for name, code in codes.items():
                with self.subTest(name):
                    found = reply(self.interrupt(kernel, begin + code))
                    self.assertEqual((found["status"], found["ename"]), ("error", "KeyboardInterrupt"))
            self.assertEqual(reply(kernel.run("6 * 7"))["status"], "ok")

    def test_a_cell_that_awaits_at_every_moment_ends(self):
        """An exception where the loop takes a step from its queue, or a task puts the next one there, would end neither cell nor task."""
        code = "import asyncio\nprint('here', flush=True)\nwhile True: await asyncio.sleep(0)"
        with Driven() as kernel:
            for _ in range(200):
                msg_id = kernel.execute(code)
                while "here" not in text([kernel.receive()]):
                    pass
                time.sleep(random.random() * 0.002)
                os.kill(kernel.pid, signal.SIGINT)
                self.assertEqual(reply(kernel.until_idle(msg_id))["ename"], "KeyboardInterrupt")

    def test_in_a_callback_that_asyncio_calls(self):
        """The loop's own code is below it, and user code is what runs."""
        code = """import asyncio, socket
class P(asyncio.Protocol):
    def data_received(self, data):
        print('here', flush=True)
        while True: pass
loop = asyncio.get_running_loop()
ours, theirs = socket.socketpair()
transport, _ = await loop.create_connection(P, sock=ours)
theirs.send(b'x')
await asyncio.sleep(1000)
"""
        with Driven() as kernel:
            msg_id = kernel.execute(code)
            while "here" not in text([kernel.receive()]):
                pass
            os.kill(kernel.pid, signal.SIGINT)
            kernel.until_idle(msg_id)
            self.assertEqual(reply(kernel.run("6 * 7"))["status"], "ok")

    def test_a_handler_of_another_signal_may_raise_at_any_moment(self):
        """Not in the middle of a message: what follows would be no stream of frames."""
        code = """import signal
def ring(*_): raise {}
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, {})
i = 0
while True: print(i, 'x' * 40); i += 1
"""
        moments = random.Random(3)
        with Driven() as kernel:
            for error in ("TimeoutError", "ZeroDivisionError") * 10:
                found = kernel.run(code.format(error, 0.01 + moments.random() * 0.02))
                self.assertEqual(reply(found)["ename"], error)
                numbers = [int(line.split()[0]) for line in text(found).splitlines() if line.endswith(" " + "x" * 40)]
                self.assertEqual(numbers, list(range(len(numbers))))

    def test_between_two_steps_of_a_task(self):
        """The loop has just taken the next step, which never ends, when the interrupt comes."""
        code = """import asyncio, os, signal, selectors
async def f():
    await asyncio.sleep(0)
    while True: pass
loop = asyncio.get_running_loop()
select = loop._selector.select
def interrupted(timeout):
    loop._selector.select = select
    os.kill(os.getpid(), signal.SIGINT)
    return select(timeout)
loop._selector.select = interrupted
"""
        with Driven() as kernel:
            for last in ("await f()", "await asyncio.create_task(f())"):
                with self.subTest(last):
                    self.assertEqual(reply(kernel.run(code + last))["ename"], "KeyboardInterrupt")

    def test_at_any_moment_each_cell_has_one_reply_and_the_kernel_goes_on(self):
        seed = int(os.environ.get("SEED") or random.randrange(10**9))
        print(f"SEED={seed}")
        moments = random.Random(seed)
        code = "for i in range(400): print(i); display(i)\nimport asyncio\nawait asyncio.sleep(0.001)\n1/0"
        with Driven() as kernel:
            for _ in range(60):
                msg_id = kernel.execute(code)
                time.sleep(moments.random() * 0.02)
                os.kill(kernel.pid, signal.SIGINT)
                found = [one for one in kernel.until_idle(msg_id) if one.parent.get("msg_id") == msg_id]
                self.assertEqual([one.kind for one in found].count("execute_reply"), 1)
                self.assertEqual([one.content["execution_state"] for one in found if one.kind == "status"], ["busy", "idle"])
            self.assertEqual(text(kernel.run("print('alive')")), "alive\n")

    def test_ks6_a_request_for_shell_that_the_signal_finds_is_answered(self):
        with Driven() as kernel:
            for number in range(50):
                # Both are there when it looks again; which of them it sees first is the system's choice.
                os.kill(kernel.pid, signal.SIGSTOP)
                os.waitpid(kernel.pid, os.WUNTRACED)
                msg_id = kernel.send("execute_request", {"code": str(number), "silent": False}, signalled=True)
                os.kill(kernel.pid, signal.SIGCONT)
                self.assertEqual(reply(kernel.until_idle(msg_id))["status"], "ok")

    def test_ks7_an_interrupt_between_the_announcement_of_a_cell_and_its_beginning_ends_it(self):
        """A transformer stands for the moment: it is the last that runs before the cell."""
        begin = "def late(lines):\n    import os, signal\n    k = get_ipython().kernel.interrupts\n    k.running = False\n"
        begin += "    os.kill(os.getpid(), signal.SIGINT)\n    return lines\n"
        for code in ("while True: pass", "import asyncio\nawait asyncio.sleep(1000)"):
            with self.subTest(code), Driven() as kernel:
                kernel.run(begin + "get_ipython().input_transformers_post.append(late)")
                self.assertEqual(reply(kernel.run(code))["ename"], "KeyboardInterrupt")

    def test_ks7_an_interrupt_that_a_blocking_call_has_missed_is_noticed_at_the_next_signal(self):
        code = """import signal, threading, time
def strike():
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    print('here', flush=True)
    time.sleep(1000)
threading.Thread(target=strike, daemon=True).start()
time.sleep(1000)"""
        with Driven() as kernel:
            msg_id = kernel.execute(code)
            while "here" not in text([kernel.receive()]):
                pass
            os.kill(kernel.pid, signal.SIGRTMIN + 2)
            self.assertEqual(reply(kernel.until_idle(msg_id))["ename"], "KeyboardInterrupt")

    def test_a_handler_of_the_users_holds_for_its_cell(self):
        handler = "import signal\nsignal.signal(signal.SIGINT, lambda *_: print('caught'))\nprint('here', flush=True)\n"
        with Driven() as kernel:
            found = self.interrupt(kernel, handler + "import time; time.sleep(0.2)")
            self.assertEqual((reply(found)["status"], text(found)), ("ok", "caught\n"))
            found = self.interrupt(kernel, "print('here', flush=True)\nwhile True: pass")
            self.assertEqual(reply(found)["ename"], "KeyboardInterrupt")

    def test_a_cell_that_was_cut_in_the_machinery_counts_like_any_other(self):
        cut = """shell = get_ipython()
async def cut(*_, **__):
    del shell.run_ast_nodes
    raise KeyboardInterrupt
shell.run_ast_nodes = cut"""
        with Driven() as kernel:
            kernel.run(cut)
            counted = [reply(kernel.run(code)) for code in ("1", "2")]
            self.assertEqual([(one["status"], one["execution_count"]) for one in counted], [("error", 2), ("ok", 3)])

    def test_ks10_an_interrupt_while_a_process_is_forked_is_neither_shown_nor_lost(self):
        strike = "import os, signal, time\nk = get_ipython().kernel.gatherer\nbefore, after = k.before_fork, k.after_fork\n"
        strike += "def struck(*hooks):\n    for hook in hooks: hook()\n    os.kill(os.getpid(), signal.SIGINT)\n"
        fork = "\npid = os.fork()\nif not pid:\n    try: time.sleep(1000)\n    finally: os._exit(0)\n"
        with Driven() as kernel, self.subTest("the parent"):
            code = strike + "k.before_fork = lambda: struck(before)" + fork + "print('here', flush=True)\ntime.sleep(1000)"
            found = self.interrupt_owed(kernel, code)
            self.assertEqual((reply(found)["ename"], text(found, "stderr")), ("KeyboardInterrupt", ""))
            self.assertEqual(text(kernel.run("print('alive')")), "alive\n")
        with Driven() as kernel, self.subTest("the child"):
            code = strike + "k.after_fork = lambda: struck(after)" + fork + "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))"
            found = kernel.run(code)
            self.assertEqual((reply(found)["status"], text(found)), ("ok", "-2\n"))
            self.assertNotIn(b"ignored", kernel.written)

    def interrupt_owed(self, kernel, code):
        msg_id = kernel.execute(code)
        while "here" not in text([kernel.receive()]):
            pass
        for seconds in (0.02, 0.08, 0.4):
            time.sleep(seconds)
            os.kill(kernel.pid, signal.SIGRTMIN + 2)
        return kernel.until_idle(msg_id)

    def test_input_is_interrupted_too(self):
        with Driven() as kernel:
            msg_id = kernel.execute("input('?')", allow_stdin=True)
            kernel.wait_for("input_request")
            os.kill(kernel.pid, signal.SIGINT)
            self.assertEqual(reply(kernel.until_idle(msg_id))["ename"], "KeyboardInterrupt")


class Asking(unittest.TestCase):
    def test_ks6_an_answer_that_the_signal_finds_is_heard(self):
        """The wait has been disturbed by the signal, whose handler reads the answer, and is taken up again."""
        code = """import os, select, signal
from carrel_kernel import connection
class Disturbed:
    @staticmethod
    def select(sockets, *rest):
        connection.select = select
        select.select(sockets, [], [])
        os.kill(os.getpid(), signal.SIGRTMIN + 2)
        return select.select(sockets, *rest)
connection.select = Disturbed
print(input('name? '))"""
        with Driven() as kernel:
            msg_id = kernel.execute(code, allow_stdin=True)
            kernel.wait_for("input_request")
            kernel.send("input_reply", {"value": "ada"}, "stdin")
            self.assertEqual(text(kernel.until_idle(msg_id)), "ada\n")


class PrintingFast(unittest.TestCase):
    """What holds although a loop that prints writes in C."""

    LOOP = "for i in range(60000): print({})\n"

    def test_what_a_comm_prints_and_what_the_next_cell_prints_are_told_apart(self):
        on_msg = f"def on_msg(_):\n    {self.LOOP.format('-1')}"
        target = "get_comm_manager().register_target('t', lambda comm, _: comm.on_msg(on_msg))"
        with Driven() as kernel:
            kernel.run(f"from comm import get_comm_manager\n{on_msg}{target}")
            kernel.until_idle(kernel.send("comm_open", {"comm_id": "c", "target_name": "t", "data": {}}))
            comm = kernel.send("comm_msg", {"comm_id": "c", "data": {}})
            cell = kernel.execute(self.LOOP.format("1"))
            found = kernel.until_idle(cell)
            for msg_id, line in ((comm, "-1\n"), (cell, "1\n")):
                self.assertEqual(text([one for one in found if one.parent.get("msg_id") == msg_id]), line * 60000)

    def test_a_write_that_was_kept_stays_in_order(self):
        code = f"""import csv, sys, time
{self.LOOP.format("i")}
rows = csv.writer(sys.stdout, lineterminator="\\n")
time.sleep(0.2)
rows.writerow(["first"]); print("second"); rows.writerow(["third"])"""
        with Driven() as kernel:
            self.assertTrue(text(kernel.run(code)).endswith("59999\nfirst\nsecond\nthird\n"))

    def test_a_tracer_that_prints_is_heard(self):
        code = f"""import sys
def trace(frame, *_):
    if "carrel_kernel" in frame.f_code.co_filename: print("traced")
{self.LOOP.format("i")}
sys.settrace(trace)
{self.LOOP.format("i")}
sys.settrace(None)"""
        with Driven() as kernel:
            found = kernel.run(code)
            self.assertEqual(reply(found)["status"], "ok")
            self.assertIn("traced\n", text(found))


class InTheMiddleOfACell(unittest.TestCase):
    def test_ks6_control_is_answered_while_a_cell_runs(self):
        with Driven() as kernel:
            msg_id = kernel.execute("import time\nprint('here', flush=True)\nwhile 'stop' not in globals(): time.sleep(0.01)")
            while "here" not in text([kernel.receive()]):
                pass
            asked = kernel.send("kernel_info_request", {}, "control", signalled=True)
            answer = kernel.wait_for("kernel_info_reply")
            self.assertEqual((answer.channel, answer.parent["msg_id"]), ("control", asked))
            kernel.send("interrupt_request", {}, "control", signalled=True)
            self.assertEqual(reply(kernel.until_idle(msg_id))["ename"], "KeyboardInterrupt")

    def test_other_requests_wait_and_keep_their_order(self):
        with Driven() as kernel:
            first = kernel.execute("import time; time.sleep(0.2)")
            info = kernel.send("kernel_info_request", {})
            last = kernel.execute("2")
            replies = [one.parent["msg_id"] for one in kernel.until_idle(last) if one.channel == "shell"]
            self.assertEqual(replies, [first, info, last])

    def test_an_error_aborts_what_was_sent_before_it_was_known(self):
        with Driven() as kernel:
            kernel.execute("import time; time.sleep(0.2); 1/0")
            second = kernel.execute("3")
            info = kernel.send("kernel_info_request", {})
            found = kernel.until_idle(info)
            statuses = {one.parent["msg_id"]: one.content["status"] for one in found if one.channel == "shell"}
            self.assertEqual(statuses[second], "aborted")
            self.assertEqual(statuses[info], "ok")

    def test_tasks_go_on_between_cells_and_keep_their_cell(self):
        code = "import asyncio\nasync def f():\n await asyncio.sleep(0.05)\n print('from the task')\ntask = asyncio.create_task(f())"
        with Driven() as kernel:
            msg_id = kernel.execute(code)
            said = kernel.wait_for("stream")
            self.assertEqual((said.content["text"], said.parent["msg_id"]), ("from the task\n", msg_id))

    def test_a_long_output_is_in_frames_of_a_mebibyte(self):
        with Driven() as kernel:
            found = kernel.run("print('é' * 3_000_000)")
            self.assertEqual(len(text(found)), 3_000_001)
            self.assertLessEqual(kernel.longest_frame, 1 << 20)


class Crashing(unittest.TestCase):
    def test_a_crash_in_native_code_says_where(self):
        with Driven() as kernel:
            kernel.execute("import ctypes\nprint('before')\nctypes.string_at(0)")
            said = b""
            with self.assertRaises(EOFError):
                while True:
                    said += text([kernel.receive()]).encode()
            self.assertEqual(said, b"before\n")
            while chunk := os.read(kernel.pipe, 1 << 16):
                kernel.written += chunk
            self.assertIn(b"Segmentation fault", kernel.written)
            self.assertIn(b"string_at", kernel.written)


class Children(unittest.TestCase):
    def test_what_a_forked_child_prints_and_shows_goes_to_its_descriptors(self):
        code = "import multiprocessing as m\np = m.get_context('fork').Process(target=lambda: (print('child'), display('shown')))\np.start(); p.join()"
        with Driven() as kernel:
            self.assertEqual(reply(kernel.run(code))["status"], "ok")
            self.assertEqual(text(kernel.run("1")), "")
            self.assertEqual(kernel.written, b"child\n'shown'\n")

    def test_a_fork_has_no_other_threads_to_warn_of(self):
        with Driven() as kernel:
            found = kernel.run("for i in range(50): print(i)\nimport os\npid = os.fork()\nif not pid: os._exit(0)\n_ = os.waitpid(pid, 0)")
            self.assertEqual(text(found, "stderr"), "")

    def test_a_child_that_runs_to_the_end_of_the_cell_ends_there(self):
        with Driven() as kernel:
            found = kernel.run("import os\npid = os.fork()\nif pid: print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))")
            self.assertEqual(text(found), "0\n")


class Refusing(unittest.TestCase):
    def test_every_request_has_a_reply_that_says_why(self):
        with Driven() as kernel:
            self.assertIn("no message of type", kernel.ask("create_subshell_request", {})["evalue"])
            self.assertIn("expected a string", kernel.ask("complete_request", {})["evalue"])
            self.assertIn("expected a string", kernel.ask("execute_request", {"code": 3})["evalue"])
            self.assertIn("expected tail, range or search", kernel.ask("history_request", {"hist_access_type": "x"})["evalue"])
            refused = kernel.ask("debug_request", {"command": "attach", "seq": 4}, "control")
            self.assertEqual((refused["success"], refused["request_seq"]), (False, 4))

    def test_the_end_that_a_client_asks_for(self):
        with Driven() as kernel:
            kernel.run("import atexit; atexit.register(print, 'bye')")
            kernel.send("shutdown_request", {"restart": False}, "control")
            self.assertEqual(kernel.wait_for("shutdown_reply").content, {"status": "ok", "restart": False})
            with self.assertRaises(EOFError):
                while True:
                    kernel.receive()
