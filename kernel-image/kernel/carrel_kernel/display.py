"""What a cell shows: execute_result, display_data and clear_output as messages."""

import threading

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from traitlets import Any


class MessageDisplayHook(DisplayHook):
    """The value of a cell's last expression. `kernel` publishes."""

    kernel = Any()
    _content = None

    def quiet(self):
        """A cell that ends with a semicolon shows no value. IPython tokenizes it to know; most have no semicolon."""
        inputs = self.shell.history_manager.input_hist_parsed
        return ";" in inputs[-1] and super().quiet()

    def start_displayhook(self):
        self._content = {"execution_count": self.prompt_count, "data": {}, "metadata": {}}

    def write_output_prompt(self):
        """The prompt is the message's execution_count."""

    def write_format_data(self, format_dict, md_dict=None):
        self._content["data"] = format_dict
        self._content["metadata"] = md_dict or {}

    def finish_displayhook(self):
        content, self._content = self._content, None
        if content and content["data"]:
            # Reply and idle follow at once: they are written together.
            self.kernel.publish("execute_result", content, flush=False)


class MessageDisplayPublisher(DisplayPublisher):
    """`display()`, `update_display` and `clear_output`. Libraries may register hooks, which see each message before it leaves."""

    kernel = Any()

    def __init__(self, **options):
        super().__init__(**options)
        self._local = threading.local()

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_):
        metadata = metadata or {}
        self._validate_data(data, metadata)
        content = {"data": data, "metadata": metadata, "transient": transient or {}}
        self._send("update_display_data" if update else "display_data", content)

    def clear_output(self, wait=False):
        self._send("clear_output", {"wait": wait})

    def register_hook(self, hook):
        """`hook(message)` is given each message of this thread as a dict; it returns the message, or None to keep it."""
        self._hooks.append(hook)

    def unregister_hook(self, hook):
        """True where it was registered."""
        if hook in self._hooks:
            self._hooks.remove(hook)
            return True
        return False

    @property
    def _hooks(self):
        if not hasattr(self._local, "hooks"):
            self._local.hooks = []
        return self._local.hooks

    def _send(self, kind, content):
        if self._hooks:
            message = self.kernel.session.msg(kind, content, parent=self.kernel.get_parent())
            for hook in self._hooks:
                message = hook(message)
                if message is None:
                    return
            kind, content = message["header"]["msg_type"], message["content"]
        self.kernel.publish(kind, content)
