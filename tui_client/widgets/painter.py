"""How one entry is drawn: the dividers above it, time, label in its speaker's colour, text aligned under itself.

Draws rows that it is told to; which they are, `measuring` says. Of each character it knows what it is (a name, a link, a
mention, a hit, selected), and asks for the style of that.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, pairwise

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_client import strings
from tui_client.entry import Entry, Kind, State
from tui_client.links import encoded, find_links, url_of
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.measuring import TIME_COLUMNS, Measure
from tui_client.widgets.painting import (
    CURRENT,
    DAY,
    GROUPED,
    HIT,
    KINDS,
    LABEL,
    LINK,
    MENTION,
    MENTION_TIME,
    RULE,
    STATES,
    TIME,
    UNREAD,
    body,
    speaker_component,
)
from tui_client.widgets.setting import PLAIN, Setting
from tui_client.wrapping import Span, cut, pad

_RULE = "─"
_MIN_RULE_COLUMNS = 2

_Run = tuple[Span, Style]


class Painter(Struct, frozen=True):
    """Draws entries as `measure` lays them out.

    `style_of` gives the style of component classes laid over each other. `failed_mark` and `pending_mark` stand in place of the
    time of what failed and of what is on its way. `find` says where a text has what is searched for.
    """

    measure: Measure
    style_of: Callable[..., Style]
    local_time: LocalTime
    failed_mark: str
    pending_mark: str
    find: Callable[[str], Iterable[tuple[int, int]]] | None = None

    def paint(
        self,
        entry: Entry,
        setting: Setting = PLAIN,
        *,
        is_current: bool = False,
        selected: Span | None = None,
        selection_style: Style | None = None,
    ) -> list[Strip]:
        """The rows of an entry, each as wide as `measure` is; characters `selected` of its `body` in the given style."""
        look = _Look(self, entry, setting, (CURRENT,) if is_current else ())
        text, runs = body(entry), look.runs()
        strips = list(self._dividers(setting))
        for row, shown in enumerate(self.measure.spans(entry)):
            segments = [*look.margin(row), *_cut_runs(text, shown, runs, selected, selection_style)]
            strips.append(Strip(segments).adjust_cell_length(self.measure.columns, look.base))
        return strips

    def _dividers(self, setting: Setting) -> Iterator[Strip]:
        if setting.is_first_unread:
            yield self._divider(strings.UNREAD_DIVIDER, self.style_of(UNREAD), self.style_of(UNREAD))
        if setting.new_day is not None:
            text = strings.date_divider(setting.new_day, self.local_time.today())
            yield self._divider(text, self.style_of(DAY), self.style_of(RULE))

    def _divider(self, text: str, style: Style, rule_style: Style) -> Strip:
        """`text` in the middle of a line, as wide as there is room for one."""
        columns = self.measure.columns
        shown = cut(text, columns)
        rest = columns - cell_len(shown)
        rule = _RULE if rest >= 2 * (_MIN_RULE_COLUMNS + 1) else " "
        left, right = rest // 2, rest - rest // 2
        return Strip(
            [
                Segment((rule * (left - 1) + " ")[:left], rule_style),
                Segment(shown, style),
                Segment((" " + rule * (right - 1))[:right], rule_style),
            ]
        )


class _Look(Struct, frozen=True):
    """One entry at its place, and the styles of everything in it; `under` are component classes that lie under all of it."""

    painter: Painter
    entry: Entry
    setting: Setting
    under: tuple[str, ...]

    @property
    def base(self) -> Style:
        return self._style()

    def _style(self, *components: str) -> Style:
        entry = self.entry
        # An announcement keeps its band, on which the faint colours of the states can't be read; the words say its state.
        state = () if entry.kind is Kind.ANNOUNCEMENT else STATES[entry.state]
        return self.painter.style_of(*KINDS[entry.kind], *self.under, *components, *state)

    # --- left of the text ---------------------------------------------------------------------------------------------

    def margin(self, row: int) -> Iterator[Segment]:
        """What stands left of the text: the time in the first row, blanks in the others."""
        measure = self.painter.measure
        if measure.time_columns:
            mark = "" if row else self._mark()
            style = self._style(TIME) if row else self._time_style()
            yield Segment(pad(mark, TIME_COLUMNS - 1) + " ", style)
        if row:
            yield Segment(" " * measure.indent(self.entry), self.base)

    def _mark(self) -> str:
        match self.entry.state:
            case State.FAILED:  # why it failed stands below it
                return self.painter.failed_mark if self.entry.is_spoken else ""
            case State.LOST:
                return strings.LOST_MARK
            case State.PENDING:
                return self.painter.pending_mark
        if self.setting.same_minute and not self.entry.mentions:
            return ""
        return self.painter.local_time.clock_text(self.entry.at_ms)

    def _time_style(self) -> Style:
        if self.entry.kind is Kind.ANNOUNCEMENT:
            return self.base
        return self._style(TIME, MENTION_TIME) if self.entry.mentions else self._style(TIME)

    # --- label and text -----------------------------------------------------------------------------------------------

    def runs(self) -> list[_Run]:
        """The styles of the whole body."""
        length = len(self.entry.label)
        runs = [*self._label_runs(length), (Span(length, length + len(self.entry.text)), self.base)]
        overlays = list(self._overlays(length))
        return list(_lay_over(runs, overlays)) if overlays else runs

    def _label_runs(self, length: int) -> Iterator[_Run]:
        """Of the label, and of the speaker's name in it."""
        entry = self.entry
        if entry.kind is Kind.ANNOUNCEMENT:
            yield Span(0, length), self.base
            return
        if self.setting.same_speaker:
            yield Span(0, length), self._style(GROUPED)
            return
        # Behind a whisper's bracket, since somebody's nickname could be `전송`; a nickname itself holds no bracket.
        name = entry.label.find(entry.speaker, entry.label.find("] ") + 1) if entry.speaker else -1
        if name < 0:
            yield Span(0, length), self._style(LABEL)
            return
        end = name + len(entry.speaker)
        yield Span(0, name), self._style(LABEL)
        yield Span(name, end), self._style(speaker_component(entry))
        yield Span(end, length), self._style(LABEL)

    def _overlays(self, label: int) -> Iterator[_Run]:
        """What lies over parts of the body; the later over the earlier."""
        text = body(self.entry)
        for start, end in find_links(text[label:]):
            url = encoded(url_of(text[label + start : label + end]))
            yield Span(label + start, label + end), self._style(LINK) + Style(link=url)
        for start, end in self.entry.mentions:
            yield Span(label + start, label + end), self._style(MENTION)
        if self.painter.find is not None:
            for offset, part in ((0, text[:label]), (label, text[label:])):
                for start, end in self.painter.find(part):
                    yield Span(offset + start, offset + end), self._style(HIT)


def _lay_over(runs: list[_Run], overlays: list[_Run]) -> Iterator[_Run]:
    """`runs` with `overlays` over them. Character by character: a search may have as many hits as the text has characters."""
    styles = [style for run, style in runs for _ in range(run.end - run.start)]
    for span, style in overlays:
        styles[span.start : span.end] = [below + style for below in styles[span.start : span.end]]
    start = 0
    for style, alike in groupby(styles):
        end = start + sum(1 for _ in alike)
        yield Span(start, end), style
        start = end


def _cut_runs(
    text: str, shown: Span, runs: list[_Run], selected: Span | None, selection_style: Style | None
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
