"""The panes as tabs, where a terminal has no room to show them side by side. Runs on the UI thread."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui_client import strings

TAB = "tab-strip--tab"
SHOWN = "tab-strip--shown"
COUNT = "tab-strip--count"
KEY = "tab-strip--key"

SWITCH_KEY = "F2"


class Pane(StrEnum):
    """What can be shown; the value is the id of the widget."""

    ROOM = "room"
    WHISPERS = "whispers"
    MEMBERS = "members"


TITLES = {
    Pane.ROOM: strings.TAB_ROOM,
    Pane.WHISPERS: strings.TAB_WHISPERS,
    Pane.MEMBERS: strings.TAB_MEMBERS,
}


class TabStrip(Widget):
    """One tab for each pane, each with what is unread in it (for the members: how many there are)."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {TAB, SHOWN, COUNT, KEY}

    shown: reactive[Pane] = reactive(Pane.ROOM)
    counts: reactive[tuple[tuple[Pane, int], ...]] = reactive(())

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        pane: Pane

    def render(self) -> Content:
        counts = dict(self.counts)
        tabs = Content.assemble(*(self._tab(pane, counts.get(pane, 0)) for pane in Pane))
        key = Content(SWITCH_KEY).stylize(self.get_visual_style(KEY))
        gap = self.size.width - tabs.cell_length - key.cell_length
        return Content.assemble(tabs, " " * gap, key) if gap > 0 else tabs

    def _tab(self, pane: Pane, count: int) -> Content:
        is_shown = pane is self.shown
        title = Content(f" {TITLES[pane]} ").stylize(self.get_visual_style(SHOWN if is_shown else TAB))
        if count:
            is_news = pane is not Pane.MEMBERS
            number = Content(f"{count:,} ")
            style = self.get_visual_style(SHOWN) if is_shown else self.get_visual_style(COUNT if is_news else TAB)
            title = Content.assemble(title, number.stylize(style))
        return title

    def on_click(self, event: events.Click) -> None:
        """Not by Textual's links in a text, which have one colour for all tabs."""
        offset = event.get_content_offset(self)
        left, counts = 0 if offset is None else offset.x, dict(self.counts)
        for pane in Pane:
            left -= self._tab(pane, counts.get(pane, 0)).cell_length
            if offset is not None and left < 0:
                self.post_message(self.Chosen(pane))
                return
