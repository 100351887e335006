"""Operators over real sockets: the key, and what all the others see of it in both dialects."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.channel import Wakeup
from server.config import Config
from server.handshake import Handshake, uid_of
from server.line_reader import LineReader
from server.log.sqlite import SqliteStore
from server.log.store import Store
from server.operating import check_operator
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import BecomeOperator
from server.protocol.password import Password
from server.reception import Place
from tests.support.in_process import PATIENT, InProcess, in_process
from tests.support.json_client import Frame, JsonClient, new_secret
from tests.support.line_client import LineClient
from tests.support.plain_client import PlainClient
from tests.support.secret_files import secret_file
from tests.support.waiting import until
from tests.support.wires import local_wire

KEY = "열려라 참깨 둘"
THERE = "127.0.0.2"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(operator_key_file=secret_file(tmp_path, KEY))


@pytest.fixture
def server(config: Config) -> Iterator[InProcess]:
    with in_process(config=config) as running:
        yield running


@pytest.fixture
def clients() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def asked(client: JsonClient, kind: str, **fields: object) -> Frame:
    """What comes of a frame with an `id`."""
    seen = len(client.frames)
    client.send(t=kind, id=7, **fields)
    return client.until(lambda frame: frame.fields.get("id") == 7, after=seen)


def operator(server: InProcess, nick: str = "영희") -> JsonClient:
    client = server.json(nick)
    assert asked(client, "operator", key=KEY).kind == "done"
    return client


def ended(client: LineClient) -> Frame:
    """The last word of a JSON connection that the server has closed."""
    client.wait_until_closed()
    return Frame(json.loads(client.lines[-1]))


# --- the key ----------------------------------------------------------------------------------------------------------


def test_the_right_key_makes_an_operator(server: InProcess) -> None:
    client = server.json("영희")
    assert asked(client, "announce", text="아직").text("code") == "not_operator"
    assert asked(client, "operator", key=KEY).text("text") == phrases.IS_OPERATOR
    assert asked(client, "announce", text="이제").kind == "done"
    client.until(lambda frame: frame.kind == "announced" and frame.text("text") == "이제")


def test_a_wrong_key_is_refused_and_the_chat_goes_on(server: InProcess) -> None:
    client = server.json("영희")
    refused = asked(client, "operator", key="틀린 열쇠")
    assert (refused.kind, refused.text("code"), refused.text("text")) == (
        "refused",
        "auth_failed",
        phrases.OPERATOR_KEY_WRONG,
    )
    client.say_and_wait("아직 있습니다")


def test_after_three_wrong_keys_the_right_one_is_not_taken_either(server: InProcess) -> None:
    client = server.json("영희")
    codes = [asked(client, "operator", key=f"{KEY}{number}").text("code") for number in range(4)]
    assert codes == ["auth_failed"] * 3 + ["too_many_tries"]
    assert asked(client, "operator", key=KEY).text("code") == "too_many_tries"
    client.say_and_wait("아직 있습니다")


def test_who_was_an_operator_becomes_one_again_while_others_at_the_address_guess(server: InProcess) -> None:
    """A class behind one address could keep its teacher from it for ever."""
    client, guesser = operator(server), server.json("철수")
    for number in range(3):
        assert asked(guesser, "operator", key=f"{KEY}{number}").text("code") == "auth_failed"
    assert asked(guesser, "operator", key=KEY).text("code") == "too_many_tries"
    assert asked(client, "operator", key=KEY).kind == "done"


def test_without_a_key_there_are_no_operators() -> None:
    with in_process() as server:
        refused = asked(server.json("영희"), "operator", key=KEY)
        assert (refused.text("code"), refused.text("text")) == ("auth_failed", phrases.NO_OPERATOR_KEY)


def test_over_the_network_in_plain_text_nobody_becomes_one() -> None:
    peer, command = Peer.of("203.0.113.5"), BecomeOperator(7, Password(KEY))
    with pytest.raises(Refusal) as refused:
        check_operator(command, peer, None, Wakeup(), "", is_sealed=False)
    assert (refused.value.code, refused.value.text) == (Code.BAD_STATE, phrases.OPERATOR_NEEDS_TLS)


@pytest.mark.parametrize(("address", "stays"), [("203.0.113.5", False), ("127.0.0.1", True)])
def test_nor_does_an_operator_who_comes_back_so_stay_one(server: InProcess, address: str, *, stays: bool) -> None:
    """Whoever reads along could take the seat over."""
    secret = operator(server).secret
    services = server.server._services
    hello = {"t": "hello", "v": 1, "nick": "영희", "client": secret}
    with local_wire() as wire:
        reader = LineReader(wire.channel, services.stopping)
        wire.peer.sendall(json.dumps(hello).encode() + b"\n")
        place = Place(wire.channel, Peer.of(address), time.monotonic())
        assert Handshake(place, reader, services).enter().admission.seat.is_operator is stays


def test_what_was_said_before_does_not_wait_for_the_key(server: InProcess) -> None:
    client = server.json("영희")
    client.send_bytes(
        b"".join(
            json.dumps(frame).encode() + b"\n"
            for frame in (
                {"t": "say", "cid": "c", "text": "하나"},
                {"t": "operator", "id": 1, "key": KEY},
                {"t": "announce", "id": 2, "text": "둘"},
            )
        )
    )
    client.until(lambda frame: frame.kind == "announced")
    kinds = [frame.kind for frame in client.frames if frame.kind in ("message", "done", "announced")]
    assert kinds[0] == "message"
    assert client.refusals == []


# --- what others see --------------------------------------------------------------------------------------------------


def test_all_see_an_announcement_each_in_their_dialect(server: InProcess) -> None:
    chief, plain, other = operator(server), server.plain("민수"), server.json("철수")
    asked(chief, "announce", text="점검합니다\n철수> 네")
    told = other.until(lambda frame: frame.kind == "announced")
    assert (told.text("nick"), told.text("text"), told.text("uid")) == ("영희", "점검합니다\n철수> 네", chief.uid)
    plain.wait_for_line("[공지] 점검합니다")
    plain.wait_for_line("[공지] 철수> 네")


def test_an_announcement_is_cleaned_as_every_text_is(server: InProcess) -> None:
    chief, plain = operator(server), server.plain("민수")
    asked(chief, "announce", text="가\x1b[2J나\u202e다")
    plain.wait_for_line("[공지] 가\u241b[2J나다")
    assert asked(chief, "announce", text=" \u200b ").text("code") == "empty"
    assert asked(chief, "announce", text="가" * 2001).text("code") == "too_long"


def test_whoever_is_kicked_is_told_and_gone(server: InProcess) -> None:
    chief, plain, other = operator(server), server.plain("민수"), server.json("철수")
    assert asked(chief, "kick", nick="철수").kind == "done"
    closing = ended(other)
    assert (closing.kind, closing.text("code"), closing.text("text")) == ("closing", "kicked", phrases.KICKED)
    plain.wait_for_line("[알림] 영희님이 철수님을 내보냈습니다.")
    plain.wait_for_line("철수님이 퇴장하셨습니다.")
    left = chief.until(lambda frame: frame.kind == "left")
    assert left.text("reason") == "kicked"
    server.json("철수").say_and_wait("다시 왔습니다")


def test_a_plain_client_can_be_kicked_too(server: InProcess) -> None:
    chief, plain = operator(server), server.plain("민수")
    asked(chief, "kick", nick="민수")
    plain.wait_for_line(f"[알림] {phrases.KICKED}")
    plain.wait_until_closed()


def test_whoever_is_banned_is_told_until_when_and_does_not_come_back(server: InProcess) -> None:
    chief, other = operator(server), server.json("철수")
    asked(chief, "ban", target="철수", for_s=3600)
    closing = ended(other)
    assert (closing.text("code"), closing.text("text")) == ("banned", phrases.banned(3600))
    moderated = chief.until(lambda frame: frame.kind == "moderated")
    assert closing.number("until") == moderated.number("until") == moderated.number("at") + 3_600_000
    again = server.json_stranger(secret=other.secret)
    again.send(t="hello", v=1, nick="철수", client=other.secret)
    closing = ended(again)
    assert (closing.text("code"), closing.number("until")) == ("banned", moderated.number("until"))
    plain = server.plain_stranger()
    plain.send_line("철수")
    plain.wait_for_line(lambda line: line.startswith("[알림] 운영자가 차단해 들어올 수 없습니다."))
    plain.wait_until_closed()


def test_whoever_is_muted_keeps_their_message_and_hears_all(server: InProcess) -> None:
    chief, plain, other = operator(server), server.plain("민수"), server.json("철수")
    asked(chief, "mute", nick="철수", for_s=600)
    plain.wait_for_line("[알림] 영희님이 철수님을 10분 동안 조용히 있게 했습니다.")
    cid = other.say("들리세요?")
    refused = other.refused("muted")
    assert (refused.text("cid"), refused.has("retry_ms")) == (cid, False)
    assert 590_000 < refused.number("until") - time.time() * 1000 <= 600_000
    chief.say("들립니다")
    other.hear("영희> 들립니다")
    asked(chief, "unmute", nick="철수")
    other.say_and_wait("들리세요?", cid)
    plain.wait_for_line("철수> 들리세요?")


def test_another_nickname_of_the_same_computer_helps_nobody(server: InProcess) -> None:
    chief, computer = operator(server), new_secret()
    first, second = server.json("철수", device=computer), server.json("민수", device=computer.upper())
    asked(chief, "mute", nick="철수")
    second.say("들리세요?")
    second.refused("muted")
    asked(chief, "ban", target="철수")
    assert [ended(one).text("code") for one in (first, second)] == ["banned", "banned"]
    third = server.json_stranger(device=computer)
    third.ask_in("새이름")
    assert ended(third).text("code") == "banned"
    asked(chief, "unban", target="철수")
    assert server.json("새이름", device=computer).nick == "새이름"
    assert not any("device" in line or uid_of(computer) in line for line in chief.lines)


def test_what_is_no_device_is_no_greeting(server: InProcess) -> None:
    client = server.json_stranger(device="x" * 32)
    client.ask_in("영희")
    client.refused("bad_frame")


def test_a_plain_client_is_muted_too(server: InProcess) -> None:
    chief, plain = operator(server), server.plain("민수")
    asked(chief, "mute", nick="민수")
    plain.send_line("들리세요?")
    plain.wait_for_line(f"[알림] {phrases.muted(None)}")
    chief.say_and_wait("조용하네요")
    assert chief.public == ["영희> 조용하네요"]


def test_a_plain_client_is_told_where_it_can_be_done(server: InProcess) -> None:
    plain = server.plain("민수")
    for line in ("/운영자", "/추방 영희", "/공지 안녕"):
        seen = len(plain.lines)
        plain.send_line(line)
        plain.wait_for_line(f"[알림] {phrases.MODERATING_NEEDS_CLIENT}", after=seen)


def test_an_operator_sees_addresses(server: InProcess, clients: ExitStack) -> None:
    chief = operator(server)
    clients.enter_context(JsonClient(server.port, source=THERE)).enter("철수")
    asked(chief, "mute", nick="철수", for_s=60)
    listed = asked(chief, "sanctions")
    assert [(one.text("nick"), one.text("address")) for one in listed.frames("members")] == [
        ("영희", "127.0.0.1"),
        ("철수", THERE),
    ]
    [entry] = listed.frames("entries")
    assert (entry.text("kind"), entry.text("target"), entry.text("by")) == ("mute", "철수", "영희")


# --- addresses --------------------------------------------------------------------------------------------------------


def test_all_from_a_banned_address_go_and_are_turned_away_at_the_door(server: InProcess, clients: ExitStack) -> None:
    chief = operator(server)
    there = [clients.enter_context(JsonClient(server.port, source=THERE)).enter(nick) for nick in ("철수", "민수")]
    plain = clients.enter_context(PlainClient(server.port, source=THERE)).enter("지우")
    assert asked(chief, "ban", target="127.0.0.2/32", for_s=60).kind == "done"
    assert [ended(one).text("code") for one in there] == ["banned", "banned"]
    plain.wait_until_closed()
    until(lambda: chief.departures == ["철수", "민수", "지우"])
    again = clients.enter_context(JsonClient(server.port, source=THERE))
    again.send(t="hello", v=1, nick="새이름", client=again.secret)
    closing = ended(again)
    assert (closing.text("code"), closing.has("until")) == ("banned", True)
    assert chief.until(lambda frame: frame.kind == "moderated").text("target") == ""


def test_nothing_is_asked_of_who_comes_from_a_banned_address(server: InProcess, clients: ExitStack) -> None:
    chief = operator(server)
    asked(chief, "ban", target=THERE)
    again = clients.enter_context(PlainClient(server.port, source=THERE))
    again.send_line("이런 닉네임은 없습니다")
    again.wait_for_line(f"[알림] {phrases.banned(None)}")
    again.wait_until_closed()


def test_whoever_was_on_the_way_in_from_there_stays_outside(server: InProcess, clients: ExitStack) -> None:
    chief = operator(server)
    late = clients.enter_context(JsonClient(server.port, source=THERE))
    late.send_bytes(b'{"t":"hello",')
    until(lambda: len(server.channels) == 2)
    asked(chief, "ban", target=THERE)
    late.send_line(f'"v":1,"nick":"철수","client":"{late.secret}"}}')
    assert ended(late).text("code") == "banned"


def test_an_address_that_is_let_in_again_comes_in(server: InProcess, clients: ExitStack) -> None:
    chief = operator(server)
    asked(chief, "ban", target=THERE)
    assert asked(chief, "unban", target=THERE).kind == "done"
    clients.enter_context(JsonClient(server.port, source=THERE)).enter("철수").say_and_wait("안녕하세요")


# --- the log ----------------------------------------------------------------------------------------------------------


def test_the_log_says_who_did_what_to_whom_and_nothing_that_was_said(
    server: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    chief = operator(server)
    server.json("철수")
    asked(chief, "announce", text="비밀스러운 공지")
    asked(chief, "mute", nick="철수", for_s=60)
    asked(chief, "ban", target="192.0.2.0/24")
    asked(chief, "operator", key="틀린 열쇠")
    lines = [record.getMessage() for record in caplog.records if record.name == "server.log.sequencer"]
    assert lines[:2] == [f"{chief.uid} (영희): operator 127.0.0.1", f"{chief.uid} (영희): announce"]
    assert lines[2].startswith(f"{chief.uid} (영희): mute 철수 until 20")
    assert lines[3] == f"{chief.uid} (영희): ban 192.0.2.0/24"
    assert not any(word in caplog.text for word in ("비밀스러운", KEY, "틀린 열쇠"))


def test_history_and_search_have_them_too(server: InProcess) -> None:
    chief = operator(server)
    server.json("철수")
    asked(chief, "announce", text="내일은 점검합니다")
    asked(chief, "mute", nick="철수", for_s=60)
    kinds = [event.kind for event in chief.whole_history(page=2)]
    assert kinds == ["joined", "joined", "announced", "moderated"]
    chief.send(t="search", id=9, query="점검")
    found = chief.until(lambda frame: frame.kind == "history" and frame.number("id") == 9).frames("events")
    assert [(hit.kind, hit.text("text")) for hit in found] == [("announced", "내일은 점검합니다")]


def test_they_outlive_a_restart(tmp_path: Path, config: Config) -> None:
    def store() -> Store:
        return SqliteStore(tmp_path / "soksak.db")

    with in_process(store=store(), config=config, timeouts=PATIENT) as server:
        chief, other = operator(server), server.json("철수")
        third = server.json("민수")
        asked(chief, "ban", target="철수")
        asked(chief, "mute", nick="민수", for_s=600)
        asked(chief, "announce", text="다시 시작합니다")
    with in_process(store=store(), config=config) as server:
        again = server.json_stranger(secret=other.secret)
        again.send(t="hello", v=1, nick="철수", client=other.secret)
        assert ended(again).text("code") == "banned"
        muted = server.json_stranger(secret=third.secret)
        muted.hello("민수")
        muted.say("들리세요?")
        muted.refused("muted")
        assert "announced" in [frame.kind for frame in muted.events]
