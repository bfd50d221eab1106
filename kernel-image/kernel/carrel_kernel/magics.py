"""Magics that mean something else in a notebook than in a terminal."""

from pathlib import Path

from IPython.core import page
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magics import CodeMagics, MacroToEdit
from IPython.utils import openpy


@magics_class
class NotebookMagics(Magics):
    @line_magic
    def edit(self, parameter_s="", last_call=None):
        """Asks the frontend to open an editor: on a file, on where an object is defined, or on a range of the history."""
        options, arguments = self.parse_options(parameter_s, "prn:")
        try:
            filename, line, _ = CodeMagics._find_edit_target(self.shell, arguments, options, last_call or ["", ""])
        except MacroToEdit:
            print("Macros cannot be edited in a notebook.")
            return
        filename = str(Path(filename).resolve())
        self.shell.payload_manager.write_payload({"source": "edit_magic", "filename": filename, "line_number": line})

    @line_magic
    def clear(self, _):
        """Clears the terminal."""
        self.shell.system("clear")

    @line_magic
    def less(self, name):
        """Shows a file in the pager; one that ends in .py with colours."""
        if not name:
            raise UsageError("Missing filename.")
        if name.endswith(".py"):
            text = self.shell.pycolorize(openpy.read_py_file(name, skip_encoding_cookie=False))
        else:
            text = Path(name).read_text()
        page.page(text)

    more = line_magic("more")(less)

    @line_magic
    def man(self, name):
        """Shows a manual page in the pager."""
        page.page(self.shell.getoutput(f"man {name} | col -b", split=False))

    @line_magic
    def connect_info(self, _):
        """Says how this kernel can be reached."""
        print("This kernel has no ports. Other clients reach it through the server that shows this notebook.")

    @line_magic
    def qtconsole(self, _):
        """Not available: this kernel has no ports."""
        raise UsageError("%qtconsole needs a kernel on this machine; connect a console to the server instead.")

    @line_magic
    def autosave(self, seconds):
        """Sets how often the classic notebook saves, in seconds; 0 is never."""
        from IPython.display import Javascript, display

        try:
            interval = int(seconds)
        except ValueError:
            raise UsageError(f"%autosave requires an integer, got {seconds!r}") from None
        script = Javascript(f"IPython.notebook.set_autosave_interval({1000 * interval})")
        display(script, include=["application/javascript"])
        print(f"Autosaving every {interval} seconds" if interval else "Autosave disabled")
