"""Which nicknames are taken for each other: held against the standard's own file, and against what Koreans can tell apart."""

import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.errors import Code, Refusal
from server.protocol.nickname import check_nickname, guises, nickname_key
from server.protocol.skeleton import skeleton
from tests.corpora.files import confusables
from tests.support.strategies import nicks

CHANGED_SINCE = {
    "ƒ": "an f alone in Unicode 17, with a hook in 15",
    "ӏ": "an l in Unicode 17, an i in 15",
    "ഐ": "its parts the other way round",
}

ALIKE = {
    "l, 1, I": ("영희l", "영희1"),
    "I as it is drawn": ("영희I", "영희l"),
    "the vowel i and l": ("영희ㅣ", "영희l"),
    "the vowel i and the stroke": ("ㅣ", "丨"),
    "0 and O": ("민수0", "민수O"),
    "0 and o, which may be O": ("민수0", "민수o"),
    "ieung and o": ("철수ㅇ", "철수o"),
    "ieung and 0": ("ㅇㅇ", "00"),
    "the old ieung": ("철수ㆁ", "철수ㅇ"),
    "the old ieung below a syllable": ("여\u11f0희", "영희"),
    "the old sios": ("\u113c\u1161랑", "사랑"),
    "eu, one, and the long vowel sign": ("ㅡ", "一"),
    "one and the long vowel sign": ("一", "ー"),
    "mieum and mouth": ("ㅁ", "口"),
    "mouth and ro": ("口", "ロ"),
    "half-width ro": ("ﾛ", "口"),
    "half-width jamo": ("ﾱ", "ㅁ"),
    "a and to": ("ㅏ", "ト"),
    "a syllable and Han": ("슴", "合"),
    "full-width": ("ｋｉｍ1", "kiml"),
    "full-width digits": ("영희１", "영희l"),
    "mathematical": ("𝐀lice", "AIice"),
    "whole words of Cyrillic": ("ya", "уа"),
    "whole words of Cyrillic capitals": ("BOBA", "ВОВА"),
    "whole words of Greek": ("avo", "ανο"),
    "the dotless i": ("kim", "kım"),
    "rn and m": ("modern", "modem"),
}

CAPITALS_ALIKE = {
    # The first may be written so that it looks like the second, which is another nickname.
    "in capitals": ("mini", "M1N1"),
    "with one capital": ("irina", "lrina"),
    "the whole in capitals": ("admin2", "ADMlN2"),
    "as it was given": ("McIntosh", "McLntosh"),
}

APART = {
    "numbers": ("영희1", "영희2"),
    "i and 1": ("mini", "min1"),
    "a syllable and its parts": ("각", "가ㄱ"),
    "a doubled consonant and one before": ("까", "ㄱ가"),
    "doubled consonants": ("ㄲ", "ㄱㄱ"),
    "laughing and going": ("ㅋㅋ", "ㄱㄱ"),
    "two ways of crying": ("ㅠㅠ", "ㅜㅜ"),
    "crying and TT": ("ㅜㅜ", "TT"),
    "no and 11": ("ㄴㄴ", "11"),
    "tieut and e": ("ㅌㅌ", "ee"),
    "vowels": ("하나", "히나"),
    "ae and e": ("개나리", "게나리"),
    "finals": ("영희", "열희"),
    "hoe and hui": ("영희", "영회"),
    "what is jokingly read alike": ("멍멍이", "댕댕이"),
    "the same jokingly": ("대호", "머호"),
    "eu and a hyphen": ("ㅡㅡ", "--"),
    "a hyphen and an underscore": ("a-b", "a_b"),
    "case is no look": ("kim", "kin"),
}


def is_taken_for(one: str, other: str) -> bool:
    return skeleton(one) in guises(other)


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_who_looks_like_another_is_taken_for_them(one: str, other: str) -> None:
    assert is_taken_for(one, other)
    assert is_taken_for(other, one)


@pytest.mark.parametrize(("nick", "other"), CAPITALS_ALIKE.values(), ids=CAPITALS_ALIKE)
def test_who_looks_like_another_in_other_letters_is_taken_for_them(nick: str, other: str) -> None:
    assert nickname_key(nick) != nickname_key(other)
    assert is_taken_for(other, nick)


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_what_koreans_tell_apart_stays_apart(one: str, other: str) -> None:
    assert not is_taken_for(one, other)
    assert not is_taken_for(other, one)


