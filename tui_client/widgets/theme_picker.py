"""Where a theme is chosen, by looking at it: the screen behind wears whichever one stands on. Runs on the UI thread."""

from collections.abc import Callable
from functools import partial
from typing import Final

from textual import on

from tui_client import strings
from tui_client.choices import Choice
from tui_client.widgets.choice_list import ChoiceList
from tui_client.widgets.palette import FRAME_ROWS, Palette

ROOMY_COLUMNS, WIDE_COLUMNS = 72, 120
"""As on the chat screen: with less than `ROOMY_COLUMNS` there is no room beside the conversation, and it lies below."""

MIN_ROWS: Final = 3


class ThemePicker(Palette):
    """A palette of themes. `wear` shows one, `keep` also remembers it; left with Esc, what was worn before is worn again.

    It leaves the conversation in sight, on which one sees what a theme is like.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (ROOMY_COLUMNS, "-medium"), (WIDE_COLUMNS, "-wide")]  # noqa: RUF012 -- Textual's own declaration

    def __init__(self, current: str, *, wear: Callable[[str], None], keep: Callable[[str], None]) -> None:
        about, names = dict(strings.THEME_ABOUT), {}
        for name, title in strings.THEME_TITLES:
            kind, _, _ = about[name].partition(",")
            choice = Choice(title, kind, partial(keep, name), words=(name,), is_current=name == current)
            names[choice] = name
        super().__init__(
            tuple(names),
            title=strings.THEMES_TITLE,
            placeholder=strings.THEMES_PLACEHOLDER,
            keys=strings.THEMES_KEYS,
        )
        self._names = names
        self._before = self._worn = current
        self._wear = wear

    def rows_offered(self) -> int:
        rows = super().rows_offered()
        if self.size.width >= ROOMY_COLUMNS:
            return rows
        return min(rows, max(MIN_ROWS, self.size.height // 2 - FRAME_ROWS))

    def narrow_down(self) -> None:
        super().narrow_down()
        self.preview()

    @on(ChoiceList.Moved)
    def preview(self) -> None:
        choice = self.choices.chosen_choice
        self._show(self._names[choice] if choice is not None else self._before)

    def action_end(self, choice: Choice | None) -> None:
        if choice is None:
            self._show(self._before)
        super().action_end(choice)

    def _show(self, name: str) -> None:
        if name != self._worn:
            self._worn = name
            self._wear(name)
