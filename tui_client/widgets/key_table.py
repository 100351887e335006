"""Keys or commands in one column and what they do in the other, under a title. Runs on the UI thread."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui_client.wrapping import pad, wrap

TITLE = "key-table--title"
KEY = "key-table--key"
ASIDE = "key-table--aside"

GAP: Final = 2
MIN_COLUMNS: Final = 24
"""With less room than this beside the keys, what they do stands below them."""

SHORT_INDENT: Final = 2
GRID_GAP: Final = 4


class Row(NamedTuple):
    """What is pressed or typed, what that does, and what else may be typed for it (or nothing)."""

    key: str
    does: str
    aside: str = ""


class KeyTable(Widget):
    """As many rows as it needs; what does not fit into one goes on below itself. `key_columns` aligns several tables."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {TITLE, KEY, ASIDE}

    def __init__(self, title: str, rows: Sequence[Row], key_columns: int) -> None:
        super().__init__()
        self._title = title
        self._rows = rows
        self._key_columns = key_columns + GAP

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport
        return sum(1 for _ in self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, columns: int) -> Iterator[Content]:
        yield self._title_line()
        for row in self._rows:
            yield from self._lines_of(row, max(1, columns))

    def _title_line(self) -> Content:
        return Content(self._title).stylize(self.get_visual_style(TITLE, partial=True))

    def _lines_of(self, row: Row, columns: int) -> Iterator[Content]:
        is_beside = columns - self._key_columns >= MIN_COLUMNS
        indent = self._key_columns if is_beside else SHORT_INDENT
        behind = " " * (self._key_columns - cell_len(row.key)) if is_beside else "\n"
        line = Content.assemble(
            Content(row.key).stylize(self.get_visual_style(KEY, partial=True)),
            behind + row.does,
            Content(f"  {row.aside}" if row.aside else "").stylize(self.get_visual_style(ASIDE, partial=True)),
        )
        for number, shown in enumerate(wrap(line.plain, columns, indent)):
            yield Content(" " * indent if number else "") + line[shown.start : shown.end]


class KeyGrid(KeyTable):
    """What is said in a word or two, in as many columns as there is room for; read down, then across."""

    def __init__(self, title: str, rows: Sequence[Row]) -> None:
        super().__init__(title, rows, max(cell_len(row.key) for row in rows))
        self._cell_columns = self._key_columns + max(cell_len(row.does) for row in rows)

    def _lines(self, columns: int) -> Iterator[Content]:
        yield self._title_line()
        across = max(1, (columns + GRID_GAP) // (self._cell_columns + GRID_GAP))
        height = -(-len(self._rows) // across)
        for y in range(height):
            yield Content(" " * GRID_GAP).join(map(self._cell, self._rows[y::height]))

    def _cell(self, row: Row) -> Content:
        key = Content(row.key).stylize(self.get_visual_style(KEY, partial=True))
        begin = " " * (self._key_columns - cell_len(row.key))
        return Content.assemble(key, begin + pad(row.does, self._cell_columns - self._key_columns))
