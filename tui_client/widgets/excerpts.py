"""The part of a long text that is worth its room on one line. Pure functions."""

from collections.abc import Sequence

from rich.cells import cell_len

from tui_client.wrapping import ELLIPSIS, Span, clusters

LEAD_SHARE = 3
"""A third of the room goes to what stands before the place that matters."""


def window(text: str, place: Span, columns: int) -> Span:
    """What of `text` to show so that `place` is seen, with room for an ellipsis at each end that is cut off."""
    if cell_len(text) <= columns:
        return Span(0, len(text))
    room = columns - cell_len(ELLIPSIS)
    if cell_len(text[: place.end]) <= room:
        return Span(0, _fitting(text, room))
    start = _start_before(text, place.start, room // LEAD_SHARE)
    if cell_len(text[start:]) <= room:  # then there is room for more before it
        start = _start_before(text, len(text), room)
    start = _word_start(text, start, place.start)
    rest = text[start:]
    return Span(start, start + _fitting(rest, room if cell_len(rest) <= room else room - cell_len(ELLIPSIS)))


def cut_around(text: str, columns: int, keep: Span) -> Sequence[Span]:
    """What of `text` to show in `columns`, an ellipsis at each gap: its beginning up to `keep` and its end.

    If that is too much, `keep` alone, and of that rather the end.
    """
    if cell_len(text) <= columns:
        return (Span(0, len(text)),)
    room = columns - cell_len(ELLIPSIS)
    head_columns = cell_len(text[: keep.end])
    if head_columns > room:
        room -= cell_len(ELLIPSIS)
        start = max(keep.start, _start_before(text, keep.end, room))
        return (Span(start, start + _fitting(text[start:], room)),)
    tail = _start_before(text, len(text), min(room // 3, room - head_columns))
    head = Span(0, _fitting(text, room - cell_len(text[tail:])))
    return (head, Span(tail, len(text))) if tail < len(text) else (head,)


def with_gaps(text: str, shown: Sequence[Span]) -> str:
    """These parts of `text`, with an ellipsis wherever something is left out."""
    before, end = "", 0
    for span in shown:
        before += (ELLIPSIS if span.start > end else "") + text[span.start : span.end]
        end = span.end
    return before + (ELLIPSIS if end < len(text) else "")


def _fitting(text: str, columns: int) -> int:
    """How many characters of `text` fit, in whole grapheme clusters."""
    end = used = 0
    for cluster in clusters(text):
        used += cluster.columns
        if used > columns:
            break
        end = cluster.end
    return end


def _start_before(text: str, end: int, columns: int) -> int:
    """From where on `text[:end]` fits into `columns`."""
    start, used = end, 0
    for cluster in reversed(clusters(text[:end])):
        used += cluster.columns
        if used > columns:
            break
        start = cluster.start
    return start


def _word_start(text: str, start: int, before: int) -> int:
    """The beginning of a word between `start` and `before`, since half a word tells little; or `start`."""
    if start == 0 or text[start - 1] == " ":
        return start
    blank = text.find(" ", start, before)
    return blank + 1 if blank >= 0 else start
