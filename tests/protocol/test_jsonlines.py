"""The JSON dialect, byte for byte; whatever comes in is a value or a refusal."""

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from server.protocol import jsonlines, phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Action,
    Announce,
    Announced,
    Ban,
    BecomeOperator,
    Bye,
    Closing,
    Done,
    Frame,
    Hello,
    HistoryPage,
    Joined,
    JsonCommand,
    Kick,
    Left,
    Limits,
    ListSanctions,
    Member,
    MemberAddress,
    Moderated,
    Mute,
    Ping,
    Pong,
    Presence,
    ReadHistory,
    Refused,
    Register,
    Rename,
    Renamed,
    Resume,
    Said,
    SanctionEntry,
    SanctionList,
    Say,
    Search,
    ServerFrame,
    Unban,
    Unmute,
    Unregister,
    Welcome,
    Whisper,
    Whispered,
)
from server.protocol.framing import MAX_JSON_LINE, LineBuffer, Overlong
from server.protocol.password import Password
from tests.support.strategies import byte_by_byte, json_commands, server_frames

_Value = TypeVar("_Value")

CLIENT = "0123456789abcdef0123456789ABCDEF"

COMMANDS: list[tuple[JsonCommand, str]] = [
    (Hello(1, "영희", CLIENT), f'{{"t":"hello","v":1,"nick":"영희","client":"{CLIENT}"}}'),
    (
        Hello(1, "영희", CLIENT, Resume("e1", 7), Password("비번")),
        f'{{"t":"hello","v":1,"nick":"영희","client":"{CLIENT}","resume":{{"epoch":"e1","seq":7}},"password":"비번"}}',
    ),
    (Say("c1", "안녕\n하세요"), r'{"t":"say","cid":"c1","text":"안녕\n하세요"}'),
    (Whisper("c2", "철수", "비밀"), '{"t":"whisper","cid":"c2","to":"철수","text":"비밀"}'),
    (Whisper("c2", "철수", "", "u2"), '{"t":"whisper","cid":"c2","to":"철수","text":"","to_uid":"u2"}'),
    (Rename("영이"), '{"t":"nick","nick":"영이"}'),
    (Rename("영이", 5), '{"t":"nick","nick":"영이","id":5}'),
    (BecomeOperator(5, Password("열쇠")), '{"t":"operator","id":5,"key":"열쇠"}'),
    (Kick(5, "철수"), '{"t":"kick","id":5,"nick":"철수"}'),
    (Ban(5, "192.0.2.0/24"), '{"t":"ban","id":5,"target":"192.0.2.0/24"}'),
    (Ban(5, "철수", 60), '{"t":"ban","id":5,"target":"철수","for_s":60}'),
    (Unban(5, "철수"), '{"t":"unban","id":5,"target":"철수"}'),
    (Mute(5, "철수", 1), '{"t":"mute","id":5,"nick":"철수","for_s":1}'),
    (Unmute(5, "철수"), '{"t":"unmute","id":5,"nick":"철수"}'),
    (Announce(5, "공지\n둘"), r'{"t":"announce","id":5,"text":"공지\n둘"}'),
    (ListSanctions(5), '{"t":"sanctions","id":5}'),
    (Register(5), '{"t":"register","id":5}'),
    (Unregister(5), '{"t":"unregister","id":5}'),
    (Unregister(5, "영희"), '{"t":"unregister","id":5,"nick":"영희"}'),
    (ReadHistory(5, 2**53), '{"t":"history","id":5,"before":9007199254740992}'),
    (ReadHistory(-1, 0, 1), '{"t":"history","id":-1,"before":0,"limit":1}'),
    (Search(3, "회의"), '{"t":"search","id":3,"query":"회의"}'),
    (
        Search(3, "", "영희", 2**53, 200),
        '{"t":"search","id":3,"query":"","nick":"영희","before":9007199254740992,"limit":200}',
    ),
    (Ping(-(2**53)), '{"t":"ping","n":-9007199254740992}'),
    (Pong(7), '{"t":"pong","n":7}'),
    (Bye(), '{"t":"bye"}'),
]

