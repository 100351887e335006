"""The way in, over real sockets: who is asked for what, who is let in, who is turned away and how."""

import gc
import hashlib
import secrets
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from server.config import Config
from server.handshake import Entrance, Handshake, uid_of
from server.line_reader import LineReader
from server.log.seating import KeptSeat
from server.log.store import StoreError
from server.members import ROW
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Code
from server.reception import Place
from server.rounds import Admission
from tests.support.in_process import PATIENT, SHORT, InProcess, in_process
from tests.support.line_client import LineClient
from tests.support.samples import CHEOLSU, YOUNGHEE, conversation, records, said, whispered
from tests.support.seams import BROKEN, Memory
from tests.support.tasks import Task
from tests.support.waiting import DEADLINE_S, until
from tests.support.wires import SMALL_BUFFER, local_wire

NOTICE = phrases.NOTICE


@pytest.fixture
def room() -> Iterator[InProcess]:
    """Timeouts as they are, so that nothing happens that was not asked for."""
    with in_process() as one:
        yield one


@pytest.fixture
def hasty() -> Iterator[InProcess]:
    """Timeouts of less than a second or so."""
    with in_process(timeouts=SHORT) as one:
        yield one


# --- being asked ------------------------------------------------------------------------------------------------------


def test_who_is_silent_is_asked_for_a_nickname(hasty: InProcess) -> None:
    client = hasty.plain_stranger()
    client.wait_for_line("닉네임을 입력하세요.")
    client.enter("영희")
    assert client.lines == ["닉네임을 입력하세요.", "영희님이 입장하셨습니다."]


@pytest.mark.parametrize("line", ["영희", "  영희\t", unicodedata.normalize("NFD", "영희"), "영희\r"])
def test_who_gives_a_nickname_at_once_is_not_asked(room: InProcess, line: str) -> None:
    client = room.plain_stranger()
    client.send_line(line)
    client.wait_for_line("영희님이 입장하셨습니다.")
    assert client.lines == ["영희님이 입장하셨습니다."]


def test_negotiating_is_no_nickname_yet(hasty: InProcess) -> None:
    client = hasty.plain_stranger()
    client.send_bytes(b"\xff\xfd\x03\xff\xfb\x18")
    client.wait_for_line("닉네임을 입력하세요.")
    client.enter("영희")


def test_a_json_client_that_was_asked_is_welcomed_all_the_same(hasty: InProcess) -> None:
    client = hasty.json_stranger()
    client.wait_for_line("닉네임을 입력하세요.")
    assert client.hello("영희").text("nick") == "영희"


# --- a nickname -------------------------------------------------------------------------------------------------------


def test_three_bad_nicknames_are_enough(room: InProcess) -> None:
    room.plain("영희")
    client = room.plain_stranger()
    for nick in ("영희", "서버", "영 희"):
        client.send_line(nick)
    client.wait_until_closed()
    assert client.lines == [
        NOTICE + phrases.nick_in_use("영희"),
        NOTICE + phrases.nick_reserved("서버"),
        NOTICE + phrases.NICK_CHARACTERS,
        NOTICE + phrases.TOO_MANY_TRIES,
    ]


def test_the_third_try_counts(room: InProcess) -> None:
    client = room.plain_stranger()
    for line in (b"\xff\xff\xc3\x28\n", b"x" * 5000 + b"\n"):
        client.send_bytes(line)
    client.enter("영희")
    assert client.lines[:2] == [NOTICE + phrases.BAD_UTF8, NOTICE + phrases.line_too_long(4096)]


def test_a_json_client_may_try_as_often_as_it_takes(room: InProcess) -> None:
    client = room.json_stranger()
    for nick in ("서버", "영 희", "", "나", "알림"):
        client.send(t="hello", v=1, nick=nick, client=client.secret)
    assert client.hello("영희").text("nick") == "영희"
    assert [frame.text("code") for frame in client.frames[:5]] == [
        *("nick_reserved", "nick_invalid", "nick_invalid", "nick_reserved", "nick_reserved")
    ]


