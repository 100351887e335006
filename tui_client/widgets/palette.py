"""Everything that can be done, to be found by typing and done with Enter (Ctrl+P). Runs on the UI thread.

Our own in place of Textual's: that one searches in the background, so that Enter after quick typing does what stood first a moment ago,
reads titles as markup and speaks English. It knows nothing of what it offers.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui_client import strings
from tui_client.choices import Choice, find
from tui_client.widgets.choice_list import ChoiceList
from tui_client.widgets.key_order import act, consume
from tui_client.widgets.search_field import SearchField
from tui_client.widgets.sheets import OVER
from tui_client.widgets.typing_area import LATE_SYLLABLE_S
from tui_client.wrapping import cut, pad

TITLE = "palette--title"
MATCHED = "palette--matched"
ABOUT = "palette--about"
KEYS = "palette--keys"

GAP: Final = "  "
CURRENT_MARK: Final = "●"
TALL_ROWS: Final = 16
"""With less than this the box has no room around it."""

FRAME_ROWS, MARGIN_ROWS = 4, 6
"""What of the screen is not choices: the box with the line to type in, and what is left free around it."""

MIN_ABOUT_COLUMNS: Final = 12
"""Of an explanation, less than this tells nothing."""


class PaletteList(ChoiceList):
    """Choices, one a row: title, explanation, and what does the same without the palette."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {TITLE, MATCHED, ABOUT, KEYS}

    def __init__(self, choices: Sequence[Choice], *, id: str | None = None) -> None:  # noqa: A002 -- Textual's name
        super().__init__(id=id)
        self._all = choices
        self._found = find("", choices)
        self._title_columns = max((cell_len(choice.title) for choice in choices), default=0)

    @property
    def count(self) -> int:
        return len(self._found)

    @property
    def chosen_choice(self) -> Choice | None:
        return self._found[self.chosen].choice if self._found else None

    def only(self, typed: str) -> None:
        """Offer what fits `typed`. While nothing is typed, how things are now is chosen, if one choice says it."""
        self._found = find(typed, self._all)
        self.recount()
        current = [number for number, one in enumerate(self._found) if one.choice.is_current]
        self.chosen = current[0] if len(current) == 1 and not typed else 0

    def on_click(self, event: events.Click) -> None:
        """One click is enough: nothing is lost if it was the wrong one. (What it chooses is set before this is seen.)"""
        offset = event.get_content_offset(self)
        if event.chain == 1 and offset is not None and self.scroll_offset.y + offset.y < self.count:
            self.post_message(self.Opened(self))

    # --- drawing ------------------------------------------------------------------------------------------------------

    def segments(self, number: int, columns: int) -> Iterator[Segment]:
        found = self._found[number]
        mark = CURRENT_MARK if found.choice.is_current else " "
        yield Segment(f"{mark} ", self.row_style(number, KEYS))
        columns -= cell_len(mark) + 1
        title = cut(found.choice.title, columns)
        yield from self._title(number, title, found.spans)
        yield from self._behind(number, found.choice, columns, cell_len(title))

    def _title(self, number: int, title: str, spans: Sequence[tuple[int, int]]) -> Iterator[Segment]:
        def is_matched(at: int) -> bool:
            return any(start <= at < end for start, end in spans)

        for matched, run in groupby(range(len(title)), is_matched):
            text = "".join(title[at] for at in run)
            yield Segment(text, self.row_style(number, TITLE, *([MATCHED] if matched else [])))

    def _behind(self, number: int, choice: Choice, columns: int, title_columns: int) -> Iterator[Segment]:
        """Explanation and keys, each if there is room for it beside what is more needed."""
        begin = min(self._title_columns, columns)
        room = columns - begin - len(GAP)
        keys = choice.keys if cell_len(choice.keys) <= room else ""
        about_columns = room - cell_len(keys) - len(GAP)
        about = cut(choice.about, about_columns) if about_columns >= MIN_ABOUT_COLUMNS else ""
        yield Segment(" " * (begin - title_columns) + GAP, self.row_style(number))
        yield Segment(pad(about, max(0, about_columns)) + GAP, self.row_style(number, ABOUT))
        yield Segment(keys, self.row_style(number, KEYS))


