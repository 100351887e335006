"""The line in which one types what is to be found, and around it how much was found and what has come in meanwhile. UI thread."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from tui_client import strings
from tui_client.notifying import Kind, News
from tui_client.widgets.search_field import SearchField

PAUSE_S: Final = 0.12
"""How long typing must pause before it is searched for: not every letter of a word is a question."""

PATIENCE_S: Final = 0.3
"""Only what takes longer is said to take time: a word that comes and goes at every letter would flicker."""


class SearchLine(Horizontal, can_focus=False):
    """A field, and a word of what came of it."""

    @dataclass
    class Settled(Message):
        """Typing has paused, or nothing is left."""

        line: "SearchLine"

    def __init__(self, text: str, *, id: str) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self.border_title = strings.SEARCH_TITLE
        self.field = SearchField(text, placeholder=strings.SEARCH_PLACEHOLDER, id="search-field")
        self._count = Static(id="search-count")
        self._settled_text = self.field.value
        self._counted = self._more = ""
        self._pause_timer: Timer | None = None
        self._patience_timer: Timer | None = None
        self._is_slow = False
        self._missed: Counter[Kind] = Counter()

    def compose(self) -> ComposeResult:
        yield self.field
        yield self._count

    @property
    def is_typing(self) -> bool:
        """Whether `Settled` is still to come."""
        return self._pause_timer is not None

    @on(Input.Changed)
    def wait_for_pause(self) -> None:
        if self.field.value == self._settled_text:
            return
        if not self.field.value.strip():
            self.settle()
        elif self._pause_timer is None:
            self._pause_timer = self.set_timer(PAUSE_S, self.settle)
        else:
            self._pause_timer.reset()

    def settle(self) -> None:
        """Don't wait any longer for more to be typed."""
        if self._pause_timer is not None:
            self._pause_timer.stop()
            self._pause_timer = None
        self._settled_text = self.field.value
        self.post_message(self.Settled(self))

    def show(self, counted: str, more: str, *, is_waiting: bool) -> None:
        """What was found and whether that is all; while more of it is awaited for long, that instead."""
        self._counted, self._more = counted, more
        if not is_waiting:
            self._is_slow = False
            if self._patience_timer is not None:
                self._patience_timer.stop()
                self._patience_timer = None
        elif self._patience_timer is None:
            self._patience_timer = self.set_timer(PATIENCE_S, self._lose_patience)
        self._update()

    def count_missed(self, news: Sequence[News]) -> None:
        """Say, in the frame, how much has come in besides what was found."""
        self._missed.update(one.kind for one in news if not one.is_mine)
        kinds = (Kind.WHISPER, Kind.MENTION, Kind.MESSAGE)
        self.border_subtitle = Content(strings.missed(*(self._missed[kind] for kind in kinds)))
        self._update()

    def on_resize(self) -> None:
        self._update()

    def _lose_patience(self) -> None:
        self._is_slow = True
        self._update()

    def _update(self) -> None:
        missed = "" if self.gutter.top else strings.unread(self._missed.total())  # in short, where there is no frame
        parts = (self._counted, strings.SEARCHING if self._is_slow else self._more, missed)
        self._count.update(Content(" · ".join(part for part in parts if part)))