def test_who_goes_before_the_nickname_is_whole_was_never_here(room: InProcess) -> None:
    witness, client = room.plain("철수"), room.stranger()
    client.send_bytes("영희".encode())
    client.finish_sending()
    client.wait_until_closed()
    witness.speak("끝")
    witness.hear("철수> 끝")
    assert witness.arrivals == ["철수"]


# --- hello ------------------------------------------------------------------------------------------------------------


def test_the_uid_is_made_of_the_secret_in_whatever_case() -> None:
    secret = secrets.token_hex(16)
    assert uid_of(secret) == uid_of(secret.upper()) == hashlib.sha256(secret.encode()).hexdigest()[:16]


def test_a_welcome_says_what_a_client_needs_to_know(room: InProcess) -> None:
    room.plain("철수")
    client = room.json_stranger()
    welcome = client.hello("영희")
    assert welcome.members() == ["철수", "영희"]
    assert (welcome.number("seq"), welcome.number("replay_from")) == (2, 1)
    assert welcome.text("uid") == uid_of(client.secret)
    client.until(lambda frame: frame.kind == "joined" and frame.number("seq") == 2)
    assert [frame.number("seq") for frame in client.events] == [1, 2]


class CrowdedStore(Memory):
    """So many were in the room when the log ended."""

    MANY = 3 * ROW

    def seated(self) -> tuple[KeptSeat, ...]:
        return tuple(KeptSeat(f"{number:016x}", f"손님{number}") for number in range(self.MANY))


def test_a_welcome_to_a_large_room_names_everybody_in_their_order() -> None:
    with in_process(store=CrowdedStore()) as crowded:
        crowd = [one.nick for one in CrowdedStore().seated()]
        renamed, leaver = crowded.json("영희"), crowded.json("철수")
        renamed.send(t="nick", nick="영이")
        renamed.until(lambda frame: frame.kind == "renamed")
        leaver.leave()
        renamed.until(lambda frame: frame.kind == "left")
        assert crowded.json_stranger().hello("민수").members() == [*crowd, "영이", "민수"]


@pytest.mark.parametrize("line", ['{"t":"say","cid":"c","text":"a"}', '{"t":"ping","n":1}', '{"t":"bye"}'])
def test_anything_before_hello_is_refused_and_hello_is_still_heard(room: InProcess, line: str) -> None:
    client = room.json_stranger()
    client.send_line(line)
    assert client.refused("bad_state").text("text") == phrases.HELLO_FIRST
    client.hello("영희")


def test_hello_is_said_once(room: InProcess) -> None:
    client = room.json("영희")
    client.send(t="hello", v=1, nick="영이", client=client.secret)
    assert client.refused("bad_state").text("text") == phrases.HELLO_AGAIN
    client.say_and_wait("아직 있습니다")


def test_another_version_is_told_and_closed(room: InProcess) -> None:
    client = room.json_stranger()
    client.send(t="hello", v=2, nick="영희", client=client.secret)
    closing = client.until(lambda frame: frame.kind == "closing")
    assert (closing.text("code"), closing.text("text")) == ("bad_version", phrases.bad_version(1))
    client.wait_until_closed()


def test_the_same_client_takes_its_seat_over(room: InProcess) -> None:
    witness, old = room.json("철수"), room.json("영희")
    new = room.json_stranger(secret=old.secret)
    assert new.hello("영희").members() == ["철수", "영희"]
    assert old.until(lambda frame: frame.kind == "closing").text("code") == "replaced"
    old.wait_until_closed()
    witness.whisper("영희", "비밀")
    new.until(lambda frame: frame.kind == "whisper")
    new.say_and_wait("여기")
    witness.hear("영희> 여기")
    assert (witness.arrivals, witness.departures) == (["철수", "영희"], [])


# --- where one begins to read -----------------------------------------------------------------------------------------


