"""One connection as a conversation, without sockets and without a clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol import jsonlines, phrases
from server.protocol.errors import Code
from server.protocol.events import Closing, Frame, Hello, Limits, Member, Ping, Pong, Refused, Said, Welcome
from tui_client import strings
from tui_client.conversation import Conversation, Dismissed, HelloRefused, Lost, NickAwaited, RoundTrip, Timing

ADDRESS = "127.0.0.1:12345"
HELLO = Hello(1, "영희", "0" * 32)
WELCOME = Welcome(1, "test", "a" * 16, "영희", "e1", 0, 1, (Member("a" * 16, "영희"),), Limits(2000, 20, 16384), 20, 30)
TIMING = Timing(measure_after_s=float("inf"))
"""Without measuring, so that every ping is one that keeps the connection alive."""


def greeting() -> Conversation:
    """A conversation that has said hello at second 0."""
    made = Conversation(ADDRESS, TIMING, 0)
    assert made.greet(HELLO, 0) == jsonlines.encode(HELLO)
    return made


def talking(welcome: Welcome = WELCOME) -> Conversation:
    made = greeting()
    assert hear(made, welcome) == [welcome]
    return made


def hear(made: Conversation, *frames: Frame, now_s: float = 0) -> list[object]:
    return list(made.receive(b"".join(map(jsonlines.encode, frames)), now_s))


def said(seq: int) -> Said:
    return Said(seq, 1, "b" * 16, "철수", "안녕 👋")


def test_frames_come_out_however_the_bytes_were_cut() -> None:
    data = b"".join(map(jsonlines.encode, (WELCOME, said(1), said(2))))
    whole, piecewise = greeting(), greeting()
    frames = whole.receive(data, 0)
    assert frames == [WELCOME, said(1), said(2)]
    assert [frame for byte in data for frame in piecewise.receive(bytes([byte]), 0)] == frames


def test_sentences_for_plain_clients_are_skipped_until_the_welcome() -> None:
    made = greeting()
    assert made.receive("닉네임을 입력하세요.\r\n".encode(), 0) == []
    assert hear(made, WELCOME) == [WELCOME]
    assert made.is_talking


def test_frames_of_a_newer_server_are_ignored() -> None:
    made = talking()
    assert made.receive(b'{"t":"typing","uid":"x"}\n', 0) == []
    assert made.ending is None


def test_keep_alive_is_not_shown_to_anybody() -> None:
    assert hear(talking(), Pong(1), said(1)) == [said(1)]


# --- nicknames --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [Code.NICK_IN_USE, Code.NICK_INVALID, Code.NICK_RESERVED])
def test_refused_nickname_is_told_and_another_may_be_tried(code: Code) -> None:
    made = greeting()
    assert hear(made, Refused(code, "안 됩니다.\x1b")) == [HelloRefused(code, "안 됩니다.␛")]
    greetable_before = made.is_greetable
    made.greet(HELLO, 5)
    assert (greetable_before, made.is_greetable) == (True, False)
    assert hear(made, WELCOME, now_s=6) == [WELCOME]


@pytest.mark.parametrize("code", [Code.HANDSHAKE_TIMEOUT, Code.TOO_MANY_TRIES])
def test_server_that_hangs_up_while_a_nickname_is_thought_of_is_no_fault(code: Code) -> None:
    made = greeting()
    hear(made, Refused(Code.NICK_IN_USE, "쓰고 있습니다."), Closing(code, "끊습니다."))
    assert made.ending == NickAwaited()


def test_user_may_think_of_a_nickname_as_long_as_the_server_waits() -> None:
    made = greeting()
    hear(made, Refused(Code.NICK_IN_USE, "쓰고 있습니다."))
    assert made.next_due_s == float("inf")
    assert made.due(10_000) == b""
    made.receive_end()
    assert made.ending == NickAwaited()


def test_hello_refused_for_another_reason_ends_the_attempt() -> None:
    made = greeting()
    assert hear(made, Refused(Code.BAD_FRAME, "틀렸습니다.")) == []
    assert made.ending == Lost("틀렸습니다.")


# --- endings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [Code.REPLACED, Code.BAD_VERSION, Code.WRONG_PROTOCOL])
def test_goodbye_for_good_is_taken_as_such(code: Code) -> None:
    made = talking()
    hear(made, Closing(code, "끝.\u202e"))
    assert made.ending == Dismissed("끝.")


def test_who_is_banned_is_not_sent_back_at_once() -> None:
    made = talking()
    hear(made, Closing(Code.BANNED, "막혔습니다."))
    assert made.ending == Dismissed("막혔습니다.", says_all=True)


def test_that_a_server_wants_tls_is_told_with_the_option_that_is_in_the_way() -> None:
    made = greeting()
    hear(made, Closing(Code.TLS_REQUIRED, phrases.TLS_REQUIRED))
    assert made.ending == Dismissed(strings.TLS_REQUIRED)


@pytest.mark.parametrize("code", [Code.SHUTDOWN, Code.IDLE, Code.SLOW, Code.STORAGE_ERROR, "a_code_of_tomorrow"])
def test_after_any_other_goodbye_another_attempt_makes_sense(code: str) -> None:
    made = talking()
    hear(made, Closing(code, "나중에."))
    assert made.ending == Lost(strings.closed_for(code, "나중에."))


@pytest.mark.parametrize("code", [Code.SHUTDOWN, Code.IDLE, Code.SLOW, Code.SERVER_FULL, Code.STORAGE_FULL])
def test_who_comes_back_by_itself_asks_nobody_to(code: str) -> None:
    assert "다시 접속하세요" not in strings.closed_for(code, "나중에 다시 접속하세요.")


def test_server_without_room_is_told_from_one_that_is_gone() -> None:
    outside, inside = greeting(), greeting()
    hear(outside, Refused(Code.STORAGE_FULL, "잠시 뒤에 다시 들어오세요.", retry_ms=500))
    hear(inside, Closing(Code.SERVER_FULL, "자리가 없습니다."))
    assert outside.ending == Lost(strings.closed_for(Code.STORAGE_FULL, ""), lacks_room=True)
    assert inside.ending == Lost(strings.closed_for(Code.SERVER_FULL, ""), lacks_room=True)


def test_silence_of_a_server_that_has_let_us_in_before_is_no_question_of_its_address() -> None:
    made = Conversation(ADDRESS, TIMING, 0, is_known=True)
    made.greet(HELLO, 0)
    made.due(made.next_due_s)
    assert made.ending == Lost(strings.still_silent(ADDRESS))


def test_nothing_counts_after_the_goodbye_and_its_reason_stays() -> None:
    made = talking()
    assert hear(made, said(1), Closing("shutdown", "끕니다."), said(2)) == [said(1)]
    made.receive_end()
    assert made.ending == Lost(strings.closed_for("shutdown", ""))


def test_connection_that_breaks_is_told() -> None:
    made = talking()
    made.receive_end()
    assert made.ending == Lost(strings.CONNECTION_LOST)


def test_server_that_hangs_up_at_once_is_told_by_its_address() -> None:
    made = greeting()
    made.receive_end()
    assert made.ending == Lost(strings.hung_up(ADDRESS))


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b'{"jsonrpc":"2.0"}\n',
        b'{"t":"message"}\n',
        b"{\xff}\n",
        b"\x15\x03\x01\x00\x02\x02\x46\n",
    ],
)
def test_who_is_no_soksak_server_is_told_by_the_address(data: bytes) -> None:
    made = greeting()
    assert made.receive(data, 0) == []
    made.receive_end()
    assert made.ending == Lost(strings.not_soksak(ADDRESS))


def test_events_before_the_welcome_come_from_no_soksak_server() -> None:
    made = greeting()
    assert hear(made, said(1)) == []
    assert made.ending == Lost(strings.not_soksak(ADDRESS))


def test_server_of_another_version_is_not_tried_again() -> None:
    made = greeting()
    hear(made, Welcome(2, "test", "a" * 16, "영희", "e1", 0, 1, (), Limits(2000, 20, 16384), 20, 30))
    assert made.ending == Dismissed(strings.newer_server(2))


@pytest.mark.parametrize("data", [b"{\n", b"hello\n", b'{"t":"message","seq":"x"}\n', b"{" * (5 * 1024 * 1024)])
def test_garbage_in_the_middle_ends_the_conversation(data: bytes) -> None:
    made = talking()
    made.receive(data, 0)
    assert made.ending == Lost(strings.SERVER_GARBLED)


@given(st.lists(st.binary()))
def test_any_bytes_give_frames_or_an_ending_and_never_an_exception(pieces: list[bytes]) -> None:
    for made in (greeting(), talking()):
        for piece in pieces:
            made.receive(piece, 0)
        made.receive_end()
        assert made.ending is not None


# --- time -------------------------------------------------------------------------------------------------------------


def test_welcome_that_does_not_come_in_time_is_told() -> None:
    made = greeting()
    assert made.due(9.9) == b""
    assert made.ending is None
    made.due(made.next_due_s)
    assert made.ending == Lost(strings.no_welcome(ADDRESS))


def test_who_says_something_else_for_too_long_is_no_soksak_server() -> None:
    made = greeting()
    made.receive(b"220 smtp.example.org ESMTP\r\n", 1)
    made.due(10)
    assert made.ending == Lost(strings.not_soksak(ADDRESS))


def test_silence_is_answered_with_one_ping_and_then_with_an_end() -> None:
    made = talking()
    assert (made.next_due_s, made.due(19.9)) == (20, b"")
    assert made.due(20) == b'{"t":"ping","n":1}\n'
    assert (made.next_due_s, made.due(39.9)) == (40, b"")
    made.due(40)
    assert made.ending == Lost(strings.SERVER_SILENT)


def test_any_sign_of_life_counts_as_an_answer() -> None:
    made = talking()
    made.due(20)
    made.receive(b"{", 39)
    made.due(40)
    assert made.ending is None


def test_who_only_listens_says_something_now_and_then() -> None:
    made = talking()
    for now_s in range(1, 20):
        hear(made, said(now_s), now_s=now_s)
    assert made.due(20) == b'{"t":"ping","n":1}\n'


def test_who_speaks_need_not_ping_but_hears_of_silence() -> None:
    made = talking()
    for now_s in range(1, 20):
        hear(made, said(now_s), now_s=now_s)
        made.spoke(now_s)
    assert (made.next_due_s, made.due(38)) == (39, b"")


def test_ping_is_due_although_we_speak_when_nothing_comes_back() -> None:
    made = talking()
    made.spoke(19)
    assert made.due(20) != b""
    made.spoke(39)
    made.due(40)
    assert made.ending == Lost(strings.SERVER_SILENT)


def test_silence_of_our_own_choice_is_not_held_against_the_server() -> None:
    made = talking()
    made.due(20)
    made.pause(39)
    made.due(40)
    assert made.ending is None


def test_server_may_ask_for_more_frequent_pings_but_not_for_a_flood() -> None:
    impatient = Welcome(1, "test", "a" * 16, "영희", "e1", 0, 1, (), Limits(2000, 20, 16384), 5, 30)
    absurd = Welcome(1, "test", "a" * 16, "영희", "e1", 0, 1, (), Limits(2000, 20, 16384), 0, 30)
    assert (talking(impatient).next_due_s, talking(absurd).next_due_s) == (5, 1)


def test_servers_ping_is_answered_at_the_next_opportunity_and_once() -> None:
    made = talking()
    assert hear(made, Ping(7), said(1), Ping(8), now_s=3) == [said(1)]
    assert made.due(3) == b'{"t":"pong","n":7}\n{"t":"pong","n":8}\n'
    assert made.due(3) == b""


def test_ping_before_the_welcome_is_answered_too() -> None:
    made = greeting()
    assert hear(made, Ping(7)) == []
    assert (made.due(0), made.ending) == (b'{"t":"pong","n":7}\n', None)


def test_who_was_asleep_asks_at_once_and_does_not_wait_for_long() -> None:
    made = talking()
    made.wake(3600)
    assert made.due(3600) == b'{"t":"ping","n":1}\n'
    assert (made.next_due_s, made.due(3604.9), made.ending) == (3605, b"", None)
    made.due(3605)
    assert made.ending == Lost(strings.SERVER_SILENT)


def test_connection_that_outlived_the_sleep_goes_on_as_before() -> None:
    made = talking()
    made.wake(3600)
    made.due(3600)
    hear(made, Pong(1), now_s=3601)
    assert (made.next_due_s, made.due(3610), made.ending) == (3620, b"", None)


def test_sleep_before_the_welcome_is_waiting_in_vain() -> None:
    made = greeting()
    made.wake(3600)
    made.due(3600)
    assert made.ending == Lost(strings.no_welcome(ADDRESS))


def test_way_there_and_back_is_measured_soon_after_the_welcome_and_now_and_then() -> None:
    made = Conversation("방", Timing(), 0)
    made.receive(jsonlines.encode(WELCOME), 5)
    assert made.due(made.next_due_s) == b'{"t":"ping","n":1}\n'
    assert hear(made, Pong(1), now_s=6.25) == [RoundTrip(0.25)]
    assert hear(made, said(1), now_s=30) == [said(1)]
    made.spoke(30)
    assert (made.next_due_s, made.due(35.9)) == (36, b"")
    assert made.due(36) == b'{"t":"ping","n":2}\n'


def test_late_answer_to_an_older_ping_measures_nothing() -> None:
    made = Conversation("방", Timing(), 0)
    made.receive(jsonlines.encode(WELCOME), 0)
    made.due(1)
    made.receive(b"{", 20)
    made.due(31)
    assert hear(made, Pong(1), now_s=32) == []
    assert hear(made, Pong(2), now_s=33) == [RoundTrip(2)]
