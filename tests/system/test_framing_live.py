"""Bytes as they really come: in pieces, in heaps, with telnet's own among them, and too many of them."""

import itertools
import json

import pytest

from tests.support.plain_client import PlainClient
from tests.support.room import Room, barrier, messages_of, piece_by_piece

IAC_WILL_NAWS = b"\xff\xfb\x1f"
IAC_DO_ECHO = b"\xff\xfd\x01"
IAC_SB_TERMINAL = b"\xff\xfa\x18\x00xterm\xff\xf0"
NEGOTIATION = IAC_WILL_NAWS + IAC_DO_ECHO + IAC_SB_TERMINAL


# --- pieces and heaps -------------------------------------------------------------------------------------------------


def test_plain_lines_may_come_byte_by_byte(room: Room, bystander: PlainClient) -> None:
    client = room.stranger()
    client.send_byte_by_byte("영희\n안녕하세요 👋🏽\n".encode())
    bystander.hear("영희> 안녕하세요 👋🏽")


def test_json_lines_may_come_byte_by_byte(room: Room, bystander: PlainClient) -> None:
    client = room.json_stranger()
    hello = {"t": "hello", "v": 1, "nick": "영희", "client": client.secret}
    say = {"t": "say", "cid": "1", "text": "안녕하세요"}
    for frame in (hello, say):
        client.send_byte_by_byte(json.dumps(frame, ensure_ascii=False).encode() + b"\n")
    bystander.hear("영희> 안녕하세요")


def test_hangul_cut_in_the_middle_is_whole_again(room: Room, bystander: PlainClient) -> None:
    line = "영희\n가나다\n".encode()
    piece_by_piece(room.stranger(), bystander, line[:2], line[2:8], line[8:12], line[12:])
    bystander.hear("영희> 가나다")


def test_many_lines_in_one_packet_are_many_messages(room: Room, bystander: PlainClient) -> None:
    client = room.stranger()
    client.send_bytes("영희\n하나\n둘\n\n셋\n/목록\n넷\n".encode())
    bystander.hear("영희> 넷")
    assert messages_of("영희", bystander) == ["하나", "둘", "셋", "넷"]


def test_many_frames_in_one_packet_are_many_messages(room: Room, bystander: PlainClient) -> None:
    client = room.json("영희")
    frames = [{"t": "say", "cid": str(number), "text": f"말 {number}"} for number in range(100)]
    client.send_bytes("".join(json.dumps(frame) + "\r\n" for frame in frames).encode())
    bystander.hear("영희> 말 99")
    assert messages_of("영희", bystander) == [f"말 {number}" for number in range(100)]


def test_crlf_ends_a_line_like_lf(room: Room, bystander: PlainClient) -> None:
    client = room.stranger()
    client.send_bytes("영희\r\n안녕\r\n".encode())
    bystander.hear("영희> 안녕")
    assert "영희님이 입장하셨습니다." in bystander.lines


def test_crlf_cut_between_its_bytes_is_one_end(room: Room, bystander: PlainClient) -> None:
    piece_by_piece(room.stranger(), bystander, "영희\r".encode(), "\n안녕\r".encode(), "\n끝\r\n".encode())
    bystander.hear("영희> 끝")
    assert messages_of("영희", bystander) == ["안녕", "끝"]


def test_unicode_line_separators_do_not_end_a_line(room: Room, bystander: PlainClient) -> None:
    client = room.plain("영희")
    client.send_line("하나\u2028둘\u2029셋\u0085넷")
    bystander.hear("영희> 하나 둘 셋 넷")


def test_a_last_line_that_was_only_half_sent_is_not_published(room: Room, bystander: PlainClient) -> None:
    client = room.plain("영희")
    client.send_bytes("다 보낸 말\n반만 보낸".encode())
    client.close()
    bystander.wait_for_line("영희님이 퇴장하셨습니다.")
    assert messages_of("영희", bystander) == ["다 보낸 말"]


def test_a_half_sent_nickname_is_nobody(room: Room, bystander: PlainClient) -> None:
    client = room.stranger()
    client.send_bytes("영희".encode())
    client.close()
    room.plain("철수")
    bystander.wait_for_line("철수님이 입장하셨습니다.")
    assert not any("영희" in line for line in bystander.lines)