def test_no_two_of_the_syllables_in_use_look_alike() -> None:
    syllables = [chr(code) for code in range(0xAC00, 0xD7A4)]
    assert len(set(map(skeleton, syllables))) == len(syllables)


def test_each_pair_of_the_standard_is_alike() -> None:
    """Its file, of another version than our table. Hangul is our own matter, and what NFD takes apart the standard doesn't look at."""
    pairs = [(char, other) for char, other in confusables().items() if is_asked_for(char)]
    assert len(pairs) > 3_000
    assert [(char, other) for char, other in pairs if skeleton(char) != skeleton(other)] == []


def is_asked_for(char: str) -> bool:
    is_whole = unicodedata.normalize("NFD", char) == char
    return is_whole and is_letter(char) and char not in CHANGED_SINCE and "HANGUL" not in unicodedata.name(char)


def is_letter(char: str) -> bool:
    try:
        check_nickname(char)
    except Refusal:
        return False
    return True


def test_the_table_is_what_icu_has() -> None:
    pytest.importorskip("icu4py")
    from server.protocol.confusables import CONFUSABLES
    from tests.support.make_confusables import Icu, closed, standard_looks

    made = closed(standard_looks(Icu()))
    entries = (line.split(" ") for line in CONFUSABLES.splitlines())
    assert {char: look for look, chars in entries for char in chars} == {
        char: unicodedata.normalize("NFC", look) for char, look in made.items()
    }


def test_every_character_has_a_skeleton_that_is_its_own() -> None:
    every = [skeleton(chr(code)) for code in range(sys.maxunicode + 1)]
    assert all(every)
    assert [look for look in set(every) if skeleton(look) != look] == []


@given(st.text(max_size=30) | nicks)
def test_the_skeleton_of_a_skeleton_is_itself(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)
    assert bool(skeleton(text)) == bool(text)


@given(nicks, st.sampled_from([str.upper, str.lower, str.swapcase, str.title, str]))
def test_whoever_has_the_same_nickname_looks_the_same_or_like_it(nick: str, form: type[str]) -> None:
    """So that looks never tell apart what the key does not: but for single letters in the other case."""
    assert skeleton(nick) in guises(nick)
    assert guises(nick) == guises(unicodedata.normalize("NFD", nick))
    if form(nick) in (nick.upper(), nick.lower()) and nickname_key(form(nick)) == nickname_key(nick):
        assert skeleton(form(nick)) in guises(nick)


@given(nicks, st.data())
def test_a_letter_in_disguise_makes_no_other_nickname(nick: str, data: st.DataObject) -> None:
    """Any character of it replaced by one that the standard calls confusable."""
    place = data.draw(st.integers(0, len(nick) - 1))
    alike = DISGUISES.get(nick[place])
    if alike:
        disguised = nick[:place] + data.draw(st.sampled_from(alike)) + nick[place + 1 :]
        assert is_taken_for(disguised, nick)
        assert is_taken_for(nick, disguised)


def _disguises() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for char, other in confusables().items():
        if len(other) == 1 and is_asked_for(char):
            found.setdefault(other, []).append(char)
    return found


DISGUISES = _disguises()


@pytest.mark.parametrize(
    "raw",
    [
        *("ADMlN", "ADM1N", "adm1n", "admın", "AdmIn", "a11", "ALl", "AII", "aIl", "systern", "EVERY0NE"),
    ],
)
def test_what_looks_like_a_reserved_word_is_refused(raw: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_nickname(raw)
    assert refused.value.code is Code.NICK_RESERVED


@pytest.mark.parametrize("nick", ["관리자2", "나나", "알", "adrian", "alt", "seven", "ㄴㅏ2", "공자", "system1"])
def test_what_only_reminds_of_a_reserved_word_is_somebodys_nickname(nick: str) -> None:
    assert check_nickname(nick) == nick


def test_looking_at_a_nickname_takes_no_time() -> None:
    hostile = ["\U0001d7d9\u0323\u0301m" * 5, "\ufdfa" * 20, "ꙮ" * 20, "각ㅁ" * 6]
    started = time.thread_time()
    for _ in range(100):
        for nick in hostile:
            guises(nick)
    assert time.thread_time() - started < 0.4  # a millisecond each; it takes a twentieth of that
