"""The rules of the room, one by one, without a socket and without a thread."""

import unicodedata
from typing import TypeVar

import pytest

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Joined, Left, Member, Rename, Renamed, Said, Say, Whisper, Whispered
from server.rounds import Echo, Replaced, Round
from tests.support.rounds import LoggedRoom, asking, entering, holder_of, leaving
from tests.support.samples import AT, CHEOLSU, MINSU, YOUNGHEE

_Answer = TypeVar("_Answer")


@pytest.fixture
def room() -> LoggedRoom:
    return LoggedRoom()


def answer(played: Round[str], kind: type[_Answer]) -> _Answer:
    """The one answer of a round in which nothing happened."""
    assert played.events == []
    [(_, only)] = played.answers
    assert isinstance(only, kind)
    return only


def code_of(played: Round[str]) -> Code:
    return answer(played, Refusal).code


# --- coming in --------------------------------------------------------------------------------------------------------


def test_a_newcomer_joins_and_learns_who_is_here(room: LoggedRoom) -> None:
    room.enter("영희", YOUNGHEE)
    request = entering("철수", CHEOLSU, "철수")
    assert room.events(request) == [Joined(2, AT, CHEOLSU, "철수")]
    admission = request.verdict.result(0)
    assert (admission.seat.nick, admission.seq) == ("철수", 2)
    assert admission.members.everybody == (Member(YOUNGHEE, "영희"), Member(CHEOLSU, "철수"))


def test_each_newcomer_of_a_round_sees_the_room_as_it_was_then(room: LoggedRoom) -> None:
    first, second = entering("영희", YOUNGHEE, "a"), entering("철수", CHEOLSU, "b")
    room.play(first, second)
    assert [first.verdict.result(0).seq, second.verdict.result(0).seq] == [1, 2]
    assert [len(one.verdict.result(0).members) for one in (first, second)] == [1, 2]


def test_what_a_newcomer_is_told_is_encoded_by_then_unless_it_asks_for_nothing_of_it(room: LoggedRoom) -> None:
    """On the clients' own threads, which stay, it would leave a hole in the memory of each."""
    plain = entering("철수", CHEOLSU, "철수", is_plain=True)
    for request, is_encoded in ((plain, False), (entering("영희", YOUNGHEE, "영희"), True)):
        room.play(request)
        assert [bool(row._encoded) for row in request.verdict.result(0).members._rows] == [is_encoded]


@pytest.mark.parametrize("form", ["Kim영희", "kim영희", "ＫＩＭ영희", unicodedata.normalize("NFD", "Kim영희")])
def test_a_nickname_in_use_is_refused_in_any_form(room: LoggedRoom, form: str) -> None:
    room.enter("Kim영희", YOUNGHEE)
    request = entering(form, CHEOLSU, "다른 이")
    assert room.events(request) == []
    with pytest.raises(Refusal) as refused:
        request.verdict.result(0)
    assert refused.value.code is Code.NICK_IN_USE
    assert room.nicks() == ["Kim영희"]


def test_of_two_who_want_a_nickname_in_one_round_the_first_gets_it(room: LoggedRoom) -> None:
    first, second = entering("영희", YOUNGHEE, "a"), entering("영희", CHEOLSU, "b")
    assert len(room.events(first, second)) == 1
    assert first.verdict.result(0).seat.uid == YOUNGHEE
    assert isinstance(second.verdict.exception(0), Refusal)


def test_the_same_client_takes_its_seat_over_without_anybody_noticing(room: LoggedRoom) -> None:
    seat = room.enter("영희", YOUNGHEE, holder="어제").seat
    request = entering("영희", YOUNGHEE, "오늘")
    played = room.play(request)
    assert (played.events, played.answers) == ([], [("어제", Replaced())])
    admission = request.verdict.result(0)
    assert (admission.seat, admission.seq, seat.holder) == (seat, 1, "오늘")


def test_a_connection_that_was_replaced_has_no_say(room: LoggedRoom) -> None:
    seat = room.enter("영희", YOUNGHEE, holder="어제").seat
    room.enter("영희", YOUNGHEE, holder="오늘")
    for command in (Say("c", "가"), Rename("영이")):
        played = room.play(asking(seat, command, holder="어제"))
        assert (played.events, played.answers) == ([], [])
    assert room.events(asking(seat, Say("c", "가"))) == [Said(2, AT, YOUNGHEE, "영희", "가", "c")]


def test_the_same_client_may_sit_here_twice_under_two_nicknames(room: LoggedRoom) -> None:
    room.enter("영희", YOUNGHEE)
    room.enter("영희2", YOUNGHEE)
    assert room.nicks() == ["영희", "영희2"]


# --- speaking ---------------------------------------------------------------------------------------------------------