def test_a_screenful_is_replayed() -> None:
    store = Memory()
    store.append(conversation(1, 70))
    with in_process(store=store) as room:
        client = room.json_stranger()
        welcome = client.hello("민수")
        assert (welcome.number("seq"), welcome.number("replay_from")) == (71, 22)
        client.until(lambda frame: frame.kind == "joined")
        assert [event.number("seq") for event in client.events] == list(range(22, 72))


def resumed(room: InProcess, epoch: str, seq: int) -> int:
    """Where a client is taken up that saw `seq` in `epoch`."""
    client = room.json_stranger()
    resume = {"epoch": epoch, "seq": seq}
    client.send(t="hello", v=1, nick="민수", client=client.secret, resume=resume)
    return client.until(lambda frame: frame.kind == "welcome").number("replay_from")


@pytest.mark.parametrize(
    ("epoch", "seq", "replay_from"), [("", 30, 31), ("", 0, 1), ("", 70, 71), ("", 72, 22), ("x", 30, 22)]
)
def test_who_comes_back_is_taken_up_where_it_was_if_it_was_here(epoch: str, seq: int, replay_from: int) -> None:
    store = Memory()
    store.append(conversation(1, 70))
    with in_process(store=store) as room:
        assert resumed(room, epoch or store.epoch, seq) == replay_from


def test_who_was_here_before_the_log_begins_is_taken_up_where_it_does() -> None:
    """And sees by that what it missed: it must not be ended, again and again, for what nobody has any more."""
    store = Memory(max_events=50)
    store.append(conversation(1, 70))
    with in_process(store=store) as room:
        assert store.reaches_back_to > 5
        oldest = store.reaches_back_to + 1  # before one more comes in
        assert resumed(room, store.epoch, 5) in (oldest, oldest + 1)


def test_a_plain_client_begins_with_its_own_coming() -> None:
    store = Memory()
    store.append(conversation(1, 9))
    with in_process(store=store) as room:
        assert room.plain("민수").lines == ["민수님이 입장하셨습니다."]


def test_a_plain_client_is_shown_what_was_said_if_the_server_was_told_to() -> None:
    with in_process(config=Config(plain_history=2)) as told:
        earlier = told.plain("영희")
        for text in "가나다":
            earlier.speak(text)
        earlier.hear("영희> 다")
        assert told.plain("민수").lines == ["영희> 나", "영희> 다", "민수님이 입장하셨습니다."]


def test_a_plain_client_is_shown_what_was_said_before_the_server_was_started() -> None:
    store = Memory()
    store.append(records(said(1, "가"), said(2, "나"), whispered(3, to=CHEOLSU, uid=YOUNGHEE), said(4, "다")))
    with in_process(store=store, config=Config(plain_history=2)) as room:
        assert room.plain("민수").lines == ["영희> 나", "영희> 다", "민수님이 입장하셨습니다."]


# --- taking too long --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begun", "least_s", "most_s"),
    [
        (b"", SHORT.typed_handshake_s, PATIENT.json_handshake_s),
        ("영".encode(), SHORT.typed_handshake_s, PATIENT.json_handshake_s),
        (b'{"t":', SHORT.json_handshake_s, SHORT.typed_handshake_s),
        (b"{}\n", SHORT.json_handshake_s, SHORT.typed_handshake_s),
        (b'{"t":"hello","v":1,"nick":"","client":"' + b"0" * 32 + b'"}\n', SHORT.typed_handshake_s, 9),
    ],
    ids=["nothing", "half a nickname", "half a frame", "no hello", "a hello with a bad nickname"],
)
def test_coming_in_has_an_end(hasty: InProcess, begun: bytes, least_s: float, most_s: float) -> None:
    """Programs are given less time than people; a person may be behind a program that asks for another nickname."""
    opened_at = time.monotonic()
    client = hasty.stranger()
    client.send_bytes(begun)
    client.wait_until_closed()
    took_s = time.monotonic() - opened_at
    assert least_s - 0.1 <= took_s < most_s
    assert phrases.HANDSHAKE_TIMEOUT in client.lines[-1]
    assert client.lines[-1].startswith('{"t":"closing","code":"handshake_timeout"' if begun[:1] == b"{" else NOTICE)


