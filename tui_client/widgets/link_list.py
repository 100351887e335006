"""Links that were said, one a row: when, by whom, and where each leads. Runs on the UI thread."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar
from urllib.parse import urlsplit

from msgspec import Struct
from rich.segment import Segment

from server.protocol.syllables import is_syllable
from tui_client import strings
from tui_client.entry import Entry
from tui_client.korean.hangul import keystrokes
from tui_client.links import find_links, url_of
from tui_client.widgets.choice_list import ChoiceList
from tui_client.widgets.excerpts import cut_around
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.moments import SHORT_COLUMNS, short_moment
from tui_client.widgets.painting import visible
from tui_client.wrapping import ELLIPSIS, Span, pad

WHEN = "link-list--when"
NICK = "link-list--nick"
HOST = "link-list--host"
REST = "link-list--rest"

GAP = "  "
NICK_COLUMNS = 10
MIN_COLUMNS_FOR_NICK, MIN_COLUMNS_FOR_TIME = 44, 56
"""Narrower than this, where it leads needs the room more."""


class SharedLink(Struct, frozen=True):
    """`url` as it was said by `nick` at `at_ms`, milliseconds since the Unix epoch; cleaned."""

    url: str
    nick: str
    at_ms: int


def shared_links(entries: Iterable[Entry]) -> Sequence[SharedLink]:
    """The links in `entries`, which come oldest first: newest first, each one once, as it was shared last."""
    found: dict[str, SharedLink] = {}
    for entry in entries:
        for start, end in find_links(entry.text) if entry.is_spoken else ():
            url = url_of(entry.text[start:end])
            found.pop(url, None)
            found[url] = SharedLink(url, strings.LINK_OF_MINE if entry.mine else entry.speaker, entry.at_ms)
    return tuple(reversed(found.values()))


def host_span(url: str) -> Span:
    """Where in `url` the host stands that a browser will really ask; nowhere if it names none.

    What looks like one may be a user's name (`https://bank.example@evil.example/`). Browsers take `\\` for `/`.
    """
    slashed = url.replace("\\", "/")
    bare = slashed if "://" in slashed else f"//{slashed}"
    try:
        parts = urlsplit(bare)
        host = parts.hostname
    except ValueError:
        return Span(0, 0)
    if not host:
        return Span(0, 0)
    start = bare.find("//") + 2 + parts.netloc.rfind("@") + 1 + len(slashed) - len(bare)
    start += url[start:].lower().find(host)  # behind the bracket of a numeric address
    return Span(start, start + len(host))


def spelled_out(host: str) -> str:
    """`host`, and behind it how it is really written where its letters could be taken for others (`аpple.com`)."""
    if host.isascii() or all(char.isascii() or is_syllable(char) for char in host):
        return host
    try:
        return f"{host} ({host.encode('idna').decode('ascii')})"
    except UnicodeError:
        return host


class LinkList(ChoiceList):
    """The links in the order given; `only` hides those that don't match what is typed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {WHEN, NICK, HOST, REST}

    def __init__(self, links: Iterable[SharedLink], local: LocalTime, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._all = tuple(links)
        self._links: Sequence[SharedLink] = self._all
        self._local = local

    @property
    def count(self) -> int:
        return len(self._links)

    @property
    def chosen_link(self) -> SharedLink | None:
        return self._links[self.chosen] if self._links else None

    def only(self, typed: str) -> None:
        """Show the links whose address or sender contains `typed`, in whichever mode (한/영) it was typed."""
        needles = {typed.casefold(), keystrokes(typed).casefold()}
        self._links = [link for link in self._all if any(needle in _haystack(link) for needle in needles)]
        self.recount()
        self.chosen = 0

    def on_mount(self) -> None:
        self.recount()

    # --- drawing ------------------------------------------------------------------------------------------------------

    def segments(self, number: int, columns: int) -> Iterator[Segment]:
        link = self._links[number]
        if columns >= MIN_COLUMNS_FOR_TIME:
            yield Segment(pad(short_moment(link.at_ms, self._local), SHORT_COLUMNS) + GAP, self.row_style(number, WHEN))
            columns -= SHORT_COLUMNS + len(GAP)
        if columns >= MIN_COLUMNS_FOR_NICK - SHORT_COLUMNS - len(GAP):
            yield Segment(pad(link.nick, NICK_COLUMNS) + GAP, self.row_style(number, NICK))
            columns -= NICK_COLUMNS + len(GAP)
        yield from self._address(number, columns)

    def _address(self, number: int, columns: int) -> Iterator[Segment]:
        url = visible(self._links[number].url)
        host, rest = self.row_style(number, HOST), self.row_style(number, REST)
        where = host_span(url)
        end = 0
        for shown in cut_around(url, columns, where):
            yield Segment(ELLIPSIS if shown.start > end else "", rest)
            yield Segment(url[shown.start : max(shown.start, min(where.start, shown.end))], rest)
            yield Segment(url[max(where.start, shown.start) : min(where.end, shown.end)], host)
            yield Segment(url[min(shown.end, max(where.end, shown.start)) : shown.end], rest)
            end = shown.end
        yield Segment(ELLIPSIS if end < len(url) else "", rest)


def _haystack(link: SharedLink) -> str:
    return f"{link.url} {link.nick}".casefold()
