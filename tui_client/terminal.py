"""What Textual needs to be told, so that Hangul is typed without loss: every cure of a terminal's or Textual's trouble.

Two of the cures come before the app: `prepare_environment` before Textual is imported, since Textual reads the
environment while it is imported, and `apply_cures` after that and before the app runs. The others live in
`terminal_app.TerminalApp`, since they are behaviour of the app, and in the driver that it takes, `terminal_driver`. This
module therefore imports Textual only when asked to.

The private names of Textual touched here hold for the minor version in pyproject.toml; tests/tui/test_terminal.py turns
red when one of them goes or changes its meaning.
"""

import sys
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.color import Color
    from textual.style import Style

KITTY_OFF = "TEXTUAL_DISABLE_KITTY_KEY"

FRAMES_A_SECOND = "TEXTUAL_FPS"

ESC_ALONE_AFTER_MS = "ESCDELAY"

NO_SCREEN = frozenset({"dumb", "unknown"})
"""What `TERM` says of a terminal without a screen. rich then takes its size for 80×25 whatever it is, and Textual, told of
another by the driver, lays itself out for ever."""

MAX_SEQUENCE_CHARS = 4_096
"""A commit of the input method is one escape sequence with every syllable in it as a number; a whole sentence fits."""

_BLENDED = "get_inner_outer"
"""Textual's method of a widget's cache of what it has drawn."""

_BLENDS = 1_024

_HASH = "__hash__"


def is_iterm2(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is iTerm2; `LC_TERMINAL` tells also through ssh."""
    return environ.get("TERM_PROGRAM") == "iTerm.app" or environ.get("LC_TERMINAL") == "iTerm2"


def prepare_environment(environ: MutableMapping[str, str]) -> None:
    """Set what Textual reads while it is imported: call this before the first import of it. A value that the user set stays.

    With any kitty keyboard flag, iTerm2 drops what the input method commits. And at Textual's 60 frames a second, what is typed
    while much arrives waits for two frames, 33 ms; what has not changed is not drawn more often for it.
    """
    environ.setdefault(FRAMES_A_SECOND, "120")
    environ.setdefault(ESC_ALONE_AFTER_MS, "25")  # or an Esc is lost to whoever types on within a tenth of a second
    if is_iterm2(environ):
        environ.setdefault(KITTY_OFF, "1")


def apply_cures() -> None:
    """Make the terminal report keys in a way that leaves Hangul whole, and Textual let go of what is gone and find styles sooner: call
    this before the app runs.

    Textual asks for all keys as escape codes with their text (`CSI >25u`). Then also what the input method commits comes
    as escape codes: some terminals lose it, and longer commits arrive as junk. `CSI >1u` leaves text to be text and still
    tells Shift+Enter from Enter.
    """
    from textual import _xterm_parser

    _forget_removed_widgets()
    _find_rules_sooner()
    # A terminal may do as it likes all the same: what comes as an escape code must at least be read whole.
    _xterm_parser._MAX_SEQUENCE_SEARCH_THRESHOLD = MAX_SEQUENCE_CHARS  # noqa: SLF001 -- there is no public name
    if sys.platform != "win32":  # there neither the driver nor the protocol exists
        from textual.drivers import linux_driver

        for name in ("KITTY_REPORT_ALL_KEYS", "KITTY_REPORT_ASSOCIATED_TEXT"):
            setattr(linux_driver, name, 0)


def _forget_removed_widgets() -> None:
    """Remember what two colours come to by the colours only.

    Textual remembers it by who asked, too, and so keeps a thousand widgets that are long gone, with all that they had drawn: each
    search cost 1.4 MiB.
    """
    from textual import _styles_cache

    setattr(_styles_cache.StylesCache, _BLENDED, staticmethod(lru_cache(_BLENDS)(_blended)))


def _find_rules_sooner() -> None:
    """Tell the rules of a style sheet apart by C's hash of an object.

    Textual's own is a function in Python that comes to the same, `id`. It is called for each rule whenever anything is styled: thirty
    thousand times before the first picture, which takes 3 ms, and as often whenever the panes are placed anew.
    """
    from textual.css.model import RuleSet

    setattr(RuleSet, _HASH, object.__hash__)


def _blended(base_background: "Color", background: "Color") -> "tuple[Style, Style]":
    """What Textual works out there: the inner and the outer style."""
    from textual.style import Style

    return Style(background=base_background + background), Style(background=base_background)
