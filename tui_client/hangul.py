"""Hangul as it is typed and spoken: the keys behind syllables, initial consonants, particles. Pure functions.

Knows nothing of commands or screens. Two-set keyboard (두벌식, KS X 5002); syllables by the arithmetic of The Unicode
Standard, section 3.12.
"""

import unicodedata
from enum import Enum, auto
from typing import Final

from tui_client.layout_keys import LATIN_OF_JAMO

_COMPOUNDS: Final = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
"""Jamo that take two keys."""

_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS: Final = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

_FIRST_SYLLABLE: Final = 0xAC00
_LAST_SYLLABLE: Final = 0xD7A3


def is_syllable(character: str) -> bool:
    """Whether `character` is a whole Hangul syllable (가 to 힣)."""
    return _FIRST_SYLLABLE <= ord(character) <= _LAST_SYLLABLE


def decompose(text: str) -> str:
    """`text` with every syllable and compound jamo taken apart into the jamo that are typed: `종료` → `ㅈㅗㅇㄹㅛ`."""
    return "".join(map(_jamo, text))


def keystrokes(text: str) -> str:
    """The Latin characters on the keys with which `text` is typed: `종료` → `whdfy`, `ㅗ디ㅔ` → `help`."""
    return "".join(LATIN_OF_JAMO.get(jamo, jamo) for jamo in decompose(text))


def initials(text: str) -> str:
    """`text` with every syllable cut down to its initial consonant (초성): `종료` → `ㅈㄹ`."""
    return "".join(_jamo(character)[0] if is_syllable(character) else character for character in text)


def _jamo(character: str) -> str:
    if not is_syllable(character):
        return _COMPOUNDS.get(character, character)
    rest, final = divmod(ord(character) - _FIRST_SYLLABLE, len(_FINALS))
    initial, vowel = divmod(rest, len(_VOWELS))
    jamo = (_INITIALS[initial], _VOWELS[vowel], _FINALS[final])
    return "".join(_COMPOUNDS.get(one, one) for one in jamo)


# --- particles --------------------------------------------------------------------------------------------------------


class Particle(Enum):
    """A particle's two forms: after a final consonant, and after a vowel."""

    SUBJECT = ("이", "가")
    OBJECT = ("을", "를")
    TOPIC = ("은", "는")
    WITH = ("과", "와")
    TOWARDS = ("으로", "로")


class _Ending(Enum):
    VOWEL = auto()
    CONSONANT = auto()
    RIEUL = auto()
    UNKNOWN = auto()


_SPOKEN_DIGITS: Final = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))
_SPOKEN_LETTERS: Final = {"l": "엘", "m": "엠", "n": "엔"}
"""The letters whose Korean names end in a consonant; 에이, 비, … 제트 end in vowels (r is 아르)."""


def attach(word: str, particle: Particle) -> str:
    """`word` with the form of `particle` that is spoken after it: `영희가`, `철수로`, `서울로`, `'/닉'을`, `3이`.

    Digits are read in Korean, Latin letters by their names; after anything else both forms are written: `山이(가)`.
    """
    after_consonant, after_vowel = particle.value
    match _ending(word):
        case _Ending.VOWEL:
            return word + after_vowel
        case _Ending.RIEUL if particle is Particle.TOWARDS:
            return word + after_vowel
        case _Ending.CONSONANT | _Ending.RIEUL:
            return word + after_consonant
        case _Ending.UNKNOWN if particle is Particle.TOWARDS:
            return f"{word}(으)로"
        case _Ending.UNKNOWN:
            return f"{word}{after_consonant}({after_vowel})"


def _ending(word: str) -> _Ending:
    composed = unicodedata.normalize("NFC", word)
    last = next((character for character in reversed(composed) if character.isalnum()), "")
    spoken = _spoken(last)
    if not spoken or not is_syllable(spoken):
        return _Ending.UNKNOWN
    match _FINALS[(ord(spoken) - _FIRST_SYLLABLE) % len(_FINALS)]:
        case "":
            return _Ending.VOWEL
        case "ㄹ":
            return _Ending.RIEUL
        case _:
            return _Ending.CONSONANT


def _spoken(character: str) -> str:
    """A syllable that ends as `character` does when it is read aloud, or `character` itself."""
    if character.isascii() and character.isalpha():
        return _SPOKEN_LETTERS.get(character.lower(), "이")
    return _SPOKEN_DIGITS.get(character, character)
