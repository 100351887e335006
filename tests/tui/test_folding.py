"""Comings and goings in one sentence: what they come to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui_client.entry import Move, Presence
from tui_client.folding import fold


def changes(steps: str) -> list[Presence]:
    """`+철수` came, `-철수` went, `철수=영수` is called 영수 now."""
    return [change(step) for step in steps.split()]


def change(step: str) -> Presence:
    was, is_renamed, nick = step.partition("=")
    if is_renamed:
        return Presence(Move.RENAMED, nick, was)
    return Presence(Move.JOINED if step[0] == "+" else Move.LEFT, step[1:])


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ("+철수 +민수 -영희", "철수, 민수님이 들어왔습니다 · 영희님이 나갔습니다"),
        ("-영희 +철수", "영희님이 퇴장하셨습니다. 철수님이 입장하셨습니다."),
        ("+철수 +민수", "철수님이 입장하셨습니다. 민수님이 입장하셨습니다."),
        ("-영희 +철수 -철수", "영희님이 나갔습니다 · 철수님이 다녀갔습니다"),
        ("+민수 -민수", "민수님이 다녀갔습니다"),
        ("-철수 +철수", "철수님이 다시 들어왔습니다"),
        ("-철수 +철수 -철수 +철수", "철수님이 다시 들어왔습니다"),
        ("-철수 +철수 -철수", "철수님이 나갔습니다"),
        ("+철수 -철수 +철수", "철수님이 들어왔습니다"),
        ("-Bob +bob", "Bob님이 닉네임을 bob로 바꿨습니다"),
        ("영희=영이", "영희님이 닉네임을 영이로 바꿨습니다"),
        ("영희=영이 영이=이영", "영희님이 닉네임을 이영으로 바꿨습니다"),
        ("영희=영이 영이=영희", "영희님이 닉네임을 바꿨다가 되돌렸습니다"),
        ("+민수 민수=민식", "민식님이 들어왔습니다"),
        ("+민수 민수=민식 -민식", "민식님이 다녀갔습니다"),
        ("민수=민수씨 -민수씨", "민수씨(민수)님이 나갔습니다"),
        ("Bob=bob -bob", "bob님이 나갔습니다"),
        ("민수=민수씨 -민수씨 +민수", "민수씨(민수)님이 나갔습니다 · 민수님이 들어왔습니다"),
        ("-철수 영희=철수", "철수님이 나갔습니다 · 영희님이 닉네임을 철수로 바꿨습니다"),
        ("가을=여름", "가을님이 닉네임을 여름으로 바꿨습니다"),
        ("가을=山", "가을님이 닉네임을 山(으)로 바꿨습니다"),
        ("a=b c=d e=f g=h", "a, c, e, g님이 닉네임을 바꿨습니다"),
        ("a=b c=d", "a님이 닉네임을 b로 바꿨습니다 · c님이 닉네임을 d로 바꿨습니다"),
        ("+a +b +c +d +e", "a, b, c, d, e님이 들어왔습니다"),
        ("+a +b +c +d +e +f", "a, b, c 외 3명이 들어왔습니다"),
        (" ".join(f"+손님{number}" for number in range(1003)), "손님0, 손님1, 손님2 외 1,000명이 들어왔습니다"),
        (
            "+a -b c=d +e -e -f +f",
            "a님이 들어왔습니다 · f님이 다시 들어왔습니다 · c님이 닉네임을 d로 바꿨습니다 · b님이 나갔습니다 · e님이 다녀갔습니다",
        ),
    ],
)
def test_sentence_tells_what_it_comes_to(steps: str, sentence: str) -> None:
    assert fold(changes(steps)) == sentence


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ("-철수 +철수/b", "철수님이 퇴장하셨습니다. 철수님이 입장하셨습니다."),
        ("-철수 +철수/b +민수", "철수님이 나갔습니다 · 철수, 민수님이 들어왔습니다"),
        ("-철수 +철수", "철수님이 다시 들어왔습니다"),
        ("+봇/a -봇/a +봇/b -봇/b +철수/c", "철수님이 들어왔습니다 · 봇님이 다녀갔습니다"),
    ],
)
def test_another_person_under_the_same_nickname_is_not_who_was_here(steps: str, sentence: str) -> None:
    people = [step.partition("/") for step in steps.split()]
    assert fold([replace(change(step), uid=uid) for step, _, uid in people]) == sentence


STEP = st.builds(Presence, st.sampled_from(Move), st.sampled_from("가나다"), st.sampled_from("가나다"))


@given(st.lists(STEP, min_size=1, max_size=12))
def test_something_is_always_said_of_everybody(steps: list[Presence]) -> None:
    assert fold(steps)
