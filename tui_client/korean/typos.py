"""The known word that a mistyped one was perhaps meant to be. Pure."""

import unicodedata
from collections.abc import Sequence

from tui_client.korean import hangul

_MIN_KEYS = 3
"""Shorter known words are never offered: everything short is near to them."""


def nearest(word: str, known: Sequence[str]) -> str:
    """The one of `known` that `word` is near to, or nothing; of two equally near the earlier.

    Compared by the keys that were pressed, so that a typo inside a syllable, swapped letters and the wrong keyboard
    layout (`whdfy` for `종료`, `ㅗ디ㅔ` for `help`) are all near. Whole syllables that a word begins with say more than
    keys do: those of `종` are one from `who`.
    """
    pressed = hangul.keystrokes(word).casefold()
    if not pressed:
        return ""
    offered = [one for one in known if len(hangul.keystrokes(one)) >= _MIN_KEYS]
    if begun := next((one for one in offered if _is_hangul_start(word, pressed, one)), ""):
        return begun
    best = min(offered, key=lambda one: _distance(pressed, hangul.keystrokes(one)))
    if _distance(pressed, hangul.keystrokes(best)) <= max(1, len(pressed) // 3):
        return best
    return next((one for one in offered if _abbreviates(word, pressed, one)), "")


def _is_hangul_start(word: str, pressed: str, known: str) -> bool:
    """Whether `word` is Hangul, and is how `known` begins."""
    composed = unicodedata.normalize("NFC", word)
    return composed.casefold() != pressed and known.startswith(composed)


def _abbreviates(word: str, pressed: str, known: str) -> bool:
    """Whether `word` is how `known` begins (`도움`), or its initial consonants (`ㄷㅇㅁ`)."""
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