FRAMES: list[tuple[ServerFrame, str]] = [
    (
        Welcome(
            1,
            "soksak",
            "u1",
            "영희",
            "e1",
            9,
            3,
            (Member("u1", "영희"), Member("u2", "철수", away=True)),
            Limits(2, 3, 4),
            20.0,
            0,
        ),
        (
            '{"t":"welcome","v":1,"server":"soksak","uid":"u1","nick":"영희","epoch":"e1","seq":9,"replay_from":3,'
            '"members":[{"uid":"u1","nick":"영희"},{"uid":"u2","nick":"철수","away":true}],'
            '"limits":{"text_chars":2,"text_lines":3,"line_bytes":4},"ping_s":20.0,"grace_s":0}'
        ),
    ),
    (Said(1, 2, "u1", "영희", "안녕"), '{"t":"message","seq":1,"at":2,"uid":"u1","nick":"영희","text":"안녕"}'),
    (
        Said(1, 2, "u1", "영희", 'a"\\\n\x1b', "c1"),
        r'{"t":"message","seq":1,"at":2,"uid":"u1","nick":"영희","text":"a\"\\\n\u001b","cid":"c1"}',
    ),
    (
        Whispered(1, 2, "u1", "영희", "u2", "철수", "비밀", "c1"),
        '{"t":"whisper","seq":1,"at":2,"uid":"u1","nick":"영희","to_uid":"u2","to":"철수","text":"비밀","cid":"c1"}',
    ),
    (Joined(1, 2, "u1", "영희"), '{"t":"joined","seq":1,"at":2,"uid":"u1","nick":"영희"}'),
    (Left(1, 2, "u1", "영희", "quit"), '{"t":"left","seq":1,"at":2,"uid":"u1","nick":"영희","reason":"quit"}'),
    (Renamed(1, 2, "u1", "영이", "영희"), '{"t":"renamed","seq":1,"at":2,"uid":"u1","nick":"영이","was":"영희"}'),
    (Announced(1, 2, "u1", "영희", "가"), '{"t":"announced","seq":1,"at":2,"uid":"u1","nick":"영희","text":"가"}'),
    (
        Moderated(1, 2, "u1", "영희", Action.MUTE, "철수", 62),
        '{"t":"moderated","seq":1,"at":2,"uid":"u1","nick":"영희","action":"mute","target":"철수","until":62}',
    ),
    (
        Moderated(1, 2, "u1", "영희", Action.KICK, "철수"),
        '{"t":"moderated","seq":1,"at":2,"uid":"u1","nick":"영희","action":"kick","target":"철수"}',
    ),
    (
        SanctionList(5, (SanctionEntry("ban", "철수", "영희", 2, 3),), (MemberAddress("u1", "영희", "192.0.2.1"),)),
        (
            '{"t":"sanctions","id":5,"entries":[{"kind":"ban","target":"철수","by":"영희","at":2,"until":3}],'
            '"members":[{"uid":"u1","nick":"영희","address":"192.0.2.1"}]}'
        ),
    ),
    (Presence("u1", "영희", online=False), '{"t":"presence","uid":"u1","nick":"영희","online":false}'),
    (
        HistoryPage(5, (Joined(1, 2, "u1", "영희"),), more=True),
        '{"t":"history","id":5,"events":[{"t":"joined","seq":1,"at":2,"uid":"u1","nick":"영희"}],"more":true}',
    ),
    (HistoryPage(5, (), more=True, before=9), '{"t":"history","id":5,"events":[],"more":true,"before":9}'),
    (Done(5, "했습니다."), '{"t":"done","id":5,"text":"했습니다."}'),
    (Ping(7), '{"t":"ping","n":7}'),
    (Pong(7), '{"t":"pong","n":7}'),
    (Refused("too_long", "깁니다"), '{"t":"refused","code":"too_long","text":"깁니다"}'),
    (
        Refused("empty", "비었습니다", "c1", 300),
        '{"t":"refused","code":"empty","text":"비었습니다","cid":"c1","retry_ms":300}',
    ),
    (Refused("empty", "비었습니다", id=3), '{"t":"refused","code":"empty","text":"비었습니다","id":3}'),
    (Refused("muted", "조용히", "c1", until=9), '{"t":"refused","code":"muted","text":"조용히","cid":"c1","until":9}'),
    (Closing("banned", "차단", until=9), '{"t":"closing","code":"banned","text":"차단","until":9}'),
    (Closing("shutdown", "끕니다"), '{"t":"closing","code":"shutdown","text":"끕니다"}'),
]


def decoded(decode: Callable[[bytes], _Value], pieces: list[bytes]) -> list[_Value]:
    """What the lines are that `pieces` complete."""
    buffer = LineBuffer(MAX_JSON_LINE)
    lines = [line for piece in pieces for line in buffer.feed(piece)]
    return [decode(line) for line in lines if not isinstance(line, Overlong)]


def check_both_ways(decode: Callable[[bytes], Frame], value: Frame, text: str) -> None:
    line = text.encode() + b"\n"
    assert jsonlines.encode(value) == line
    assert decoded(decode, [line]) == [value]
    assert decoded(decode, [text.encode() + b"\r\n"]) == [value]
    assert decoded(decode, byte_by_byte(line)) == [value]
    assert decoded(decode, [line + line + b'{"t":"by']) == [value, value]


