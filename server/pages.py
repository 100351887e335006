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

LEAST_READ: Final = 20
"""What a page counts that has hardly anything on it, in events that take as long to read."""

LEAST_SEARCHED: Final = 1000
"""What a search counts besides the messages that it looks at: the index takes a few ms to say which these are."""

_BEHIND_ALL: Final = 2**53


def _nothing(_events: int) -> None:
    """Nobody counts."""


class StoredPage(Frame, frozen=True, tag="history"):
    """`events.HistoryPage` as the server sends it: the events as they stand in the log, not decoded and encoded again."""

    id: int
    events: tuple[msgspec.Raw, ...]
    more: bool
    before: int | None = None
    begins: int | None = None


def history_page(
    store: Store, viewer: str, command: ReadHistory, charge: Callable[[int], None] = _nothing
) -> StoredPage:
    """As many of the events below `before` as were asked for and fit, the newest of them. Raises Refusal, which names the question.

    `charge` is told how many events were looked at for it, also whispers of others: whoever has none of their own reads nothing for long.
    """

    def read() -> Page:
        page = store.read_before(command.before, viewer, command.limit, whispers_only=command.whispers)
        charge(max(LEAST_READ, page.looked_at))
        return page

    return _fitting(command.id, store, read)


def search_page(store: Store, viewer: str, command: Search, charge: Callable[[int], None] = _nothing) -> StoredPage:
    """As many hits as were asked for and fit, the newest of them. Raises Refusal, which names the question.

    `charge` is told how many events were looked at for it, and what it costs besides.
    """
    try:
        pattern = SearchPattern(command.query, may_be_empty=command.nick is not None)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.text, question=command.id) from None
    before = _BEHIND_ALL if command.before is None else command.before

    def read() -> Page:
        page = store.search(pattern, command.nick, before, viewer, command.limit)
        charge(LEAST_SEARCHED + page.looked_at)
        return page

    return _fitting(command.id, store, read)


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
