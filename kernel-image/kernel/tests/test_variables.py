"""KS9: which variables take the most memory, asked in the middle of a cell of any kind."""

import sys
import types
import unittest

from carrel_kernel import variables

from .drive import Driven, reply, text

MIB = 1 << 20


def look(frame=None, **names):
    shell = types.SimpleNamespace(user_ns=names, user_ns_hidden={"hidden": names.get("hidden")})
    found = variables.largest(shell, frame)
    return {one["name"]: one for one in found["variables"]}, found["complete"]


class Sizes(unittest.TestCase):
    def near(self, found, expected, within=0.2):
        self.assertLess(abs(found["size"] - expected) / expected, within, found)

    def test_ks9_the_largest_come_first_and_small_ones_not_at_all(self):
        found, complete = look(a=bytes(3 * MIB), b=bytes(5 * MIB), c=[1, 2, 3], _d=bytes(9 * MIB), hidden=bytes(9 * MIB))
        self.assertEqual((list(found), complete), (["b", "a"], True))
        self.assertEqual(found["b"]["type"], "bytes")
        self.near(found["b"], 5 * MIB)

    def test_ks9_what_containers_hold_is_theirs_and_a_sample_stands_for_it(self):
        found, complete = look(
            blocks=[bytes(100_000) for _ in range(1000)],
            table={name: bytes(1000) for name in range(20_000)},
            nested={"deep": [[{"er": bytes(7 * MIB)}]]},
        )
        self.assertTrue(complete)
        self.near(found["blocks"], 100_000_000)
        self.near(found["table"], 21_000_000, 0.3)
        self.near(found["nested"], 7 * MIB)

    def test_ks9_what_an_object_holds_is_its_own(self):
        class Model:
            pass

        class Slots:
            __slots__ = ("weights",)

        model, slots = Model(), Slots()
        model.weights, slots.weights = bytes(4 * MIB), bytes(6 * MIB)
        model.module = sys
        found, _ = look(model=model, slots=slots)
        self.near(found["model"], 4 * MIB)
        self.near(found["slots"], 6 * MIB)

    def test_ks9_arrays_and_tables_tell_the_memory_that_they_show(self):
        try:
            import numpy
            import pandas
        except ImportError:
            self.skipTest("this interpreter has no numpy and pandas")
        array = numpy.zeros(4 * MIB)
        table = pandas.DataFrame({"a": numpy.arange(MIB), "b": numpy.random.rand(MIB)})
        words = numpy.array([f"{n:0>1000}" for n in range(10_000)], dtype=object)
        found, _ = look(array=array, view=array.reshape(2, -1)[:1], wide=numpy.broadcast_to(numpy.zeros(1), (1 << 40,)), table=table, words=words)
        self.near(found["array"], 32 * MIB)
        self.near(found["view"], 32 * MIB)
        self.assertNotIn("wide", found)
        self.near(found["table"], 16 * MIB)
        self.near(found["words"], 10_500_000)
        self.assertEqual((found["array"]["type"], found["table"]["type"]), ("numpy.ndarray", "pandas.DataFrame"))

    def test_ks9_no_code_of_the_program_runs(self):
        ran = []

        class Meta(type):
            def __getattribute__(cls, name):
                ran.append(name)
                return super().__getattribute__(name)

        class Trap(list, metaclass=Meta):
            def __sizeof__(self):
                raise SystemExit
            __len__ = __iter__ = __getattribute__ = __eq__ = __hash__ = lambda self, *_: ran.append("method")

        trap = Trap([bytes(2 * MIB)])
        ran.clear()
        found, _ = look(trap=trap)
        self.near(found["trap"], 2 * MIB)
        self.assertEqual(ran, [])

    def test_ks9_a_ring_and_a_crowd_end_in_time(self):
        ring = [bytes(2 * MIB)]
        ring.append(ring)
        found, complete = look(ring=ring)
        self.near(found["ring"], 2 * MIB)
        self.assertTrue(complete)
        crowd = {f"v{n}": [[[[object()] * 64] * 64] * 64] * 64 for n in range(2000)}
        self.assertFalse(look(**crowd)[1])


class Asking(unittest.TestCase):
    def ask(self, kernel, code):
        """Asks while the code runs, which prints "here" and then does not end."""
        msg_id = kernel.execute(code)
        while "here" not in text([kernel.receive()]):
            pass
        kernel.send("variables_request", {}, channel="control", signalled=True)
        answer = kernel.wait_for("variables_reply").content
        return msg_id, answer

    def test_ks9_a_running_cell_is_asked_and_goes_on(self):
        code = """
def fill():
    kept = [bytes(1 << 20) for _ in range(9)]
    print('here', flush=True)
    while not done: pass
    return len(kept)
import threading
done = []
threading.Timer(1, lambda: done.append(1)).start()
base = bytes(3 << 20)
print(fill())"""
        with Driven() as kernel:
            msg_id, answer = self.ask(kernel, code)
            self.assertEqual([one["name"] for one in answer["variables"]], ["kept in fill", "base"])
            found = kernel.until_idle(msg_id)
            self.assertEqual((reply(found)["status"], text(found)), ("ok", "9\n"))

    def test_ks9_results_that_nobody_named_are_told_together(self):
        with Driven() as kernel:
            kernel.run("[bytes(1 << 20) for _ in range(5)]")
            msg_id, answer = self.ask(kernel, "import time; print('here', flush=True); time.sleep(0.5)")
            self.assertEqual([one["name"] for one in answer["variables"]], ["Out"])
            kernel.until_idle(msg_id)
