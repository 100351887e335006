"""What the search index knows of a text: its grams. Pure functions.

A gram is a few neighbouring characters of a word: its key, and the character behind. Two streams of them go through every text:

- pairs in which there is a syllable: of `회의` they are `회의` and `의 `, where the blank is the end of the word;
- triples of the initial consonants, where what is no syllable stands for itself: `ㅎㅇ `, `ㅇ  `; of `ok` they are `ok `, `k  `.

Whatever is searched for is a `Probe`, a range of keys and a range of characters behind. All that an open syllable may become stands
in a row, and so does all that may follow a character, so one character needs no grams of its own. A text that matches a
pattern has a gram of each of its probes; the reverse is not promised, so every candidate has to be looked at.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple
from zlib import crc32

from server.protocol.nickname import nickname_key
from server.protocol.search import SearchPattern, fold
from server.protocol.syllables import CLUSTERS, INITIALS, SYLLABLES, grown_from, initial_of, is_open, is_syllable

_END: Final = " "
_ANY: Final = "\U0010ffff"
_NICK_KEY: Final = ""
"""Under which the speakers of messages are kept: a number each instead of a character behind."""

_LAST_BEHIND: Final = 0xFFFF_FFFF
_MAX_PROBES: Final = 12
"""More only cost time: what has all of the first twelve is a hit, or nearly always."""

_TO_INITIALS: Final = {ord(one): initial_of(one) for one in SYLLABLES} | {
    ord(one): two for one, two in CLUSTERS.items()
}


class Probe(NamedTuple):
    """Grams of which a text must have one: the first and last key, the first and last character behind it, as numbers."""

    first_key: str
    last_key: str
    first_behind: int = 0
    last_behind: int = _LAST_BEHIND

    @property
    def is_narrow(self) -> bool:
        """Whether it is about few grams."""
        return self.first_key == self.last_key and self.last_behind != _LAST_BEHIND


def grams_of(text: str) -> set[str]:
    """The grams of a text, each a key and one character behind."""
    folded = fold(text)
    pairs = {pair for word in folded.split() for pair in _windows(word, 2)}
    triples = {triple for word in _initials(folded).split() for triple in _windows(word, 3)}
    return {pair for pair in pairs if is_syllable(pair[0]) or is_syllable(pair[1])} | triples


def _windows(word: str, size: int) -> list[str]:
    padded = word + _END * (size - 1)
    return [padded[start : start + size] for start in range(len(word))]


def _initials(folded: str) -> str:
    return folded.translate(_TO_INITIALS)


def speaker_gram(nick: str) -> tuple[str, int]:
    """The gram of whoever is called `nick`: its key and its number."""
    return _NICK_KEY, crc32(nickname_key(nick).encode("utf-8", "surrogatepass"))


def probes_of(pattern: SearchPattern, nick: str | None) -> list[Probe]:
    """What a message must have to match `pattern` and to be said by `nick`, if one is given; first what few have."""
    probes = [] if nick is None else [_speaker_probe(nick)]
    for word in pattern.words:
        is_last = word is pattern.words[-1]
        parts = word.split()  # folding makes blanks of some characters
        for part in parts:
            probes += _pair_probes(part, may_grow=is_last and part is parts[-1])
            probes += _triple_probes(part)
    distinct = dict.fromkeys(probes)
    return sorted(distinct, key=lambda probe: not probe.is_narrow)[:_MAX_PROBES]


def _speaker_probe(nick: str) -> Probe:
    key, number = speaker_gram(nick)
    return Probe(key, key, number, number)


def _pair_probes(part: str, *, may_grow: bool) -> Iterator[Probe]:
    """A pair for every two neighbours that stand for themselves; what begins with a syllable that has no such neighbour."""
    is_covered = False
    for at, (first, second) in enumerate(pairwise(part + _END), start=2):
        if _are_a_pair(first, second):
            start, end = grown_from(second) if may_grow and at == len(part) and is_open(second) else (second, second)
            yield Probe(first, first, ord(start), ord(end))
            is_covered = True
        else:
            if is_syllable(first) and not is_covered:
                grows = may_grow and second == _END and is_open(first)
                yield Probe(*grown_from(first)) if grows else Probe(first, first)
            is_covered = False


def _are_a_pair(first: str, second: str) -> bool:
    stand_for_themselves = second != _END and not any(one in INITIALS or one in CLUSTERS for one in (first, second))
    return stand_for_themselves and (is_syllable(first) or is_syllable(second))


def _triple_probes(part: str) -> Iterator[Probe]:
    """Nothing for what is all syllables: its pairs say more."""
    initials = _initials(part)
    if all(map(is_syllable, part)):
        return
    if len(initials) == 1:
        yield Probe(initials + _END, initials + _ANY)
    elif len(initials) == 2:
        yield Probe(initials, initials)
    for start in range(len(initials) - 2):
        key, behind = initials[start : start + 2], ord(initials[start + 2])
        yield Probe(key, key, behind, behind)
