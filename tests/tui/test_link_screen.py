"""The list of links: what of them is seen, above all where they really lead, and how one is chosen."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from rich.style import Style
from textual import events
from textual.pilot import Pilot

import tui_client
from tests.tui.until import until
from tui_client import strings
from tui_client.entry import Entry, Kind, State
from tui_client.terminal_app import TerminalApp
from tui_client.themes import speaker_variables
from tui_client.widgets.choice_list import CHOSEN_MARK
from tui_client.widgets.link_list import SharedLink, host_span, shared_links, spelled_out
from tui_client.widgets.link_screen import LinkScreen
from tui_client.widgets.local_time import LocalTime

KST = timezone(timedelta(hours=9))
NOON_MS = int(datetime(2025, 11, 23, 3, tzinfo=UTC).timestamp() * 1000)

LONG = "https://example.com/" + "very/long/path/" * 20 + "end.html"
DECEPTIVE = "https://bank.example@evil.example/login"


def link(url: str, nick: str = "철수") -> SharedLink:
    return SharedLink(url, nick, NOON_MS)


class LinkApp(TerminalApp[None]):
    CSS_PATH = Path(tui_client.__file__).with_name("chat.tcss")
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, links: Sequence[SharedLink]) -> None:
        super().__init__()
        self.shared = links
        self.results: list[str | None] = []
        self.links: LinkScreen

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return speaker_variables(dark=self.current_theme.dark)

    def on_mount(self) -> None:
        self.links = LinkScreen(self.shared, LocalTime(KST, lambda: date(2025, 11, 23)))
        self.push_screen(self.links, self.results.append)


class Links:
    """A running list of links, and what a test wants to know about it."""

    def __init__(self, app: LinkApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot, self.screen = app, pilot, app.links

    @property
    def listed(self) -> list[str]:
        """The rows of the list."""
        return [self.screen.links.render_line(y).text.rstrip() for y in range(self.screen.links.count)]

    @property
    def rows(self) -> list[str]:
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    def sees(self, text: str) -> bool:
        return any(text in row for row in self.rows)

    async def until(self, condition: Callable[[], bool]) -> None:
        await until(self.pilot, condition)


@asynccontextmanager
async def listing(*links: SharedLink, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Links]:
    app = LinkApp(links)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Links(app, pilot)


# --- which links there are --------------------------------------------------------------------------------------------


def said(text: str, nick: str = "철수", kind: Kind = Kind.SAID, *, mine: bool = False, at_ms: int = NOON_MS) -> Entry:
    return Entry(1, kind, State.SETTLED, at_ms, f"{nick}> ", nick, text, mine)


def test_links_come_newest_first_and_once_as_they_were_shared_last() -> None:
    entries = [
        said("https://a.example 그리고 www.b.example", at_ms=1),
        said("https://a.example 다시", "민수", at_ms=2),
        said("https://c.example", "민수", Kind.WHISPER_SENT, mine=True, at_ms=3),
        Entry(9, Kind.NOTICE, State.SETTLED, 4, "", "", "https://d.example"),
    ]
    assert shared_links(entries) == (
        SharedLink("https://c.example", strings.LINK_OF_MINE, 3),
        SharedLink("https://a.example", "민수", 2),
        SharedLink("https://www.b.example", "철수", 1),
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com/path", "example.com"),
        ("HTTP://EXAMPLE.COM:8080?q=1", "EXAMPLE.COM"),
        (DECEPTIVE, "evil.example"),
        ("https://bank.example:pw@evil.example:8080/", "evil.example"),
        ("https://evil.example\\@bank.example/", "evil.example"),
        ("https://a@bank.example@evil.example/", "evil.example"),
        ("https://evil.example/@bank.example", "evil.example"),
        ("https://evil.example#@bank.example", "evil.example"),
        ("https://evil.example?@bank.example", "evil.example"),
        ("www.example.com/path", "www.example.com"),
        ("http://192.168.0.1/", "192.168.0.1"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("https://한글.한국/안녕", "한글.한국"),
        ("https://[broken", ""),
        ("https://", ""),
        ("", ""),
    ],
)
def test_host_is_the_one_that_a_browser_asks(url: str, host: str) -> None:
    span = host_span(url)
    assert url[span.start : span.end] == host


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("example.com", "example.com"),
        ("한글.kr", "한글.kr"),
        ("аpple.com", "аpple.com (xn--pple-43d.com)"),
        ("bücher.example", "bücher.example (xn--bcher-kva.example)"),
        ("\u2024" * 70, "\u2024" * 70),
    ],
)
def test_letters_that_could_be_taken_for_others_are_spelled_out(host: str, shown: str) -> None:
    assert spelled_out(host) == shown


# --- what is seen -----------------------------------------------------------------------------------------------------


async def test_rows_show_when_who_and_where() -> None:
    async with listing(link("https://a.example/x"), link("https://b.example/", "아주긴닉네임입니다")) as it:
        assert it.listed == [
            f"{CHOSEN_MARK}오늘  12:00  철수        https://a.example/x",
            " 오늘  12:00  아주긴닉…   https://b.example/",
        ]


async def test_real_host_stands_out_and_is_spelled_out() -> None:
    async with listing(link(DECEPTIVE)) as it:
        await it.until(lambda: it.sees(strings.link_leads_to("evil.example")))
        assert bold(it, 0) == ["evil.example"]
        assert it.sees(DECEPTIVE)


def bold(it: Links, row: int) -> list[str]:
    segments = it.screen.links.render_line(row)
    return [segment.text for segment in segments if (segment.style or Style()).bold and segment.text.strip()]


@pytest.mark.parametrize("columns", [24, 40, 60, 80, 160])
async def test_real_host_is_in_sight_at_every_width(columns: int) -> None:
    long_host = "www.bank.example." + "a" * 90 + ".evil.example"
    shared = (link(DECEPTIVE), link(LONG), link(f"https://{long_host}/login"))
    async with listing(*shared, size=(columns, 24)) as it:
        assert "evil.example"[-8:] in it.listed[0]
        assert "example.com"[-6:] in it.listed[1]
        assert "example"[-6:] in bold(it, 2)[0][-7:]
        await it.pilot.press("down", "down")
        label = strings.link_leads_to("")
        await it.until(lambda: any(label in row and row.rstrip(" │").endswith("xample") for row in it.rows))


async def test_long_address_is_cut_in_the_middle() -> None:
    async with listing(link(LONG)) as it:
        [row] = it.listed
        assert "https://example.com/very" in row
        assert row.endswith("end.html")
        assert "…" in row


@pytest.mark.parametrize("url", ["https://a.example/[b]x[/b]", "https://a.example/[@click=app.quit]"])
async def test_address_is_no_markup(url: str) -> None:
    async with listing(link(url, "[b]철수")) as it:
        assert url in it.listed[0]
        assert "[b]철수" in it.listed[0]
        await it.until(lambda: sum(url in row for row in it.rows) == 2)


async def test_without_links_it_says_so() -> None:
    async with listing() as it:
        await it.until(lambda: it.sees(strings.NO_LINKS))
        assert not it.sees(strings.LINKS_PLACEHOLDER)
        await it.pilot.press("enter", "down", "escape")
        await it.until(lambda: it.app.results == [None])


# --- choosing ---------------------------------------------------------------------------------------------------------


async def test_enter_gives_the_chosen_address_once() -> None:
    async with listing(link("https://a.example"), link("https://b.example"), link("https://c.example")) as it:
        await it.pilot.press("down", "down", "down", "up")
        for _ in range(3):
            it.app.post_message(events.Key("enter", "\r"))
        await it.until(lambda: it.app.results == ["https://b.example"])
        await it.pilot.pause()
        assert it.app.results == ["https://b.example"]


@pytest.mark.parametrize("key", ["escape", "ctrl+o", "ctrl+ㅐ"])
async def test_leaving_opens_nothing(key: str) -> None:
    async with listing(link("https://a.example")) as it:
        it.app.post_message(events.Key(key, None))
        await it.until(lambda: it.app.results == [None])


@pytest.mark.parametrize("typed", ["github", "GitHub", "햐소ㅕㅠ", "민수"])
async def test_typing_narrows_the_list_down_in_either_mode(typed: str) -> None:
    async with listing(
        link("https://a.example"), link("https://github.com/x", "민수"), link("https://b.example")
    ) as it:
        await it.pilot.press(*typed)
        await it.until(lambda: [row.partition("https://")[2] for row in it.listed] == ["github.com/x"])
        await it.pilot.press("enter")
        await it.until(lambda: it.app.results == ["https://github.com/x"])


async def test_nothing_left_is_said_and_the_box_keeps_its_size() -> None:
    async with listing(*(link(f"https://{number}.example") for number in range(5))) as it:
        region = it.app.screen.query_one("#links").region
        await it.pilot.press("x", "y")
        await it.until(lambda: it.sees(strings.no_such_links("xy")))
        assert it.app.screen.query_one("#links").region == region
        await it.pilot.press("enter")
        assert it.app.results == []


async def test_many_links_scroll_with_the_chosen_one() -> None:
    async with listing(*(link(f"https://{number}.example/") for number in range(100))) as it:
        await it.pilot.press(*["pagedown"] * 3)
        await it.until(lambda: it.screen.links.chosen > 20)
        assert it.sees(f"https://{it.screen.links.chosen}.example/")
        await it.pilot.press(*["pagedown"] * 12)
        await it.until(lambda: it.sees("https://99.example/"))


async def test_double_click_opens() -> None:
    async with listing(link("https://a.example"), link("https://b.example")) as it:
        await it.pilot.click(it.screen.links, offset=(30, 1), times=2)
        await it.until(lambda: it.app.results == ["https://b.example"])
