"""The room's password, over real sockets in both dialects: who is let in, who is not, and what the others learn of it."""

import json
import logging
import socket
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.config import Config
from server.protocol import phrases
from tests.support.in_process import SHORT, InProcess, in_process
from tests.support.json_client import Frame, JsonClient, new_secret
from tests.support.seams import Memory
from tests.support.secret_files import secret_file
from tests.support.waiting import DEADLINE_S

NOTICE = phrases.NOTICE
PASSWORD = "참깨가 열려라"
CAME = "영희님이 입장하셨습니다."


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(password_file=secret_file(tmp_path, PASSWORD))


@pytest.fixture
def room(config: Config) -> Iterator[InProcess]:
    with in_process(config=config) as one:
        yield one


def greeted(
    room: InProcess, nick: str = "영희", *, client: JsonClient | None = None, **fields: str | None
) -> JsonClient:
    """Somebody who has said hello, with these fields besides."""
    client = client or room.json_stranger()
    client.send(t="hello", v=1, nick=nick, client=client.secret, **fields)
    return client


def welcomed(room: InProcess, nick: str = "영희") -> JsonClient:
    client = greeted(room, nick, password=PASSWORD)
    client.until(lambda frame: frame.kind == "welcome")
    return client


def closing(client: JsonClient) -> Frame:
    client.wait_until_closed()
    return client.frames[-1]


# --- JSON -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [PASSWORD, unicodedata.normalize("NFD", PASSWORD)])
def test_who_knows_the_password_comes_in(room: InProcess, typed: str) -> None:
    greeted(room, password=typed).until(lambda frame: frame.kind == "welcome")


@pytest.mark.parametrize("typed", ["", None, "참깨"])
def test_who_does_not_learns_no_more_than_that(room: InProcess, typed: str | None) -> None:
    member = welcomed(room, "철수")
    for client in (greeted(room, "영희", password=typed), greeted(room, "철수", password=typed), greeted(room, "철수")):
        frame = closing(client)
        assert frame.fields == {"t": "closing", "code": "auth_failed", "text": phrases.AUTH_FAILED}
        assert len(client.frames) == 1
    member.say_and_wait("여기 누구 왔어요?")
    assert member.arrivals == ["철수"]


def test_a_nickname_is_only_said_to_be_taken_to_who_knows_the_password(room: InProcess) -> None:
    welcomed(room, "철수")
    client = greeted(room, "철수", password=PASSWORD)
    client.refused("nick_in_use")
    greeted(room, "영희", client=client, password=PASSWORD).until(lambda frame: frame.kind == "welcome")


def test_who_was_let_in_once_is_not_asked_again_for_another_nickname(room: InProcess) -> None:
    welcomed(room, "철수")
    client = greeted(room, "철수", password=PASSWORD)
    client.refused("nick_in_use")
    greeted(room, "영희", client=client).until(lambda frame: frame.kind == "welcome")


def test_a_wrong_password_does_not_take_a_seat_over(room: InProcess) -> None:
    member = welcomed(room)
    thief = room.json_stranger(secret=member.secret)
    assert closing(greeted(room, "영희", client=thief, password="틀린 비밀번호")).text("code") == "auth_failed"
    member.say_and_wait("아직 제자리")


def test_the_fourth_guess_of_a_minute_is_not_looked_at(room: InProcess) -> None:
    answers = [closing(greeted(room, password=guess)) for guess in ("하나", "둘", "셋", PASSWORD)]
    assert [frame.text("code") for frame in answers] == [*["auth_failed"] * 3, "too_many_tries"]
    assert 50_000 < answers[-1].number("retry_ms") <= 60_000


def test_others_come_in_while_somebody_guesses(room: InProcess) -> None:
    member = welcomed(room, "철수")
    for guess in "가나다라마바사아":
        closing(greeted(room, password=guess))
    assert enter_from(room, "127.0.0.2", "영희")["t"] == "welcome"
    assert enter_from(room, "127.0.0.1", "민수")["code"] == "too_many_tries"
    member.say_and_wait("저는 잘 있어요")


def enter_from(room: InProcess, address: str, nick: str) -> dict[str, str]:
    """The first answer to a right hello from another address of this machine."""
    hello = {"t": "hello", "v": 1, "nick": nick, "client": new_secret(), "password": PASSWORD}
    with socket.create_connection((room.host, room.port), DEADLINE_S, source_address=(address, 0)) as connection:
        connection.sendall(json.dumps(hello).encode() + b"\n")
        with connection.makefile("rb") as lines:
            answer: dict[str, str] = json.loads(lines.readline())
            return answer


def test_a_room_without_a_password_takes_any(tmp_path: Path) -> None:
    with in_process() as room:
        greeted(room, password="아무거나").until(lambda frame: frame.kind == "welcome")


def test_who_only_asks_whether_a_server_is_here_is_answered(room: InProcess) -> None:
    """As `chat-tui --doctor` does, with a nickname that nobody can have."""
    greeted(room, "").refused("nick_invalid")


