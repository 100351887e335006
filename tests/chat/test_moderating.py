"""What operators do to others, one rule after the other, without a socket and without a thread."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from server.config import Sending
from server.log.sanctions import Kind, Lifted, Sanction
from server.log.seating import KeptSeat
from server.log.sqlite import SqliteStore
from server.moderating import MOST_OF_ONE, MOST_REMEMBERED
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Announce,
    Announced,
    Ban,
    Done,
    Joined,
    Kick,
    Left,
    ListSanctions,
    MemberAddress,
    Moderated,
    Mute,
    OperatorCommand,
    Rename,
    Said,
    SanctionEntry,
    SanctionList,
    Say,
    Unban,
    Unmute,
    Whisper,
)
from server.room import Rules
from server.roster import Seat
from server.rounds import Deed, Dismissed, Promote, Round
from server.sanctions import MAX_SANCTIONS
from tests.support.rounds import LoggedRoom, asking, entering, leaving
from tests.support.samples import AT, CHEOLSU, MINSU, YOUNGHEE
from tests.support.seams import Memory

HERE, THERE = "203.0.113.7", "198.51.100.9"
COMPUTER = "c" * 16
"""Of which 철수 and 민수 are two nicknames, where that matters."""
FOREVER = phrases.banned(None)

Scene = tuple[LoggedRoom, Seat[str], Seat[str]]


@pytest.fixture
def scene() -> Scene:
    """영희 is an operator, 철수 is not; they come from two addresses."""
    room = LoggedRoom()
    return room, room.operator(address=HERE), room.enter("철수", CHEOLSU, address=THERE).seat


def refusal_of(played: Round[str]) -> Refusal:
    assert played.events == []
    [(_, answer)] = played.answers
    assert isinstance(answer, Refusal)
    return answer


def refused_at_the_door(room: LoggedRoom, nick: str, uid: str, address: str = "") -> Refusal:
    with pytest.raises(Refusal) as refused:
        room.enter(nick, uid, address=address)
    return refused.value


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        *(Kick(1, "영희"), Ban(1, "영희"), Ban(1, HERE), Unban(1, "영희"), Mute(1, "영희"), Unmute(1, "영희")),
        *(Announce(1, "공지"), ListSanctions(1)),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nobody_else_may(scene: Scene, command: OperatorCommand) -> None:
    room, _, other = scene
    refusal = refusal_of(room.play(asking(other, command)))
    assert (refusal.code, refusal.question, refusal.text) == (Code.NOT_OPERATOR, 1, phrases.NOT_OPERATOR)


def test_who_has_shown_the_key_is_told_so(scene: Scene) -> None:
    room, _, other = scene
    played = room.play(asking(other, Promote(9)))
    assert (played.events, played.answers) == ([], [("철수", Done(9, phrases.IS_OPERATOR))])
    assert played.deeds == [Deed(CHEOLSU, "철수", "operator", THERE, None)]
    assert room.events(asking(other, Announce(1, "가"))) == [Announced(3, AT, CHEOLSU, "철수", "가")]


def test_an_operator_who_was_cut_off_comes_back_as_one() -> None:
    room = LoggedRoom(rules=Rules(grace_s=30))
    seat = room.operator("영희")
    room.play(leaving(seat, "lost"))
    room.enter("영희", holder="다시")
    assert len(room.events(asking(seat, Announce(1, "돌아왔습니다")))) == 1


def test_whoever_comes_back_where_others_may_read_along_is_no_operator_any_more() -> None:
    room = LoggedRoom(rules=Rules(grace_s=30))
    seat = room.operator("영희")
    request = replace(entering("영희", YOUNGHEE, "다시"), is_private=False)
    room.room.roll_back(room.room.play([request], room.store.head))
    assert seat.is_operator
    room.play(request)
    assert refusal_of(room.play(asking(seat, Announce(1, "나다")))).code is Code.NOT_OPERATOR


def test_who_leaves_and_comes_again_must_show_the_key_again(scene: Scene) -> None:
    room, operator, _ = scene
    room.play(leaving(operator))
    assert not room.seat("영희").is_operator


# --- kicking ----------------------------------------------------------------------------------------------------------


def test_whoever_is_kicked_goes_at_once_and_all_learn_who_did_it(scene: Scene) -> None:
    room, operator, other = scene
    played = room.play(asking(operator, Kick(5, "철수")), asking(other, Say("c", "가")))
    assert played.events == [
        Moderated(3, AT, YOUNGHEE, "영희", "kick", "철수"),
        Left(4, AT, CHEOLSU, "철수", "kicked"),
    ]
    assert played.answers == [("철수", Dismissed(Code.KICKED, phrases.KICKED)), ("영희", Done(5, ""))]
    assert room.nicks() == ["영희"]


def test_whoever_was_kicked_has_no_grace_but_may_come_again() -> None:
    room = LoggedRoom(rules=Rules(grace_s=30))
    operator, other = room.operator("영희"), room.seat("철수", CHEOLSU)
    room.play(asking(operator, Kick(5, "철수")))
    assert (room.away(), room.nicks()) == ([], ["영희"])
    assert room.play(leaving(other, "kicked", holder="철수")).events == []
    assert isinstance(room.play(entering("철수", CHEOLSU, "또")).events[0], Joined)


def test_a_seat_that_is_only_kept_can_be_taken_away() -> None:
    room = LoggedRoom(rules=Rules(grace_s=30))
    operator, other = room.operator("영희"), room.seat("철수", CHEOLSU)
    room.play(leaving(other, "lost"))
    played = room.play(asking(operator, Kick(5, "철수")))
    assert [type(event) for event in played.events] == [Moderated, Left]
    assert room.nicks() == ["영희"]


# --- banning ----------------------------------------------------------------------------------------------------------


def test_whoever_is_banned_goes_and_does_not_come_in_any_more(scene: Scene) -> None:
    room, operator, _ = scene
    played = room.play(asking(operator, Ban(5, "철수")))
    assert played.events == [
        Moderated(3, AT, YOUNGHEE, "영희", "ban", "철수"),
        Left(4, AT, CHEOLSU, "철수", "banned"),
    ]
    assert played.answers == [
        ("철수", Dismissed(Code.BANNED, FOREVER)),
        ("영희", Done(5, phrases.ban_address_too("철수", THERE, 0))),
    ]
    assert refused_at_the_door(room, "철수", CHEOLSU).code is Code.BANNED


@pytest.mark.parametrize(("nick", "uid"), [("다른이름", CHEOLSU), ("철수", MINSU)])
def test_both_the_client_and_the_nickname_are_banned(scene: Scene, nick: str, uid: str) -> None:
    room, operator, _ = scene
    room.play(asking(operator, Ban(5, "철수")))
    refusal = refused_at_the_door(room, nick, uid)
    assert (refusal.code, refusal.text, refusal.until_ms) == (Code.BANNED, FOREVER, None)


def test_nobody_takes_a_banned_nickname_inside(scene: Scene) -> None:
    room, operator, _ = scene
    third = room.seat("민수", MINSU)
    room.play(asking(operator, Ban(5, "철수")))
    refusal = refusal_of(room.play(asking(third, Rename("철수"))))
    assert (refusal.code, refusal.text) == (Code.NICK_RESERVED, phrases.nick_banned("철수"))


def test_all_windows_of_a_banned_client_are_closed(scene: Scene) -> None:
    room, operator, _ = scene
    room.enter("철수2", CHEOLSU)
    played = room.play(asking(operator, Ban(5, "철수")))
    assert [event.nick for event in played.events if isinstance(event, Left)] == ["철수", "철수2"]


def test_a_ban_ends_by_itself(scene: Scene) -> None:
    room, operator, _ = scene
    played = room.play(asking(operator, Ban(5, "철수", 600)))
    assert played.events[0] == Moderated(3, AT, YOUNGHEE, "영희", "ban", "철수", AT + 600_000)
    room.now_ms += 599_001
    refusal = refused_at_the_door(room, "철수", CHEOLSU)
    assert (refusal.text, refusal.until_ms) == (phrases.banned(1), AT + 600_000)
    room.now_ms += 999
    assert room.seat("철수", CHEOLSU).nick == "철수"
    assert room.room.standing.by_key == {}


def test_whoever_has_just_left_can_still_be_banned(scene: Scene) -> None:
    room, operator, other = scene
    room.play(leaving(other))
    room.play(asking(operator, Ban(5, "철수")))
    assert refused_at_the_door(room, "다른이름", CHEOLSU).code is Code.BANNED


@pytest.mark.parametrize("command", [Kick(5, "철수"), Ban(5, "철수")], ids=str)
def test_nobody_escapes_by_another_nickname(scene: Scene, command: Kick | Ban) -> None:
    room, operator, other = scene
    room.play(asking(other, Rename("민수")))
    left = [event for event in room.events(asking(operator, command)) if isinstance(event, Left)]
    assert [(one.uid, one.nick) for one in left] == [(CHEOLSU, "민수")]


def test_whoever_was_called_otherwise_just_now_is_muted(scene: Scene) -> None:
    room, operator, other = scene
    room.play(asking(other, Rename("민수")))
    room.play(asking(operator, Mute(5, "철수")))
    assert refusal_of(room.play(asking(other, Say("c", "가")))).code is Code.MUTED


def test_of_two_who_were_called_so_the_one_who_is_now_is_meant(scene: Scene) -> None:
    room, operator, other = scene
    room.play(asking(other, Rename("민수")))
    room.seat("철수", MINSU)
    left = [event for event in room.events(asking(operator, Kick(5, "철수"))) if isinstance(event, Left)]
    assert [one.uid for one in left] == [MINSU]


def test_whoever_has_the_last_nickname_of_one_who_left_has_done_nothing(scene: Scene) -> None:
    room, operator, other = scene
    room.play(asking(other, Rename("민수")), leaving(other))
    room.seat("민수", MINSU)
    room.play(asking(operator, Ban(5, "철수")))
    assert room.nicks() == ["영희", "민수"]
    assert refused_at_the_door(room, "다른이름", CHEOLSU).code is Code.BANNED


def test_who_has_left_can_not_be_kicked(scene: Scene) -> None:
    room, operator, other = scene
    room.play(leaving(other))
    assert refusal_of(room.play(asking(operator, Kick(5, "철수")))).code is Code.NO_SUCH_NICK


def test_only_so_many_who_have_left_are_remembered(scene: Scene) -> None:
    room, operator, other = scene
    room.play(leaving(other))
    for number in range(MOST_REMEMBERED):
        room.play(leaving(room.seat(f"손님{number}", f"{number:016}")))
    assert refusal_of(room.play(asking(operator, Mute(5, "철수")))).code is Code.NO_SUCH_NICK


def test_nobody_makes_who_has_left_forgotten_by_changing_nicknames(scene: Scene) -> None:
    room, operator, other = scene
    room.play(leaving(other))
    helper = room.seat("민수", MINSU)
    for number in range(MOST_REMEMBERED):
        room.play(asking(helper, Rename(f"손님{number}")))
    room.play(asking(operator, Ban(5, "철수")))
    assert refused_at_the_door(room, "다른이름", CHEOLSU).code is Code.BANNED


def test_whoever_changed_nicknames_often_is_found_under_the_last_ones(scene: Scene) -> None:
    room, operator, other = scene
    for number in range(MOST_OF_ONE):
        room.play(asking(other, Rename(f"손님{number}")))
    room.play(asking(operator, Kick(5, "철수")))
    assert room.nicks() == ["영희"]


def test_whoever_is_let_in_again_comes_in(scene: Scene) -> None:
    room, operator, _ = scene
    room.play(asking(operator, Ban(5, "철수")))
    assert room.events(asking(operator, Unban(6, "철수"))) == [Moderated(5, AT, YOUNGHEE, "영희", "unban", "철수")]
    assert room.seat("철수", CHEOLSU).nick == "철수"


# --- banning addresses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [THERE, "198.51.100.0/24", "198.51.100.77/24", "::ffff:198.51.100.9"])
def test_all_from_a_banned_address_go_and_nobody_comes_from_there(scene: Scene, target: str) -> None:
    room, operator, _ = scene
    played = room.play(asking(operator, Ban(5, target, 60)))
    assert [type(event) for event in played.events] == [Moderated, Left]
    refusal = refused_at_the_door(room, "민수", MINSU, THERE)
    assert (refusal.code, refusal.until_ms) == (Code.BANNED, AT + 60_000)
    assert room.enter("민수", MINSU, address="192.0.2.1").seat.nick == "민수"


def test_where_somebody_comes_from_is_not_told_to_all(scene: Scene) -> None:
    room, operator, _ = scene
    played = room.play(asking(operator, Ban(5, THERE)), asking(operator, Unban(6, THERE)))
    told = [event for event in played.events if isinstance(event, Moderated)]
    assert [(event.action, event.target) for event in told] == [("ban", ""), ("unban", "")]
    assert [(deed.action, deed.target) for deed in played.deeds] == [("ban", THERE), ("unban", THERE)]


def test_of_several_networks_the_narrowest_counts(scene: Scene) -> None:
    room, operator, _ = scene
    room.play(asking(operator, Ban(5, "192.0.2.0/24")), asking(operator, Ban(6, "192.0.2.1", 60)))
    assert refused_at_the_door(room, "민수", MINSU, "192.0.2.1").until_ms == AT + 60_000


@pytest.mark.parametrize(
    "target", ["1.2.3", "1.2.3.4/33", "example.com", "1.2.3.4:80", "::1::", "/", "[::1]", "가.나", "::1%가 나"]
)
def test_what_is_no_address_is_refused(scene: Scene, target: str) -> None:
    room, operator, _ = scene
    refusal = refusal_of(room.play(asking(operator, Ban(5, target))))
    assert (refusal.code, refusal.question) == (Code.BAD_TARGET, 5)
    assert refusal.text == phrases.no_such_address(target)


# --- oneself, and nobody ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "text"),
    [
        *((command, phrases.NOT_ONESELF) for command in (Kick(5, "영희"), Ban(5, "영희"), Mute(5, "영희"))),
        *((Ban(5, target), phrases.NOT_ONES_ADDRESS) for target in (HERE, "203.0.113.0/24", "0.0.0.0/0")),
    ],
    ids=str,
)
def test_nobody_does_it_to_themselves_by_mistake(scene: Scene, command: OperatorCommand, text: str) -> None:
    room, operator, _ = scene
    refusal = refusal_of(room.play(asking(operator, command)))
    assert (refusal.code, refusal.text, refusal.question) == (Code.BAD_TARGET, text, 5)


@pytest.mark.parametrize("command", [Kick(5, "없는이"), Mute(5, "없는이")], ids=str)
def test_nobody_is_neither_kicked_nor_muted(scene: Scene, command: OperatorCommand) -> None:
    room, operator, _ = scene
    refusal = refusal_of(room.play(asking(operator, command)))
    assert (refusal.code, refusal.text) == (Code.NO_SUCH_NICK, phrases.absent("없는이"))


@pytest.mark.parametrize("command", [Unban(5, "철수"), Unmute(5, "철수"), Unban(5, THERE)], ids=str)
def test_what_does_not_stand_cannot_be_lifted(scene: Scene, command: Unban | Unmute) -> None:
    room, operator, _ = scene
    refusal = refusal_of(room.play(asking(operator, command)))
    target = command.target if isinstance(command, Unban) else command.nick
    assert (refusal.code, refusal.text) == (Code.NOT_SANCTIONED, phrases.not_sanctioned(target))


# --- one installation under several nicknames --------------------------------------------------------------------------


@pytest.fixture
def shared() -> Scene:
    """철수 sits at a computer from which 민수 may come as well."""
    room = LoggedRoom()
    return room, room.operator(address=HERE), room.seat("철수", CHEOLSU, device=COMPUTER)


def test_nobody_comes_back_under_another_nickname(shared: Scene) -> None:
    room, operator, _ = shared
    room.play(asking(operator, Ban(5, "철수")))
    for again in (room, LoggedRoom(room.store)):
        with pytest.raises(Refusal) as refused:
            again.enter("민수", MINSU, device=COMPUTER)
        assert refused.value.code is Code.BANNED
    assert room.seat("민수", MINSU, device="e" * 16).nick == "민수"


def test_all_who_sit_at_a_banned_computer_go(shared: Scene) -> None:
    room, operator, _ = shared
    room.seat("민수", MINSU, device=COMPUTER)
    left = [event for event in room.events(asking(operator, Ban(5, "철수"))) if isinstance(event, Left)]
    assert [one.nick for one in left] == ["철수", "민수"]


def test_who_is_muted_says_nothing_under_another_nickname(shared: Scene) -> None:
    room, operator, other = shared
    room.play(asking(operator, Mute(5, "철수")), leaving(other))
    for again in (room, LoggedRoom(room.store)):
        seat = again.seat("민수", MINSU, device=COMPUTER)
        assert refusal_of(again.play(asking(seat, Say("c", "가")))).code is Code.MUTED


def silenced_namesake(shared: Scene, for_s: int | None = None) -> tuple[LoggedRoom, Seat[str]]:
    """철수 was muted and left; somebody else came as 철수, was muted too, and left."""
    room, operator, other = shared
    room.play(asking(operator, Mute(5, "철수")), leaving(other))
    namesake = room.seat("철수", "f" * 16)
    room.play(asking(operator, Mute(6, "철수", for_s)))
    room.play(leaving(namesake))
    return room, operator


def test_nobody_gets_rid_of_it_by_having_it_done_to_another_of_that_name(shared: Scene) -> None:
    """With netcat anybody comes as 철수, to be muted again in their own place."""
    room, _ = silenced_namesake(shared, 60)
    room.now_ms += 60_000
    for again in (room, LoggedRoom(room.store)):
        seat = again.seat("민수", MINSU, device=COMPUTER)
        assert refusal_of(again.play(asking(seat, Say("c", "가")))).code is Code.MUTED


def test_all_of_that_name_are_let_go_together(shared: Scene) -> None:
    room, operator = silenced_namesake(shared)
    assert len(room.room.standing.by_key) == 2
    played = room.play(asking(operator, Unmute(7, "철수")))
    assert [event.target for event in played.events if isinstance(event, Moderated)] == ["철수", "철수"]
    assert (room.room.standing.by_key, room.store.sanctions()) == ({}, ())


def test_whoever_comes_back_after_a_restart_is_known_by_the_computer_again() -> None:
    room = LoggedRoom(rules=Rules(grace_s=30), seated=(KeptSeat(CHEOLSU, "철수"),))
    operator = room.operator()
    room.enter("철수", CHEOLSU, device=COMPUTER)
    room.play(asking(operator, Ban(5, "철수")))
    with pytest.raises(Refusal):
        room.enter("민수", MINSU, device=COMPUTER)


def test_whoever_is_banned_before_they_are_back_after_a_restart_is_known_by_the_computer(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "log.db")) as store:
        LoggedRoom(store).seat("철수", CHEOLSU, device=COMPUTER)
    with closing(SqliteStore(tmp_path / "log.db")) as store:
        room = LoggedRoom(store, Rules(grace_s=30), seated=store.seated())
        operator = room.operator()
        room.play(asking(operator, Ban(5, "철수")))
        with pytest.raises(Refusal):
            room.enter("민수", MINSU, device=COMPUTER)


def test_of_which_computer_a_seat_is_lasts_from_when_it_is_known(tmp_path: Path) -> None:
    """Also of who came in without saying so: with an older client, or into an older log."""
    with closing(SqliteStore(tmp_path / "log.db")) as store:
        room = LoggedRoom(store)
        room.seat("철수", CHEOLSU)
        room.enter("철수", CHEOLSU, device=COMPUTER)
        assert store.seated() == (KeptSeat(CHEOLSU, "철수", COMPUTER),)


def test_what_a_takeover_taught_is_forgotten_if_it_is_not_committed() -> None:
    room = LoggedRoom(rules=Rules(grace_s=30), seated=(KeptSeat(CHEOLSU, "철수"),))
    room.room.roll_back(room.room.play([entering("철수", CHEOLSU, "x", device=COMPUTER)], room.store.head))
    assert [seat.device for seat in room.room.roster.seats] == [CHEOLSU]


def test_nobody_keeps_themselves_out_with_another_nickname_of_theirs() -> None:
    room = LoggedRoom()
    operator = room.enter("영희", YOUNGHEE, device=COMPUTER).seat
    room.play(asking(operator, Promote(0)))
    room.seat("철수", CHEOLSU, device=COMPUTER)
    for command in (Ban(5, "철수"), Mute(5, "철수")):
        refusal = refusal_of(room.play(asking(operator, command)))
        assert (refusal.code, refusal.text) == (Code.BAD_TARGET, phrases.NOT_ONES_DEVICE)
    room.play(asking(operator, Kick(5, "철수")))
    assert room.nicks() == ["영희"]


def test_what_is_done_again_counts_for_all_that_stood_before(shared: Scene) -> None:
    room, operator, other = shared
    room.play(asking(operator, Mute(5, "철수")), leaving(other))
    seat = room.seat("민수", MINSU, device=COMPUTER)
    events = room.events(asking(operator, Mute(6, "민수", 60)))
    assert [(one.target, one.until) for one in events if isinstance(one, Moderated)] == [
        ("민수", AT + 60_000),
        ("철수", AT + 60_000),
    ]
    room.now_ms += 60_000
    assert len(room.events(asking(seat, Say("c", "가")))) == 1


def test_what_is_lifted_is_lifted_for_every_nickname(shared: Scene) -> None:
    room, operator, other = shared
    room.play(asking(operator, Mute(5, "철수")), leaving(other))
    seat = room.seat("민수", MINSU, device=COMPUTER)
    room.play(asking(operator, Mute(6, "민수")))
    events = room.events(asking(operator, Unmute(7, "민수")))
    assert [one.target for one in events if isinstance(one, Moderated)] == ["민수", "철수"]
    assert len(room.events(asking(seat, Say("c", "가")))) == 1
    assert LoggedRoom(room.store).room.standing.by_key == {}


def test_that_also_holds_for_who_is_not_here_and_after_a_restart(shared: Scene) -> None:
    room, operator, other = shared
    third = room.seat("민수", MINSU, device=COMPUTER)
    room.play(leaving(other), leaving(third))
    room.play(asking(operator, Ban(5, "철수")), asking(operator, Ban(6, "민수")))
    again = LoggedRoom(room.store)
    again.play(asking(again.operator(), Unban(7, "철수")))
    assert again.seat("철수", CHEOLSU, device=COMPUTER).nick == "철수"
    assert again.store.sanctions() == ()


# --- doing it again, and to mere nicknames -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "command"), [(Kind.BAN, Ban(5, "철수", 86_400)), (Kind.MUTE, Mute(5, "철수", 86_400))]
)
def test_what_stands_is_made_longer_after_a_restart_too(shared: Scene, kind: Kind, command: Ban | Mute) -> None:
    room, operator, _ = shared
    room.play(asking(operator, Ban(4, "철수", 600) if kind is Kind.BAN else Mute(4, "철수", 600)))
    again = LoggedRoom(room.store)
    again.play(asking(again.operator(), command))
    long = Sanction(kind, "철수", "철수", CHEOLSU, COMPUTER, "영희", AT, AT + 86_400_000)
    assert again.room.standing.by_key == {(kind, "철수"): long}
    assert again.store.sanctions() == (long,)


def test_a_mere_nickname_is_banned_and_it_is_said_that_it_is_no_more(scene: Scene) -> None:
    room, operator, other = scene
    played = room.play(asking(operator, Ban(5, "없는이")))
    assert played.answers == [("영희", Done(5, phrases.only_nick_banned("없는이")))]
    assert refused_at_the_door(room, "없는이", MINSU).code is Code.BANNED
    assert refused_at_the_door(LoggedRoom(room.store), "없는이", MINSU).code is Code.BANNED
    assert len(room.events(asking(other, Say("c", "가")))) == 1
    room.play(asking(operator, Unban(6, "없는이")))
    assert room.seat("없는이", MINSU).nick == "없는이"


def test_what_is_no_nickname_is_not_banned(scene: Scene) -> None:
    room, operator, _ = scene
    refusal = refusal_of(room.play(asking(operator, Ban(5, "\x1b[31m빨강"))))
    assert (refusal.code, refusal.question) == (Code.NICK_INVALID, 5)


def test_it_is_told_who_else_would_be_kept_out_with_the_address(scene: Scene) -> None:
    room, operator, _ = scene
    for number in range(3):
        room.enter(f"손님{number}", f"{number:016}", address=THERE)
    played = room.play(asking(operator, Ban(5, "철수")))
    assert ("영희", Done(5, phrases.ban_address_too("철수", THERE, 3))) in played.answers
    assert "3명" in phrases.ban_address_too("철수", THERE, 3)


def test_nobody_is_told_to_ban_their_own_address(scene: Scene) -> None:
    room, operator, _ = scene
    room.enter("민수", MINSU, address=HERE)
    assert ("영희", Done(5, "")) in room.play(asking(operator, Ban(5, "민수"))).answers


# --- muting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [Say("c", "가"), Whisper("c", "영희", "가"), Rename("바보영희")], ids=str)
def test_whoever_is_muted_says_nothing_by_any_way(scene: Scene, command: Say | Whisper | Rename) -> None:
    room, operator, other = scene
    room.play(asking(operator, Mute(5, "철수", 90)))
    room.now_ms += 1_500
    refusal = refusal_of(room.play(asking(other, command)))
    assert (refusal.code, refusal.text) == (Code.MUTED, phrases.muted(89))
    assert (refusal.until_ms, refusal.retry_ms) == (AT + 90_000, None)
    assert refusal.cid == (None if isinstance(command, Rename) else "c")


def test_all_learn_who_was_muted_until_when(scene: Scene) -> None:
    room, operator, _ = scene
    played = room.play(asking(operator, Mute(5, "철수", 90)))
    assert played.events == [Moderated(3, AT, YOUNGHEE, "영희", "mute", "철수", AT + 90_000)]
    assert played.deeds == [Deed(YOUNGHEE, "영희", "mute", "철수", AT + 90_000)]


def test_who_comes_again_is_still_muted(scene: Scene) -> None:
    room, operator, other = scene
    room.play(asking(operator, Mute(5, "철수")), leaving(other))
    for nick, uid in (("다른이름", CHEOLSU), ("철수", MINSU)):
        seat = room.seat(nick, uid)
        assert refusal_of(room.play(asking(seat, Say("c", "가")))).code is Code.MUTED


def test_what_stood_already_is_echoed_to_who_is_muted(scene: Scene) -> None:
    room, operator, other = scene
    room.play(asking(other, Say("c", "가")), asking(operator, Mute(5, "철수")))
    [(_, answer)] = room.play(asking(other, Say("c", "가"))).answers
    assert not isinstance(answer, Refusal)


def test_a_mute_ends_by_itself_or_is_lifted(scene: Scene) -> None:
    room, operator, other = scene
    room.play(asking(operator, Mute(5, "철수", 60)))
    room.now_ms += 60_000
    assert isinstance(room.events(asking(other, Say("c", "가")))[0], Said)
    room.play(asking(operator, Mute(5, "철수", 60)), asking(operator, Unmute(6, "철수")))
    assert isinstance(room.events(asking(other, Say("d", "가")))[0], Said)


def test_who_is_muted_does_not_use_up_what_they_may_say() -> None:
    room = LoggedRoom(rules=Rules(sending=Sending(messages=1)))
    operator, other = room.operator("영희"), room.seat("철수", CHEOLSU)
    room.play(asking(operator, Mute(5, "철수", 1)))
    for number in range(5):
        assert refusal_of(room.play(asking(other, Say(f"c{number}", "가")))).code is Code.MUTED
    room.now_ms += 1_000
    assert len(room.events(asking(other, Say("d", "가")))) == 1


def test_a_mute_is_lifted_by_the_nickname_that_its_bearer_has_now(scene: Scene) -> None:
    room, operator, other = scene
    room.play(asking(operator, Mute(5, "철수")), leaving(other))
    seat = room.seat("다른이름", CHEOLSU)
    room.play(asking(operator, Unmute(6, "다른이름")))
    assert len(room.events(asking(seat, Say("c", "가")))) == 1
    assert LoggedRoom(room.store).room.standing.by_key == {}


# --- announcing, listing ----------------------------------------------------------------------------------------------


def test_an_announcement_is_an_event_of_its_own(scene: Scene) -> None:
    room, operator, _ = scene
    played = room.play(asking(operator, Announce(5, "점검\n합니다")))
    assert played.events == [Announced(3, AT, YOUNGHEE, "영희", "점검\n합니다")]
    assert (played.answers, played.deeds) == ([("영희", Done(5, ""))], [Deed(YOUNGHEE, "영희", "announce", "", None)])


def test_an_operator_does_not_flood_either() -> None:
    room = LoggedRoom(rules=Rules(sending=Sending(messages=1)))
    operator = room.operator("영희")
    room.play(asking(operator, Announce(5, "하나")))
    refusal = refusal_of(room.play(asking(operator, Announce(6, "둘"))))
    assert (refusal.code, refusal.question) == (Code.RATE_LIMITED, 6)


def test_an_operator_sees_what_stands_and_who_comes_from_where(scene: Scene) -> None:
    room, operator, _ = scene
    room.play(asking(operator, Mute(5, "철수", 60)), asking(operator, Ban(5, "192.0.2.0/24")))
    assert room.play(asking(operator, ListSanctions(7))).answers == [
        (
            "영희",
            SanctionList(
                7,
                (
                    SanctionEntry("mute", "철수", "영희", AT, AT + 60_000),
                    SanctionEntry("ban", "192.0.2.0/24", "영희", AT),
                ),
                (MemberAddress(YOUNGHEE, "영희", HERE), MemberAddress(CHEOLSU, "철수", THERE)),
            ),
        )
    ]


def test_whoever_comes_back_is_listed_with_the_new_address(scene: Scene) -> None:
    room, operator, _ = scene
    room.enter("철수", CHEOLSU, holder="다른 곳", address="192.0.2.1")
    [(_, listed)] = room.play(asking(operator, ListSanctions(7))).answers
    assert isinstance(listed, SanctionList)
    assert listed.members[1].address == "192.0.2.1"


# --- the log, and what could not be written ---------------------------------------------------------------------------


def test_what_changes_stands_with_its_event(scene: Scene) -> None:
    room, operator, _ = scene
    played = room.play(asking(operator, Ban(5, "철수", 60)), asking(operator, Unban(6, "철수")))
    ban = Sanction(Kind.BAN, "철수", "철수", CHEOLSU, CHEOLSU, "영희", AT, AT + 60_000)
    assert played.sanctions == {3: ban, 5: Lifted(Kind.BAN, "철수")}


def test_a_room_that_begins_again_knows_what_stands(scene: Scene) -> None:
    room, operator, _ = scene
    room.play(asking(operator, Ban(5, "철수")), asking(operator, Ban(5, "192.0.2.0/24")))
    again = LoggedRoom(room.store)
    assert refused_at_the_door(again, "철수", CHEOLSU).code is Code.BANNED
    assert refused_at_the_door(again, "민수", MINSU, "192.0.2.8").code is Code.BANNED


def test_without_room_on_the_disk_nothing_is_done_that_has_to_last(scene: Scene) -> None:
    room, operator, _ = scene
    for command in (Ban(5, "철수"), Mute(5, "철수"), Announce(5, "가")):
        played = room.play(asking(operator, command), is_full=True)
        assert refusal_of(played).code is Code.STORAGE_FULL
    assert refusal_of(room.play(asking(operator, Kick(5, "없는이")), is_full=True)).code is Code.NO_SUCH_NICK
    assert room.nicks() == ["영희", "철수"]


def test_what_could_not_be_committed_never_was(scene: Scene) -> None:
    room, operator, other = scene
    for command in (Ban(5, "철수"), Mute(5, "철수"), Kick(5, "철수")):
        room.room.roll_back(room.room.play([asking(operator, command)], room.store.head))
    room.room.roll_back(room.room.play([asking(other, Promote(1))], room.store.head))
    assert room.nicks() == ["영희", "철수"]
    assert not other.is_operator
    assert len(room.events(asking(other, Say("c", "가")))) == 1


def test_others_see_a_ban_only_once_it_is_committed(scene: Scene) -> None:
    room, operator, _ = scene
    played = room.room.play([asking(operator, Ban(5, "192.0.2.1"))], room.store.head)
    assert room.room.standing.ban_of_address("192.0.2.1", AT) is None
    room.room.committed(played)
    assert room.room.standing.ban_of_address("192.0.2.1", AT) is not None


def test_a_ban_of_an_address_ends_though_nothing_happens(scene: Scene) -> None:
    room, operator, _ = scene
    room.play(asking(operator, Ban(5, "192.0.2.1", 60)))
    assert room.room.standing.ban_of_address("192.0.2.1", AT + 59_999) is not None
    assert room.room.standing.ban_of_address("192.0.2.1", AT + 60_000) is None


def test_there_is_a_limit_to_what_stands() -> None:
    store = Memory()
    one = Sanction(Kind.BAN, "x", "x", "u", "d", "영희", AT, None)
    many = [
        replace(one, target=f"이{n}", key=f"이{n}", uid=f"{n:016}", device=f"d{n:015}") for n in range(MAX_SANCTIONS)
    ]
    store._sanctions = {(each.kind, each.key): each for each in many}
    room = LoggedRoom(store)
    operator = room.operator("영희")
    room.seat("철수", CHEOLSU)
    refusal = refusal_of(room.play(asking(operator, Mute(5, "철수"))))
    assert (refusal.code, refusal.text) == (Code.SANCTION_LIMIT, phrases.too_many_sanctions(MAX_SANCTIONS))
    assert len(room.room.standing.by_key) == MAX_SANCTIONS
