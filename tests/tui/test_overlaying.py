"""What lies over the panes is drawn whole, whatever begins or ends below it; guards what is Textual's own (`Compositor`)."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.console import Console
from rich.text import Text
from textual._compositor import ChopsUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from tests.tui.until import until
from tui_client.widgets.overlaying import OverlaidCompositor

COLUMNS = 24
WIDE = "가나다라마바사아자차카타"


class Panes(Screen[None]):
    """Panes side by side, their edges at every column if there are so many, and something that lies over them."""

    CSS = """
    Horizontal { height: 2; }
    Horizontal Static { width: 1fr; height: 2; }
    #over { overlay: screen; height: 1; }
    """

    def __init__(self, panes: int) -> None:
        super().__init__()
        self.below = [Static("x" * 2 * COLUMNS, id=f"below-{number}") for number in range(panes)]
        self.over = Static(WIDE, id="over")
        self._compositor = OverlaidCompositor(self.over)

    def compose(self) -> ComposeResult:
        yield self.over
        yield Horizontal(*self.below)


def rows(screen: Panes) -> list[str]:
    return [strip.text for strip in screen._compositor.render_strips()]


def drawn_again(screen: Panes, pane: Static) -> str:
    """What is written to the terminal when one of the panes below has changed, without colours."""
    screen._compositor._dirty_regions.add(pane.region)
    update = screen._compositor.render_update()
    assert isinstance(update, ChopsUpdate)
    written = update.render_segments(Console(file=io.StringIO(), width=COLUMNS))
    return Text.from_ansi(written).plain


@asynccontextmanager
async def shown(panes: Panes) -> AsyncIterator[Pilot[None]]:
    async with App[None]().run_test(size=(COLUMNS, 4)) as pilot:
        await pilot.app.push_screen(panes)
        yield pilot


@pytest.fixture(params=[1, 3, 5, 8, COLUMNS])
def panes(request: pytest.FixtureRequest) -> Panes:
    return Panes(request.param)


async def test_no_syllable_is_cut_in_two_by_what_lies_below(panes: Panes) -> None:
    async with shown(panes) as pilot:
        await until(pilot, lambda: rows(panes)[:2] == [WIDE, "x" * COLUMNS])
        for pane in panes.below:
            assert WIDE in drawn_again(panes, pane)


@pytest.mark.parametrize(("left", "width"), [(1, 12), (4, 8), (5, 18), (0, 24)])
async def test_beside_it_everything_is_as_it_was(panes: Panes, left: int, width: int) -> None:
    async with shown(panes) as pilot:
        panes.over.styles.width, panes.over.styles.offset = width, (left, 0)
        before, behind = "x" * left, "x" * (COLUMNS - left - width)
        await until(pilot, lambda: rows(panes)[:2] == [before + WIDE[: width // 2] + behind, "x" * COLUMNS])
        panes.over.display = False
        await until(pilot, lambda: rows(panes)[:2] == ["x" * COLUMNS] * 2)
