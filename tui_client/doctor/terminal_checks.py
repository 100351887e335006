"""What is good about a terminal for this chat and what isn't, judged from what is known of it. Pure: all facts are handed in."""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from tui_client import strings
from tui_client.doctor.checks import Check, caution, good, problem
from tui_client.doctor.terminal_answers import CLIPBOARD_ATTRIBUTE, FOCUS, MOUSE, PASTE, SYNCHRONIZED, Answers
from tui_client.doctor.terminal_kind import Kind, terminal_kind

HANGUL, EMOJI, FAMILY, FLAG, AMBIGUOUS = "한", "😀", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "🇰🇷", "…·"
SAMPLES: Final = (HANGUL, EMOJI, FAMILY, FLAG, AMBIGUOUS)
"""What the terminal is asked to draw: each should take two columns."""

_WIDTH: Final = 2
_COMFORTABLE, _CRAMPED = (80, 24), (40, 12)
"""Columns and rows: from here on everything has its place; below, hardly anything has."""

_COLOURS_256, _COLOURS_16 = 256, 16
_REPORTS_ALL_KEYS, _WITH_TEXT = 8, 16
"""kitty keyboard flags with which text no longer arrives as text."""

_QUICK_MS: Final = 50
"""Later than this, Esc feels slow; the bytes of one key don't come so far apart even through ssh."""

_ENCODING_COMMAND: Final = "export LANG=ko_KR.UTF-8"
_TERM_COMMAND: Final = "export TERM=xterm-256color"
_KEYS_LEFT_ON_COMMAND: Final = "reset"
_FOCUS_COMMAND: Final = 'focus = "always-away"'
_FOCUS_TMUX_COMMAND: Final = "set -g focus-events on"
_CLIPBOARD_XTERM_COMMAND: Final = "XTerm*disallowedWindowOps: 20,21,SetXprop"
_CLIPBOARD_TMUX_COMMAND: Final = "set -s set-clipboard on"
_PASSTHROUGH_COMMAND: Final = "set -g allow-passthrough on"
_ESCAPE_COMMAND: Final = "set -s escape-time 10"
"""What is copied to mend something, to the letter."""

_CANNOT_DRAW: Final = frozenset({"", "dumb", "unknown"})
_HAS_CLIPBOARD: Final = frozenset(
    {Kind.KITTY, Kind.WEZTERM, Kind.GHOSTTY, Kind.FOOT, Kind.ALACRITTY, Kind.VSCODE, Kind.WINDOWS_TERMINAL}
)
_HAS_NO_CLIPBOARD: Final = frozenset({Kind.APPLE, Kind.VTE, Kind.LINUX, Kind.SCREEN})
_KNOWS_MODES: Final[Mapping[Kind, frozenset[int]]] = {
    Kind.TMUX: frozenset({PASTE}),
    Kind.SCREEN: frozenset({PASTE}),
    Kind.APPLE: frozenset({FOCUS, PASTE, MOUSE}),
    Kind.VTE: frozenset({FOCUS, PASTE, MOUSE}),
    Kind.KONSOLE: frozenset({FOCUS, PASTE, MOUSE}),
    Kind.LINUX: frozenset(),
}
"""What those can do that don't answer DECRQM, or not in every version."""


class TmuxOptions(Struct, frozen=True):
    """tmux's version and the options that matter, as tmux spells them."""

    version: str
    focus_events: str
    set_clipboard: str
    allow_passthrough: str
    mouse: str
    escape_time: str
    """How many milliseconds it waits for what may follow Esc."""


class TerminalFacts(Struct, frozen=True):
    """What is known of a terminal. `terminfo_colours` is 0 where nobody knows; `tmux` is None outside of it, or when it is silent."""

    environ: Mapping[str, str]
    answers: Answers
    columns: int
    rows: int
    encoding: str
    is_windows: bool = False
    terminfo_colours: int = 0
    tmux: TmuxOptions | None = None

    @property
    def kind(self) -> Kind:
        return terminal_kind(self.environ, self.answers.version)