@pytest.mark.parametrize(
    ("begun", "drop", "most_s"),
    [
        (b"", "영".encode(), SHORT.typed_handshake_s),
        (b"", b"\xff\xf1", SHORT.typed_handshake_s),
        (b'{"t":"', b"x", SHORT.json_handshake_s),
        (b"{}\n", b"{}\n", SHORT.json_handshake_s),
        (b"", "서버\n".encode(), SHORT.typed_handshake_s),
    ],
    ids=["a nickname", "telnet", "a frame", "frames that are no hello", "bad nicknames"],
)
def test_who_says_a_little_again_and_again_gains_no_time(
    hasty: InProcess, begun: bytes, drop: bytes, most_s: float
) -> None:
    """A drop every third of the time that there is in all."""
    opened_at = time.monotonic()
    client = hasty.stranger()
    client.send_bytes(begun)
    dripping = Task(lambda: drip(client, drop, most_s / 3))
    client.wait_until_closed()
    assert time.monotonic() - opened_at < most_s + SHORT.farewell_s + 0.3
    dripping.finish()


def drip(client: LineClient, drop: bytes, every_s: float) -> None:
    """Send `drop` for as long as the server hasn't hung up."""
    with suppress(OSError):
        while not client.received.ended:
            client.send_bytes(drop)
            with suppress(AssertionError):
                client.wait_until_closed(every_s)


def test_another_nickname_is_no_reason_for_more_time(hasty: InProcess) -> None:
    opened_at = time.monotonic()
    client = hasty.stranger()
    with suppress(AssertionError):
        client.wait_until_closed(0.8 * SHORT.typed_handshake_s)
    client.send_line("서버")
    client.wait_until_closed()
    assert time.monotonic() - opened_at < SHORT.typed_handshake_s + 0.4
    assert client.lines[-2:] == [NOTICE + phrases.nick_reserved("서버"), NOTICE + phrases.HANDSHAKE_TIMEOUT]


def test_who_sends_without_an_end_gains_no_time(hasty: InProcess) -> None:
    client = hasty.stranger()
    flooding = Task(lambda: flood(client, b'{"t":"ping","n":1}\n' * 1000))
    until(lambda: len(hasty.channels) == 1)
    until(lambda: not hasty.channels, SHORT.json_handshake_s + SHORT.farewell_s + 3, what="still served")
    flooding.finish()


def flood(client: LineClient, data: bytes) -> None:
    """Send for as long as anybody takes it."""
    with suppress(OSError):
        while True:
            client.send_bytes(data)


def test_answers_to_who_reads_none_do_not_pile_up(hasty: InProcess) -> None:
    services = replace(hasty.server._services, config=Config(timeouts=SHORT, max_backlog_bytes=20_000))
    with local_wire(SMALL_BUFFER) as wire:
        reader = LineReader(wire.channel, services.stopping)
        wire.peer.sendall(b"{}\n" * 5000)
        Task(lambda: Handshake(Place(wire.channel, Peer.of("127.0.0.1"), 0.0), reader, services).enter()).finish()
        assert wire.channel.backlog_bytes < 40_000


# --- being turned away ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", phrases.WRONG_PROTOCOL),
        (b"POST /say HTTP/1.1\r\n\r\n@\r\n", phrases.WRONG_PROTOCOL),
        (b"SSH-2.0-OpenSSH_9.2\r\n", phrases.WRONG_PROTOCOL),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n", phrases.WRONG_PROTOCOL),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", phrases.NO_TLS),
    ],
    ids=["GET", "POST", "SSH", "PROXY", "TLS"],
)
def test_who_looks_for_something_else_gets_one_line(room: InProcess, data: bytes, sentence: str) -> None:
    witness, client = room.plain("영희"), room.stranger()
    client.send_bytes(data)
    client.wait_until_closed()
    assert client.lines == [NOTICE + sentence]
    assert witness.lines == ["영희님이 입장하셨습니다."]


