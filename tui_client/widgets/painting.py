"""How one entry is drawn at a certain width: time, label in its speaker's colour, text aligned under itself.

Other people's text is drawn character by character as it is: never markup, and no control character reaches a strip.
Colours are the style sheet's; here they are only names of component classes.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_client.entry import Entry, Kind, State
from tui_client.widgets.wrapping import Span, clusters, cut, wrap

TIME_COLUMNS = 6
"""`HH:MM` and a blank."""

MIN_COLUMNS_WITH_TIME = 30
"""Narrower than this, what was said needs the room more than the time does."""

LABEL_SHARE = 3
"""A label of up to a third of the width has the text aligned behind it; a longer one would squeeze it into a gutter."""

SHORT_INDENT = 2

SPEAKER_COLOURS = 8

TIME = "message-log--time"
LABEL = "message-log--label"
ME = "message-log--me"
SPEAKERS = tuple(f"message-log--speaker-{number}" for number in range(SPEAKER_COLOURS))
WHISPER = "message-log--whisper"
PRESENCE = "message-log--presence"
NOTICE = "message-log--notice"
ERROR = "message-log--error"
PENDING = "message-log--pending"
FAILED = "message-log--failed"

COMPONENTS = frozenset({TIME, LABEL, ME, *SPEAKERS, WHISPER, PRESENCE, NOTICE, ERROR, PENDING, FAILED})

_KINDS: dict[Kind, tuple[str, ...]] = {
    Kind.SAID: (),
    Kind.WHISPER_RECEIVED: (WHISPER,),
    Kind.WHISPER_SENT: (WHISPER,),
    Kind.PRESENCE: (PRESENCE,),
    Kind.NOTICE: (NOTICE,),
    Kind.ERROR: (ERROR,),
}
_STATES: dict[State, tuple[str, ...]] = {State.PENDING: (PENDING,), State.SETTLED: (), State.FAILED: (FAILED,)}

_REPLACEMENT = 0xFFFD
_UNPRINTABLE = (
    {code: 0x2400 + code for code in range(0x20) if code != ord("\n")}
    | {0x7F: 0x2421}
    | dict.fromkeys(range(0x80, 0xA0), _REPLACEMENT)  # C1: some terminals obey these like ESC sequences
    | dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)), _REPLACEMENT)  # bidi
    | dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT)  # a lone surrogate cannot be written to a terminal at all
)


def visible(text: str) -> str:
    """`text` with every character that a terminal could obey replaced by a visible one, one for one."""
    return text if text.isprintable() else text.translate(_UNPRINTABLE)


def body(entry: Entry) -> str:
    """What of an entry is text: label and words, without time and frame. A selection counts characters of this."""
    return visible(entry.label + entry.text)


def speaker_component(entry: Entry) -> str:
    """The component class of the speaker's colour: the same for a nickname on every machine and in every run."""
    if entry.mine and entry.kind is Kind.SAID:  # in a whisper sent, the name is the recipient's
        return ME
    return SPEAKERS[crc32(entry.speaker.encode("utf-8", "replace")) % SPEAKER_COLOURS]


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws entries `columns` wide.

    `style_of` gives the style of component classes laid over each other, `clock_text` the five columns for a time, and
    `failed_mark` stands in place of the time of what failed.
    """

    columns: int
    style_of: Callable[..., Style]
    clock_text: Callable[[int], str]
    failed_mark: str

    def count_rows(self, entry: Entry) -> int:
        """How many rows an entry takes: one, as long as there is no width yet."""
        if not self.columns:
            return 1
        if len(entry.label) + len(entry.text) <= self._body_columns // 2 and "\n" not in entry.text:
            return 1  # no character is wider than two columns: most of a chat needs no measuring at all
        return len(self.spans(entry))

    def spans(self, entry: Entry) -> list[Span]:
        """What of the entry's `body` each of its rows shows."""
        text = body(entry)
        if "\n" not in text and cell_len(text) <= self._body_columns:
            return [Span(0, len(text))]
        return wrap(text, self._body_columns, self._indent(entry))

    def row_of(self, entry: Entry, character: int) -> int:
        """The row that shows `character` of the entry's `body`."""
        return max(0, bisect_right([span.start for span in self.spans(entry)], character) - 1)

    def character_span(self, entry: Entry, row: int, column: int) -> Span:
        """The grapheme cluster in a row under a column; before and behind the text, the empty span at its edge."""
        shown = self.spans(entry)[row]
        left = self._time_columns + (self._indent(entry) if row else 0)
        if column < left:
            return Span(shown.start, shown.start)
        for cluster in clusters(body(entry)[shown.start : shown.end]):
            left += cluster.columns
            if column < left:
                return Span(shown.start + cluster.start, shown.start + cluster.end)
        return Span(shown.end, shown.end)

    def paint(self, entry: Entry, selected: Span | None, selection_style: Style | None = None) -> list[Strip]:
        """The rows of an entry, each exactly `columns` wide; characters `selected` of its `body` in the given style."""
        text, base = body(entry), self.style_of(*_KINDS[entry.kind], *_STATES[entry.state])
        runs = list(self._runs(entry, len(text)))
        strips = []
        for row, shown in enumerate(self.spans(entry)):
            segments = [Segment(self._margin(entry, row), self._margin_style(entry))]
            segments += _cut_runs(text, shown, runs, selected, selection_style)
            strips.append(Strip(segments).adjust_cell_length(self.columns, base))
        return strips

    @property
    def _time_columns(self) -> int:
        return TIME_COLUMNS if self.columns >= MIN_COLUMNS_WITH_TIME else 0

    @property
    def _body_columns(self) -> int:
        return max(1, self.columns - self._time_columns)

    def _indent(self, entry: Entry) -> int:
        """How far all rows but the first are moved in."""
        label_columns = cell_len(entry.label)
        if label_columns * LABEL_SHARE <= self._body_columns:
            return label_columns
        return SHORT_INDENT if self._body_columns >= 4 * SHORT_INDENT else 0

    def _margin(self, entry: Entry, row: int) -> str:
        """What stands left of the text: the time in the first row, blanks in the others."""
        if row:
            return " " * (self._time_columns + self._indent(entry))
        if not self._time_columns:
            return ""
        mark = self.failed_mark if entry.state is State.FAILED else self.clock_text(entry.at_ms)
        shown = cut(mark, TIME_COLUMNS - 1)
        return shown + " " * (TIME_COLUMNS - cell_len(shown))

    def _margin_style(self, entry: Entry) -> Style:
        return self.style_of(*_KINDS[entry.kind], TIME, *_STATES[entry.state])

    def _runs(self, entry: Entry, length: int) -> Iterator[tuple[Span, Style]]:
        """The styles of the whole body: of the label, of the speaker's name in it, of the text."""
        kind, state, label = _KINDS[entry.kind], _STATES[entry.state], len(entry.label)
        # Behind a whisper's bracket, since somebody's nickname could be `전송`; a nickname itself holds no bracket.
        name = entry.label.find(entry.speaker, entry.label.find("] ") + 1) if entry.speaker else -1
        if name >= 0:
            yield Span(0, name), self.style_of(*kind, LABEL, *state)
            yield Span(name, name + len(entry.speaker)), self.style_of(*kind, speaker_component(entry), *state)
            yield Span(name + len(entry.speaker), label), self.style_of(*kind, LABEL, *state)
        else:
            yield Span(0, label), self.style_of(*kind, LABEL, *state)
        yield Span(label, length), self.style_of(*kind, *state)


def _cut_runs(
    text: str, shown: Span, runs: list[tuple[Span, Style]], selected: Span | None, selection_style: Style | None
) -> Iterator[Segment]:
    """The part of the styled text that one row shows, its selected characters in the selection's style."""
    for run, style in runs:
        start, end = max(run.start, shown.start), min(run.end, shown.end)
        if start >= end:
            continue
        if selected is None:
            yield Segment(text[start:end], style)
            continue
        edges = sorted({start, end, *(edge for edge in selected if start < edge < end)})
        for left, right in pairwise(edges):
            inside = selected.start <= left < selected.end
            yield Segment(text[left:right], style + selection_style if inside and selection_style else style)