def terminal_checks(facts: TerminalFacts) -> Iterator[Check]:
    """Everything that can be said of it, the most important first."""
    if facts.is_windows:
        yield from _windows(facts)
        return
    yield encoding_check(facts.encoding)
    yield _term(facts)
    yield _size(facts)
    yield _colours(facts)
    yield from _widths(facts)
    yield _cursor(facts)
    yield _keyboard(facts)
    yield _focus(facts)
    yield _mode(facts, PASTE, strings.DOCTOR_PASTE, strings.DOCTOR_PASTE_ADVICE)
    yield _mouse(facts)
    yield _synchronized(facts)
    yield _clipboard(facts)
    yield from _notes(facts)


def encoding_check(encoding: str) -> Check:
    """The locale's: we speak UTF-8 whatever it says, but the programs around us go by it."""
    title = strings.DOCTOR_ENCODING
    if encoding.casefold().replace("-", "") == "utf8":
        return good(title, encoding)
    return caution(title, strings.doctor_not_utf8(encoding), strings.DOCTOR_ENCODING_ADVICE, _ENCODING_COMMAND)


def _windows(facts: TerminalFacts) -> Iterator[Check]:
    """There a terminal can't be asked."""
    if facts.kind is Kind.WINDOWS_TERMINAL:
        yield good(strings.DOCTOR_TERMINAL, Kind.WINDOWS_TERMINAL.value)
    else:
        yield caution(strings.DOCTOR_TERMINAL, strings.DOCTOR_WINDOWS_CONSOLE, strings.DOCTOR_WINDOWS_ADVICE)
    yield _size(facts)


def _term(facts: TerminalFacts) -> Check:
    term, title = facts.environ.get("TERM", ""), strings.DOCTOR_TERMINAL
    if facts.kind is Kind.LINUX:
        return problem(title, strings.LINUX_CONSOLE, strings.DOCTOR_LINUX_ADVICE)
    if term in _CANNOT_DRAW:
        return problem(title, f"TERM={term}", strings.DOCTOR_TERM_ADVICE, _TERM_COMMAND)
    names = dict.fromkeys(filter(None, (facts.answers.version or facts.kind.value, term and f"TERM={term}")))
    return good(title, " · ".join(names))


def _size(facts: TerminalFacts) -> Check:
    title, finding = strings.DOCTOR_SIZE, strings.doctor_size(facts.columns, facts.rows)
    if facts.columns >= _COMFORTABLE[0] and facts.rows >= _COMFORTABLE[1]:
        return good(title, finding)
    is_cramped = facts.columns < _CRAMPED[0] or facts.rows < _CRAMPED[1]
    return caution(title, finding, strings.DOCTOR_CRAMPED_ADVICE if is_cramped else strings.DOCTOR_SMALL_ADVICE)


def _colours(facts: TerminalFacts) -> Check:
    title, environ = strings.DOCTOR_COLOURS, facts.environ
    if environ.get("NO_COLOR"):
        return good(title, strings.DOCTOR_NO_COLOR)
    if environ.get("COLORTERM", "").casefold() in ("truecolor", "24bit"):
        return good(title, strings.DOCTOR_TRUE_COLOUR)
    term = environ.get("TERM", "")
    colours = max(facts.terminfo_colours, _COLOURS_256 * ("256color" in term), _COLOURS_16 * term.startswith("xterm"))
    if colours > _COLOURS_256:
        return good(title, strings.DOCTOR_TRUE_COLOUR)
    if colours == _COLOURS_256:
        return good(title, strings.doctor_colours(colours))
    return caution(title, strings.doctor_colours(colours), strings.DOCTOR_COLOURS_ADVICE, _TERM_COMMAND)


# --- what was measured ------------------------------------------------------------------------------------------------


