"""Searching the log in an SQLite file: what is not indexed yet is looked at message by message, the rest through the index.

Runs on the thread of the client that asks. One search at a time, so that many who type at once are no more of a burden to the
room than one; none takes longer than `hunt.MAX_LOOKS` allows.
"""

from typing import Final

from server.log.grams import Probe, probes_of
from server.log.hunt import Hunt
from server.log.indexer import Indexer
from server.log.postings import BLOCK
from server.log.search_index import IndexUnusable, SearchIndex
from server.log.spoken import Line, SpokenReader
from server.log.store import Page, page_of
from server.protocol.search import SearchPattern

_FEW: Final = 64
_MANY: Final = 256
"""Messages that are read at a time, at first and later: what is common is found among the first."""


class LogSearch:
    """Searches through `reader`, and through the index that `indexer` keeps. Owns both."""

    def __init__(self, reader: SpokenReader, indexer: Indexer) -> None:
        self._reader = reader
        self._indexer = indexer

    def search(self, pattern: SearchPattern, nick: str | None, before: int, viewer: str, limit: int) -> Page:
        """As `Store.search`. Raises sqlite3.Error if the log can't be read. Finds nothing any more when the server stops."""
        hunt = Hunt(pattern, nick, before, limit)
        with self._indexer.lock:
            if self._indexer.is_stopping:
                return Page((), more=True, before=before)
            index = self._indexer.index
            self._look_at_all(hunt, index.reaches_to if index else 0, viewer)
            if index:
                try:
                    self._look_up(hunt, index, probes_of(pattern, nick), viewer)
                except IndexUnusable:
                    self._indexer.distrust_locked()
                    self._look_at_all(hunt, 0, viewer)
        return page_of(hunt)

    def _look_at_all(self, hunt: Hunt, floor: int, viewer: str) -> None:
        at_once = _FEW
        while not hunt.is_over:
            lines = self._reader.newest(floor, hunt.before, viewer, at_once)
            if not lines:
                hunt.before = min(hunt.before, floor)
                return
            _look_at(hunt, lines)
            at_once = min(2 * at_once, _MANY)

    def _look_up(self, hunt: Hunt, index: SearchIndex, probes: list[Probe], viewer: str) -> None:
        oldest = self._indexer.oldest_block
        for block in range((hunt.before - 1) // BLOCK, oldest - 1, -1):
            seqs = [seq for seq in index.candidates(block, probes) if seq < hunt.before]
            at_once = _FEW
            while seqs:
                if hunt.is_over:
                    return
                _look_at(hunt, self._reader.these(seqs[:at_once], viewer))
                seqs = seqs[at_once:]
                at_once = min(2 * at_once, _MANY)
            if hunt.is_over:
                return

    def hurry(self) -> None:
        """The server stops: begin nothing any more."""
        self._indexer.hurry()

    def close(self) -> None:
        """Let go of the files."""
        self._indexer.stop()
        with self._indexer.lock:
            self._reader.close()


def _look_at(hunt: Hunt, lines: list[Line]) -> None:
    for spoken, line in lines:
        hunt.look_at(spoken.seq, spoken.nick, spoken.text, line)
