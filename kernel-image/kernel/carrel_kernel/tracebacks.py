"""IPython's tracebacks at a tenth of their cost, with the same text.

stack_data makes a lexer class and IPython a style and a formatter for every traceback, and pygments compiles their tables for every
new class: 10 of the 13 ms that an error takes. Here each is made once. And IPython reads and parses its own sources for the frames that
it then leaves out: 100 ms and 7 MB at the first error. Here they are left out first.
"""

import functools
import os

#: The files of this package.
OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


def make_cheap():
    """Once per process; imports what the first traceback needs."""
    import pygments
    import stack_data
    import stack_data.core
    from IPython.core import ultratb
    from pygments.lexers.python import PythonLexer

    class RangesLexer(PythonLexer):
        """Marks the tokens that begin in one of `ranges` (pairs of offsets): the part of a line that was being executed."""

        ranges = ()

        def get_tokens(self, text, unfiltered=False):
            offset = 0
            for kind, value in super().get_tokens(text, unfiltered):
                if any(start <= offset < end for start, end in self.ranges):
                    kind = kind.ExecutingNode
                offset += len(value)
                yield kind, value

    lexer = RangesLexer(stripnl=False)

    def highlight(formatter, code, ranges):
        lexer.ranges = ranges
        try:
            return pygments.highlight(code, lexer, formatter).splitlines()
        except Exception:
            return code.splitlines()  # A traceback without colours is better than none.

    stack_data.core._pygmented_with_ranges = highlight
    stack_data.style_with_executing_node = functools.lru_cache(4)(stack_data.style_with_executing_node)
    ultratb.Terminal256Formatter = functools.lru_cache(4)(ultratb.Terminal256Formatter)


    get_records = ultratb.VerboseTB.get_records

    def get_records_after_offset(self, etb, number_of_lines_of_context, tb_offset):
        while tb_offset and etb is not None:
            etb, tb_offset = etb.tb_next, tb_offset - 1
        return get_records(self, etb, number_of_lines_of_context, 0) if etb is not None else []

    ultratb.VerboseTB.get_records = get_records_after_offset


def without_own_frames(traceback):
    """The same traceback without the frames of this kernel, whose files nobody looks for their error in. Changes the chain in place."""
    while traceback is not None and _is_own(traceback):
        traceback = traceback.tb_next
    here = traceback
    while here is not None:
        while here.tb_next is not None and _is_own(here.tb_next):
            here.tb_next = here.tb_next.tb_next
        here = here.tb_next
    return traceback


def _is_own(traceback):
    return traceback.tb_frame.f_code.co_filename.startswith(OWN)
