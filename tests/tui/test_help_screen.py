"""One screen of everything that can be typed and pressed."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Input

from tests.support.app import LARGE, SMALL
from tests.support.server_process import REPOSITORY
from tests.tui.until import until
from tui_client import strings
from tui_client.commands import CATALOGUE
from tui_client.terminal_app import TerminalApp
from tui_client.themes import use_themes
from tui_client.widgets.help_screen import HelpScreen

KEYS = [row for table in (strings.HELP_SEEN, *strings.HELP_PRESSED) for row in table[1]]


class Helping(TerminalApp[None]):
    """An app with help above it."""

    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = REPOSITORY / "tui_client" / "chat.tcss"

    def __init__(self) -> None:
        super().__init__({})
        use_themes(self, "meok", {})

    def on_mount(self) -> None:
        self.mount(Input())
        self.push_screen(HelpScreen())

    @property
    def rows(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """All that is on the screen, however it is broken into rows."""
        return "".join("".join(self.rows).split())

    def shows(self, *parts: str) -> bool:
        return all("".join(part.split()) in self.text for part in parts)


@asynccontextmanager
async def helping(size: tuple[int, int]) -> AsyncIterator[tuple[Helping, Pilot[None]]]:
    app = Helping()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: any(strings.HELP_TITLE in row for row in app.rows))
        yield app, pilot


async def test_large_terminal_shows_every_command_and_key_at_once() -> None:
    async with helping(LARGE) as (app, _):
        for command in CATALOGUE:
            row = next(row for row in app.rows if f"{command.usage} " in row)
            assert command.does in row
            assert f"/{command.words[1]}" in row
        for key, does in KEYS:
            assert any(f"{key} " in row and does in row for row in app.rows), key
        assert app.screen.query_one(VerticalScroll).max_scroll_y == 0


@pytest.mark.parametrize("size", [SMALL, (100, 30), (44, 20)])
async def test_what_is_needed_most_is_seen_without_scrolling(size: tuple[int, int]) -> None:
    async with helping(size) as (app, _):
        for key, does in strings.HELP_FIRST[1]:
            assert any(re.search(rf"{re.escape(key)} +{does}\b", row) for row in app.rows), key


async def test_what_is_all_in_sight_is_not_said_twice() -> None:
    async with helping(LARGE) as (app, _):
        assert not app.shows(strings.HELP_FIRST[0])


@pytest.mark.parametrize("size", [SMALL, (100, 30), (40, 12)])
async def test_everything_can_be_scrolled_to_and_nothing_is_cut(size: tuple[int, int]) -> None:
    async with helping(size) as (app, pilot):
        box = app.screen.query_one(VerticalScroll)
        seen: list[str] = []
        while not seen or box.scroll_y < box.max_scroll_y:
            seen += app.rows
            before = box.scroll_y
            await pilot.press("pagedown")
            await until(pilot, lambda before=before: box.scroll_y > before or box.scroll_y == box.max_scroll_y)  # type: ignore[misc]
        seen += app.rows
        letters = {letter for row in seen for letter in row.split()}
        for key, does in [*KEYS, *((command.usage, command.does) for command in CATALOGUE)]:
            assert set(key.split()) <= letters, key
            assert size[0] < SMALL[0] or set(does.split()) <= letters, does


async def test_columns_are_aligned() -> None:
    async with helping(SMALL) as (app, _):
        begins = set()
        for command in CATALOGUE:
            for row in app.rows:
                if f"{command.usage} " in row and command.does.split()[0] in row.split(command.usage, 1)[1]:
                    before = row.index(command.does.split()[0], row.index(command.usage) + len(command.usage))
                    begins.add(cell_len(row[:before]))
        assert len(begins) == 1


@pytest.mark.parametrize("key", ["escape", "enter", "f1"])
async def test_it_is_left_with_one_key_pressed_twice(key: str) -> None:
    async with helping(SMALL) as (app, pilot):
        await pilot.press(key, key)
        await until(pilot, lambda: len(app.screen_stack) == 1)
