"""Which Latin key a jamo lies on."""

import string

import pytest

from tui_client.korean.layout_keys import JAMO_OF_LATIN, LATIN_OF_JAMO, latin_key


def test_every_letter_key_carries_a_jamo() -> None:
    assert "".join(sorted(LATIN_OF_JAMO.values())) == "EOPQRTWabcdefghijklmnopqrstuvwxyz"


def test_every_letter_gives_a_jamo_and_shift_changes_seven() -> None:
    assert set(JAMO_OF_LATIN) == set(string.ascii_letters)
    shifted = [key for key in string.ascii_lowercase if JAMO_OF_LATIN[key] != JAMO_OF_LATIN[key.upper()]]
    assert shifted == list("eopqrtw")


@pytest.mark.parametrize(
    ("pressed", "meant"),
    [
        ("ctrl+ㅊ", "ctrl+c"),
        ("ctrl+ㅂ", "ctrl+q"),
        ("ctrl+ㅓ", "ctrl+j"),
        ("ctrl+shift+ㅏ", "ctrl+shift+k"),
        ("ctrl+shift+ㅃ", "ctrl+shift+q"),
        ("alt+ㅠ", "alt+b"),
        ("super+ㅍ", "super+v"),
    ],
)
def test_key_with_modifier_is_named_as_in_latin_mode(pressed: str, meant: str) -> None:
    assert latin_key(pressed) == meant


@pytest.mark.parametrize("key", ["ㅊ", "안", "ctrl+c", "ctrl+안", "enter", "ctrl+plus", "shift+ㅃ", "+", ""])
def test_every_other_key_stays_as_it_is(key: str) -> None:
    assert latin_key(key) == key
