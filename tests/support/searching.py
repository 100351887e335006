"""Waiting for the search index of a log."""

from server.log.postings import BLOCK
from server.log.sqlite import SqliteStore
from tests.support.waiting import until


def is_indexed(store: SqliteStore) -> bool:
    """Whether everything is indexed that can be."""
    index = store._indexer.index
    return index is not None and index.reaches_to + BLOCK > store.head + 1


def until_indexed(store: SqliteStore) -> None:
    """Wait until it is."""
    until(lambda: is_indexed(store))
