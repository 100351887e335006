"""Hangul as it is typed and spoken."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.syllables import is_syllable
from tui_client.korean.hangul import (
    Particle,
    attach,
    compose,
    convert,
    decompose,
    initials,
    is_typed_alike,
    keystrokes,
    spread,
)
from tui_client.korean.layout_keys import JAMO_OF_LATIN, LATIN_OF_JAMO

ALL_SYLLABLES = "".join(map(chr, range(ord("가"), ord("힣") + 1)))


@pytest.mark.parametrize(
    ("text", "jamo"),
    [
        ("종료", "ㅈㅗㅇㄹㅛ"),
        ("값", "ㄱㅏㅂㅅ"),
        ("의", "ㅇㅡㅣ"),
        ("꿰뚫", "ㄲㅜㅔㄸㅜㄹㅎ"),
        ("ㅘ", "ㅗㅏ"),
        ("ok!", "ok!"),
    ],
)
def test_syllables_come_apart_into_what_is_typed(text: str, jamo: str) -> None:
    assert decompose(text) == jamo


def test_every_syllable_is_typed_with_keys_of_the_layout() -> None:
    assert set(decompose(ALL_SYLLABLES)) <= set(LATIN_OF_JAMO)


def test_no_two_syllables_come_apart_into_the_same_jamo() -> None:
    assert len({decompose(syllable) for syllable in ALL_SYLLABLES}) == len(ALL_SYLLABLES)


@pytest.mark.parametrize(
    ("text", "keys"), [("종료", "whdfy"), ("ㅗ디ㅔ", "help"), ("도움말", "ehdnaakf"), ("빼", "Qo"), ("exit", "exit")]
)
def test_keystrokes_are_the_latin_letters_on_the_same_keys(text: str, keys: str) -> None:
    assert keystrokes(text) == keys


def test_initials_keep_one_consonant_of_each_syllable() -> None:
    assert initials("종료 ok ㅋ") == "ㅈㄹ ok ㅋ"


@given(st.text())
def test_any_text_has_jamo_keys_and_initials(text: str) -> None:
    assert not any(is_syllable(character) for character in decompose(text))
    assert len(keystrokes(text)) == len(decompose(text))
    assert len(initials(text)) == len(text)


# --- keys to syllables ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("rk", "가"),
        ("dkssudgktpdy", "안녕하세요"),
        ("dhkT", "왔"),
        ("rkqt", "값"),
        ("rkqtdl", "값이"),
        ("rkqtl", "갑시"),
        ("ekfrrhk", "닭과"),
        ("dkrk", "아가"),
        ("rkRk", "가까"),
        ("dmltk", "의사"),
        ("RnpENfg", "꿰뚫"),
        ("DKSSUD", "안녕"),
        ("QNTf", "뿠ㄹ"),
        ("zzz", "ㅋㅋㅋ"),
        ("rt", "ㄱㅅ"),
        ("dkssudzz", "안녕ㅋㅋ"),
        ("hk", "ㅘ"),
        ("ekEk", "다따"),
        ("gks rmf, 3 ok!", "한 글, 3 ㅐㅏ!"),
        ("가rk", "가가"),
        ("ㄱk", "ㄱㅏ"),
    ],
)
def test_keys_become_what_they_are_in_hangul_mode(keys: str, text: str) -> None:
    assert compose(keys) == text


def test_every_syllable_can_be_typed() -> None:
    assert compose(keystrokes(ALL_SYLLABLES)) == ALL_SYLLABLES
    assert all(compose(keystrokes(syllable)) == syllable for syllable in ALL_SYLLABLES)


@given(st.text(ALL_SYLLABLES))
def test_any_syllables_in_a_row_can_be_typed(text: str) -> None:
    assert compose(keystrokes(text)) == text


@given(st.text(st.sampled_from("qwertyuiopasdfghjklzxcvbnmQWERTOPAZ ?")))
def test_composing_loses_no_key_and_keystrokes_undo_it(keys: str) -> None:
    felt = "".join(LATIN_OF_JAMO.get(JAMO_OF_LATIN.get(key, key), key) for key in keys)
    assert keystrokes(compose(keys)) == felt
    assert compose(keystrokes(compose(keys))) == compose(keys)


# --- typed in the wrong mode ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dkssudgktpdy", "안녕하세요"),
        ("ㅗ디ㅔ", "help"),
        ("dkssud, gktpdy? 3", "안녕, 하세요? 3"),
        ("/whdfy", "/종료"),
        ("", ""),
        ("123 !?", "123 !?"),
    ],
)
def test_text_in_one_script_goes_over_and_back(typed: str, meant: str) -> None:
    assert convert(typed) == meant
    assert convert(meant) == typed


@given(st.text(ALL_SYLLABLES + " .!", min_size=1))
def test_syllables_come_back(text: str) -> None:
    assert convert(convert(text)) == text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dkssud 하세요", "안녕 하세요"),
        ("내일 meeting에서 qhwk", "내일 meeting에서 보자"),
        ("@철수 dkssud", "@철수 안녕"),
        ("ㅋㅋㅋ dkssudㅠㅠ", "ㅋㅋㅋ 안녕ㅠㅠ"),
        ("ㅗ디ㅔ me", "help me"),
        ("ㅅㄷㄴㅅ server", "test server"),
    ],
)
def test_in_mixed_text_what_makes_no_sense_goes_over(typed: str, meant: str) -> None:
    assert convert(typed) == meant


@given(st.text())
def test_converting_keeps_whatever_is_no_letter(text: str) -> None:
    rest = [character for character in text if character not in JAMO_OF_LATIN and keystrokes(character) == character]
    kept = convert(text)
    assert [one for one in kept if one not in JAMO_OF_LATIN and keystrokes(one) == one] == rest


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("종료", "whdfy", True),
        ("ㅗ디ㅔ", "HELP", True),
        ("Tom", "tom", True),
        ("종료", "종로", False),
    ],
)
def test_words_typed_with_the_same_keys_are_alike(one: str, other: str, alike: bool) -> None:
    assert is_typed_alike(one, other) is alike


def test_jamo_that_stand_alone_come_apart_and_syllables_stay() -> None:
    assert spread("ㄳ값ㅘ") == "ㄱㅅ값ㅗㅏ"


# --- particles --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("영희", "영희가 영희를 영희는 영희와 영희로"),
        ("철민", "철민이 철민을 철민은 철민과 철민으로"),
        ("서울", "서울이 서울을 서울은 서울과 서울로"),
        ("철수3", "철수3이 철수3을 철수3은 철수3과 철수3으로"),
        ("7", "7이 7을 7은 7과 7로"),
        ("R2", "R2가 R2를 R2는 R2와 R2로"),
        ("Tom", "Tom이 Tom을 Tom은 Tom과 Tom으로"),
        ("URL", "URL이 URL을 URL은 URL과 URL로"),
        ("mike", "mike가 mike를 mike는 mike와 mike로"),
        ("'/닉'", "'/닉'이 '/닉'을 '/닉'은 '/닉'과 '/닉'으로"),
        ("山", "山이(가) 山을(를) 山은(는) 山과(와) 山(으)로"),
        ("ㅋㅋ", "ㅋㅋ이(가) ㅋㅋ을(를) ㅋㅋ은(는) ㅋㅋ과(와) ㅋㅋ(으)로"),
        ("", "이(가) 을(를) 은(는) 과(와) (으)로"),
    ],
)
def test_particles_follow_how_the_word_is_spoken(word: str, expected: str) -> None:
    assert " ".join(attach(word, particle) for particle in Particle) == expected


def test_particles_follow_a_word_that_a_mac_wrote() -> None:
    assert attach(unicodedata.normalize("NFD", "철민"), Particle.SUBJECT).endswith("이")
