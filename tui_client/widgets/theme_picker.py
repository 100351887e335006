"""Where a theme is chosen, by looking at it: the screen behind wears whichever one stands on. Runs on the UI thread."""

from collections.abc import Callable
from functools import partial

from textual import on

from tui_client import strings
from tui_client.choices import Choice
from tui_client.widgets.choice_list import ChoiceList
from tui_client.widgets.palette import Palette


class ThemePicker(Palette):
    """A palette of themes. `wear` shows one, `keep` also remembers it; left with Esc, what was worn before is worn again."""

    def __init__(self, current: str, *, wear: Callable[[str], None], keep: Callable[[str], None]) -> None:
        about, names = dict(strings.THEME_ABOUT), {}
        for name, title in strings.THEME_TITLES:
            choice = Choice(title, about[name], partial(keep, name), words=(name,), is_current=name == current)
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
