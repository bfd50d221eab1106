"""`get_ipython().kernel`: what libraries use of ipykernel's kernel and its session, on this kernel."""

import json

from . import answers
from .messages import PROTOCOL


class Session:
    """jupyter_client's Session as far as display hooks and widgets use it. Whatever socket is named, it goes to iopub."""

    def __init__(self, kernel, writer):
        self._kernel = kernel
        self._writer = writer
        self.session = writer.session
        self.username = "kernel"

    def msg(self, msg_type, content=None, parent=None, header=None, metadata=None):
        """A message as a dict, not sent yet."""
        header = header or self._writer.header(msg_type)
        return {
            "header": header,
            "msg_id": header["msg_id"],
            "msg_type": header["msg_type"],
            "parent_header": (parent or {}).get("header", parent or {}),
            "metadata": metadata or {},
            "content": content or {},
        }

    def send(
        self, stream, msg_or_type, content=None, parent=None, ident=None, buffers=None, track=False, header=None, metadata=None
    ):
        """Sends a message of `msg`, or one of the type and content given."""
        message = msg_or_type
        if not isinstance(message, dict):
            message = self.msg(msg_or_type, content, parent, header, metadata)
        parent = json.dumps(message["parent_header"], default=str).encode() if message["parent_header"] else None
        kind = message["header"]["msg_type"]
        self._kernel.publish(kind, message["content"], metadata=message["metadata"], buffers=buffers or (), parent=parent)
        return message


class Facade:
    """Mixed into the kernel."""

    iopub_socket = "iopub"
    shell_streams = ()
    eventloop = None
    implementation = "carrel_kernel"
    language_info = answers.LANGUAGE
    protocol_version = PROTOCOL

    @property
    def _parent_header(self):
        return self.get_parent()

    @property
    def banner(self):
        return answers.kernel_info()["banner"]

    @property
    def execution_count(self):
        return self.shell.execution_count

    @property
    def user_ns(self):
        return self.shell.user_ns

    @property
    def user_module(self):
        return self.shell.user_module

    def raw_input(self, prompt=""):
        """input() by the name that programs for ipykernel use."""
        return self.stdin.input(prompt)

    def getpass(self, prompt="", stream=None):
        return self.stdin.getpass(prompt, stream)

    def send_response(
        self, stream, msg_or_type, content=None, ident=None, buffers=None, track=False, header=None, metadata=None, channel=None
    ):
        """Publishes a message of the running cell."""
        return self.session.send(stream, msg_or_type, content, self.get_parent(channel), ident, buffers, track, header, metadata)
