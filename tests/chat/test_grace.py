"""Seats that outlive their connections: kept, found again, given up; and those of an earlier run of the server."""

import pytest

from server.log.seating import KeptSeat
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Ban,
    Done,
    Joined,
    Kick,
    Left,
    Member,
    Presence,
    Rename,
    Renamed,
    Said,
    Say,
    Whisper,
    Whispered,
)
from server.room import Rules
from server.rounds import QUIT, STORAGE_RETRY_S, Deed, Dismissed, Enter, Replaced, Request, Round
from tests.support.rounds import LoggedRoom, asking, entering, leaving
from tests.support.samples import AT, CHEOLSU, MINSU, NICKS, YOUNGHEE

GRACE_S = 30.0


@pytest.fixture
def room() -> LoggedRoom:
    return LoggedRoom(rules=Rules(grace_s=GRACE_S))


def lost(room: LoggedRoom, nick: str = "영희", uid: str = YOUNGHEE) -> None:
    room.play(leaving(room.seat(nick, uid), "lost"))


def refused(request: Enter[str]) -> Code:
    refusal = request.verdict.exception(0)
    assert isinstance(refusal, Refusal)
    return refusal.code


# --- going away and coming back ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["lost", "idle", "slow", "failed"])
def test_who_was_cut_off_has_not_left(room: LoggedRoom, reason: str) -> None:
    played = room.play(leaving(room.seat("영희"), reason))
    assert played.events == []
    assert played.presences == [Presence(YOUNGHEE, "영희", online=False)]
    assert (room.nicks(), room.away()) == (["영희"], ["영희"])


def test_who_says_goodbye_leaves_at_once(room: LoggedRoom) -> None:
    played = room.play(leaving(room.seat("영희"), QUIT))
    assert played.events == [Left(2, AT, YOUNGHEE, "영희", QUIT)]
    assert (played.presences, room.nicks()) == ([], [])


def test_a_plain_client_that_drops_leaves_at_once(room: LoggedRoom) -> None:
    request = entering("영희", YOUNGHEE, "영희", is_plain=True)
    assert room.play(request).plain_seqs == {1}
    assert room.events(leaving(request.verdict.result(0).seat, "lost")) == [Left(2, AT, YOUNGHEE, "영희", "lost")]


def test_who_comes_back_in_time_has_neither_left_nor_joined(room: LoggedRoom) -> None:
    lost(room)
    room.now_s += GRACE_S - 1
    request = entering("영희", YOUNGHEE, "새 연결")
    played = room.play(request)
    assert (played.events, played.answers) == ([], [])
    assert played.presences == [Presence(YOUNGHEE, "영희", online=True)]
    admission = request.verdict.result(0)
    assert (admission.seat.holder, admission.seq, admission.presences) == ("새 연결", 1, 2)
    assert admission.members.everybody == (Member(YOUNGHEE, "영희"),)
    room.now_s += 10 * GRACE_S
    assert room.events() == []


def test_who_comes_back_before_the_loss_was_noticed_replaces_the_old_connection(room: LoggedRoom) -> None:
    seat = room.enter("영희", YOUNGHEE, holder="어제").seat
    played = room.play(entering("영희", YOUNGHEE, "오늘"), leaving(seat, "lost", holder="어제"))
    assert (played.events, played.presences) == ([], [])
    assert played.answers == [("어제", Replaced())]
    assert (room.nicks(), room.away()) == (["영희"], [])


