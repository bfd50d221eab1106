"""When the gateway is told of memory and processors: with time and cgroup of the test's own."""

import unittest

from carrel_agent.stats import Stats

LIMIT = 1000


class World:
    def __init__(self):
        self.now, self.used, self.usec = 0.0, 0, 0
        self.timers, self.told, self.looks = [], [], 0
        self.stats = Stats(self, None, lambda body: self.told.append(body["memory"]["used"]))

    def after(self, seconds, callback):
        self.timers.append((self.now + seconds, len(self.timers), callback))

    def memory(self):
        self.looks += 1
        return {"used": self.used, "peak": self.used, "limit": LIMIT}

    def cpu(self):
        return self.usec

    def cgroup_stats(self):
        return {"type": "stats", "memory": self.memory(), "cpu": {"usec": self.usec}}

    def pass_time(self, seconds, grows=0, computes=0.0):
        """`grows` bytes and `computes` processors in each tenth of a second."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now += 0.1
            self.used += grows
            self.usec += int(computes * 100_000)
            due = [timer for timer in self.timers if timer[0] <= self.now + 1e-9]
            self.timers = [timer for timer in self.timers if timer not in due]
            for _, _, callback in due:
                callback()



def world():
    made = World()
    made.stats._cgroup = type("Facts", (), {"memory": made.memory, "cpu": made.cpu, "stats": made.cgroup_stats})()
    return made


class Telling(unittest.TestCase):
    def test_at_once_and_at_the_interval_until_it_is_ended(self):
        sandbox = world()
        sandbox.stats.ask(2)
        sandbox.pass_time(4.05)
        self.assertEqual(len(sandbox.told), 3)
        sandbox.stats.ask(0)
        sandbox.pass_time(10)
        self.assertEqual(len(sandbox.told), 4)

    def test_memory_that_fills_fast_is_told_in_steps_of_a_twentieth_from_three_quarters_on(self):
        sandbox = world()
        sandbox.stats.ask(100)
        sandbox.stats.look_soon()
        sandbox.pass_time(2, grows=50)
        self.assertEqual(sandbox.told, [0, 750, 800, 850, 900, 950, 1000])

    def test_memory_that_comes_free_is_told_too(self):
        sandbox = world()
        sandbox.used = 900
        sandbox.stats.ask(100)
        sandbox.stats.look_soon()
        sandbox.used = 100
        sandbox.pass_time(0.2, computes=0.5)
        self.assertEqual(sandbox.told, [900, 100])

    def test_what_grows_slowly_and_computes_nothing_is_looked_at_with_the_interval(self):
        sandbox = world()
        sandbox.stats.ask(2)
        sandbox.stats.look_soon()
        sandbox.pass_time(1.5)
        before = sandbox.looks
        sandbox.pass_time(20)
        self.assertLessEqual(sandbox.looks - before, 10)

    def test_nobody_who_listens_costs_nothing(self):
        sandbox = world()
        sandbox.stats.look_soon()
        sandbox.pass_time(5, computes=1)
        self.assertEqual((sandbox.looks, sandbox.told), (0, []))