@pytest.mark.parametrize(("command", "text"), COMMANDS, ids=[text[:30] for _, text in COMMANDS])
def test_a_command_and_its_bytes(command: JsonCommand, text: str) -> None:
    check_both_ways(jsonlines.decode_command, command, text)


@pytest.mark.parametrize(("frame", "text"), FRAMES, ids=[text[:30] for _, text in FRAMES])
def test_a_frame_of_the_server_and_its_bytes(frame: ServerFrame, text: str) -> None:
    check_both_ways(jsonlines.decode_frame, frame, text)


def test_what_was_encoded_leaves_nothing_behind() -> None:
    """Every few seconds each client is answered a ping."""
    before = sys.getallocatedblocks()
    for _ in range(10_000):
        jsonlines.encode(Pong(1))
    assert sys.getallocatedblocks() - before < 1_000


def test_the_tables_leave_nothing_out() -> None:
    assert {type(command) for command, _ in COMMANDS} == set(JsonCommand.__args__)
    assert {type(frame) for frame, _ in FRAMES} == set(ServerFrame.__args__)


@given(json_commands)
@settings(deadline=None)
def test_a_command_survives_the_wire(command: JsonCommand) -> None:
    line = jsonlines.encode(command)
    assert line.count(b"\n") == 1
    assert jsonlines.decode_command(line) == command


@given(server_frames)
@settings(deadline=None)
def test_a_frame_survives_the_wire(frame: ServerFrame) -> None:
    line = jsonlines.encode(frame)
    assert line.count(b"\n") == 1
    assert jsonlines.decode_frame(line) == frame


@given(st.builds(Welcome), st.lists(st.builds(Member)), st.integers(0))
@settings(deadline=None)
def test_a_welcome_in_pieces_is_the_whole_one(welcome: Welcome, others: list[Member], cut_at: int) -> None:
    inside = jsonlines.encode_members(others)[:-1]
    cut_at %= len(inside) + 1
    for members in ([inside], [inside[:cut_at], inside[cut_at:]]):
        pieces = jsonlines.encode_welcome(replace(welcome, members=()), members)
        assert len(pieces) == len(members)
        assert b"".join(pieces) == jsonlines.encode(replace(welcome, members=tuple(others)))


# --- what is ignored --------------------------------------------------------------------------------------------------

SAME_AS_PING_1 = {
    "blanks": b'{ "t" : "ping" , "n" : 1 }',
    "another order": b'{"n":1,"t":"ping"}',
    "unknown fields": b'{"t":"ping","n":1,"later":{"a":[1,null,"\xea\xb0\x80"]}}',
    "a field of another frame": b'{"t":"ping","n":1,"text":5}',
    "the last of two": b'{"t":"ping","n":5,"n":1}',
    "escapes": rb'{"\u0074":"pin\u0067","n":1}',
}


@pytest.mark.parametrize("line", SAME_AS_PING_1.values(), ids=SAME_AS_PING_1)
def test_what_does_not_matter_is_ignored(line: bytes) -> None:
    assert jsonlines.decode_command(line) == Ping(1)


# --- what is refused --------------------------------------------------------------------------------------------------

_DEEP = b"[" * 5_000 + b"]" * 5_000

