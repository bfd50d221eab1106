"""What may go wrong in a sandbox, on the real image: lost streams, floods, memory, forks, killed helpers, hostile neighbours of the agent."""

import json
import os
import signal
import tempfile
import time
import unittest

from .drive import Sandbox, flags, frames, text_of


class Faults(unittest.TestCase):
    def sandbox(self, *arguments, start=True, **options):
        sandbox = Sandbox(arguments=arguments, **options)
        self.addCleanup(sandbox.close)
        sandbox.banner()
        sandbox.attach()
        if start:
            sandbox.start()
        return sandbox

    def pids(self, sandbox, word=""):
        """Host pids of the container's processes, PID 1 first."""
        return [int(pid) for pid, command in sandbox.processes() if word in command]

    def alive(self, sandbox, generation=2):
        sandbox.start(generation)
        reply, found = sandbox.run("print(6*7)")
        self.assertEqual((reply["execution_count"], text_of(found)), (1, "42\n"))

    def test_resume_in_the_middle_of_a_flood(self):
        """AF9-AF12: an attachment is cut and another one goes on at the next byte of every message"""
        sandbox = self.sandbox()
        sandbox.execute("for i in range(200000): print(i)")
        whole = []
        for _ in range(4):
            sandbox._until(lambda: sandbox.bytes > 300_000, 30)
            whole += sandbox.messages
            hello = sandbox.reattach()
            self.assertEqual((hello["state"], hello["generation"]), ("running", 1))
        sandbox._until(lambda: any(m[1]["msg_type"] == "execute_reply" for m in sandbox.messages), 60)
        sandbox._until(lambda: any(m[3].get("execution_state") == "idle" for m in sandbox.messages), 60)
        text = "".join(m[3]["text"] for m in whole + sandbox.messages if m[1]["msg_type"] == "stream")
        self.assertEqual(text, "".join(f"{i}\n" for i in range(200000)))

    def test_requests_after_a_resume(self):
        """AF12: hello says what the agent has"""
        sandbox = self.sandbox()
        sandbox.run("x = 1")
        self.assertEqual(sandbox.reattach()["received"], sandbox.sent)
        self.assertEqual(text_of(sandbox.run("print(x)")[1]), "1\n")

    def test_a_frame_that_was_cut_is_forgotten(self):
        """AF9: the key begins a new connection even inside a frame"""
        sandbox = self.sandbox()
        sandbox.write(frames.header(2, 0, 5000, sandbox.sent + 1) + b"half")
        time.sleep(0.2)
        sandbox.attach()
        self.assertEqual(text_of(sandbox.run("print(3)")[1]), "3\n")

    def test_zeros_keep_it_alive(self):
        """AF8, AF19: zeros count as a word from outside, silence does not"""
        sandbox = Sandbox(arguments=("--orphan", "6"))
        self.addCleanup(sandbox.close)
        sandbox.banner()
        for _ in range(8):
            sandbox.write(b"\0")
            time.sleep(1)
        sandbox.attach()
        with self.assertRaises(EOFError):
            sandbox._until(lambda: False, 12)

    def test_back_pressure_loses_nothing(self):
        """AF14-AF16: who reads slowly, and says so with ping, gets everything; memory stays bounded"""
        sandbox = self.sandbox()
        sandbox.pace = "by hand"
        request = sandbox.execute("for i in range(300): print('x' * 99_999)")
        limit = time.monotonic() + 7
        while time.monotonic() < limit:
            sandbox.pump(0.3)
            sandbox.control(type="ping")
        held = sandbox.bytes
        self.assertLess(held, 6 * (1 << 20))  # the journal, and what pipes and sockets on the way hold
        sandbox.pace = None
        found = sandbox.gather(request)[1]
        self.assertEqual(len(text_of(found)), 30_000_000)

    def test_away_keeps_replies_and_says_what_was_cut(self):
        """AF16, AF17: nobody is there for long; the cell ends, the cut is marked"""
        sandbox = self.sandbox()
        sandbox.execute("for i in range(300): print('x' * 99_999)")
        sandbox._until(lambda: any(m[1]["msg_type"] == "stream" for m in sandbox.messages), 20)
        sandbox.cut()
        seen = sum(len(m[3]["text"]) for m in sandbox.messages if m[1]["msg_type"] == "stream")
        time.sleep(12)
        sandbox.reattach()
        sandbox._until(lambda: any(m[1]["msg_type"] == "execute_reply" for m in sandbox.messages), 20)
        sandbox._until(lambda: any(m[3].get("execution_state") == "idle" for m in sandbox.messages), 20)
        cut = sum(body["bytes"] for body in sandbox.controls if body["type"] == "gap")
        kept = sum(len(m[3]["text"]) for m in sandbox.messages if m[1]["msg_type"] == "stream")
        self.assertGreater(cut, 20_000_000)
        self.assertGreater(seen + cut + kept, 30_000_000)
        self.assertEqual(text_of(sandbox.run("print(1)")[1]), "1\n")

    def test_more_output_than_memory(self):
        """Complete, at the pace it is read, in bounded memory"""
        sandbox = self.sandbox()
        sandbox.execute("s = 'x' * 99_999\nfor i in range(4_000): print(s)")
        size, done = 0, False
        while not done:
            sandbox.pump(5)
            for _, header, parent, content, _ in sandbox.messages:
                if header["msg_type"] == "stream":
                    size += len(content["text"])
                done = done or (header["msg_type"] == "status" and content["execution_state"] == "idle" and size > 0)
            sandbox.messages.clear()
        self.assertEqual(size, 400_000_000)
        sandbox.control(type="stats", every=0)
        self.assertLess(sandbox.expect("stats")["memory"]["peak"], 300 << 20)

    def test_interrupt_during_a_flood(self):
        sandbox = self.sandbox()
        request = sandbox.execute("while True: print('x' * 100_000)")
        sandbox._until(lambda: sandbox.bytes > 20_000_000, 30)
        sandbox.messages.clear()
        sandbox.control(type="interrupt", generation=1)
        self.assertEqual(sandbox.gather(request, 10)[0]["ename"], "KeyboardInterrupt")

    def test_restart(self):
        """The old generation's processes are all gone, names are forgotten"""
        sandbox = self.sandbox()
        sandbox.run("import subprocess; p = [subprocess.Popen(['sleep', '1000']) for _ in range(10)]; x = 1")
        sandbox.execute("while True: pass")
        time.sleep(0.3)
        sandbox.start(2, kind="restart")
        self.assertTrue(sandbox.expect("exited", generation=1)["expected"])
        reply, _ = sandbox.run("x")
        self.assertEqual((reply["ename"], reply["execution_count"]), ("NameError", 1))
        self.assertEqual(self.pids(sandbox, "sleep"), [])

    def test_stop_and_start(self):
        sandbox = self.sandbox()
        sandbox.control(type="stop", generation=1)
        exited = sandbox.expect("exited")
        self.assertEqual((exited["expected"], exited["oom"]), (True, False))
        self.alive(sandbox)

    def test_start_is_repeated(self):
        """`start` for the generation that runs has no effect"""
        sandbox = self.sandbox()
        sandbox.run("x = 5")
        sandbox.control(type="start", generation=1, kernel="python3", env={})
        self.assertEqual(text_of(sandbox.run("print(x)")[1]), "5\n")

    def test_unknown_kernel(self):
        sandbox = self.sandbox(start=False)
        sandbox.control(type="start", generation=1, kernel="cobol", env={})
        self.assertIn("python3", sandbox.expect("failed")["reason"])
        self.alive(sandbox)

    def test_exit_code(self):
        sandbox = self.sandbox()
        sandbox.execute("print('last words'); import sys; sys.stdout.flush(); import os, time; time.sleep(0.2); os._exit(3)")
        exited = sandbox.expect("exited")
        self.assertEqual((exited["code"], exited["signal"], exited["expected"]), (3, None, False))
        self.assertEqual([m[3]["text"] for m in sandbox.messages if m[1]["msg_type"] == "stream"], ["last words\n"])
        self.alive(sandbox)

    def test_last_words_of_others(self):
        """KS4, KS8: what a child and a native library wrote just before the kernel's death is there, and in its place"""
        sandbox = self.sandbox()
        code = "import os, subprocess, sys\nfor n in range(50):\n  print('kernel', n, flush=True)\n  os.write(1, f'fd {n}\\n'.encode())\n"
        code += "subprocess.run('yes | head -c 300000; echo; echo end >&2', shell=True)\nos.abort()"
        request = sandbox.execute(code)
        self.assertEqual(sandbox.expect("exited")["signal"], signal.SIGABRT)
        said = [m[3] for m in sandbox.messages if m[1]["msg_type"] == "stream" and m[2].get("msg_id") == request]
        text = "".join(content["text"] for content in said if content["name"] == "stdout")
        self.assertTrue(text.endswith("y\n" * 150_000 + "\n"), text[-100:])
        lines = text.splitlines()
        for n in range(49):
            self.assertLess(lines.index(f"fd {n}"), lines.index(f"kernel {n + 1}"))
        self.assertIn("end\n", "".join(content["text"] for content in said if content["name"] == "stderr"))
        self.alive(sandbox)

    def test_a_flood_of_a_child_waits(self):
        """KS5: nothing of what a child prints is lost where it is read slowly; the kernel's memory and the agent's stay bounded"""
        sandbox = self.sandbox()
        sandbox.pace = "by hand"
        request = sandbox.execute("import subprocess; subprocess.run('yes 123456789 | head -c 30000000', shell=True)")
        limit = time.monotonic() + 7
        while time.monotonic() < limit:
            sandbox.pump(0.3)
            sandbox.control(type="ping")
        self.assertLess(sandbox.bytes, 6 * (1 << 20))
        sandbox.pace = None
        self.assertEqual(text_of(sandbox.gather(request)[1]), "123456789\n" * 3_000_000)

    def test_control_in_the_middle_of_a_cell(self):
        """KS6: a kernel of one thread answers on control while a cell runs, and a client's shutdown gets its reply"""
        for kernel in ("python3", "ipykernel"):
            with self.subTest(kernel):
                sandbox = self.sandbox(kernel=kernel)
                sandbox.execute("while True: pass")
                sandbox._until(lambda: any(m[1]["msg_type"] == "execute_input" for m in sandbox.messages), 20)
                request = sandbox.send("kernel_info_request", {}, "control")
                self.assertEqual(sandbox.gather(request, 20)[0]["status"], "ok")

    def test_shutdown_request(self):
        """The reply comes before the end"""
        for kernel in ("python3", "ipykernel"):
            with self.subTest(kernel):
                sandbox = self.sandbox(kernel=kernel)
                sandbox.send("shutdown_request", {"restart": False}, "control")
                self.assertEqual(sandbox.expect("exited")["code"], 0)
                self.assertIn("shutdown_reply", [m[1]["msg_type"] for m in sandbox.messages])

    def test_exited_is_said_again(self):
        """AF10: a gateway that was away learns why the kernel ended"""
        sandbox = self.sandbox()
        sandbox.execute("import os, time; time.sleep(2); os.kill(os.getpid(), 11)")
        time.sleep(0.5)
        sandbox.cut()
        time.sleep(3)
        self.assertEqual(sandbox.reattach()["state"], "ended")
        self.assertEqual(sandbox.expect("exited")["signal"], signal.SIGSEGV)
        sandbox.reattach()
        self.assertEqual(sandbox.expect("exited")["signal"], signal.SIGSEGV)
        self.alive(sandbox)

    def test_out_of_memory(self):
        """The kernel is killed, the agent lives and tells the limit; what was printed before is there"""
        for code in ("x = bytearray(1 << 30)", "import os\nfor i in range(60):\n  if not os.fork():\n    x = b'x' * (40 << 20)\n    import time; time.sleep(5)\nx = b'x' * (600 << 20)"):
            with self.subTest(code):
                sandbox = self.sandbox()
                # What ZeroMQ's thread in the kernel has not written yet dies with the kernel: a moment for it.
                sandbox.execute(f"print('before', flush=True)\nimport time; time.sleep(0.5)\n{code}")
                exited = sandbox.expect("exited", 60)
                self.assertEqual((exited["oom"], exited["signal"]), (True, 9), exited)
                self.assertEqual(exited["memory"]["limit"], 512 << 20)
                self.assertIn("before\n", [m[3]["text"] for m in sandbox.messages if m[1]["msg_type"] == "stream"])
                self.alive(sandbox)

    def test_death_in_the_middle_of_a_message(self):
        """AF5"""
        sandbox = self.sandbox()
        code = "import os, threading, time\nfrom IPython.display import display\n"
        code += "threading.Timer(0.6, lambda: os.kill(os.getpid(), 9)).start()\n"
        code += "while True: display({'text/plain': 'y' * 20_000_000}, raw=True)"
        sandbox.execute(code)
        self.assertEqual(sandbox.expect("exited")["signal"], 9)
        self.alive(sandbox)

    def test_fork_bomb(self):
        sandbox = self.sandbox()
        sandbox.execute("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass")
        time.sleep(2)
        sandbox.start(2, kind="restart")
        self.assertEqual(text_of(sandbox.run("print(1)")[1]), "1\n")
        self.assertLessEqual(len(self.pids(sandbox)), 5)

    def test_helpers_are_killed(self):
        """By hand from outside: the zygote is replaced, a dead bridge ends its kernel with a reason"""
        sandbox = self.sandbox()
        agent, zygote, *rest = self.pids(sandbox)
        os.kill(zygote, signal.SIGKILL)
        time.sleep(0.3)
        self.assertEqual(text_of(sandbox.run("print(1)")[1]), "1\n")
        sandbox.start(2, kind="restart")
        if sandbox.kernel == "ipykernel":
            os.kill(self.pids(sandbox)[2], signal.SIGKILL)
            self.assertIn("messages", sandbox.expect("exited", generation=2)["detail"])
            self.alive(sandbox, 3)

    def test_the_cell_cannot_reach_the_agent(self):
        """Memory, descriptors, signals and limits of the agent and of its helpers"""
        code = '''
import os, signal, resource, glob
me = os.getpid()
others = [int(p) for p in os.listdir('/proc') if p.isdigit() and int(p) != me]
got = []
for pid in others:
    for name in ('mem', 'environ', 'maps', 'cwd', 'root', 'exe', 'fd'):
        path = f'/proc/{pid}/{name}'
        try:
            got.append((path, os.listdir(path) if name == 'fd' else os.readlink(path) if name in ('cwd', 'root', 'exe') else open(path, 'rb').read(1)))
        except OSError: pass
    try: open(f'/proc/{pid}/oom_score_adj', 'w').write('0'); got.append(('oom', pid))
    except OSError: pass
    for n in (0, signal.SIGTERM, signal.SIGKILL):
        try: os.kill(pid, n); got.append(('kill', pid, n))
        except OSError: pass
    try: resource.prlimit(pid, resource.RLIMIT_NOFILE, (10, 10)); got.append(('prlimit', pid))
    except OSError: pass
    try: os.setpriority(os.PRIO_PROCESS, pid, 19); got.append(('priority', pid))
    except OSError: pass
    try: os.sched_setaffinity(pid, {0}); got.append(('affinity', pid))
    except OSError: pass
try: open('/proc/self/oom_score_adj', 'w').write('0'); got.append('own oom')
except OSError: pass
print(sorted(others), got, open('/proc/self/oom_score_adj').read())'''
        sandbox = self.sandbox()
        seen = text_of(sandbox.run(code)[1])
        helpers = r"\[1, \d+, \d+\]" if sandbox.kernel == "ipykernel" else r"\[1, \d+\]"
        self.assertRegex(seen, f"^{helpers} \\[\\] 1000\n")

    def test_the_agent_is_small(self):
        sandbox = self.sandbox()
        sandbox.run("for i in range(20000): print('x' * 5000)")
        agent = self.pids(sandbox)[0]
        with open(f"/proc/{agent}/status") as status:
            kib = int(status.read().split("RssAnon:")[1].split()[0])
        self.assertLess(kib, 15 << 10)

    def test_full_folders(self):
        """A restart works although the tmpfs mounts are full"""
        sandbox = self.sandbox()
        code = "import os\nfor d in ('/tmp', '/home/worksheet'):\n  try:\n    with open(d + '/f', 'wb') as f:\n      while True: f.write(bytes(1 << 20))\n"
        code += "  except OSError as e: print(e)\n  try:\n    for i in range(20000): open(f'{d}/{i}', 'w').close()\n  except OSError as e: print(e)"
        self.assertIn("No space left", text_of(sandbox.run(code)[1]))
        sandbox.start(2, kind="restart")
        self.assertEqual(text_of(sandbox.run("print(1)")[1]), "1\n")

    def test_rules_broken_by_the_gateway_end_it(self):
        """AF1, AF9: the agent exits"""
        for data in (b"\x02" + bytes(31), os.urandom(31).join([b"\x81", b""]) + b"\xca\x02" + bytes(14)):
            sandbox = Sandbox()
            self.addCleanup(sandbox.close)
            sandbox.banner()
            sandbox.write(data)
            with self.assertRaises(EOFError):
                sandbox._until(lambda: False, 10)
            self.assertIn('"ExitCode":1', sandbox.state())