# --- plain ------------------------------------------------------------------------------------------------------------


def test_it_is_asked_for_after_the_nickname(room: InProcess) -> None:
    client = room.plain_stranger()
    client.send_line("영희")
    client.wait_for_line(phrases.ASK_PASSWORD)
    client.send_line(PASSWORD)
    client.wait_for_line(CAME)
    assert client.lines == [phrases.ASK_PASSWORD, CAME]


def test_a_script_may_say_all_of_it_at_once(room: InProcess) -> None:
    client = room.plain_stranger()
    client.send_bytes(f"영희\r\n{PASSWORD}\r\n안녕\r\n".encode())
    client.wait_for_line("영희> 안녕")
    assert client.lines == [phrases.ASK_PASSWORD, CAME, "영희> 안녕"]


def test_three_wrong_ones_are_enough_and_never_reach_the_room(room: InProcess) -> None:
    member, client = welcomed(room, "철수"), room.plain_stranger()
    for line in ("철수", "하나", "둘", "셋"):
        client.send_line(line)
    client.wait_until_closed()
    again = NOTICE + phrases.PASSWORD_AGAIN
    assert client.lines == [phrases.ASK_PASSWORD, again, again, NOTICE + phrases.AUTH_FAILED]
    member.say_and_wait("조용하네요")
    assert (member.arrivals, member.public) == (["철수"], ["철수> 조용하네요"])


def test_a_slip_is_forgiven(room: InProcess) -> None:
    client = room.plain_stranger()
    for line in ("영희", "", "틀린 비밀번호", PASSWORD):
        client.send_line(line)
    client.wait_for_line(CAME)


@pytest.mark.parametrize("line", [b"\xfe\xfe", b"\xc3\x28", b"x" * 5000, "참깨\0".encode()])
def test_what_is_no_password_is_a_wrong_one(room: InProcess, line: bytes) -> None:
    client = room.stranger()
    client.send_bytes("영희\n".encode() + line + b"\n")
    client.wait_for_line(NOTICE + phrases.PASSWORD_AGAIN)


def test_a_taken_nickname_is_told_after_the_password_and_another_needs_none(room: InProcess) -> None:
    welcomed(room, "철수")
    client = room.plain_stranger()
    for line in ("철수", PASSWORD, "영희"):
        client.send_line(line)
    client.wait_for_line(CAME)
    assert client.lines == [phrases.ASK_PASSWORD, NOTICE + phrases.nick_in_use("철수"), CAME]


def test_too_many_tries_are_told_in_plain_words(room: InProcess) -> None:
    for guess in ("하나", "둘", "셋"):
        closing(greeted(room, password=guess))
    client = room.plain_stranger()
    for line in ("영희", PASSWORD):
        client.send_line(line)
    client.wait_until_closed()
    assert client.lines[-1].startswith(NOTICE + phrases.too_many_secrets(60)[:20])


def test_the_password_has_a_time_of_its_own_which_ends(config: Config) -> None:
    with in_process(config=config, timeouts=SHORT) as room:
        client = room.stranger()
        client.wait_for_line(phrases.ASK_NICKNAME)
        client.send_line("영희")
        client.wait_for_line(phrases.ASK_PASSWORD)
        asked_at = time.monotonic()
        client.wait_until_closed()
        assert SHORT.typed_handshake_s - 0.1 < time.monotonic() - asked_at < SHORT.typed_handshake_s + 3
        assert client.lines[-1] == NOTICE + phrases.HANDSHAKE_TIMEOUT


# --- telnet -----------------------------------------------------------------------------------------------------------


def test_a_telnet_shows_no_password_while_it_is_typed(room: InProcess) -> None:
    with socket.create_connection((room.host, room.port), DEADLINE_S) as telnet:
        telnet.sendall(b"\xff\xfd\x03" + "영희\r\n".encode())
        prompt = phrases.ASK_PASSWORD.encode() + b"\n"
        assert read_until(telnet, b"\x01") == prompt + b"\xff\xfb\x01"
        telnet.sendall(b"\xff\xfd\x01" + PASSWORD.encode() + b"\r\n")
        assert read_until(telnet, b".\n") == b"\xff\xfc\x01" + CAME.encode() + b"\n"


def read_until(connection: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        piece = connection.recv(1)
        assert piece, data
        data += piece
    return data


# --- nobody is told ---------------------------------------------------------------------------------------------------


class BrokenStore(Memory):
    """Fails where somebody who was let in begins to read: a fault of ours, with all that was said still in hand."""

    def start_of_last(self, count: int, head: int, viewer: str) -> int:
        raise ZeroDivisionError


def test_the_log_holds_no_password_whatever_happens(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with in_process(config=config, store=BrokenStore()) as room:
        closing(greeted(room, password="틀린 비밀번호"))
        unlucky = greeted(room, password=PASSWORD)
        unlucky.wait_until_closed()
        room.wait_until_alone()
    assert "wrong about the password" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert not any(word in caplog.text for word in ("참깨", "틀린", unlucky.secret))
