"""How well what is typed fits a word, and which part of it: for completing names and commands. Pure.

A word is found as it is written, by open syllables while it is being typed (`여`, `영ㅎ` for 영희), by initial consonants (`ㅇㅎ`), by
both mixed (`ㅇ희`), and by the keys that were pressed, in whichever mode (`dudg`).
"""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache

from msgspec import Struct

from tui_client.korean import hangul


class Rank(IntEnum):
    """How well something fits, the best first."""

    EXACT = 0
    SAME_KEYS = 1
    PREFIX = 2
    OPEN = 3
    """The last syllable may still become the word's: `여` for 영희, `영` for 여의도."""
    INITIALS = 4
    OTHER_LAYOUT = 5
    INSIDE = 6


class Fit(Struct, frozen=True):
    """The part of the word from `start` to `end` is what was typed."""

    rank: Rank
    start: int
    end: int


def fit(typed: str, name: str) -> Fit | None:
    """How `typed` fits `name`, and which part of `name` it covers; nothing if it doesn't."""
    if typed.casefold() == name.casefold():
        return Fit(Rank.EXACT, 0, len(name))
    covered = _covered_by_keys(typed, name)
    if covered == len(name) and hangul.is_typed_alike(typed, name):
        return Fit(Rank.SAME_KEYS, 0, covered)
    if covered is not None and (not typed or _is_hangul(typed[0]) == _is_hangul(name[0])):
        return Fit(Rank.PREFIX if name.casefold().startswith(typed.casefold()) else Rank.OPEN, 0, covered)
    written = hangul.spread(typed.casefold())
    places = ((start, _covered_from(start, written, name.casefold())) for start in range(len(name)))
    start, end = next(((start, end) for start, end in places if end is not None), (0, None))
    if end is not None and start == 0:
        return Fit(Rank.INITIALS, 0, end)
    if covered is not None:
        return Fit(Rank.OTHER_LAYOUT, 0, covered)
    return None if end is None else Fit(Rank.INSIDE, start, end)


def _covered_by_keys(typed: str, name: str) -> int | None:
    """How many characters of `name` the keys of `typed` have begun, if `name` is typed with these keys first."""
    keys = _keys_of(name)
    for pressed in (hangul.keystrokes(typed), hangul.keystrokes(typed.casefold())):
        if keys.startswith(pressed):
            return _count_until(len(pressed), (len(hangul.keystrokes(char)) for char in name))
    return None


def _covered_from(start: int, typed: str, name: str) -> int | None:
    """Where in `name` what is `typed` ends, if it begins at `start` and is written so, or by initial consonants."""
    before, last = typed[:-1], typed[-1]
    at = start + len(before)
    if at >= len(name) or not all(map(_stands_for, before, name[start:at])):
        return None
    begun, rest = hangul.decompose(last), [hangul.decompose(char) for char in name[at : at + 2]]
    if not "".join(rest).startswith(begun):
        return None
    return at + _count_until(len(begun), map(len, rest))


def _stands_for(typed: str, char: str) -> bool:
    return typed in (char, hangul.initials(char))


def _count_until(total: int, lengths: Iterable[int]) -> int:
    """How many of `lengths`, from the first on, it takes to reach `total`."""
    count = 0
    for length in lengths:
        if total <= 0:
            break
        total -= length
        count += 1
    return count


@lru_cache(maxsize=1024)
def _keys_of(name: str) -> str:
    """Remembered, since everyone here is looked at with each key."""
    return hangul.keystrokes(name.casefold())


def _is_hangul(character: str) -> bool:
    return hangul.keystrokes(character) != character