REFUSED: dict[str, tuple[bytes, Code, str | None]] = {
    "nothing": (b"", Code.BAD_JSON, None),
    "no JSON": (b"{hello", Code.BAD_JSON, None),
    "half an object": (b'{"t":"ping","n":1', Code.BAD_JSON, None),
    "two objects": (b'{"t":"bye"}{"t":"bye"}', Code.BAD_JSON, None),
    "NaN": (b'{"t":"ping","n":NaN}', Code.BAD_JSON, None),
    "lone surrogate": (rb'{"t":"nick","nick":"\ud800"}', Code.BAD_JSON, None),
    "deep nesting in an unknown field": (b'{"t":"ping","n":1,"x":' + _DEEP + b"}", Code.BAD_JSON, None),
    "deep nesting in a known field": (b'{"t":"ping","n":' + _DEEP + b"}", Code.BAD_JSON, None),
    "not UTF-8": (b'{"t":"say","cid":"c","text":"\xff"}', Code.BAD_UTF8, None),
    "a surrogate in UTF-8": (b'{"t":"say","cid":"c","text":"\xed\xa0\x80"}', Code.BAD_UTF8, None),
    "cut Hangul": (b'{"t":"say","cid":"c","text":"\xea\xb0"}', Code.BAD_UTF8, None),
    "an array": (b"[1]", Code.BAD_FRAME, None),
    "a number": (b"5", Code.BAD_FRAME, None),
    "no type": (b'{"n":1}', Code.BAD_FRAME, None),
    "a type that is no text": (b'{"t":7}', Code.BAD_FRAME, None),
    "an unknown type": (b'{"t":"dance","cid":"c1"}', Code.UNKNOWN_TYPE, "c1"),
    "a type of the server": (b'{"t":"message","seq":1}', Code.UNKNOWN_TYPE, None),
    "a missing field": (b'{"t":"say","cid":"c1"}', Code.BAD_FRAME, "c1"),
    "a wrong type": (b'{"t":"say","cid":"c1","text":5}', Code.BAD_FRAME, "c1"),
    "no cid": (b'{"t":"say","text":"a"}', Code.BAD_FRAME, None),
    "a null cid": (b'{"t":"say","cid":null,"text":"a"}', Code.BAD_FRAME, None),
    "a null cid of a whisper": (b'{"t":"whisper","cid":null,"to":"a","text":"a"}', Code.BAD_FRAME, None),
    "an empty cid": (b'{"t":"say","cid":"","text":"a"}', Code.BAD_FRAME, ""),
    "a long cid": (b'{"t":"say","cid":"' + b"c" * 37 + b'","text":"a"}', Code.BAD_FRAME, None),
    "a cid with a blank": (b'{"t":"say","cid":"a b","text":"a"}', Code.BAD_FRAME, "a b"),
    "a Korean cid": ('{"t":"say","cid":"가","text":"a"}'.encode(), Code.BAD_FRAME, None),
    "a cid with a newline at its end": (rb'{"t":"say","cid":"c\n","text":"a"}', Code.BAD_FRAME, None),
    "a short client": (b'{"t":"hello","v":1,"nick":"a","client":"abc"}', Code.BAD_FRAME, None),
    "a client that is not hexadecimal": (
        b'{"t":"hello","v":1,"nick":"a","client":"' + b"g" * 32 + b'"}',
        Code.BAD_FRAME,
        None,
    ),
    "an integer of 40 digits": (b'{"t":"ping","n":' + b"9" * 40 + b"}", Code.BAD_FRAME, None),
    "an integer beyond 2^53": (b'{"t":"ping","n":9007199254740993}', Code.BAD_FRAME, None),
    "a fraction": (b'{"t":"ping","n":1.5}', Code.BAD_FRAME, None),
    "a truth for a number": (b'{"t":"ping","n":true}', Code.BAD_FRAME, None),
    "a limit too large": (b'{"t":"history","id":1,"before":1,"limit":201}', Code.BAD_FRAME, None),
    "a limit of nothing": (b'{"t":"history","id":1,"before":1,"limit":0}', Code.BAD_FRAME, None),
    "a search for more than a page": (b'{"t":"search","id":1,"query":"a","limit":201}', Code.BAD_FRAME, None),
    "a search without a query": (b'{"t":"search","id":1}', Code.BAD_FRAME, None),
    "a wrong resume": (
        b'{"t":"hello","v":1,"nick":"a","client":"' + b"0" * 32 + b'","resume":{"epoch":1,"seq":1}}',
        Code.BAD_FRAME,
        None,
    ),
}


def refusal_of(line: bytes) -> Refusal:
    with pytest.raises(Refusal) as refused:
        jsonlines.decode_command(line)
    return refused.value


