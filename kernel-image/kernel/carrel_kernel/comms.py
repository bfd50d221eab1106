"""Comms (widgets): the package `comm` with our way to publish."""

import importlib.machinery
import logging
import sys
import types

import comm
from comm.base_comm import BaseComm, CommManager


class KernelComm(BaseComm):
    """A comm of this kernel; `kernel` is the attribute that libraries look for."""

    kernel = None

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        content = {"data": {} if data is None else data, "comm_id": self.comm_id, **keys}
        self.kernel.publish(msg_type, content, metadata=metadata, buffers=buffers or ())


class _Comm(types.ModuleType):
    """`ipykernel.comm`, whose own class publishes only where an ipykernel runs. matplotlib's notebook backend imports it."""

    Comm = BaseComm = KernelComm
    CommManager = CommManager

    @property
    def __path__(self):
        spec = importlib.machinery.PathFinder.find_spec("ipykernel")
        return [f"{place}/comm" for place in spec.submodule_search_locations] if spec else []


def install(kernel):
    """Makes every library's comms ours. Returns the CommManager."""
    KernelComm.kernel = kernel
    manager = CommManager()
    sys.modules["ipykernel.comm"] = _Comm("ipykernel.comm")
    comm.create_comm = KernelComm
    comm.get_comm_manager = lambda: manager
    return manager


def handle(manager, request):
    """comm_open, comm_msg or comm_close of a client. Errors of a handler go to the log, which a notebook shows on stderr."""
    if not isinstance(request.content.get("comm_id"), str):
        logging.getLogger("Comm").warning("%s without a comm_id", request.kind)
        return
    if request.kind == "comm_open" and not isinstance(request.content.get("target_name"), str):
        logging.getLogger("Comm").warning("comm_open without a target_name")
        return
    getattr(manager, request.kind)(None, None, request.as_dict())


def listed(manager, target):
    """The content of comm_info_reply."""
    comms = {
        comm_id: {"target_name": one.target_name}
        for comm_id, one in list(manager.comms.items())
        if target is None or one.target_name == target
    }
    return {"comms": comms, "status": "ok"}
