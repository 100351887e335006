"""How text is laid into columns: grapheme clusters, rows no wider than the screen, names cut to fit. Pure functions.

Widths are what rich says, since Textual places everything by them; a cluster is never wider than two columns.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from rich.cells import cell_len, split_graphemes

ELLIPSIS = "…"

_TOKENS = re.compile(r" +|[^ ]+")

_ADDRESS = re.compile(r"(?<![A-Za-z0-9])[(\[<\"'「『《〈]*(?:https?://|www\.)", re.IGNORECASE)
"""Where a web address begins, with the brackets and quotation marks before it."""

_JOINERS = re.compile("[\u200d\ufe0f]")
"""With these the width of a line is not the sum of its words', since they may reach across a blank."""

_REGIONAL_INDICATORS = re.compile("[\U0001f1e6-\U0001f1ff]")


class Cluster(NamedTuple):
    """One grapheme cluster, or some in a row: `text[start:end]`, `columns` wide."""

    start: int
    end: int
    columns: int


class Span(NamedTuple):
    """What of a text one row shows: `text[start:end]`."""

    start: int
    end: int


def clusters(text: str) -> list[Cluster]:
    """The grapheme clusters of `text`, covering every character of it."""
    found = [Cluster(*span) for span in split_graphemes(text)[0]]
    return list(_pair_flags(text, found)) if _REGIONAL_INDICATORS.search(text) else found


def _pair_flags(text: str, found: list[Cluster]) -> Iterator[Cluster]:
    """Join two regional indicators into one flag: rich leaves them apart, and half a flag is a letter in a box."""
    waiting: Cluster | None = None
    for cluster in found:
        if waiting is not None:
            if _REGIONAL_INDICATORS.match(text[cluster.start]):
                yield Cluster(waiting.start, cluster.end, waiting.columns + cluster.columns)
                waiting = None
                continue
            yield waiting
            waiting = None
        if _REGIONAL_INDICATORS.match(text[cluster.start]):
            waiting = cluster
        else:
            yield cluster
    if waiting is not None:
        yield waiting


def wrap(text: str, columns: int, indent: int = 0) -> list[Span]:
    """Lay `text` into rows of at most `columns`, each after the very first `indent` columns narrower.

    Rows break at blanks (U+0020 alone, so that a no-break space does its duty), which may vanish there, and inside a word
    only where it fits no row; a web address begins a row of its own then, if it has more room there. A newline always breaks.
    Nothing else is left out, and there is at least one row. A cluster wider than a whole row stands alone in its row.
    """
    rows: list[Span] = []
    start, room = 0, columns
    for line in text.split("\n"):
        rows += _wrap_line(line, start, room, columns - indent)
        start, room = start + len(line) + 1, columns - indent
    return rows


def _wrap_line(line: str, offset: int, room: int, later_room: int) -> Iterator[Span]:
    """The rows of one line, which begins at character `offset`: the first `room` columns wide, then `later_room`."""
    start = end = used = 0
    for word in _words(line):
        if used + word.columns <= room:
            used, end = used + word.columns, word.end
        elif not line[word.start : word.end].strip(" "):
            # What of the blanks fits is kept; the row is more than full then, so the next word begins without the rest.
            end, used = word.start + max(0, room - used), room + 1
        elif word.columns <= later_room:
            yield Span(offset + start, offset + end)
            start, end, used, room = word.start, word.end, word.columns, later_room
        else:
            address = _ADDRESS.search(line, word.start, word.end)
            apart = address.start() - word.start if address else None
            for cluster in clusters(line[word.start : word.end]):
                has_more_room = cluster.start == apart and room - used < later_room
                if used and (has_more_room or used + cluster.columns > room):
                    yield Span(offset + start, offset + end)
                    start, used, room = word.start + cluster.start, 0, later_room
                used, end = used + cluster.columns, word.start + cluster.end
    yield Span(offset + start, offset + end)


def _words(line: str) -> Iterator[Cluster]:
    """Words and the blanks between them, covering the whole line."""
    if not _JOINERS.search(line):
        for token in _TOKENS.finditer(line):
            yield Cluster(token.start(), token.end(), cell_len(token[0]))
        return
    for _, group in groupby(clusters(line), lambda cluster: line[cluster.start : cluster.end] == " "):
        parts = list(group)
        yield Cluster(parts[0].start, parts[-1].end, sum(part.columns for part in parts))


def cut(text: str, columns: int) -> str:
    """`text`, or as much of its beginning as fits into `columns` with an ellipsis behind it."""
    if cell_len(text) <= columns:
        return text
    kept, used = 0, cell_len(ELLIPSIS)
    for cluster in clusters(text):
        if used + cluster.columns > columns:
            break
        kept, used = cluster.end, used + cluster.columns
    return text[:kept].rstrip(" ") + ELLIPSIS if columns > 0 else ""


def pad(text: str, columns: int) -> str:
    """`text`, cut or filled with blanks to `columns`."""
    shown = cut(text, columns)
    return shown + " " * (columns - cell_len(shown))
