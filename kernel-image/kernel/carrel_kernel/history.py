"""IPython's history in memory: the lists of this session, no database and no thread that writes one."""

import fnmatch

from IPython.core.history import HistoryManager

SESSION = 1


class MemoryHistory(HistoryManager):
    """`enabled` is False, so that IPython opens no database. The one session has the number 0 or 1."""

    def __init__(self, **options):
        super().__init__(enabled=False, **options)
        self.session_number = SESSION

    def store_inputs(self, line_num, source, source_raw=None):
        super().store_inputs(line_num, source, source_raw)
        self.db_input_cache.clear()  # What waits for a database would grow for ever.

    def get_tail(self, n=10, raw=True, output=False, include_latest=False):
        """The last `n` entries as (session, line, input) or (session, line, (input, output)); the newest is among them only if asked for."""
        entries = self._entries(raw, output)
        if not include_latest:
            entries = entries[:-1]
        return entries[-n:] if n else []

    def search(self, pattern="*", raw=True, search_raw=True, output=False, n=None, unique=False):
        """Entries whose input matches the glob `pattern`: the newest `n`, with `unique` the last of those that are equal."""
        texts = [text for _, _, text in self._entries(search_raw, False)]
        entries = zip(self._entries(raw, output), texts, strict=True)
        found = [entry for entry, text in entries if fnmatch.fnmatchcase(text, pattern)]
        if unique:
            found = sorted({repr(entry[2]): entry for entry in found}.values(), key=lambda entry: entry[1])
        return found[-n:] if n else found

    def get_range(self, session=0, start=1, stop=None, raw=True, output=False):
        if session not in (0, SESSION):
            return iter(())
        return ((session, line, text) for _, line, text in self._get_range_session(start, stop, raw, output))

    def init_db(self):
        """There is no database."""

    def get_session_info(self, session=0):
        """(number, start, end, count, remark), of which only the number is known."""
        return SESSION, None, None, len(self.input_hist_raw) - 1, ""

    def get_last_session_id(self):
        return SESSION

    def new_session(self, conn=None):
        """There is one."""

    def end_session(self):
        """Nothing is open."""

    def _entries(self, raw, output):
        return [(SESSION, line, text) for _, line, text in self._get_range_session(1, None, raw, output)]
