"""Hangul as it is typed and spoken: keys to syllables and back, initial consonants, particles. Pure functions.

Knows nothing of commands or screens. Two-set keyboard (두벌식, KS X 5002); syllables by the arithmetic of The Unicode
Standard, section 3.12.
"""

import re
import unicodedata
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from server.protocol.patterns import when_used
from server.protocol.syllables import CLUSTERS, FINALS, INITIALS, SYLLABLES, VOWELS, initial_of, is_syllable, parts_of
from tui_client.korean.layout_keys import JAMO_OF_LATIN, LATIN_OF_JAMO

_COMPOUNDS: Final = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
    **CLUSTERS,
}  # fmt: skip
"""Jamo that take two keys."""

_COMPOUND_OF: Final = {jamo: compound for compound, jamo in _COMPOUNDS.items()}

_LATIN: Final = re.compile("[A-Za-z]+")
_HANGUL: Final = when_used("[ㄱ-ㅎㅏ-ㅣ가-힣]")
_STRAY: Final = when_used("[ㄱ-ㅎㅏ-ㅣ]")
_STRAY_VOWEL: Final = when_used("[ㅏ-ㅛㅝ-ㅟㅢㅣ]")
"""A vowel of no syllable, but for those with which people weep and shrug (ㅜ, ㅠ, ㅡ): no Korean word has one."""


def _any_of(jamo: str | tuple[str, ...]) -> str:
    """A pattern for one of `jamo` as they are typed, compounds as their two keys and before what they begin with."""
    typed = sorted((_COMPOUNDS.get(one, one) for one in jamo if one), key=len, reverse=True)
    return f"(?:{'|'.join(typed)})"


_TYPED: Final = when_used(
    f"([{INITIALS}])({_any_of(VOWELS)})({_any_of(FINALS)}(?![{VOWELS}]))?|{_any_of(VOWELS)}",
)
"""A syllable among the jamo typed, or a vowel alone. The whole automaton of 두벌식: a final consonant, or the second half of one, is
the next syllable's initial if a vowel follows."""


def decompose(text: str) -> str:
    """`text` with every syllable and compound jamo taken apart into the jamo that are typed: `종료` → `ㅈㅗㅇㄹㅛ`."""
    return "".join(map(_jamo, text))


def spread(text: str) -> str:
    """`text` with compound jamo that stand alone taken apart, as some systems join initials: `ㄳ` → `ㄱㅅ`."""
    return "".join(_COMPOUNDS.get(character, character) for character in text)


def keystrokes(text: str) -> str:
    """The Latin characters on the keys with which `text` is typed: `종료` → `whdfy`, `ㅗ디ㅔ` → `help`."""
    return "".join(LATIN_OF_JAMO.get(jamo, jamo) for jamo in decompose(text))


def compose(keys: str) -> str:
    """What typing `keys` makes in Hangul mode: `dkssudgktpdy` → `안녕하세요`, `dhkT` → `왔`, `zzz` → `ㅋㅋㅋ`.

    Upper case is Shift, which letters without a jamo of their own there don't feel. What is no Latin letter stays, and
    ends a syllable. Consonants of no syllable stay apart (`rt` → `ㄱㅅ`), as chat has more use for them than for `ㄳ`.
    """
    return _LATIN.sub(lambda run: _TYPED().sub(_syllable, "".join(JAMO_OF_LATIN[key] for key in run[0])), keys)


def _syllable(typed: re.Match[str]) -> str:
    initial, vowel, final = typed.groups()
    if initial is None:
        return _COMPOUND_OF.get(typed[0], typed[0])
    square = INITIALS.index(initial) * len(VOWELS) + VOWELS.index(_COMPOUND_OF.get(vowel, vowel))
    last = final or ""
    return SYLLABLES[square * len(FINALS) + FINALS.index(_COMPOUND_OF.get(last, last))]


def convert(text: str) -> str:
    """`text` as it would stand here had it been typed in the other mode (한/영).

    Text in one script goes over as a whole, and back when it is converted again. In mixed text only a part was typed in
    the wrong mode, and it shows: Latin that makes whole syllables throughout was meant in Hangul (`qhwk` → `보자`, while
    `meeting` stays), and Hangul with a vowel of no syllable in Latin (`ㅗ디ㅔ` → `help`). If no word of it shows, Latin was
    meant throughout.
    """
    if not _HANGUL().search(text):
        return compose(text)
    if not _LATIN.search(text):
        return keystrokes(text)
    mended = re.sub(r"\S+", lambda word: _mended(word[0]), text)
    return keystrokes(text) if mended == text else mended


def _mended(word: str) -> str:
    """`word` in the other mode, if it makes no sense as it stands and does there."""
    if _STRAY_VOWEL().search(word):
        return keystrokes(word)
    makes_sense = not any(_STRAY().search(compose(run)) for run in _LATIN.findall(word))
    return compose(word) if makes_sense else word


def is_typed_alike(one: str, other: str) -> bool:
    """Whether both are typed with the same keys, whatever the mode and the case of Latin letters."""
    return keystrokes(one).casefold() == keystrokes(other).casefold()


def initials(text: str) -> str:
    """`text` with every syllable cut down to its initial consonant (초성): `종료` → `ㅈㄹ`."""
    return "".join(initial_of(character) for character in text)


@lru_cache(maxsize=4096)
def _jamo(character: str) -> str:
    if not is_syllable(character):
        return _COMPOUNDS.get(character, character)
    return "".join(_COMPOUNDS.get(part, part) for part in parts_of(character))


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
    match parts_of(spoken)[-1]:
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
