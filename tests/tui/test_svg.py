"""The pictures in the README are drawn as a terminal draws: every character in its cells, frames without gaps."""

import re

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widgets import Static

from tests.support.svg import CELL, ROW, screen_svg


class Framed(App[None]):
    """Some words in a frame."""

    CSS = "Static { border: round white; width: 30; height: 5; }"

    def compose(self) -> ComposeResult:
        yield Static("속삭 soksak ㅎㅎ 👋 <1층> …\n↑ 둘째", markup=False)


@pytest.fixture
async def svg() -> str:
    app = Framed()
    async with app.run_test(size=(30, 5)):
        return screen_svg(app, "제목")


async def test_every_word_stands_in_its_cells(svg: str) -> None:
    words = re.findall(r'<text x="([\d.]+)" [^>]*textLength="([\d.]+)"[^>]*>([^<]*)</text>', svg)
    assert [word for _, _, word in words][:5] == ["속삭", "soksak", "ㅎㅎ", "👋", "&lt;1"]
    for left, width, word in words:
        text = word.replace("&lt;", "<").replace("&gt;", ">")
        assert float(left) / CELL == pytest.approx(round(float(left) / CELL), abs=0.02)
        assert float(width) == pytest.approx(cell_len(text) * CELL, abs=0.06)


async def test_lines_of_a_frame_reach_from_row_to_row(svg: str) -> None:
    ends = set()
    for top, bottom in re.findall(r'd="M[\d.]+ [\d.]+L[\d.]+ ([\d.]+)M[\d.]+ [\d.]+L[\d.]+ ([\d.]+)"', svg):
        ends |= {round(float(top), 1), round(float(bottom), 1)}
    assert {round(row * ROW, 1) for row in range(1, 5)} <= ends
    assert "│" not in svg
    assert "╭" not in svg
