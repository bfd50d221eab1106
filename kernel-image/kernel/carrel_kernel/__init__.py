"""Carrel's Python kernel: IPython's shell in one thread, speaking the agent's frames (docs/spec/kernel-stream.md)."""

__version__ = "1"