@pytest.fixture
def full() -> Iterator[InProcess]:
    """One seat, taken, and one place to be told so."""
    with in_process(config=Config(max_clients=1, spare_connections=1), timeouts=SHORT) as one:
        one.plain("영희")
        yield one


def test_a_full_server_says_so_in_either_dialect(full: InProcess) -> None:
    plain = full.plain_stranger()
    plain.send_line("철수")
    plain.wait_until_closed()
    assert plain.lines == [NOTICE + phrases.SERVER_FULL]
    until(lambda: len(full.channels) == 1)
    json = full.json_stranger()
    json.send(t="hello", v=1, nick="철수", client=json.secret)
    json.wait_until_closed()
    assert [(frame.kind, frame.text("code")) for frame in json.frames] == [("closing", "server_full")]


def test_a_full_server_does_not_wait_long_for_a_word(full: InProcess) -> None:
    silent = full.stranger()
    silent.wait_until_closed(SHORT.full_handshake_s + SHORT.farewell_s + 2)
    assert silent.lines[-1] == NOTICE + phrases.SERVER_FULL


def test_beyond_the_places_to_be_told_nobody_is_asked(full: InProcess) -> None:
    waiting, one_more = full.stranger(), full.stranger()
    one_more.wait_until_closed(SHORT.full_handshake_s)
    assert one_more.lines == [NOTICE + phrases.SERVER_FULL]
    waiting.wait_until_closed()


def test_a_seat_that_became_free_is_free(full: InProcess) -> None:
    [member] = full.channels
    member.abort()
    full.wait_until_alone()
    full.plain("철수")


# --- when something fails ---------------------------------------------------------------------------------------------


class ForgetfulStore(Memory):
    """Can be written but not read."""

    broken = False

    def start_of_last(self, count: int, head: int, viewer: str) -> int:
        if self.broken:
            raise StoreError(BROKEN)
        return super().start_of_last(count, head, viewer)


def test_who_could_not_be_let_in_keeps_no_seat() -> None:
    store = ForgetfulStore(1000)
    with in_process(store=store, timeouts=replace(PATIENT, grace_s=0)) as room:
        store.broken = True
        unlucky = room.json_stranger()
        unlucky.send(t="hello", v=1, nick="영희", client=unlucky.secret)
        unlucky.wait_until_closed()
        store.broken = False
        assert room.json("철수").frames[0].members() == ["철수"]
        assert Code.STORAGE_ERROR in unlucky.lines[-1]


def test_who_is_gone_before_the_welcome_keeps_no_seat() -> None:
    """Nothing will arrive there any more: it is not waited for."""
    never = replace(PATIENT, grace_s=0, farewell_s=4 * DEADLINE_S)
    with in_process(timeouts=never) as room:
        for number in range(5):
            hasty = room.json_stranger(reading=False)
            hasty.send(t="hello", v=1, nick=f"손님{number}", client=hasty.secret)
            hasty.close()
        until(lambda: room.server._services.store.head == 10)
        room.wait_until_alone()


# --- bytes, once inside -----------------------------------------------------------------------------------------------


def test_telnet_commands_are_skipped_also_in_a_line_that_begins_like_json(room: InProcess) -> None:
    client = room.plain("영희")
    client.send_bytes("{안녕".encode() + b"\xff\xf1" + b"}\n")
    client.wait_for_line("영희> {안녕}", 3)


# --- what is kept of it -----------------------------------------------------------------------------------------------


def test_nobody_keeps_the_list_of_members_that_they_were_told(hasty: InProcess) -> None:
    """Or each client would cost as much as there are others."""
    for number in range(5):
        hasty.json(f"손님{number}")
    hasty.json("마지막").say_and_wait("다 왔나요")  # what the sequencer did last it keeps until it does something else
    until(lambda: not any(isinstance(one, Entrance | Admission) for one in gc.get_objects()))