@pytest.mark.parametrize(("line", "code", "cid"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_command_is_refused(line: bytes, code: Code, cid: str | None) -> None:
    refusal = refusal_of(line)
    assert (refusal.code, refusal.cid) == (code, cid)
    assert refusal.text
    assert not code.closes


@pytest.mark.parametrize(
    ("line", "question"),
    [
        (b'{"t":"search","id":7}', 7),
        (b'{"t":"history","id":7,"before":"a"}', 7),
        (b'{"t":"later","id":-1}', -1),
        (b'{"t":"search","id":"7","query":"a"}', None),
        (b'{"t":"search","id":9007199254740993,"query":"a"}', None),
        (b'{"t":"search","query":"a"}', None),
    ],
)
def test_a_refusal_names_the_question(line: bytes, question: int | None) -> None:
    assert refusal_of(line).question == question


def test_a_refusal_names_the_type() -> None:
    assert refusal_of(b'{"t":"dance"}').text == phrases.unknown_type("dance")
    assert refusal_of(b'{"t":"ping"}').text == phrases.bad_frame("ping")
    assert refusal_of(b"{}").text == phrases.UNTYPED_FRAME


def test_an_unknown_type_is_not_echoed_as_it_came() -> None:
    text = refusal_of(json.dumps({"t": "\x1b[2J\u202e\n" + "x" * 10_000}).encode()).text
    assert text.isprintable()
    assert len(text) < 60


def test_what_is_no_frame_of_the_server_is_refused_too() -> None:
    with pytest.raises(Refusal) as refused:
        jsonlines.decode_frame(b'{"t":"from the future"}')
    assert refused.value.code is Code.UNKNOWN_TYPE


# --- any bytes --------------------------------------------------------------------------------------------------------

_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_fields = st.sampled_from(
    ["t", "v", "n", "cid", "text", "to", "nick", "id", "before", "limit", "client", "resume", "?"]
)
_values = st.recursive(
    _scalars | st.sampled_from(["hello", "say", "ping", "history", "message", "welcome"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_fields, inner, max_size=3),
    max_leaves=6,
)
_objects = st.dictionaries(_fields, _values, max_size=6).map(json.dumps).map(str.encode)
_pieces = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b'"',
        b'"t":"say"',
        b'"t":"zzz"',
        b'"cid":"',
        b'"text":5',
        b"\xff",
        b"\\ud800",
        b"1",
    ]
)
_broken = st.builds(
    lambda command, place, byte: (
        (line := jsonlines.encode(command))[: place % len(line)] + byte + line[place % len(line) :]
    ),
    json_commands,
    st.integers(0, 10_000),
    st.binary(min_size=1, max_size=2),
)


@given(st.binary() | _objects | st.lists(_pieces, max_size=12).map(b"".join) | _broken)
@example(b'{"t":"zzz","cid":"\xff"}')
@example(b'{"t":"say","text":5,"cid":"\xff"}')
@example(b'{"t":"ping","n":"a","t":"\xff"}')
@settings(deadline=None, max_examples=300)
def test_any_bytes_give_a_value_or_a_refusal(line: bytes) -> None:
    for decode in (jsonlines.decode_command, jsonlines.decode_frame):
        with suppress(Refusal):
            assert isinstance(decode(line), Frame)


@pytest.mark.parametrize(
    "line", [b'{"t":"ping","n":1,"x":"\xff"}', b'{"t":"say","cid":"c","text":"a","\xff":1}', b"\xff"]
)
def test_a_line_that_is_not_utf8_is_refused_wherever_it_is_not(line: bytes) -> None:
    assert refusal_of(line).code is Code.BAD_UTF8


@pytest.mark.parametrize("depth", [1, 50, jsonlines.MAX_NESTING - 1])
def test_nesting_that_nobody_needs_is_ignored_while_it_is_harmless(depth: int) -> None:
    line = b'{"t":"ping","n":1,"x":' + b"[" * depth + b"]" * depth + b"}"
    assert jsonlines.decode_command(line) == Ping(1)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a\\"":['])
@pytest.mark.parametrize("depth", [jsonlines.MAX_NESTING, 3_000, 8_000])
def test_deeper_nesting_is_refused_before_it_reaches_the_stack(opening: bytes, depth: int) -> None:
    with pytest.raises(Refusal) as refused:
        jsonlines.decode_command(b'{"t":"ping","n":1,"x":' + opening * depth)
    assert refused.value.code is Code.BAD_JSON


@pytest.mark.parametrize("text", ["[" * 500, "{[" * 300, '\\"' * 100 + "[" * 100, "([{" * 200 + '"'])
def test_brackets_in_a_text_are_no_nesting(text: str) -> None:
    assert jsonlines.decode_command(jsonlines.encode(Say("c", text))) == Say("c", text)


def test_a_page_of_a_newer_server_is_read_without_what_is_new() -> None:
    known = '{"t":"joined","seq":4,"at":2,"uid":"u1","nick":"영희"}'
    line = f'{{"t":"history","id":5,"events":[{{"t":"danced","seq":3,"at":2,"steps":9}},{known}],"more":true}}'
    assert jsonlines.decode_frame(line.encode()) == HistoryPage(5, (Joined(4, 2, "u1", "영희"),), more=True, before=3)


@pytest.mark.parametrize("event", ['{"t":"joined","seq":"four"}', '{"seq":3}', "7", '{"t":"danced"}'])
def test_a_page_that_is_wrong_in_another_way_is_no_page(event: str) -> None:
    with pytest.raises(Refusal) as refused:
        jsonlines.decode_frame(f'{{"t":"history","id":5,"events":[{event}],"more":true}}'.encode())
    assert refused.value.code is Code.BAD_FRAME
