"""Runs a notebook with nbclient through jupyter_server's GatewayKernelManager, as `jupyter execute` does with a gateway.

usage: run_notebook.py URL TOKEN; prints the text outputs of all cells as one JSON list.
"""
import json
import sys

import nbformat
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.gateway.managers import GatewayKernelManager
from nbclient import NotebookClient

GatewayClient.instance().url = sys.argv[1]
GatewayClient.instance().auth_token = sys.argv[2]

cells = ["x = 6", "print('from', 'the kernel')\nx * 7", "import numpy as np; int(np.arange(10).sum())"]
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
NotebookClient(notebook, kernel_manager_class=GatewayKernelManager, kernel_name="python3").execute()
outputs = [output.get("text") or output["data"]["text/plain"] for cell in notebook.cells for output in cell.outputs]
print(json.dumps(outputs))
