"""Parts of the log on request: answers to `history` and `search`. On the thread of the client that asks."""

import logging
from collections.abc import Callable
from typing import Final

import msgspec

from server.log.store import Page, Store, StoreError
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Frame, ReadHistory, Search
from server.protocol.search import SearchPattern

logger = logging.getLogger(__name__)

PAGE_BYTES: Final = 256 * 1024
"""What a page may hold, however many events were asked for: one answer must not be a burden to anybody."""

_BEHIND_ALL: Final = 2**53


class StoredPage(Frame, frozen=True, tag="history"):
    """`events.HistoryPage` as the server sends it: the events as they stand in the log, not decoded and encoded again."""

    id: int
    events: tuple[msgspec.Raw, ...]
    more: bool
    before: int | None = None
    begins: int | None = None


def history_page(store: Store, viewer: str, command: ReadHistory) -> StoredPage:
    """As many of the events below `before` as were asked for and fit, the newest of them. Raises Refusal, which names the question."""
    return _fitting(
        command.id,
        store,
        lambda: store.read_before(command.before, viewer, command.limit, whispers_only=command.whispers),
    )


def search_page(store: Store, viewer: str, command: Search) -> StoredPage:
    """As many hits as were asked for and fit, the newest of them. Raises Refusal, which names the question."""
    try:
        pattern = SearchPattern(command.query, may_be_empty=command.nick is not None)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.text, question=command.id) from None
    before = _BEHIND_ALL if command.before is None else command.before
    return _fitting(command.id, store, lambda: store.search(pattern, command.nick, before, viewer, command.limit))


def _fitting(question: int, store: Store, read: Callable[[], Page]) -> StoredPage:
    try:
        page = read()
    except StoreError as error:  # what is said now may well be written all the same
        logger.error("a part of the log can't be read: %s", error.__cause__)  # noqa: TRY400
        raise Refusal(Code.STORAGE_ERROR, phrases.UNREADABLE, question=question) from error
    fitting, size_bytes = len(page.lines), 0
    for index in range(len(page.lines) - 1, -1, -1):
        size_bytes += len(page.lines[index])
        if size_bytes > PAGE_BYTES:
            break
        fitting = index
    events = tuple(map(msgspec.Raw, page.lines[fitting:]))
    is_cut = len(events) < len(page.lines)
    more = page.more or is_cut
    floor = 0 if more else store.reaches_back_to  # asked after reading: what was forgotten by then is not on the page
    return StoredPage(question, events, more, None if is_cut else page.before, floor + 1 if floor else None)
