"""The arithmetic of Hangul syllables, held against the names that Unicode gives them."""

import unicodedata

import pytest

from server.protocol.syllables import (
    CLUSTERS,
    CONJOINING,
    FINALS,
    INITIALS,
    SYLLABLES,
    VOWELS,
    grown_from,
    initial_of,
    is_open,
    is_syllable,
    parts_of,
    with_initial,
)


def composed_of(syllable: str) -> str:
    """What the syllable is composed of, as typed jamo."""
    return unicodedata.normalize("NFD", syllable)


def test_every_syllable_is_one_and_nothing_else() -> None:
    assert len(SYLLABLES) == len(INITIALS) * len(VOWELS) * len(FINALS) == 11_172
    assert all(unicodedata.name(one).startswith("HANGUL SYLLABLE ") for one in SYLLABLES)
    assert all(map(is_syllable, SYLLABLES))
    assert not any(map(is_syllable, "aㄱㅏ\uabff\ud7a4中"))


def test_the_initial_of_every_syllable() -> None:
    for syllable in SYLLABLES:
        assert initial_of(syllable) == CONJOINING[ord(composed_of(syllable)[0])]
        first, last = with_initial(initial_of(syllable))
        assert first <= syllable <= last


def test_every_syllable_comes_apart_into_its_parts() -> None:
    for syllable in SYLLABLES:
        names = [unicodedata.name(jamo).split()[-1] for jamo in composed_of(syllable)]
        assert [unicodedata.name(part).split()[-1] for part in parts_of(syllable) if part] == names


def test_what_is_no_syllable_has_no_initial() -> None:
    assert [initial_of(one) for one in "aㅎㅏㄳ1 "] == list("aㅎㅏㄳ1 ")


def test_open_is_what_has_no_final() -> None:
    assert all(is_open(syllable) == (len(composed_of(syllable)) == 2) for syllable in SYLLABLES)
    assert not any(map(is_open, "aㅎㅏㄳ1"))


@pytest.mark.parametrize(
    ("syllable", "first", "last"),
    [
        ("여", "여", "옇"),
        ("으", "으", "읳"),
        ("호", "호", "횧"),
        ("구", "구", "귛"),
        ("가", "가", "갛"),
        ("하", "하", "핳"),
    ],
)
def test_what_an_open_syllable_may_become(syllable: str, first: str, last: str) -> None:
    assert grown_from(syllable) == (first, last)


def test_every_jamo_comes_back_from_its_normal_form() -> None:
    jamo = [*INITIALS, *VOWELS, *(final for final in FINALS if final), *CLUSTERS]
    assert [unicodedata.normalize("NFKC", one).translate(CONJOINING) for one in jamo] == jamo


def test_clusters_are_made_of_initials() -> None:
    assert set(CLUSTERS) == {final for final in FINALS if final and final not in INITIALS}
    assert all(consonant in INITIALS for pair in CLUSTERS.values() for consonant in pair)