def _widths(facts: TerminalFacts) -> Iterator[Check]:
    if not facts.answers.columns:
        yield caution(strings.DOCTOR_HANGUL, strings.DOCTOR_UNKNOWN, strings.DOCTOR_WIDTH_UNKNOWN_ADVICE)
        return
    width = dict(zip(SAMPLES, facts.answers.columns, strict=True))
    yield _hangul(width[HANGUL])
    yield _emoji(strings.DOCTOR_EMOJI, EMOJI, width[EMOJI], strings.DOCTOR_EMOJI_ADVICE)
    yield _emoji(strings.DOCTOR_FAMILY, FAMILY, width[FAMILY], strings.DOCTOR_FAMILY_ADVICE)
    yield _emoji(strings.DOCTOR_FLAG, FLAG, width[FLAG], strings.DOCTOR_FAMILY_ADVICE)
    yield _ambiguous(width[AMBIGUOUS], facts.kind)


def _hangul(width: int) -> Check:
    finding = strings.doctor_width(HANGUL, width)
    if width == _WIDTH:
        return good(strings.DOCTOR_HANGUL, finding)
    return problem(strings.DOCTOR_HANGUL, finding, strings.DOCTOR_HANGUL_ADVICE)


def _emoji(title: str, sample: str, width: int, advice: str) -> Check:
    finding = strings.doctor_width(sample, width)
    return good(title, finding) if width == _WIDTH else caution(title, finding, advice)


def _ambiguous(width: int, kind: Kind) -> Check:
    finding = strings.doctor_width(AMBIGUOUS, width)
    if width <= _WIDTH:
        return good(strings.DOCTOR_AMBIGUOUS, finding)
    advice = strings.DOCTOR_AMBIGUOUS_ITERM2 if kind is Kind.ITERM2 else strings.DOCTOR_AMBIGUOUS_ADVICE
    return caution(strings.DOCTOR_AMBIGUOUS, finding, advice)


def _cursor(facts: TerminalFacts) -> Check:
    if facts.answers.columns:
        return good(strings.DOCTOR_CURSOR, strings.DOCTOR_CURSOR_KNOWN)
    return caution(strings.DOCTOR_CURSOR, strings.DOCTOR_UNKNOWN, strings.DOCTOR_CURSOR_ADVICE)


# --- what it can do ---------------------------------------------------------------------------------------------------


def _keyboard(facts: TerminalFacts) -> Check:
    title, flags = strings.DOCTOR_KEYBOARD, facts.answers.kitty_flags
    if flags is None:
        return good(title, strings.DOCTOR_KEYBOARD_PLAIN)
    if flags & (_REPORTS_ALL_KEYS | _WITH_TEXT):
        return problem(
            title, strings.doctor_keys_left_on(flags), strings.DOCTOR_KEYS_LEFT_ON_ADVICE, _KEYS_LEFT_ON_COMMAND
        )
    if facts.kind is Kind.ITERM2:
        return good(title, strings.DOCTOR_KEYBOARD_ITERM2)
    return good(title, strings.DOCTOR_KEYBOARD_KITTY)


def _can(facts: TerminalFacts, mode: int) -> bool | None:
    """Whether the terminal has the mode; None when nobody knows."""
    known = _KNOWS_MODES.get(facts.kind)
    from_table = None if known is None else (mode in known or None)
    answered = facts.answers.modes.get(mode)
    return from_table if answered is None else answered


def _mode(facts: TerminalFacts, mode: int, title: str, advice: str, command: str = "") -> Check:
    match _can(facts, mode):
        case True:
            return good(title, strings.DOCTOR_CAN)
        case False:
            return caution(title, strings.DOCTOR_CANNOT, advice, command)
        case None:
            return caution(title, strings.DOCTOR_UNKNOWN, advice, command)


def _focus(facts: TerminalFacts) -> Check:
    if facts.kind is Kind.TMUX and facts.tmux is not None:
        if facts.tmux.focus_events in ("1", "on"):
            return good(strings.DOCTOR_FOCUS, strings.DOCTOR_CAN)
        advice, command = strings.DOCTOR_FOCUS_TMUX_ADVICE, _FOCUS_TMUX_COMMAND
        return caution(strings.DOCTOR_FOCUS, strings.DOCTOR_FOCUS_TMUX, advice, command)
    return _mode(facts, FOCUS, strings.DOCTOR_FOCUS, strings.DOCTOR_FOCUS_ADVICE, _FOCUS_COMMAND)


