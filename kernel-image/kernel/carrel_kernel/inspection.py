"""What a frontend asks about code without running it: completion, inspection, completeness."""

import sys

from IPython.core import completer
from IPython.core.completer import provisionalcompleter, rectify_completions
from IPython.utils.tokenutil import token_at_cursor

#: The key under which frontends look for the kinds of completions.
TYPES = "_jupyter_types_experimental"


def complete(shell, code, cursor):
    """The content of complete_reply. Positions count code points."""
    cursor = len(code) if cursor is None else cursor
    _load_jedi(shell)
    with provisionalcompleter():
        found = list(rectify_completions(code, shell.Completer.completions(code, cursor)))
    types = [
        {"start": one.start, "end": one.end, "text": one.text, "type": one.type, "signature": one.signature}
        for one in found
    ]
    return {
        "matches": [one.text for one in found],
        "cursor_start": found[0].start if found else cursor,
        "cursor_end": found[0].end if found else cursor,
        "metadata": {TYPES: types},
        "status": "ok",
    }


def inspect(shell, code, cursor, detail, omit=()):
    """The content of inspect_reply. `detail` 1 shows the source too."""
    cursor = len(code) if cursor is None else cursor
    content = {"status": "ok", "found": False, "data": {}, "metadata": {}}
    name = token_at_cursor(code, cursor)
    try:
        content["data"] = dict(shell.object_inspect_mime(name, detail_level=detail, omit_sections=omit))
    except KeyError:
        return content
    if not shell.enable_html_pager:
        content["data"].pop("text/html", None)
    content["found"] = True
    return content


def is_complete(shell, code):
    """The content of is_complete_reply."""
    status, indent = shell.input_transformer_manager.check_complete(code)
    return {"status": status, "indent": " " * indent} if status == "incomplete" else {"status": status}


def _load_jedi(shell):
    """jedi takes 5 MB and a quarter of a second; a kernel that is never asked to complete has neither."""
    if completer.JEDI_INSTALLED or sys.modules.get("jedi", True) is None:
        return
    try:
        import jedi
        import jedi.api.classes
        import jedi.api.helpers
    except ImportError:
        sys.modules["jedi"] = None
        return
    jedi.settings.case_insensitive_completion = False
    completer.jedi = jedi
    completer.JEDI_INSTALLED = True
    shell.Completer.use_jedi = True