class OtherKernels(unittest.TestCase):
    """Kernelspecs that start from their argv; here stock ipykernel under other names."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        argv = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        specs = {
            "stock": {"argv": argv, "display_name": "Stock", "language": "python", "env": {"FROM_SPEC": "1"}},
            "message": {"argv": argv, "display_name": "M", "language": "python", "interrupt_mode": "message"},
            "broken": {"argv": ["/nothing"], "display_name": "B", "language": "none"},
        }
        for name, spec in specs.items():
            os.mkdir(f"{folder.name}/{name}")
            with open(f"{folder.name}/{name}/kernel.json", "w", encoding="utf-8") as file:
                json.dump(spec, file)
        mount = ["-v", f"{folder.name}:/usr/local/share/jupyter/kernels:ro"]
        self.sandbox = Sandbox(docker_flags=[*flags(), *mount])
        self.addCleanup(self.sandbox.close)
        self.sandbox.banner()
        self.hello = self.sandbox.attach()

    def test_they_start_and_are_interrupted(self):
        self.assertEqual(set(self.hello["kernels"]), {"stock", "message", "broken", "python3", "ipykernel"})
        for generation, name in enumerate(("stock", "message"), 1):
            with self.subTest(name):
                started = self.sandbox.start(generation, name, "restart")
                self.assertEqual((started["kernel"], started["standby"]), (name, False))
                code = "import os; print(os.environ.get('FROM_SPEC'), os.environ['KERNEL_USERNAME'], os.getcwd())"
                expected = "1 ada /home/worksheet\n" if name == "stock" else "None ada /home/worksheet\n"
                self.assertEqual(text_of(self.sandbox.run(code)[1]), expected)
                request = self.sandbox.execute("while True: pass")
                time.sleep(0.5)
                self.sandbox.control(type="interrupt", generation=generation)
                self.assertEqual(self.sandbox.gather(request, 20)[0]["ename"], "KeyboardInterrupt")

    def test_a_program_that_is_not_there(self):
        self.sandbox.control(type="start", generation=1, kernel="broken", env={})
        self.assertIn("before it answered", self.sandbox.expect("failed")["reason"])
        self.sandbox.start(2)
        self.assertEqual(text_of(self.sandbox.run("print(1)")[1]), "1\n")


class Split(unittest.TestCase):
    def test_split(self):
        """The agent has uid 0 and four capabilities, the cell another uid and none"""
        with Sandbox(docker_flags=flags(split=True), split=True) as sandbox:
            sandbox.banner()
            self.assertTrue(sandbox.attach()["confinement"]["split"])
            sandbox.start()
            code = "import os\nprint(os.getresuid(), os.getgroups(), [l for l in open('/proc/self/status') if l.startswith('Cap')])"
            text = text_of(sandbox.run(code)[1])
            self.assertIn("(217345, 217345, 217345) []", text)
            self.assertNotRegex(text, r"Cap\w+:\\t0*[1-9a-f]")
            sandbox.start(2, kind="restart")
            self.assertEqual(text_of(sandbox.run("open('a', 'w').write('x'); print(1)")[1]), "1\n")


if __name__ == "__main__":
    unittest.main()
