"""input() and getpass(): a question to the client, and the wait for its answer."""

import builtins
import getpass
import warnings

from IPython.core.error import StdinNotImplementedError


class Stdin:
    """`ask(prompt, password)` sends the question and returns the answer's text; it may raise KeyboardInterrupt."""

    def __init__(self, ask):
        self._ask = ask
        self.allowed = False

    def install(self):
        builtins.input = self.input
        getpass.getpass = self.getpass

    def input(self, prompt="", /):
        """A line from the person at the notebook."""
        if not self.allowed:
            raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")
        return self._answer(str(prompt), False)

    def getpass(self, prompt="Password: ", stream=None, **_):
        """A line that the notebook does not show."""
        if not self.allowed:
            raise StdinNotImplementedError("getpass was called, but this frontend does not support input requests.")
        if stream is not None:
            warnings.warn("The `stream` parameter of `getpass.getpass` has no effect in a notebook", UserWarning, stacklevel=2)
        return self._answer(str(prompt), True)

    def _answer(self, prompt, password):
        try:
            value = self._ask(prompt, password)
        except KeyboardInterrupt:
            raise KeyboardInterrupt("Interrupted by user") from None
        if value == "\x04":
            raise EOFError
        return value
