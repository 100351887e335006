"""What a terminal says when it is asked about itself: questions, and answers read back. Pure; nothing is written or read from here.

Sources: ECMA-48 and XTerm's "Control Sequences" (DA1, CPR, DECRQM, XTVERSION, XTGETTCAP), kitty's keyboard protocol. A terminal answers
in the order in which it was asked, and nearly all answer DA1: whoever asks it last knows when nothing more will come.
"""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

ATTRIBUTES: Final = "\x1b[c"
"""DA1: what kind of terminal it is."""

CURSOR: Final = "\x1b[6n"
KITTY_FLAGS: Final = "\x1b[?u"
VERSION: Final = "\x1b[>q"
CLIPBOARD_CAPABILITY: Final = "\x1bP+q4d73\x1b\\"
"""XTGETTCAP for `Ms`, the capability to set the clipboard."""

FOCUS, PASTE, MOUSE, SYNCHRONIZED = 1004, 2004, 1006, 2026
"""Private modes that the full-screen app uses."""

CLIPBOARD_ATTRIBUTE: Final = 52
"""In the answer to DA1: programs may set the clipboard."""

_CURSOR = re.compile(r"\x1b\[(\d+);(\d+)R")
_ATTRIBUTES = re.compile(r"\x1b\[\?([\d;]*)c")
_KITTY = re.compile(r"\x1b\[\?(\d+)u")
_MODE = re.compile(r"\x1b\[\?(\d+);(\d)\$y")
_VERSION = re.compile(r"\x1bP>\|([^\x1b\x07]*)(?:\x1b\\|\x07)")
_CAPABILITY = re.compile(r"\x1bP([01])\+r4d73", re.IGNORECASE)

_MAX_NAME: Final = 60


def mode_question(mode: int) -> str:
    """DECRQM: whether the terminal knows a private mode."""
    return f"\x1b[?{mode}$p"


class Answers(Struct, frozen=True):
    """What was answered; what was not is None, or missing."""

    columns: tuple[int, ...] = ()
    """Where the cursor was each time it was asked for, from 0."""
    attributes: tuple[int, ...] | None = None
    kitty_flags: int | None = None
    modes: Mapping[int, bool] = field(default_factory=dict)
    """Whether a mode can be used, for each that was answered."""
    version: str = ""
    clipboard: bool | None = None


def read_answers(data: bytes) -> Answers:
    """Everything in `data` that is an answer, whatever lies between."""
    text = data.decode("latin-1")
    attributes, kitty = _ATTRIBUTES.search(text), _KITTY.search(text)
    version, capability = _VERSION.search(text), _CAPABILITY.search(text)
    return Answers(
        columns=tuple(int(column) - 1 for _, column in _CURSOR.findall(text)),
        attributes=tuple(int(number) for number in attributes[1].split(";") if number) if attributes else None,
        kitty_flags=int(kitty[1]) if kitty else None,
        # 0: unknown; 1 to 3: set, reset, always set; 4: always reset, which is as good as unknown.
        modes={int(mode): state in "123" for mode, state in _MODE.findall(text)},
        version="".join(filter(str.isprintable, version[1]))[:_MAX_NAME] if version else "",
        clipboard=capability[1] == "1" if capability else None,
    )
