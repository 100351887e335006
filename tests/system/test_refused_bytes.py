"""What is not what it should be: the wrong encoding, no JSON, another protocol. An answer, and the room notices nothing."""

import json

import pytest

from tests.support.plain_client import PlainClient
from tests.support.room import Room, barrier, messages_of, piece_by_piece
from tests.support.waiting import until

CLIENT_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(32)) + b"\x00" * 150


# --- not what it should be --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [b"\xb0\xa1\xb3\xaa", b"\xed\xa0\x80", b"ok\xc0\xaf", b"\xf4\x90\x80\x80", b"\x80"])
def test_a_plain_line_that_is_not_utf8_is_answered_and_not_passed_on(
    room: Room, bystander: PlainClient, bad: bytes
) -> None:
    client = room.plain("영희")
    client.send_bytes(bad + b"\n" + "그다음\n".encode())
    bystander.hear("영희> 그다음")
    until(lambda: len(client.refusals) == 1)
    assert "UTF-8" in client.refusals[0]
    assert messages_of("영희", bystander) == ["그다음"]


def test_a_nickname_that_is_not_utf8_costs_one_try(room: Room, bystander: PlainClient) -> None:
    client = room.plain_stranger()
    client.send_bytes("영희\n".encode("cp949"))
    until(lambda: len(client.refusals) == 1)
    client.enter("영희")
    bystander.wait_for_line("영희님이 입장하셨습니다.")


def frame_with(text: str) -> bytes:
    """A `say` whose text is given as it stands in JSON, quotes and all."""
    return f'{{"t":"say","cid":"x","text":{text}}}'.encode()


BAD_JSON_LINES: dict[str, tuple[bytes, set[str]]] = {
    "not utf-8": (b'{"t":"say","cid":"x","text":"\xb0\xa1"}', {"bad_utf8"}),
    "not json": (b'{"t":"say",', {"bad_json"}),
    "no object": (b"[1,2,3]", {"bad_json", "bad_frame"}),
    "a plain line": ("안녕하세요".encode(), {"bad_json"}),
    "trailing data": (frame_with('"x"') + b"{}", {"bad_json"}),
    "no type": (b'{"cid":"x","text":"x"}', {"bad_frame"}),
    "a number for a type": (b'{"t":1}', {"bad_frame"}),
    "unknown type": (b'{"t":"fly"}', {"unknown_type"}),
    "missing field": (b'{"t":"say","cid":"x"}', {"bad_frame"}),
    "wrong type of field": (frame_with("7"), {"bad_frame"}),
    "nothing for a cid": (b'{"t":"say","cid":null,"text":"x"}', {"bad_frame"}),
    "a cid that is too long": (b'{"t":"say","cid":"' + b"c" * 37 + b'","text":"x"}', {"bad_frame"}),
    "a cid with blanks": (b'{"t":"say","cid":"a b","text":"x"}', {"bad_frame"}),
    "nested deep in the text": (frame_with("[" * 5000 + "]" * 5000), {"bad_json", "bad_frame"}),
    "nested as deep as a line allows": (b'{"t":"ping","n":1,"x":' + b"[" * 8000 + b"]" * 8000 + b"}", {"bad_json"}),
    "nested deep in an unknown field": (
        b'{"t":"say","cid":"x","text":"x","z":' + b"[" * 5000 + b"]" * 5000 + b"}",
        {"bad_json", "bad_frame"},
    ),
    "nested deep and never closed": (b'{"t":"ping","n":' + b'{"a":' * 2500, {"bad_json", "bad_frame"}),
    "40 digits": (b'{"t":"ping","n":' + b"9" * 40 + b"}", {"bad_json", "bad_frame"}),
    "beyond 2^53": (b'{"t":"history","id":1,"before":9007199254740993}', {"bad_json", "bad_frame"}),
    "a fraction": (b'{"t":"ping","n":1.5}', {"bad_frame"}),
    "NaN": (b'{"t":"ping","n":NaN}', {"bad_json", "bad_frame"}),
    "lone surrogate": (frame_with('"\\ud800"'), {"bad_json", "bad_frame"}),
    "surrogates the wrong way round": (frame_with('"\\udc00\\ud800"'), {"bad_json", "bad_frame"}),
    "too much history": (b'{"t":"history","id":1,"before":9,"limit":201}', {"bad_frame"}),
    "a second hello": (
        b'{"t":"hello","v":1,"nick":"x","client":"0123456789abcdef0123456789abcdef"}',
        {"bad_state"},
    ),
}