class Palette(ModalScreen[Choice | None]):
    """Ends with what was chosen, or with nothing. `carry_out` does it."""

    CSS_PATH = OVER
    AUTO_FOCUS = "SearchField"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL_ROWS, "-tall")]  # noqa: RUF012 -- Textual's own declaration

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("enter", "take_soon", show=False),
        Binding("escape,ctrl+p", "end(None)", show=False),
        Binding("ctrl+q", "app.quit", show=False),
    ]

    def __init__(
        self,
        choices: Sequence[Choice],
        *,
        title: str = strings.PALETTE_TITLE,
        placeholder: str = strings.PALETTE_PLACEHOLDER,
        keys: str = strings.PALETTE_KEYS,
    ) -> None:
        super().__init__()
        self._choices, self._title, self._keys = choices, title, keys
        self._is_taking = self._has_ended = False
        self._typed: str | None = None
        """What the choices fit that are offered."""
        self.field = SearchField("", placeholder=placeholder, id="palette-field")
        self.choices = PaletteList(choices, id="palette-list")
        self.nothing = Static(Content(strings.PALETTE_NOTHING), id="palette-nothing")

    def compose(self) -> ComposeResult:
        with Vertical(id="palette") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = Content(self._keys)
            yield self.field
            yield self.choices
            yield self.nothing

    def on_mount(self) -> None:
        self.follow_typing()  # now: the next key may come before the first picture

    def on_resize(self) -> None:
        """However few are left while one types: a box that changes its size under the eye is no calm one."""
        self.choices.styles.height = self.nothing.styles.height = self.rows_offered()

    def rows_offered(self) -> int:
        """How many choices are in sight, if there are so many."""
        around = FRAME_ROWS if self.size.height < TALL_ROWS else FRAME_ROWS + MARGIN_ROWS
        return max(1, min(len(self._choices), self.size.height - around))

    @property
    def typing_target(self) -> SearchField:
        """Where what is typed goes, whatever has the focus."""
        return self.field

    async def on_key(self, event: events.Key) -> None:
        if await act(self, event):
            consume(event)

    @on(Input.Changed)
    def follow_typing(self) -> None:
        """Once for what was typed: that it has changed may be heard of after the key that chooses from it."""
        if self._typed != self.field.value:
            self._typed = self.field.value
            self.narrow_down()

    def narrow_down(self) -> None:
        """Offer what fits what is typed."""
        self.choices.only(self.field.value)
        self.choices.display = self.choices.count > 0
        self.nothing.display = not self.choices.display

    def action_move(self, rows: int) -> None:
        """Round about: the last one is one key away."""
        self.follow_typing()
        if self.choices.count:
            self.choices.chosen = (self.choices.chosen + rows) % self.choices.count

    def action_page(self, pages: int) -> None:
        self.follow_typing()
        self.choices.move(pages * max(1, self.choices.scrollable_content_region.height - 1))

    @on(Input.Submitted)
    def action_take_soon(self) -> None:
        """Enter may have overtaken the last syllable, which then must not fall into what lies below."""
        if not self._is_taking:
            self._is_taking = True
            self.set_timer(LATE_SYLLABLE_S, self.take)

    @on(ChoiceList.Opened)
    def take(self) -> None:
        self._is_taking = False
        self.follow_typing()
        if (choice := self.choices.chosen_choice) is not None:
            self.action_end(choice)

    def on_click(self, event: events.Click) -> None:
        """A click beside the box closes it."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.action_end(None)

    def action_end(self, choice: Choice | None) -> None:
        """Once: a key that was pressed twice must not close the screen below."""
        if not self._has_ended:
            self._has_ended = True
            self.dismiss(choice)


def carry_out(choice: Choice | None) -> None:
    """What to do with how a palette ended."""
    if choice is not None:
        choice.run()
