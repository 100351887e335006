"""The little of Hangul that both ends need to compare words: the initial consonants (초성) of syllables. Pure functions.

Syllables by the arithmetic of The Unicode Standard, section 3.12: the 28 with one initial and one vowel stand in a row, first the
one without a final consonant, and the 21 such rows of an initial stand in a row again.
"""

from typing import Final
from unicodedata import normalize

INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS: Final = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

CLUSTERS: Final = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
"""What some input methods make of two consonants typed in a row: whoever types the initials of 감사 may get `ㄳ`."""

_COMPOUND_VOWELS: Final = {"ㅗ": 3, "ㅜ": 3, "ㅡ": 1}
"""How many of the vowels after this one begin with it, as they are typed: `ㅗ` is on the way to `ㅘ`, `ㅙ` and `ㅚ`."""

_FIRST_SYLLABLE: Final = 0xAC00
_LAST_SYLLABLE: Final = 0xD7A3
_IN_A_ROW: Final = len(FINALS)
_OF_AN_INITIAL: Final = len(VOWELS) * _IN_A_ROW

CONJOINING: Final = {
    ord(normalize("NFKC", chr(code))): chr(code) for code in (*range(0x3131, 0x3164), *range(0x3165, 0x318F))
}
"""From what NFKC makes of the jamo that people type, the parts of syllables, back to these; for `str.translate`."""

SYLLABLES: Final = "".join(map(chr, range(_FIRST_SYLLABLE, _LAST_SYLLABLE + 1)))
"""All 11,172, in order; as one string, they take 22 KiB and not 800."""


def is_syllable(character: str) -> bool:
    """Whether `character` is a whole Hangul syllable (가 to 힣)."""
    return _FIRST_SYLLABLE <= ord(character) <= _LAST_SYLLABLE


def initial_of(character: str) -> str:
    """The initial consonant of a syllable: `회` → `ㅎ`; any other character as it is."""
    return INITIALS[(ord(character) - _FIRST_SYLLABLE) // _OF_AN_INITIAL] if is_syllable(character) else character


def parts_of(syllable: str) -> tuple[str, str, str]:
    """The initial, the vowel and the final consonant of a whole syllable, the last perhaps empty: `왔` → `ㅇ`, `ㅘ`, `ㅆ`."""
    rest, final = divmod(ord(syllable) - _FIRST_SYLLABLE, _IN_A_ROW)
    initial, vowel = divmod(rest, len(VOWELS))
    return INITIALS[initial], VOWELS[vowel], FINALS[final]


def with_initial(consonant: str) -> tuple[str, str]:
    """The first and the last of the syllables that begin with `consonant`, one of `INITIALS`: `ㅎ` → `하`, `힣`."""
    first = _FIRST_SYLLABLE + INITIALS.index(consonant) * _OF_AN_INITIAL
    return chr(first), chr(first + _OF_AN_INITIAL - 1)


def grown_from(syllable: str) -> tuple[str, str]:
    """The first and the last of the syllables that an open `syllable` is on the way to: `여` → `여`, `옇`; `으` → `으`, `읳`."""
    vowel = VOWELS[(ord(syllable) - _FIRST_SYLLABLE) % _OF_AN_INITIAL // _IN_A_ROW]
    rows = 1 + _COMPOUND_VOWELS.get(vowel, 0)
    return syllable, chr(ord(syllable) + rows * _IN_A_ROW - 1)


def is_open(character: str) -> bool:
    """Whether `character` is a syllable without a final consonant."""
    return is_syllable(character) and (ord(character) - _FIRST_SYLLABLE) % _IN_A_ROW == 0
