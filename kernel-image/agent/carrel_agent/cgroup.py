"""Facts of the sandbox's own cgroup, version 1 or 2, from the files below /sys/fs/cgroup.

Bytes and microseconds. 0 stands for what the runtime does not show and for a limit that is not set.
"""

import os

#: Limits above this are "none" in version 1, where the kernel writes a huge number.
_NO_LIMIT = 1 << 52


class Cgroup:
    """`root` is the mount; reads files on every call."""

    def __init__(self, root="/sys/fs/cgroup"):
        self._root = root
        self._v2 = os.path.exists(os.path.join(root, "cgroup.controllers"))

    def oom_kills(self):
        """How many processes of this cgroup the kernel has killed for memory."""
        file = "memory.events" if self._v2 else "memory/memory.oom_control"
        return self._field(file, "oom_kill")

    def memory(self):
        """{used, peak, limit}; `used` leaves out file cache that is free to take."""
        if self._v2:
            used, peak, limit = "memory.current", "memory.peak", "memory.max"
            cache = self._field("memory.stat", "inactive_file")
        else:
            used, peak = "memory/memory.usage_in_bytes", "memory/memory.max_usage_in_bytes"
            limit = "memory/memory.limit_in_bytes"
            cache = self._field("memory/memory.stat", "total_inactive_file")
        used = self._number(used)
        return {"used": max(0, used - cache), "peak": max(self._number(peak), used), "limit": self._limit(limit)}

    def cpu(self):
        """Processor time, in microseconds."""
        return self._field("cpu.stat", "usage_usec") if self._v2 else self._number("cpuacct/cpuacct.usage") // 1000

    def stats(self):
        """The body of a `stats` control frame."""
        pids = "" if self._v2 else "pids/"
        return {
            "type": "stats",
            "memory": self.memory(),
            "cpu": {"usec": self.cpu()},
            "pids": {"used": self._number(pids + "pids.current"), "limit": self._limit(pids + "pids.max")},
            "oomKills": self.oom_kills(),
        }

    def _text(self, file):
        try:
            with open(os.path.join(self._root, file)) as opened:
                return opened.read(65536)
        except OSError:
            return ""

    def _number(self, file):
        text = self._text(file).strip()
        return int(text) if text.isdigit() else 0

    def _limit(self, file):
        number = self._number(file)
        return 0 if number > _NO_LIMIT else number

    def _field(self, file, name):
        for line in self._text(file).splitlines():
            key, _, value = line.partition(" ")
            if key == name and value.strip().isdigit():
                return int(value)
        return 0