def test_what_is_said_is_for_everyone(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    assert room.events(asking(seat, Say("c1", "안녕")), asking(seat, Say(None, "여러분"))) == [
        Said(2, AT, YOUNGHEE, "영희", "안녕", "c1"),
        Said(3, AT, YOUNGHEE, "영희", "여러분", None),
    ]


@pytest.mark.parametrize("form", ["Kim철수", "kim철수", "ｋｉｍ철수", unicodedata.normalize("NFD", "Kim철수")])
def test_a_whisper_finds_its_recipient_by_any_form_of_the_nickname(room: LoggedRoom, form: str) -> None:
    seat = room.seat("영희")
    room.seat("Kim철수", CHEOLSU)
    [event] = room.events(asking(seat, Whisper("c", form, "비밀")))
    assert event == Whispered(3, AT, YOUNGHEE, "영희", CHEOLSU, "Kim철수", "비밀", "c")


def test_a_whisper_to_nobody_is_refused_and_never_told(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    refusal = answer(room.play(asking(seat, Whisper("c", "없는사람", "비밀"))), Refusal)
    assert (refusal.code, refusal.cid) == (Code.NO_SUCH_NICK, "c")
    assert refusal.text == phrases.no_such_nick("없는사람")
    assert room.store.head == 1


def test_a_name_is_quoted_clean_and_short(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    text = answer(room.play(asking(seat, Whisper(None, "\x1b[2J\n\u202e" + "x" * 9999, "비밀"))), Refusal).text
    assert text.isprintable()
    assert len(text) < 60


def test_a_whisper_to_somebody_else_by_now_is_refused(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    room.seat("철수", MINSU)
    refusal = answer(room.play(asking(seat, Whisper("c", "철수", "비밀", to_uid=CHEOLSU))), Refusal)
    assert (refusal.code, refusal.cid) == (Code.RECIPIENT_CHANGED, "c")
    assert len(room.events(asking(seat, Whisper("c", "철수", "비밀", to_uid=MINSU)))) == 1


def test_one_may_whisper_to_oneself(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    [event] = room.events(asking(seat, Whisper(None, "영희", "메모")))
    assert isinstance(event, Whispered)
    assert event.uid == event.to_uid == YOUNGHEE


# --- saying it twice --------------------------------------------------------------------------------------------------


def test_the_same_cid_again_is_answered_with_the_original(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    [original] = room.events(asking(seat, Say("c", "가")))
    played = room.play(asking(seat, Say("c", "가")))
    assert answer(played, Echo).event == original


def test_the_same_cid_twice_in_one_round_is_one_event(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    played = room.play(asking(seat, Say("c", "가")), asking(seat, Say("c", "가")))
    assert played.events == [Said(2, AT, YOUNGHEE, "영희", "가", "c")]
    assert played.answers == [("영희", Echo(Said(2, AT, YOUNGHEE, "영희", "가", "c")))]


def test_a_cid_of_a_log_that_was_opened_again_is_still_known(room: LoggedRoom) -> None:
    [original] = room.events(asking(room.seat("영희"), Say("c", "가")))
    later = LoggedRoom(room.store)
    assert answer(later.play(asking(later.seat("영희"), Say("c", "가"))), Echo).event == original


def test_the_original_stands_even_under_another_nickname(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    [original, _] = room.events(asking(seat, Say("c", "가")), asking(seat, Rename("영이")))
    assert answer(room.play(asking(seat, Say("c", "가"))), Echo).event == original


def test_a_whisper_sent_again_is_echoed_though_its_recipient_is_gone(room: LoggedRoom) -> None:
    seat, other = room.seat("영희"), room.seat("Kim", CHEOLSU)
    [original, _] = room.events(asking(seat, Whisper("c", "Kim", "비밀")), leaving(other))
    assert answer(room.play(asking(seat, Whisper("c", "KIM", "비밀"))), Echo).event == original


@pytest.mark.parametrize(
    "other",
    [Say("c", "나"), Whisper("c", "철수", "가"), Whisper("c", "민수", "비밀"), Whisper("c", "철수", "다른 비밀")],
    ids=["another text", "a whisper", "another recipient", "another whisper"],
)
@pytest.mark.parametrize("together", [True, False], ids=["in one round", "later"])
def test_the_same_cid_for_something_else_is_a_conflict(room: LoggedRoom, other: Say | Whisper, together: bool) -> None:
    seat = room.seat("영희")
    room.seat("철수", CHEOLSU)
    room.seat("민수", MINSU)
    first: Say | Whisper = Say("c", "가") if other.text != "비밀" else Whisper("c", "철수", "비밀")
    requests = [asking(seat, first), asking(seat, other)]
    rounds = [room.play(*requests)] if together else [room.play(one) for one in requests]
    assert sum(len(played.events) for played in rounds) == 1
    [(_, refusal)] = [answered for played in rounds for answered in played.answers]
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.cid) == (Code.CID_CONFLICT, "c")


def test_two_clients_may_use_the_same_cid(room: LoggedRoom) -> None:
    one, other = room.seat("영희"), room.seat("철수", CHEOLSU)
    assert len(room.events(asking(one, Say("c", "가")), asking(other, Say("c", "나")))) == 2


def test_two_windows_of_one_client_share_their_cids(room: LoggedRoom) -> None:
    one, other = room.seat("영희", YOUNGHEE), room.seat("영희2", YOUNGHEE)
    played = room.play(asking(one, Say("c", "가")), asking(other, Say("c", "가")))
    assert len(played.events) == 1
    assert [holder for holder, _ in played.answers] == ["영희2"]


def test_a_refused_message_may_come_again_under_its_cid(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    room.play(asking(seat, Whisper("c", "철수", "비밀")))
    room.seat("철수", CHEOLSU)
    assert len(room.events(asking(seat, Whisper("c", "철수", "비밀")))) == 1


# --- names and lists --------------------------------------------------------------------------------------------------


def test_a_rename_is_told_with_both_nicknames(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    assert room.events(asking(seat, Rename("영이")), asking(seat, Say(None, "가"))) == [
        Renamed(2, AT, YOUNGHEE, "영이", "영희"),
        Said(3, AT, YOUNGHEE, "영이", "가"),
    ]


def test_a_nickname_given_up_is_free_in_the_same_round(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    request = entering("영희", CHEOLSU, "새 영희")
    room.play(asking(seat, Rename("영이")), request)
    assert request.verdict.result(0).members.everybody == (Member(YOUNGHEE, "영이"), Member(CHEOLSU, "영희"))


@pytest.mark.parametrize("wanted", ["영희", "Kim", "KIM", "ｋｉｍ"])
def test_a_rename_to_a_nickname_in_use_is_refused(room: LoggedRoom, wanted: str) -> None:
    seat = room.seat("영희")
    room.seat("Kim", CHEOLSU)
    assert code_of(room.play(asking(seat, Rename(wanted)))) is Code.NICK_IN_USE
    assert room.nicks() == ["영희", "Kim"]


def test_a_refused_rename_is_named_if_it_has_a_name(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    room.seat("철수", CHEOLSU)
    played = room.play(asking(seat, Rename("철수", 7)), asking(seat, Rename("철수")))
    assert [answer.question for _, answer in played.answers if isinstance(answer, Refusal)] == [7, None]


def test_a_nickname_may_change_its_form(room: LoggedRoom) -> None:
    seat = room.seat("kim")
    assert room.events(asking(seat, Rename("Kim"))) == [Renamed(2, AT, YOUNGHEE, "Kim", "kim")]


def test_who_is_here_may_be_read_after_each_round(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    assert room.room.members.everybody == (Member(YOUNGHEE, "영희"),)
    room.seat("철수", CHEOLSU)
    room.play(asking(seat, Rename("영이")))
    assert set(room.room.members) == {Member(YOUNGHEE, "영이"), Member(CHEOLSU, "철수")}
    room.play(leaving(seat))
    assert room.room.members.everybody == (Member(CHEOLSU, "철수"),)


# --- going ------------------------------------------------------------------------------------------------------------


def test_who_leaves_is_gone(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    assert room.events(leaving(seat, "lost")) == [Left(2, AT, YOUNGHEE, "영희", "lost")]
    assert room.nicks() == []


def test_one_leaves_under_the_nickname_one_has(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    assert room.events(asking(seat, Rename("영이")), leaving(seat))[1] == Left(3, AT, YOUNGHEE, "영이", "quit")


def test_one_leaves_once(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    holder = holder_of(seat)
    assert len(room.events(leaving(seat), leaving(seat))) == 1
    room.enter("영희", CHEOLSU)
    assert room.events(leaving(seat, holder=holder)) == []
    assert room.nicks() == ["영희"]


def test_who_has_left_says_nothing_more(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    assert len(room.events(leaving(seat), asking(seat, Say(None, "가")))) == 1


def test_a_connection_that_was_replaced_leaves_no_trace(room: LoggedRoom) -> None:
    seat = room.enter("영희", YOUNGHEE, holder="어제").seat
    room.enter("영희", YOUNGHEE, holder="오늘")
    assert room.events(leaving(seat, holder="어제")) == []
    assert room.nicks() == ["영희"]
    assert len(room.events(leaving(seat))) == 1


def test_numbers_go_on_from_the_logs_head_without_a_gap(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    room.play(
        asking(seat, Whisper(None, "없는사람", "가")), asking(seat, Say(None, "나")), asking(seat, Rename("영희"))
    )
    played = room.play(asking(seat, Say(None, "다")))
    assert [event.seq for event in played.events] == [3]
    assert played.head == room.store.head == 3
