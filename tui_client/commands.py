"""What a typed line means. Pure: a line in, one frozen value out; nothing is sent from here.

The rules are those of PROTOCOL's plain dialect, so that fingers need not know which of the two they are in. What was
meant as a whisper or a command and is not quite one is a `Mistake`: it never becomes a public message.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.nickname import check_nickname
from server.protocol.plain import COMMAND_SIGN, HELP_WORDS, LIST_WORDS, NICK_WORDS, QUIT_WORDS, split_sign
from server.protocol.text import MAX_TEXT_CHARS, MAX_TEXT_LINES, check_text, clean_text, excerpt
from tui_client import hangul, strings


@dataclass(frozen=True, slots=True)
class Say:
    """Say `text` to everyone."""

    text: str


@dataclass(frozen=True, slots=True)
class Whisper:
    """Say `text` to `to` alone; whether somebody has that nickname is not known here."""

    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave."""


@dataclass(frozen=True, slots=True)
class ListMembers:
    """Show who is here."""


@dataclass(frozen=True, slots=True)
class Rename:
    """Take the nickname `nick`, which is allowed but may be in use."""

    nick: str


@dataclass(frozen=True, slots=True)
class Help:
    """Show what can be typed."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Nothing that can be done. `text` is a Korean sentence that says why; what was typed should stay where it is."""

    text: str


Command = Say | Whisper | Quit | ListMembers | Rename | Help

COMMAND_WORDS: Final = QUIT_WORDS + LIST_WORDS + NICK_WORDS + HELP_WORDS
"""Every word that may follow `/`, in the order in which they are offered."""

_WHISPER_HABITS: Final = frozenset({"귓", "귓말", "귓속말", "w", "msg", "dm", "tell", "whisper"})
"""How whispers begin elsewhere."""

_MAX_WORD: Final = 24
"""Characters of an unknown command that are compared and shown; the longest known one has 4."""


def parse(line: str) -> Command | Mistake:
    """What `line`, which may have several lines, asks for. Cleaned before it is understood."""
    sign, rest = split_sign(clean_text(line))
    match sign:
        case "@":
            return _whisper(rest)
        case "/":
            return _slash_command(rest)
        case _:
            return _say(rest)


def nearest_command(word: str) -> str:
    """The known command, with its `/`, that `word` was perhaps meant to be; nothing if none is near.

    Compared by the keys that were pressed, so that a typo inside a syllable, swapped letters and the wrong keyboard
    layout (`whdfy` for `종료`, `ㅗ디ㅔ` for `help`) are all near.
    """
    word = word[:_MAX_WORD]
    pressed = hangul.keystrokes(word).casefold()
    if not pressed:
        return ""
    best = min(COMMAND_WORDS, key=lambda known: _distance(pressed, hangul.keystrokes(known)))
    if _distance(pressed, hangul.keystrokes(best)) <= max(1, len(pressed) // 3):
        return f"/{best}"
    return next((f"/{known}" for known in COMMAND_WORDS if _abbreviates(word, pressed, known)), "")


def _say(text: str) -> Say | Mistake:
    checked = _checked_text(text)
    return checked if isinstance(checked, Mistake) else Say(checked)


def _whisper(rest: str) -> Whisper | Mistake:
    words = rest.split(maxsplit=1)
    if len(words) < 2 or rest[0].isspace():
        return Mistake(phrases.WHISPER_USAGE)
    checked = _checked_text(words[1])
    return checked if isinstance(checked, Mistake) else Whisper(words[0], checked)


def _checked_text(text: str) -> str | Mistake:
    try:
        return check_text(text)
    except Refusal as refusal:
        if refusal.code is Code.TOO_LONG:
            lines = text.count("\n") + 1
            return Mistake(strings.text_too_long(len(text), lines, MAX_TEXT_CHARS, MAX_TEXT_LINES))
        return Mistake(refusal.text)


def _slash_command(rest: str) -> Command | Mistake:
    word, argument = [*rest.split(maxsplit=1), "", ""][:2]
    # With a blank after the sign, as in `/ 종료`, there is no word: not a command, and not a message either.
    name = "" if rest[:1].isspace() else unicodedata.normalize("NFKC", word).casefold()
    if name in QUIT_WORDS:
        return Quit()
    if name in LIST_WORDS:
        return ListMembers()
    if name in HELP_WORDS:
        return Help()
    if name in NICK_WORDS:
        return _rename(argument)
    if name in _WHISPER_HABITS:
        return Mistake(phrases.WHISPER_USAGE)
    shown = COMMAND_SIGN + excerpt(word, _MAX_WORD)
    return Mistake(strings.unknown_command(shown, nearest_command(word) if name else ""))


def _rename(argument: str) -> Rename | Mistake:
    if not argument:
        return Mistake(phrases.RENAME_USAGE)
    try:
        return Rename(check_nickname(argument))
    except Refusal as refusal:
        return Mistake(refusal.text)


def _abbreviates(word: str, pressed: str, known: str) -> bool:
    """Whether `word` is how `known` begins (`/도움`), or its initial consonants (`/ㄷㅇㅁ`)."""
    return len(pressed) > 1 and (
        hangul.keystrokes(known).startswith(pressed) or hangul.initials(known) == unicodedata.normalize("NFC", word)
    )


def _distance(one: str, other: str) -> int:
    """How many keys were missed, added, mistaken or swapped with the next (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, pressed in enumerate(one):
        before, above, row = row, before, [i + 1]
        for j, wanted in enumerate(other):
            cost = min(before[j + 1] + 1, row[j] + 1, before[j] + (pressed != wanted))
            if i and j and pressed == other[j - 1] and one[i - 1] == wanted:
                cost = min(cost, above[j - 1] + 1)
            row.append(cost)
    return row[-1]
