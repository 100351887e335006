"""A screen as SVG, drawn as a good terminal draws it: every character in its own cells, and frames without gaps.

Textual's own export gives each run of text a width in characters, by which Hangul is squashed or torn apart, and leaves frames to a font
whose lines don't reach the next row. Here the font is one whose Latin letters are half as wide as its Hangul, and frames are shapes.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual._context import visible_screen_stack
from textual.app import App, ReturnType
from textual.strip import Strip

from tui_client.wrapping import Cluster, clusters

FONT_SIZE: Final = 24.4
CELL: Final = FONT_SIZE / 2
ROW: Final = FONT_SIZE * 1.16
"""A little air between the lines, as terminals have it."""

BASELINE: Final = ROW / 2 + FONT_SIZE * 0.34
UNDERLINE: Final = BASELINE + 3
LINE: Final = 1.6
MARGIN, HEAD = 10.0, 40.0

SIGN_SIZE: Final = 20.0
"""Of what Korean fonts have as wide as Hangul, and terminals in half of that: a font of Latin letters half as wide as high is taken."""

SIGN_FONTS: Final = "'DejaVu Sans Mono', monospace"
FONTS: Final = "NanumGothicCoding, D2Coding, 'Noto Sans Mono CJK KR', 'Noto Color Emoji', monospace"
WINDOW, WINDOW_TEXT, BUTTONS = "#26282e", "#c5c8c6", ("#ff5f57", "#febc2e", "#28c840")

BLOCKS: Final = {
    "█": (0.0, 0.0, 1.0, 1.0),
    "▌": (0.0, 0.0, 0.5, 1.0),
    "▐": (0.5, 0.0, 0.5, 1.0),
    "▀": (0.0, 0.0, 1.0, 0.5),
    "▔": (0.0, 0.0, 1.0, 0.125),
    **{chr(0x2580 + eighths): (0.0, 1 - eighths / 8, 1.0, eighths / 8) for eighths in range(1, 8)},
}
"""Left, top, width and height of what is filled, in parts of the cell."""


def screen_svg(app: App[ReturnType], title: str) -> str:
    """What `app` shows now, in a window with a title."""
    visible_screen_stack.set(app._background_screens)
    width, height = app.size.width * CELL + 2 * MARGIN, app.size.height * ROW + HEAD + MARGIN
    shapes = "\n".join(_shapes(app.screen._compositor.render_strips()))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}">
<style>
text {{ font-family: {FONTS}; font-size: {FONT_SIZE}px; white-space: pre; }}
.sign {{ font-family: {SIGN_FONTS}; font-size: {SIGN_SIZE}px; }}
.frame {{ fill: none; stroke-linecap: square; }}
</style>
<rect width="{width:.1f}" height="{height:.1f}" rx="9" fill="{WINDOW}"/>
{"".join(f'<circle cx="{22 + 22 * number}" cy="20" r="6.5" fill="{colour}"/>' for number, colour in enumerate(BUTTONS))}
<text x="{width / 2:.1f}" y="28" fill="{WINDOW_TEXT}" text-anchor="middle">{escape(title)}</text>
<g transform="translate({MARGIN}, {HEAD})">
{shapes}
</g>
</svg>
"""


def _shapes(strips: Sequence[Strip]) -> Iterator[str]:
    """The grounds of all cells, and then what stands on them, which may reach over the edge of its own."""
    for row, strip in enumerate(strips):
        yield from _grounds(strip, row * ROW)
    for row, strip in enumerate(strips):
        column = 0
        for segment in strip:
            yield from _written(segment, column * CELL, row * ROW)
            column += segment.cell_length


def _grounds(strip: Strip, top: float) -> Iterator[str]:
    left = 0.0
    for ground, alike in groupby(strip, lambda segment: _colours(segment.style)[1]):
        width = sum(segment.cell_length for segment in alike) * CELL
        yield _rectangle(left, top, width, ROW, ground, 'shape-rendering="crispEdges"')
        left += width


def _written(segment: Segment, left: float, top: float) -> Iterator[str]:
    style = segment.style or Style.null()
    colour = _colours(style)[0]
    if style.underline:
        yield _rectangle(left, top + UNDERLINE, segment.cell_length * CELL, LINE, colour)
    looks = f'fill="{colour}"' + ' font-weight="bold"' * bool(style.bold) + ' font-style="italic"' * bool(style.italic)
    for text, column in _pieces(segment.text):
        x = left + column * CELL
        if "BOX DRAWINGS" in (name := unicodedata.name(text[0], "")):
            yield from (_frame(name, x + number * CELL, top, colour) for number in range(len(text)))
        elif text[0] in BLOCKS:
            yield from (_block(one, x + number * CELL, top, colour) for number, one in enumerate(text))
        else:
            width = cell_len(text) * CELL
            fit = f'textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"'
            sign = 'class="sign" ' * _is_sign(text[0])
            yield f'<text x="{x:.1f}" y="{top + BASELINE:.1f}" {sign}{looks} {fit}>{escape(text)}</text>'


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    """What is equally wide and no blank, and at which column; each kind of frame by itself."""

    def kind(cluster: Cluster) -> tuple[int, str]:
        character = text[cluster.start]
        is_alone = "\u2500" <= character < "\u25a0" or character == " " or _is_sign(character)
        return cluster.columns, character if is_alone else ""

    column = 0
    for (columns, character), alike in groupby(clusters(text), kind):
        parts = list(alike)
        if character != " ":
            yield text[parts[0].start : parts[-1].end], column
        column += columns * len(parts)


def _is_sign(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("A", "N") and not character.isalnum()


def _frame(name: str, left: float, top: float, colour: str) -> str:
    """A box drawing character by its Unicode name, from the middle of the cell to those of its edges that it reaches."""
    x, y = left + CELL / 2, top + ROW / 2
    ends = {"LEFT": (left, y), "RIGHT": (left + CELL, y), "UP": (x, top), "DOWN": (x, top + ROW)}
    name = name.replace("HORIZONTAL", "LEFT RIGHT").replace("VERTICAL", "UP DOWN")
    reached = [ends[word] for word in name.split() if word in ends]
    width = LINE * (2 if "HEAVY" in name or "DOUBLE" in name else 1)
    if "ARC" in name:
        (x1, y1), (x2, y2) = reached
        bend = CELL / 2
        begin = y + bend if y1 > y else y - bend
        path = f"M{x1:.1f} {y1:.1f}V{begin:.1f}Q{x:.1f} {y:.1f} {x2:.1f} {y2:.1f}"
    else:
        path = "".join(f"M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" for to_x, to_y in reached)
    return f'<path class="frame" d="{path}" stroke="{colour}" stroke-width="{width}"/>'


def _block(character: str, left: float, top: float, colour: str) -> str:
    x, y, width, height = BLOCKS[character]
    return _rectangle(
        left + x * CELL, top + y * ROW, width * CELL, height * ROW, colour, 'shape-rendering="crispEdges"'
    )


def _rectangle(left: float, top: float, width: float, height: float, colour: str, attributes: str = "") -> str:
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}" {attributes}/>'
    )


def _colours(style: Style | None) -> tuple[str, str]:
    """In which something is written, and on which ground; the app's filters leave no cell without."""
    style = style or Style.null()
    written, ground = (_hex(style.color, WINDOW_TEXT), _hex(style.bgcolor, WINDOW))
    return (ground, written) if style.reverse else (written, ground)


def _hex(colour: Color | None, otherwise: str) -> str:
    return otherwise if colour is None or colour.is_default else colour.get_truecolor().hex
