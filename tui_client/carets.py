"""Where in a text a caret may stand, in every place where one types. Pure functions; know no terminal and no widget.

Enough of Unicode's rules (UAX #29) for what people type; text that is NFC has its syllables whole already.
"""

import unicodedata
from typing import Final

_NEAR: Final = 64
"""Characters from the caret within which the next cluster ends; those of emoji have ten at most."""

_ZWJ: Final = "\u200d"


def clusters(text: str) -> list[str]:
    """`text` cut where a caret may stand: marks, joiners, skin tones and the second half of a flag stay with what they belong to."""
    found: list[str] = []
    for character in text:
        if found and _continues(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def last_cluster(text: str, end: int | None = None) -> str:
    """What ends at `end`; nothing at the beginning. Found near there: a long paste is not cut up anew for each key."""
    end = len(text) if end is None else end
    return "".join(clusters(text[max(0, end - _NEAR) : end])[-1:])


def first_cluster(text: str, start: int = 0) -> str:
    """What begins at `start`; nothing at the end."""
    return "".join(clusters(text[start : start + _NEAR])[:1])


def _continues(cluster: str, character: str) -> bool:
    if cluster == "\n":
        return False
    if unicodedata.category(character)[0] == "M" or character == _ZWJ or "\U0001f3fb" <= character <= "\U0001f3ff":
        return True
    if "\U000e0020" <= character <= "\U000e007f":  # tags, of which the flags of some countries' parts are made
        return True
    if "\u1160" <= character <= "\u11ff":  # conjoining vowels and final consonants
        return True
    if cluster[-1] == _ZWJ and not _is_half_flag(character):
        return True
    return len(cluster) == 1 and _is_half_flag(cluster) and _is_half_flag(character)


def _is_half_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
