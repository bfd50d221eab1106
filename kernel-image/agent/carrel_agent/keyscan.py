"""Finds the sandbox's key in what comes from outside (AF8, AF9). Pure.

The key may begin in the middle of a frame that a dead gateway never finished, so bytes that could be its beginning are held back
until the next ones decide; `release` gives them up when nothing follows.
"""

from .frames import Violation

KEY_LENGTH = 32


class KeyScanner:
    """`feed` yields None where a new connection begins and bytes between such places."""

    def __init__(self):
        self.key = None
        self.held = b""

    def feed(self, data):
        """What `data` (bytes) adds, as a list of bytes and None."""
        data = self.held + data
        self.held = b""
        found = []
        if self.key is None:
            data = data.lstrip(b"\0")
            if data and not data[0] & 1:
                raise Violation(f"key: the first byte must be odd, found 0x{data[0]:02X}")
            if len(data) < KEY_LENGTH:
                self.held = data
                return found
            self.key = data[:KEY_LENGTH]
        *before, rest = data.split(self.key)
        for piece in before:
            found += [piece, None] if piece else [None]
        keep = self._beginning(rest)
        self.held = rest[len(rest) - keep :]
        if keep < len(rest):
            found.append(rest[: len(rest) - keep])
        return found

    def release(self):
        """The bytes held back, when nothing has followed them for a while; none while the first key is incomplete."""
        if self.key is None:
            return b""
        held, self.held = self.held, b""
        return held

    def _beginning(self, data):
        """How many of the last bytes of `data` are a beginning of the key."""
        place = data.find(self.key[0], max(0, len(data) - KEY_LENGTH + 1))
        while place >= 0:
            if self.key.startswith(data[place:]):
                return len(data) - place
            place = data.find(self.key[0], place + 1)
        return 0
