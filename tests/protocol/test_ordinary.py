"""The fast path gives what the slow one gives, line by line, or nothing: over anything that lines can hold."""

import json
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.protocol import jsonlines, plain
from server.protocol.errors import Refusal
from server.protocol.events import Say
from server.protocol.framing import Dialect
from server.protocol.ordinary import ordinary_messages
from server.protocol.text import check_text, is_everyday


def one_by_one(lines: Sequence[bytes], dialect: Dialect) -> list[Say] | None:
    """What `lines` say, if each of them is a message that stays as it is."""
    decode = jsonlines.decode_command if dialect is Dialect.JSON else plain.decode_command
    says = []
    for line in lines:
        try:
            command = decode(line)
            if not isinstance(command, Say) or check_text(command.text) != command.text:
                return None
        except Refusal:
            return None
        says.append(command)
    return says


def say(text: str, cid: str = "1", **more: object) -> bytes:
    return json.dumps({"t": "say", "cid": cid, "text": text, **more}, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "안녕하세요",
            "ㅋㅋ",
            "@철수 비밀",
            " @철수 비밀",
            "/종료",
            "//",
            "@@",
            "＠철수 비밀",
            "",
            " ",
            "가\n나",
            "가" * 2001,
        ]
    ),
    st.text("가나@/ ＠／\u2400\u200b\u0301\n\ud800", max_size=5),
)

FRAMES = st.one_of(
    TEXTS.map(say),
    st.builds(say, TEXTS, st.sampled_from(["1", "a b", "", "x" * 37])),
    st.integers(1, 80).map(lambda depth: say("가", x=json.loads("[" * depth + "]" * depth))),
    st.sampled_from(
        [
            b'{"t":"say","cid":null,"text":"a"}', b'{"cid":"1","text":"a"}', b'{"t":"ping","n":1}', b"", b" ", b"[", b"{}",
            b'{"t":"say","cid":"1","text":"a"} {"t":"say","cid":"2","text":"b"}', b'{"t":"say",', b'"cid":"1","text":"a"}',
            b'{"t":"say","cid":"1","text":"a","x":"\xff"}', b'{"t":"say","cid":"1","text":"a","text":"@b"}',
        ]
    ),
)  # fmt: skip


@given(st.lists(FRAMES, min_size=1, max_size=4))
@settings(deadline=None, max_examples=500)
def test_frames_at_once_are_what_they_are_one_by_one(lines: list[bytes]) -> None:
    at_once = ordinary_messages(lines, Dialect.JSON)
    assert at_once is None or at_once == one_by_one(lines, Dialect.JSON)


@given(st.lists(TEXTS, min_size=1, max_size=4))
@settings(deadline=None, max_examples=500)
def test_typed_lines_at_once_are_what_they_are_one_by_one(texts: list[str]) -> None:
    lines = "\n".join(texts).encode("utf-8", "surrogatepass").split(b"\n")
    at_once = ordinary_messages(lines, Dialect.PLAIN)
    assert at_once is None or at_once == one_by_one(lines, Dialect.PLAIN)


@pytest.mark.parametrize("dialect", Dialect)
def test_what_people_write_is_ordinary(dialect: Dialect) -> None:
    texts = ["안녕하세요", "ㅋㅋㅋ 그래요?", "see you at 10:00!", "(웃음) 😀", "3시에 봐요~", "- 하나"]
    lines = [say(text) if dialect is Dialect.JSON else text.encode() for text in texts]
    assert [one.text for one in ordinary_messages(lines, dialect) or ()] == texts


def test_no_character_at_the_beginning_of_a_line_makes_an_ordinary_message_of_something_else() -> None:
    for code in range(sys.maxunicode + 1):
        text = chr(code) + "가"
        if is_everyday(text) and code != ord("\n") and ordinary_messages([text.encode()], Dialect.PLAIN) is not None:
            assert plain.decode_command(text.encode()) == Say(None, text)


def test_nesting_is_bounded_before_anything_is_decoded() -> None:
    deep = b'{"t":"say","cid":"1","text":"a","x":' + b"[" * 8000 + b"]" * 8000 + b"}"
    assert ordinary_messages([deep], Dialect.JSON) is None
    assert ordinary_messages([say("가"), deep, say("나")], Dialect.JSON) is None


@pytest.mark.parametrize("filler", [b"", b" ", b"x", b" {}"])
def test_lines_without_a_bracket_make_no_room_for_those_of_another(filler: bytes) -> None:
    """Decoded, this would overflow the stack of a client's thread, and end the server."""
    deep = b'{"t":"say","cid":"1","text":"a","x":' + b"[" * 12_000
    assert ordinary_messages([deep, *[filler] * 12_000], Dialect.JSON) is None
