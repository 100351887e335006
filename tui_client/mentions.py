"""Where a message calls somebody by name, inflected or not: `영희야`, `영희한테`, `@bob님`. Pure functions.

A mention is a whole name: nothing but titles and particles stands behind it, and no letter before it (`안영희`). Where the
name of another member fits too and is longer (`영희야`), that one is meant. Names are compared as nicknames are, whatever
their case and width. Laughter touches no name: `ㅋㅋ영희야ㅠㅠ` is a mention.

A name that is a common word too, being one letter, only digits or only jamo (`이`, `12`, `ㅋㅋ`), counts with an `@` or a
title, and one letter also alone.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from tui_client.korean.particles import MAX_TAIL, can_follow
from tui_client.links import find_links

_FIRST_JAMO, _LAST_JAMO = "\u3131", "\u318e"
"""Consonants and vowels as people type them (ㅋㅋ, ㅠㅠ), not those that make up syllables."""

_AT: Final = "@"
_COMMON_TITLES: Final = ("님", "씨")


class _Folding(dict[int, str]):
    """What each character is compared as, for `str.translate`: compatibility forms and case don't count."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = character if _is_jamo(character) else unicodedata.normalize("NFKC", character).casefold()
        self[code] = folded
        return folded


_FOLDING: Final = _Folding()


def find_mentions(text: str, me: str, members: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Where `text` calls `me`, with the `@` before it, if there is one. `members` have nicknames that one's own may be a piece of."""
    name, folded = _fold(me), text.translate(_FOLDING)
    if not name or name not in folded:
        return ()
    longer = [other for other in map(_fold, members) if len(other) > len(name) and name in other and other in folded]
    links = find_links(text)
    origins = _origins(text) if len(folded) != len(text) else range(len(text) + 1)
    spans = ((origins[start], origins[end]) for start, end in _mentions(folded, name, longer))
    return tuple(span for span in spans if not any(left <= span[0] < right for left, right in links))


def _mentions(folded: str, name: str, longer: Sequence[str]) -> Iterator[tuple[int, int]]:
    for start in _occurrences(folded, name):
        if _is_name_at(folded, name, start) and not any(_covers(folded, other, name, start) for other in longer):
            yield start - _has_at(folded, start), start + len(name)


def _occurrences(text: str, part: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + 1)


def _covers(folded: str, other: str, name: str, start: int) -> bool:
    """Whether what looks like `name` at `start` is a piece of `other`'s name."""
    begins = (start - inside for inside in _occurrences(other, name) if inside <= start)
    return any(folded.startswith(other, begin) and _is_name_at(folded, other, begin) for begin in begins)


def _is_name_at(folded: str, name: str, start: int) -> bool:
    """Whether the occurrence of `name` at `start` is that name, and not a piece of another word."""
    if not _may_begin(folded, start):
        return False
    end = start + len(name)
    tail = _word_at(folded, end)
    if not (can_follow(tail, name) if tail else _may_end(folded, end)):
        return False
    if _has_at(folded, start) or not _is_common(name):
        return True
    return tail.startswith(_COMMON_TITLES) or (
        name.isalpha() and not _is_jamo(name[0]) and _is_alone(folded, start, end)
    )


def _is_common(name: str) -> bool:
    return len(name) == 1 or name.isdecimal() or all(map(_is_jamo, name))


def _is_alone(folded: str, start: int, end: int) -> bool:
    return not folded[max(0, start - 1) : start].isalnum() and not folded[end : end + 1].isalnum()


def _may_begin(folded: str, start: int) -> bool:
    before, earlier = folded[start - 1 : start], folded[start - 2 : start - 1] if start > 1 else ""
    if before == _AT:
        return not _is_word(earlier)  # else it is a mail address
    if before == "-":
        return not (earlier.isascii() and earlier.isalnum())
    return not _is_word(before)


def _may_end(folded: str, end: int) -> bool:
    """Whether a name may end where no letter follows: not within a file's name, a mail address, or another nickname."""
    sign, behind = folded[end : end + 1], folded[end + 1 : end + 2]
    return not (sign in (_AT, ".", "-") and behind.isascii() and behind.isalnum())


def _has_at(folded: str, start: int) -> bool:
    return start > 0 and folded[start - 1] == _AT


def _word_at(folded: str, start: int) -> str:
    """The letters and digits from `start` on, up to a blank, a sign or laughter; of a long word only as many as tell that it is."""
    end = start
    while end < len(folded) and end - start <= MAX_TAIL and _is_word(folded[end]):
        end += 1
    return folded[start:end]


def _is_word(character: str) -> bool:
    if not character or _is_jamo(character):
        return False
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def _is_jamo(character: str) -> bool:
    return _FIRST_JAMO <= character <= _LAST_JAMO


@lru_cache(maxsize=4096)
def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).translate(_FOLDING)


def _origins(text: str) -> Sequence[int]:
    """For each character of the folded text, and for its end, which character of `text` it comes from."""
    folded = (_FOLDING[ord(character)] for character in text)
    return [*(index for index, characters in enumerate(folded) for _ in characters), len(text)]