def test_going_away_and_coming_back_in_one_round_tells_both_in_order(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    played = room.play(leaving(seat, "lost"), entering("영희", YOUNGHEE, "새 연결"))
    assert [presence.online for presence in played.presences] == [False, True]
    assert played.answers == []


def test_what_a_connection_sent_before_it_was_lost_stands(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    assert len(room.events(asking(seat, Say("c", "가")), leaving(seat, "lost"))) == 1
    assert room.events(asking(seat, Say("d", "나"), holder="영희")) == []


def test_newcomers_learn_who_is_away(room: LoggedRoom) -> None:
    lost(room)
    admission = room.enter("철수", CHEOLSU)
    assert admission.members.everybody == (Member(YOUNGHEE, "영희", away=True), Member(CHEOLSU, "철수"))
    assert admission.presences == 1
    assert room.room.members.everybody == admission.members.everybody


def test_a_whisper_to_somebody_away_is_kept(room: LoggedRoom) -> None:
    lost(room)
    seat = room.seat("철수", CHEOLSU)
    assert room.events(asking(seat, Whisper("c", "영희", "비밀", to_uid=YOUNGHEE))) == [
        Whispered(3, AT, CHEOLSU, "철수", YOUNGHEE, "영희", "비밀", "c")
    ]


@pytest.mark.parametrize("wanted", ["Kim", "ｋｉｍ"])
def test_a_nickname_in_grace_is_in_use(room: LoggedRoom, wanted: str) -> None:
    lost(room, "Kim")
    other = room.seat("철수", CHEOLSU)
    newcomer = entering(wanted, MINSU, "민수")
    played = room.play(asking(other, Rename(wanted)), newcomer)
    [(_, refusal)] = played.answers
    assert isinstance(refusal, Refusal)
    assert refusal.code is refused(newcomer) is Code.NICK_IN_USE


def test_seats_are_kept_for_so_many_and_whoever_is_lost_then_leaves_at_once() -> None:
    """Somebody who comes and goes all day under ever new names costs the room no more than that."""
    room = LoggedRoom(rules=Rules(grace_s=GRACE_S, max_away=2))
    for nick in ("영희", "철수"):
        lost(room, nick)
    third = room.seat("민수")
    assert room.events(leaving(third, "lost")) == [Left(4, AT, YOUNGHEE, "민수", "lost")]
    assert (room.nicks(), room.away()) == (["영희", "철수"], ["영희", "철수"])
    room.enter("영희")  # which makes room for another
    lost(room, "민수")
    assert room.away() == ["철수", "민수"]


def test_two_windows_of_one_client_are_kept_and_found_apart(room: LoggedRoom) -> None:
    lost(room, "영희")
    room.now_s += 10
    lost(room, "영희2")
    room.enter("영희2", YOUNGHEE)
    assert (room.nicks(), room.away()) == (["영희", "영희2"], ["영희"])
    room.now_s += 20
    assert room.events() == [Left(3, AT, YOUNGHEE, "영희", "lost")]
    assert room.nicks() == ["영희2"]


def test_whose_nickname_changed_comes_back_under_the_new_one(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    assert room.events(asking(seat, Rename("영이")), leaving(seat, "lost")) == [
        Renamed(2, AT, YOUNGHEE, "영이", "영희")
    ]
    assert room.play(entering("영이", YOUNGHEE, "새 연결")).events == []
    assert room.nicks() == ["영이"]


# --- when the grace ends ----------------------------------------------------------------------------------------------


def test_who_does_not_come_back_leaves_once(room: LoggedRoom) -> None:
    lost(room)
    assert room.room.due_in_s() == GRACE_S
    room.now_s += GRACE_S
    assert room.room.due_in_s() == 0
    assert room.events() == [Left(2, AT, YOUNGHEE, "영희", "lost")]
    assert (room.nicks(), room.room.members.everybody, room.room.due_in_s()) == ([], (), None)
    assert room.events() == []


def test_those_whose_graces_end_together_leave_in_the_order_in_which_they_came(room: LoggedRoom) -> None:
    seats = [room.seat(NICKS[uid], uid) for uid in (YOUNGHEE, CHEOLSU, MINSU)]
    for seat in reversed(seats):
        room.play(leaving(seat, "lost"))
    room.now_s += GRACE_S
    assert [event.nick for event in room.events()] == ["영희", "철수", "민수"]


def test_where_there_is_no_grace_nobody_is_said_to_be_away() -> None:
    room = LoggedRoom()
    played = room.play(leaving(room.seat("영희"), "lost"))
    assert ([type(event) for event in played.events], played.presences) == ([Left], [])


def test_each_grace_ends_in_its_time(room: LoggedRoom) -> None:
    for nick, uid in (("영희", YOUNGHEE), ("철수", CHEOLSU), ("민수", MINSU)):
        lost(room, nick, uid)
        room.now_s += 1
    room.now_s += GRACE_S - 3
    assert [event.nick for event in room.events()] == ["영희"]
    assert room.room.due_in_s() == 1
    room.now_s += 2
    assert [event.nick for event in room.events()] == ["철수", "민수"]


def test_that_somebody_is_back_is_no_reason_to_look_for_the_next_grace_before_it_is_due(room: LoggedRoom) -> None:
    """Of ten thousand who come back each would have to look through all the others."""
    for nick, uid in (("영희", YOUNGHEE), ("철수", CHEOLSU)):
        lost(room, nick, uid)
        room.now_s += 5
    room.seat("영희")
    room.now_s += GRACE_S - 10
    assert room.room.due_in_s() == 0
    assert room.events() == []
    assert room.room.due_in_s() == 5
    room.seat("철수", CHEOLSU)
    assert room.room.due_in_s() is None


def test_of_a_round_in_which_the_grace_ends_and_its_client_comes_the_client_wins(room: LoggedRoom) -> None:
    lost(room)
    room.now_s += GRACE_S + 5
    request = entering("영희", YOUNGHEE, "새 연결")
    assert room.play(request).events == []
    assert request.verdict.result(0).seat.holder == "새 연결"


def test_of_a_round_in_which_the_grace_ends_another_may_have_the_nickname(room: LoggedRoom) -> None:
    lost(room)
    room.now_s += GRACE_S
    left, joined = Left(2, AT, YOUNGHEE, "영희", "lost"), Joined(3, AT, CHEOLSU, "영희")
    assert room.events(entering("영희", CHEOLSU, "다른 이")) == [left, joined]


def test_who_comes_too_late_joins_anew(room: LoggedRoom) -> None:
    lost(room)
    room.now_s += GRACE_S
    room.play()
    assert room.events(entering("영희", YOUNGHEE, "영희")) == [Joined(3, AT, YOUNGHEE, "영희")]


def test_who_joins_anew_is_not_taken_for_away_by_those_who_lag(room: LoggedRoom) -> None:
    """Presences come behind the events: also that it went away is heard only then, by whoever lags behind both."""
    lost(room)
    room.now_s += GRACE_S
    room.play()
    assert room.play(entering("영희", YOUNGHEE, "영희")).presences == [Presence(YOUNGHEE, "영희", online=True)]
    assert room.play(entering("철수", CHEOLSU, "철수")).presences == []


def test_nor_is_who_takes_that_nickname_again_under_which_they_went_away(room: LoggedRoom) -> None:
    lost(room)
    room.now_s += GRACE_S
    room.play()
    played = room.play(asking(room.seat("영이"), Rename("영희")))
    assert played.presences == [Presence(YOUNGHEE, "영희", online=True)]


def test_nor_if_all_of_it_happens_in_one_round(room: LoggedRoom) -> None:
    operator, seat = room.operator("철수", CHEOLSU), room.seat("영희")
    played = room.play(leaving(seat, "lost"), asking(operator, Kick(1, "영희")), entering("영희", YOUNGHEE, "새 연결"))
    assert [type(event) for event in played.events[1:]] == [Left, Joined]
    assert [presence.online for presence in played.presences] == [False, True]
    assert room.away() == []


def test_a_second_loss_begins_a_grace_of_its_own(room: LoggedRoom) -> None:
    lost(room)
    room.now_s += 20
    seat = room.seat("영희")
    room.play(leaving(seat, "lost"))
    room.now_s += 20
    assert room.events() == []
    room.now_s += 10
    assert len(room.events()) == 1


# --- after a restart --------------------------------------------------------------------------------------------------

SEATED = (KeptSeat(YOUNGHEE, "영희"), KeptSeat(CHEOLSU, "철수"))


def restarted(*lapsed: KeptSeat) -> LoggedRoom:
    return LoggedRoom(rules=Rules(grace_s=GRACE_S), seated=SEATED, lapsed=lapsed)


def test_after_a_restart_those_who_come_back_have_neither_left_nor_joined() -> None:
    room = restarted()
    assert room.room.members.everybody == tuple(Member(one.uid, one.nick, away=True) for one in SEATED)
    played = room.play(*(entering(NICKS[uid], uid, uid) for uid in (CHEOLSU, YOUNGHEE)))
    assert played.events == []
    assert room.room.members.everybody == tuple(Member(one.uid, one.nick) for one in SEATED)
    room.now_s += GRACE_S
    assert room.events() == []


def test_after_a_restart_those_who_do_not_come_back_leave_after_the_grace() -> None:
    room = restarted()
    room.seat("영희")
    assert room.room.due_in_s() == GRACE_S
    room.now_s += GRACE_S
    assert room.events() == [Left(1, AT, CHEOLSU, "철수", "lost")]


def test_after_a_restart_a_seat_to_which_nobody_can_come_back_is_free_at_once() -> None:
    room = restarted(KeptSeat(MINSU, "민수"))
    assert room.room.due_in_s() == 0
    assert room.events() == [Left(1, AT, MINSU, "민수", "lost")]
    assert room.nicks() == ["영희", "철수"]


# --- when there is no room in the log ---------------------------------------------------------------------------------


def full(room: LoggedRoom, *requests: Enter[str]) -> Round[str]:
    played = room.play(*requests, is_full=True)
    assert played.events == []
    return played


def test_nobody_new_comes_into_a_full_log_but_seats_are_found_again(room: LoggedRoom) -> None:
    lost(room)
    newcomer, returner = entering("철수", CHEOLSU, "철수"), entering("영희", YOUNGHEE, "새 연결")
    full(room, newcomer, returner)
    assert refused(newcomer) is Code.STORAGE_FULL
    assert returner.verdict.result(0).seat.holder == "새 연결"
    assert room.nicks() == ["영희"]


def test_nothing_that_would_be_written_comes_of_finding_a_seat_in_a_full_log(room: LoggedRoom) -> None:
    lost(room)
    returner = entering("영희", YOUNGHEE, "새 연결", device=MINSU)
    assert full(room, returner).names == []
    assert returner.verdict.result(0).seat.device == MINSU


@pytest.mark.parametrize(
    "command", [Say("c", "가"), Whisper("c", "영희", "가"), Rename("영이")], ids=lambda one: type(one).__name__
)
def test_nothing_is_said_into_a_full_log(room: LoggedRoom, command: Say | Whisper | Rename) -> None:
    seat = room.seat("영희")
    [(_, refusal)] = room.play(asking(seat, command), is_full=True).answers
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.cid) == (Code.STORAGE_FULL, None if isinstance(command, Rename) else "c")
    assert refusal.retry_ms
    assert room.nicks() == ["영희"]
    assert len(room.events(asking(seat, command))) == 1


def test_what_was_put_off_is_not_overtaken_when_there_is_room_again(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    room.play(asking(seat, Say("c1", "가")), asking(seat, Say("c2", "나")), is_full=True)
    assert room.events(asking(seat, Say("c3", "다")), asking(seat, Say("c2", "나"))) == []
    said = room.events(*(asking(seat, Say(f"c{number}", text)) for number, text in enumerate("가나다", 1)))
    assert [event.text for event in said if isinstance(event, Said)] == ["가", "나", "다"]


def test_a_message_that_stands_is_echoed_from_a_full_log(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    room.play(asking(seat, Say("c", "가")))
    [(_, answer)] = room.play(asking(seat, Say("c", "가")), is_full=True).answers
    assert not isinstance(answer, Refusal)


def test_who_leaves_a_full_log_has_left_as_soon_as_it_can_be_written(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    played = room.play(leaving(seat, QUIT), is_full=True)
    assert played.presences == [Presence(YOUNGHEE, "영희", online=False)]
    due_in_s = room.room.due_in_s()
    assert due_in_s is not None
    assert 0 < due_in_s <= 5
    room.now_s += due_in_s
    assert room.play(is_full=True).events == []
    assert room.room.due_in_s() == due_in_s, "it is tried again, and not in a busy loop"
    room.now_s += due_in_s
    assert room.events() == [Left(2, AT, YOUNGHEE, "영희", QUIT)]


def test_a_grace_that_ends_in_a_full_log_is_told_once(room: LoggedRoom) -> None:
    lost(room)
    room.now_s += GRACE_S
    assert room.play(is_full=True).presences == []
    room.now_s += 5
    assert room.events() == [Left(2, AT, YOUNGHEE, "영희", "lost")]


def test_one_who_left_a_full_log_does_not_keep_the_others_waiting(room: LoggedRoom) -> None:
    lost(room)
    other = room.seat("철수", CHEOLSU)
    room.play(leaving(other, QUIT), is_full=True)
    due_in_s = room.room.due_in_s()
    assert due_in_s is not None
    assert due_in_s < GRACE_S


def kicked_from_full_log(room: LoggedRoom) -> Round[str]:
    operator = room.operator("철수", CHEOLSU)
    room.seat("영희")
    return room.play(asking(operator, Kick(5, "영희")), is_full=True)


def test_whoever_is_kicked_from_a_full_log_goes_at_once_and_the_operator_knows_what_is_missing(
    room: LoggedRoom,
) -> None:
    played = kicked_from_full_log(room)
    assert played.answers == [
        ("영희", Dismissed(Code.KICKED, phrases.KICKED)),
        ("철수", Done(5, phrases.KICKED_UNWRITTEN)),
    ]
    assert (played.events, played.presences) == ([], [Presence(YOUNGHEE, "영희", online=False)])
    assert played.deeds == [Deed(CHEOLSU, "철수", "kick", "영희", None)]
    room.now_s += STORAGE_RETRY_S
    assert room.events() == [Left(3, AT, YOUNGHEE, "영희", "kicked")]


def test_whoever_was_kicked_from_a_full_log_does_not_find_the_seat_again(room: LoggedRoom) -> None:
    kicked_from_full_log(room)
    again = entering("영희", YOUNGHEE, "다시")
    full(room, again)
    assert refused(again) is Code.STORAGE_FULL
    events = room.events(entering("영희", YOUNGHEE, "또"))
    assert [(type(event), event.seq) for event in events] == [(Left, 3), (Joined, 4)]


def test_an_operator_who_can_not_do_the_rest_is_told_what_can_be_done(room: LoggedRoom) -> None:
    operator = room.operator()
    [(_, refusal)] = room.play(asking(operator, Ban(5, "철수")), is_full=True).answers
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.text) == (Code.STORAGE_FULL, phrases.STORAGE_FULL_OPERATOR)


# --- undoing ----------------------------------------------------------------------------------------------------------


def test_a_round_that_is_rolled_back_never_was(room: LoggedRoom) -> None:
    seats = [room.seat("영희"), room.seat("철수", CHEOLSU), room.seat("민수", MINSU)]
    room.play(leaving(seats[2], "lost"))
    before = (room.room.members.everybody, room.room.roster.members().everybody, room.room.due_in_s())
    requests: list[Request[str]] = [
        asking(seats[0], Rename("영이")),
        entering("영희", MINSU, "새 영희"),
        leaving(seats[1], QUIT),
        entering("민수", MINSU, "민수의 새 연결"),
    ]
    for _ in range(2):
        played = room.room.play(requests, room.store.head)
        assert [type(event) for event in played.events] == [Renamed, Joined, Left]
        room.room.roll_back(played)
        assert (room.room.members.everybody, room.room.roster.members().everybody, room.room.due_in_s()) == before
        assert [seat.holder for seat in seats] == ["영희", "철수", None]
    admission = room.enter("민수", MINSU)
    assert admission.presences == 2


def test_after_rolling_back_the_same_round_may_be_played_as_a_full_one(room: LoggedRoom) -> None:
    seat = room.seat("영희")
    requests: list[Request[str]] = [asking(seat, Say("c", "가")), leaving(seat, "lost")]
    room.room.roll_back(room.room.play(requests, room.store.head))
    played = room.play(*requests, is_full=True)
    assert [type(answer) for _, answer in played.answers] == [Refusal]
    assert room.away() == ["영희"]