# --- telnet -----------------------------------------------------------------------------------------------------------


def test_telnet_negotiation_before_the_nickname_is_skipped(room: Room, bystander: PlainClient) -> None:
    client = room.stranger()
    client.send_bytes(NEGOTIATION + "영희\r\n안녕\r\n".encode())
    bystander.hear("영희> 안녕")
    assert "영희님이 입장하셨습니다." in bystander.lines


def test_telnet_negotiation_within_a_message_is_skipped(room: Room, bystander: PlainClient) -> None:
    client = room.plain("영희")
    client.send_bytes("안녕".encode() + NEGOTIATION + "하세요\r\n".encode() + NEGOTIATION)
    bystander.hear("영희> 안녕하세요")
    client.send_line("또 봐요")
    bystander.hear("영희> 또 봐요")


def test_telnet_negotiation_cut_across_packets_is_skipped(room: Room, bystander: PlainClient) -> None:
    client = room.stranger()
    line = NEGOTIATION + "영희\r\n".encode() + NEGOTIATION + "안녕\r\n".encode()
    cuts = [0, 1, 2, 4, 6, 7, 9, 13, 15, 16, 20, 30, len(line)]
    piece_by_piece(client, bystander, *(line[start:end] for start, end in itertools.pairwise(cuts)))
    bystander.hear("영희> 안녕")


def test_telnet_negotiation_byte_by_byte_is_skipped(room: Room, bystander: PlainClient) -> None:
    client = room.stranger()
    client.send_byte_by_byte(NEGOTIATION + "영희\r\n안".encode() + NEGOTIATION + "녕\r\n".encode())
    bystander.hear("영희> 안녕")


# --- too long ---------------------------------------------------------------------------------------------------------


def test_a_plain_line_of_4_kib_is_a_message_and_a_longer_one_is_refused(room: Room, bystander: PlainClient) -> None:
    client = room.plain("영희")
    longest = "가" * 1365
    for line in (longest, longest + "나", "그다음"):
        client.send_line(line)
    bystander.hear("영희> 그다음")
    client.wait_for_line("[알림] 한 줄이 너무 깁니다. 4,096바이트 이내로 나누어 보내세요.")
    assert messages_of("영희", bystander) == [longest, "그다음"]
    assert len(client.refusals) == 1


def test_a_json_line_over_16_kib_is_refused_and_skipped(room: Room, bystander: PlainClient) -> None:
    client = room.json("영희")
    client.say("가" * 6000)
    client.refused("too_long")
    client.say("그다음")
    bystander.hear("영희> 그다음")
    assert messages_of("영희", bystander) == ["그다음"]


def test_a_long_json_line_within_16_kib_is_read(room: Room, bystander: PlainClient) -> None:
    client = room.json("영희")
    client.send(t="say", cid="1", text="안녕", padding="x" * 16000)
    bystander.hear("영희> 안녕")


@pytest.mark.parametrize("text", ["가" * 2001, "줄\n" * 20 + "줄"], ids=["characters", "lines"])
def test_a_text_beyond_its_limits_is_refused_under_its_cid(room: Room, bystander: PlainClient, text: str) -> None:
    client = room.json("영희")
    cid = client.say(text)
    assert client.refused("too_long").text("cid") == cid
    client.say("그다음")
    bystander.hear("영희> 그다음")
    assert messages_of("영희", bystander) == ["그다음"]


@pytest.mark.parametrize("dialect", ["plain", "json"])
def test_64_kib_without_an_end_of_line_closes(room: Room, bystander: PlainClient, dialect: str) -> None:
    client = room.plain("영희") if dialect == "plain" else room.json("영희")
    client.send_bytes_if_open(b"x" * (64 * 1024 + 1))
    client.wait_until_closed()
    if dialect == "plain":
        bystander.wait_for_line("영희님이 퇴장하셨습니다.")
    barrier(bystander, bystander)
    assert bystander.departures == (["영희"] if dialect == "plain" else []), "a JSON client may come back to its seat"
    assert messages_of("영희", bystander) == []


def test_64_kib_without_an_end_of_line_closes_a_stranger_too(room: Room, bystander: PlainClient) -> None:
    client = room.stranger()
    client.send_bytes_if_open(b"x" * (64 * 1024 + 1))
    client.wait_until_closed()
