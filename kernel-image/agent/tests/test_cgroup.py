"""Facts of the cgroup from files as kernels write them, both versions."""

import tempfile
import unittest
from pathlib import Path

from carrel_agent.cgroup import Cgroup

V1 = {
    "memory/memory.usage_in_bytes": "74305536\n",
    "memory/memory.max_usage_in_bytes": "74379264\n",
    "memory/memory.limit_in_bytes": "536870912\n",
    "memory/memory.stat": "cache 4096\nrss 70000000\ninactive_file 1\ntotal_cache 8192\ntotal_inactive_file 305536\n",
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    "cpuacct/cpuacct.usage": "871906123\n",
    "pids/pids.current": "12\n",
    "pids/pids.max": "128\n",
}
V2 = {
    "cgroup.controllers": "cpu memory pids\n",
    "memory.current": "74305536\n",
    "memory.peak": "74379264\n",
    "memory.max": "536870912\n",
    "memory.stat": "anon 70000000\nfile 4096\ninactive_anon 1\ninactive_file 305536\n",
    "memory.events": "low 0\nhigh 0\nmax 71\noom 3\noom_kill 2\noom_group_kill 0\n",
    "cpu.stat": "usage_usec 871906\nuser_usec 700000\nsystem_usec 171906\n",
    "pids.current": "12\n",
    "pids.max": "128\n",
}
STATS = {
    "type": "stats",
    "memory": {"used": 74000000, "peak": 74379264, "limit": 536870912},
    "cpu": {"usec": 871906},
    "pids": {"used": 12, "limit": 128},
    "oomKills": 2,
}


class Facts(unittest.TestCase):
    def cgroup(self, files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in files.items():
            path = Path(folder.name, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return Cgroup(folder.name)

    def test_both_versions(self):
        for files in (V1, V2):
            self.assertEqual(self.cgroup(files).stats(), STATS)

    def test_no_limits(self):
        unlimited = self.cgroup({**V1, "memory/memory.limit_in_bytes": "9223372036854771712\n", "pids/pids.max": "max\n"})
        self.assertEqual((unlimited.stats()["memory"]["limit"], unlimited.stats()["pids"]["limit"]), (0, 0))
        self.assertEqual(self.cgroup({**V2, "memory.max": "max\n"}).memory()["limit"], 0)

    def test_older_kernels(self):
        """memory.peak came with Linux 5.19: what is used now is the least that the peak was"""
        older = {name: text for name, text in V2.items() if name != "memory.peak"}
        self.assertEqual(self.cgroup(older).memory()["peak"], 74305536)

    def test_nothing_there(self):
        """Some runtimes show no cgroup"""
        stats = self.cgroup({}).stats()
        self.assertEqual((stats["memory"], stats["oomKills"]), ({"used": 0, "peak": 0, "limit": 0}, 0))


if __name__ == "__main__":
    unittest.main()
