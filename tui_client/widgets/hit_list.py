"""The hits of a search, one a row, the newest first, with what was searched for marked in them. Runs on the UI thread."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.message import Message

from tui_client import strings
from tui_client.entry import Entry
from tui_client.widgets.choice_list import ChoiceList
from tui_client.widgets.excerpts import window
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.moments import LONG_COLUMNS, SHORT_COLUMNS, long_moment, short_moment
from tui_client.widgets.painting import ME, SPEAKERS, speaker_component, visible
from tui_client.wrapping import ELLIPSIS, Span, cut, pad

WHEN = "hit-list--when"
LABEL = "hit-list--label"
TEXT = "hit-list--text"
WHISPER = "hit-list--whisper"
MATCH = "hit-list--match"

GAP = "  "

MIN_COLUMNS_FOR_LONG_TIME, MIN_COLUMNS_FOR_TIME = 64, 36
"""Narrower than this, what was said needs the room more."""

MIN_EXCERPT_COLUMNS = 12

Find = Callable[[str], Sequence[tuple[int, int]]]
"""Where in a text the words that were searched for stand."""


class HitList(ChoiceList):
    """Messages, of each as much as fits around the first match."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {WHEN, LABEL, TEXT, WHISPER, MATCH, ME, *SPEAKERS}

    @dataclass
    class EndSeen(Message):
        """The end of the hits is in sight: now older ones would be welcome."""

        hits: "HitList"

    def __init__(self, local: LocalTime, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._local = local
        self._entries: Sequence[Entry] = ()
        self._find: Find = _find_nothing
        self._has_more = False

    @property
    def entries(self) -> Sequence[Entry]:
        """The hits, newest first."""
        return self._entries

    @property
    def has_more(self) -> bool:
        """Whether older hits are promised below."""
        return self._has_more

    @property
    def count(self) -> int:
        return len(self._entries)

    @property
    def chosen_entry(self) -> Entry | None:
        return self._entries[self.chosen] if self._entries else None

    def show(self, entries: Sequence[Entry], find: Find, *, has_more: bool) -> None:
        """Show these hits and no others, the first one chosen."""
        self._entries, self._find = entries, find
        self._expect(has_more=has_more)
        self.chosen = 0

    def extend(self, entries: Sequence[Entry], *, has_more: bool) -> None:
        """Add older hits below."""
        self._entries = [*self._entries, *entries]
        self._expect(has_more=has_more)

    def _expect(self, *, has_more: bool) -> None:
        self._has_more = has_more
        self.recount()
        self.call_after_refresh(self._look_for_end)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._look_for_end()

    def _look_for_end(self) -> None:
        if self._has_more and self.scroll_offset.y + self.scrollable_content_region.height > self.count:
            self.post_message(self.EndSeen(self))

    # --- drawing ------------------------------------------------------------------------------------------------------

    def footer(self, columns: int) -> str:
        return " " * (1 + self._when_columns(columns - 1)) + strings.SEARCH_MORE_HITS if self._has_more else ""

    def segments(self, number: int, columns: int) -> Iterator[Segment]:
        entry, left = self._entries[number], self._when_columns(columns)
        yield Segment(pad(self._when(entry, columns), left), self._style(number, WHEN))
        label = cut(visible(entry.label), max(columns - left - MIN_EXCERPT_COLUMNS, 0))
        yield from self._label(number, label)
        yield from self._excerpt(number, columns - left - cell_len(label))

    def _label(self, number: int, label: str) -> Iterator[Segment]:
        """The label, its speaker's name in the colour that it has everywhere."""
        entry = self._entries[number]
        name = label.find(entry.speaker, label.find("] ") + 1) if entry.speaker else -1
        start, end = (name, name + len(entry.speaker)) if name >= 0 else (0, 0)
        yield Segment(label[:start], self._style(number, LABEL))
        yield Segment(label[start:end], self._style(number, speaker_component(entry)))
        yield Segment(label[end:], self._style(number, LABEL))

    def _excerpt(self, number: int, columns: int) -> Iterator[Segment]:
        """As much of the text as fits, with the first match in it, and all matches marked."""
        text = self._entries[number].text
        matches = [Span(*span) for span in self._find(text)]
        text = visible(text.replace("\n", " "))
        shown = window(text, matches[0] if matches else Span(0, 0), columns)
        plain, marked = self._style(number, TEXT), self._style(number, TEXT, MATCH)
        yield Segment(ELLIPSIS if shown.start else "", plain)
        edges = sorted({*shown, *(edge for match in matches for edge in match if shown.start < edge < shown.end)})
        for start, end in pairwise(edges):
            is_match = any(match.start <= start < match.end for match in matches)
            yield Segment(text[start:end], marked if is_match else plain)
        yield Segment(ELLIPSIS if shown.end < len(text) else "", plain)

    def _when_columns(self, columns: int) -> int:
        if columns >= MIN_COLUMNS_FOR_LONG_TIME:
            return LONG_COLUMNS + len(GAP)
        return SHORT_COLUMNS + len(GAP) if columns >= MIN_COLUMNS_FOR_TIME else 0

    def _when(self, entry: Entry, columns: int) -> str:
        is_long = columns >= MIN_COLUMNS_FOR_LONG_TIME
        return (long_moment if is_long else short_moment)(entry.at_ms, self._local)

    def _style(self, number: int, *components: str) -> Style:
        whisper = [WHISPER] if self._entries[number].is_whisper else []
        return self.row_style(number, *whisper, *components)


def _find_nothing(text: str) -> Sequence[tuple[int, int]]:
    del text
    return ()