def _mouse(facts: TerminalFacts) -> Check:
    if facts.kind is Kind.TMUX:  # without its own mouse mode it hands on what programs ask for
        return good(strings.DOCTOR_MOUSE, strings.DOCTOR_CAN)
    return _mode(facts, MOUSE, strings.DOCTOR_MOUSE, strings.DOCTOR_MOUSE_ADVICE)


def _synchronized(facts: TerminalFacts) -> Check:
    """Nice to have: without it a redraw may flicker, no more."""
    can = facts.answers.modes.get(SYNCHRONIZED, False)
    return good(strings.DOCTOR_SYNCHRONIZED, strings.DOCTOR_CAN if can else strings.DOCTOR_NOT_NEEDED)


def _clipboard(facts: TerminalFacts) -> Check:
    title, kind, answers = strings.DOCTOR_CLIPBOARD, facts.kind, facts.answers
    if kind is Kind.TMUX:
        return _tmux_clipboard(facts.tmux)
    if kind in _HAS_CLIPBOARD or answers.clipboard or CLIPBOARD_ATTRIBUTE in (answers.attributes or ()):
        return good(title, strings.DOCTOR_CAN)
    if kind is Kind.ITERM2:
        return caution(title, strings.DOCTOR_DEPENDS, strings.DOCTOR_CLIPBOARD_ITERM2)
    if kind is Kind.XTERM:
        return caution(title, strings.DOCTOR_DEPENDS, strings.DOCTOR_CLIPBOARD_XTERM, _CLIPBOARD_XTERM_COMMAND)
    finding = strings.DOCTOR_CANNOT if kind in _HAS_NO_CLIPBOARD else strings.DOCTOR_UNKNOWN
    return caution(title, finding, strings.DOCTOR_CLIPBOARD_ADVICE)


def _tmux_clipboard(tmux: TmuxOptions | None) -> Check:
    title = strings.DOCTOR_CLIPBOARD
    if tmux is not None and tmux.set_clipboard == "on":
        return good(title, strings.DOCTOR_CLIPBOARD_TMUX_ON)
    finding = strings.doctor_tmux_option("set-clipboard", tmux.set_clipboard) if tmux else strings.DOCTOR_UNKNOWN
    return caution(title, finding, strings.DOCTOR_CLIPBOARD_TMUX_ADVICE, _CLIPBOARD_TMUX_COMMAND)


# --- where it runs ----------------------------------------------------------------------------------------------------


def _notes(facts: TerminalFacts) -> Iterator[Check]:
    match facts.kind:
        case Kind.TMUX:
            yield _passthrough(facts.tmux)
            if facts.tmux is not None and facts.tmux.escape_time.isdigit():
                yield _escape(int(facts.tmux.escape_time))
        case Kind.SCREEN:
            yield caution(Kind.SCREEN.value, strings.DOCTOR_SCREEN, strings.DOCTOR_SCREEN_ADVICE)
        case Kind.APPLE:
            yield caution(strings.APPLE_TERMINAL, strings.DOCTOR_APPLE, strings.DOCTOR_APPLE_ADVICE)
    if "SSH_CONNECTION" in facts.environ:
        yield good("ssh", strings.DOCTOR_SSH)


def _passthrough(tmux: TmuxOptions | None) -> Check:
    title, advice, command = (
        strings.DOCTOR_PASSTHROUGH,
        strings.DOCTOR_PASSTHROUGH_ADVICE,
        _PASSTHROUGH_COMMAND,
    )
    if tmux is None:
        return caution("tmux", strings.DOCTOR_UNKNOWN, advice, command)
    if tmux.allow_passthrough in ("1", "on", "all"):
        return good(title, f"tmux {tmux.version}")
    finding = strings.doctor_tmux_option("allow-passthrough", tmux.allow_passthrough or "off")
    return caution(title, finding, advice, command)


def _escape(wait_ms: int) -> Check:
    title, finding = strings.DOCTOR_ESCAPE, strings.doctor_escape(wait_ms)
    if wait_ms <= _QUICK_MS:
        return good(title, finding)
    return caution(title, finding, strings.DOCTOR_ESCAPE_ADVICE, _ESCAPE_COMMAND)
