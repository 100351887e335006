"""A screen as a text that can be read, stored, and compared: what is written, then in which style, then what the styles are.

Not SVG: a reviewer sees in the diff which word or which colour has changed, and nothing but the screen itself can change it.
"""

import string
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.style import Style
from textual.app import App, ReturnType
from textual.color import Color

_GROUND = "·"
"""Stands for the style that most of the screen has."""

_LETTERS = string.ascii_letters + string.digits
_COLOURS = (
    *("foreground", "background", "surface", "panel", "text-muted", "text-disabled"),
    *("primary", "secondary", "accent", "warning", "error", "success"),
    *("text-primary", "text-secondary", "text-accent", "text-warning", "text-error", "text-success"),
    "block-cursor-blurred-background",
)
_ATTRIBUTES = ("bold", "dim", "italic", "underline", "strike", "reverse")


def picture(app: App[ReturnType]) -> str:
    """What `app` shows now. A wide character takes two columns in each of the two halves."""
    colours = _colour_names(app.theme_variables)
    rows = [
        [(one.text, _style(one.style, colours)) for one in strip] for strip in app.screen._compositor.render_strips()
    ]
    letters = _letters(rows)
    written = ["".join(text for text, _ in row).rstrip() for row in rows]
    styled = ["".join(letters[style] * cell_len(text) for text, style in row) for row in rows]
    legend = [f"{letter} {style}" for style, letter in letters.items()]
    return "\n".join([*written, "", *styled, "", *legend, ""])


def _letters(rows: Sequence[Sequence[tuple[str, str]]]) -> dict[str, str]:
    """A letter for each style, in the order of their first appearance."""
    cells = Counter[str]()
    for text, style in chain.from_iterable(rows):
        cells[style] += cell_len(text)
    [(ground, _)] = cells.most_common(1)
    others = [style for style in cells if style != ground]
    return {ground: _GROUND, **dict(zip(others, _LETTERS, strict=False))}


def _style(style: Style | None, colours: Mapping[str, str]) -> str:
    """A style in words: colours and attributes, without what it links to."""
    style = style or Style.null()
    text, ground = (_colour(colour, colours) for colour in (style.color, style.bgcolor))
    return " ".join([text, "on", ground, *(name for name in _ATTRIBUTES if getattr(style, name))])


def _colour(colour: RichColor | None, colours: Mapping[str, str]) -> str:
    """By the name that the theme has for it, if it has one; blank cells often have none to write in."""
    parsed = Color.from_rich_color(colour)
    return colours.get(parsed.hex, parsed.hex) if parsed.a else "nothing"


def _colour_names(variables: Mapping[str, str]) -> Mapping[str, str]:
    """The theme's names by their colours; of two with the same one, that which comes first in `_COLOURS`."""
    speakers = [name for name in variables if name.startswith("speaker-")]
    return {Color.parse(variables[name]).hex: name for name in reversed([*_COLOURS, *speakers])}