@pytest.mark.parametrize(("line", "codes"), BAD_JSON_LINES.values(), ids=BAD_JSON_LINES.keys())
def test_a_bad_json_line_is_refused_and_the_chat_goes_on(
    room: Room, bystander: PlainClient, line: bytes, codes: set[str]
) -> None:
    client = room.json("영희")
    client.send_bytes(line + b"\n")
    refused = client.until(lambda frame: frame.kind == "refused")
    assert refused.text("code") in codes
    assert refused.text("text")
    client.say("그다음")
    bystander.hear("영희> 그다음")
    assert messages_of("영희", bystander) == ["그다음"]
    assert len(client.refusals) == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"t":"hello"', "bad_json"),
        (b'{"t":"say","cid":"1","text":"x"}', "bad_state"),
        (b'{"t":"fly"}', "unknown_type"),
        (b'{"t":"hello","v":1,"nick":"\xec\x98\x81\xed\x9d\xac","client":"short"}', "bad_frame"),
    ],
)
def test_a_bad_first_frame_is_refused_and_another_hello_is_heard(
    room: Room, bystander: PlainClient, line: bytes, code: str
) -> None:
    client = room.json_stranger()
    client.send_bytes(line + b"\n")
    client.refused(code)
    client.enter("영희")
    bystander.wait_for_line("영희님이 입장하셨습니다.")


def test_what_is_said_behind_a_refused_hello_is_refused_too(room: Room, bystander: PlainClient) -> None:
    client = room.json_stranger()
    hello = {"t": "hello", "v": 1, "nick": "구경꾼", "client": client.secret}
    client.send_bytes(json.dumps(hello).encode() + b'\n{"t":"say","cid":"1","text":"x"}\n')
    client.refused("nick_in_use")
    client.refused("bad_state")
    client.enter("영희")
    assert messages_of("영희", bystander) == []


def test_a_hello_of_another_version_is_closed(room: Room, bystander: PlainClient) -> None:
    client = room.json_stranger()
    client.send(t="hello", v=2, nick="영희", client=client.secret)
    assert client.until(lambda frame: frame.kind == "closing").text("code") == "bad_version"
    client.wait_until_closed()


def test_unknown_fields_are_ignored_and_the_last_of_two_keys_counts(room: Room, bystander: PlainClient) -> None:
    client = room.json("영희")
    client.send_bytes('{"t":"say","cid":"1","text":"앞","mood":{"a":[1]},"text":"뒤"}\n'.encode())
    bystander.hear("영희> 뒤")
    assert messages_of("영희", bystander) == ["뒤"]


# --- other protocols --------------------------------------------------------------------------------------------------


FOREIGN: dict[str, bytes] = {
    "GET": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "POST": b"POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\n" + "영희\n안녕\n".encode() * 2,
    "OPTIONS": b"OPTIONS * HTTP/1.1\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "proxy": b"PROXY TCP4 192.0.2.1 192.0.2.2 4000 12345\r\n" + "영희\n".encode(),
    "tls": CLIENT_HELLO,
}


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN.keys())
def test_another_protocol_gets_one_line_and_is_closed(room: Room, bystander: PlainClient, data: bytes) -> None:
    client = room.stranger()
    client.send_bytes_if_open(data)
    client.wait_until_closed()
    assert len(client.lines) == 1
    assert client.received.rest == b""
    assert any("가" <= letter <= "힣" for letter in client.lines[0])
    barrier(bystander, bystander)
    assert bystander.arrivals == ["구경꾼"]
    assert len(bystander.public) == 1


def test_a_long_request_still_gets_its_line(room: Room, bystander: PlainClient) -> None:
    client = room.stranger()
    client.send_bytes_if_open(b"POST / HTTP/1.1\r\n\r\n" + b"x" * 8000)
    client.wait_until_closed()
    assert len(client.lines) == 1


def test_another_protocol_may_come_byte_by_byte(room: Room, bystander: PlainClient) -> None:
    client = room.stranger()
    piece_by_piece(client, bystander, b"G", b"E", b"T /")
    client.send_bytes_if_open(b" HTTP/1.1\r\n\r\n")
    client.wait_until_closed()
    assert [line for line in client.lines if "속삭" in line]
