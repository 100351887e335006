"""Who is in the room, under which nickname."""

import unicodedata

import pytest

from server.log.seating import KeptSeat
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Member
from server.roster import Roster
from tests.support.samples import CHEOLSU, MINSU, YOUNGHEE

COMPUTER = "c" * 16
"""Of which several clients are nicknames."""


@pytest.fixture
def roster() -> Roster[str]:
    return Roster()


def nicks(roster: Roster[str]) -> list[str]:
    return [member.nick for member in roster.members()]


def test_an_empty_room_has_nobody(roster: Roster[str]) -> None:
    assert (roster.members().everybody, roster.find("영희")) == ((), None)


def test_members_stand_in_the_order_in_which_they_came(roster: Roster[str]) -> None:
    for nick, uid in (("영희", YOUNGHEE), ("철수", CHEOLSU), ("민수", MINSU)):
        roster.take(nick, uid, nick)
    assert roster.members().everybody == (Member(YOUNGHEE, "영희"), Member(CHEOLSU, "철수"), Member(MINSU, "민수"))


def test_nobody_is_described_anew_for_a_newcomer(roster: Roster[str]) -> None:
    roster.take("영희", YOUNGHEE, "")
    [before] = roster.members()
    roster.take("철수", CHEOLSU, "")
    assert roster.members().everybody[0] is before


def test_a_seat_is_described_as_it_is_now(roster: Roster[str]) -> None:
    seat = roster.take("영희", YOUNGHEE, "")
    roster.begin()
    roster.rename(seat, "영이")
    roster.lose(seat, 30.0, "lost")
    assert roster.members().everybody == (Member(YOUNGHEE, "영이", away=True),)
    roster.hand_over(seat, "")
    assert roster.members().everybody == (Member(YOUNGHEE, "영이"),)
    roster.undo()
    assert roster.members().everybody == (Member(YOUNGHEE, "영희"),)


def test_a_rename_does_not_change_the_order(roster: Roster[str]) -> None:
    seat = roster.take("영희", YOUNGHEE, "")
    roster.take("철수", CHEOLSU, "")
    roster.rename(seat, "영이")
    assert nicks(roster) == ["영이", "철수"]


@pytest.mark.parametrize("form", ["Kim", "KIM", "kim", "ｋｉｍ", "Ｋim"])
def test_somebody_is_found_by_any_form_of_the_nickname(roster: Roster[str], form: str) -> None:
    seat = roster.take("Kim", YOUNGHEE, "")
    assert roster.find(form) is seat
    with pytest.raises(Refusal) as refused:
        roster.take(form, CHEOLSU, "")
    assert refused.value.code is Code.NICK_IN_USE


def test_somebody_is_found_by_the_decomposed_nickname(roster: Roster[str]) -> None:
    seat = roster.take("영희", YOUNGHEE, "")
    assert roster.find(unicodedata.normalize("NFD", "영희")) is seat


def test_a_refused_newcomer_changes_nothing(roster: Roster[str]) -> None:
    seat = roster.take("영희", YOUNGHEE, "먼저")
    with pytest.raises(Refusal):
        roster.take("영희", CHEOLSU, "나중")
    assert roster.members().everybody == (Member(YOUNGHEE, "영희"),)
    assert roster.find("영희") is seat


def test_one_client_may_hold_several_seats(roster: Roster[str]) -> None:
    roster.take("영희", YOUNGHEE, "")
    roster.take("영희2", YOUNGHEE, "")
    assert nicks(roster) == ["영희", "영희2"]


def test_a_renamed_member_is_found_by_the_new_nickname_alone(roster: Roster[str]) -> None:
    seat = roster.take("영희", YOUNGHEE, "")
    roster.rename(seat, "영이")
    assert roster.find("영이") is seat
    assert roster.find("영희") is None
    assert roster.take("영희", CHEOLSU, "").nick == "영희"


def test_a_nickname_may_change_its_form(roster: Roster[str]) -> None:
    seat = roster.take("kim", YOUNGHEE, "")
    roster.rename(seat, "Kim")
    assert (nicks(roster), roster.find("kim")) == (["Kim"], seat)


@pytest.mark.parametrize("wanted", ["철수", "영희"])
def test_neither_anothers_nickname_nor_ones_own_can_be_taken(roster: Roster[str], wanted: str) -> None:
    seat = roster.take("영희", YOUNGHEE, "")
    roster.take("철수", CHEOLSU, "")
    with pytest.raises(Refusal) as refused:
        roster.rename(seat, wanted)
    assert refused.value.code is Code.NICK_IN_USE
    assert nicks(roster) == ["영희", "철수"]


def test_a_seat_given_up_is_free(roster: Roster[str]) -> None:
    roster.leave(roster.take("영희", YOUNGHEE, ""))
    assert roster.find("영희") is None
    assert roster.take("영희", CHEOLSU, "").uid == CHEOLSU


# --- look-alikes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("here", "wanted"), [("영희1", "영희l"), ("ya", "уа"), ("mini", "M1N1"), ("ㅇㅇ", "oo")])
def test_nobody_is_taken_for_somebody_who_is_here(roster: Roster[str], here: str, wanted: str) -> None:
    roster.take(here, YOUNGHEE, "")
    seat = roster.take("철수", CHEOLSU, "")
    with pytest.raises(Refusal) as at_the_door:
        roster.take(wanted, MINSU, "")
    with pytest.raises(Refusal) as renaming:
        roster.rename(seat, wanted)
    sentence = (Code.NICK_IN_USE, phrases.nick_look_alike(wanted, here))
    assert [(one.value.code, one.value.text) for one in (at_the_door, renaming)] == [sentence] * 2
    assert nicks(roster) == [here, "철수"]


@pytest.mark.parametrize(("here", "wanted"), [("M1N1", "mini"), ("l1l", "lil")])
def test_who_comes_after_their_imitator_is_not_taken_for_them_either(
    roster: Roster[str], here: str, wanted: str
) -> None:
    """Coming first must not be the way to sit beside somebody as them."""
    roster.take(here, YOUNGHEE, "")
    with pytest.raises(Refusal) as refused:
        roster.take(wanted, MINSU, "")
    assert refused.value.text == phrases.nick_look_alike(wanted, here)


def test_ones_own_of_one_installation_may_look_alike(roster: Roster[str]) -> None:
    seat = roster.take("영희1", YOUNGHEE, "", device=COMPUTER)
    roster.take("영희l", CHEOLSU, "", device=COMPUTER)
    roster.rename(seat, "영희I")
    assert nicks(roster) == ["영희I", "영희l"]


def test_ones_own_nicknames_may_look_alike(roster: Roster[str]) -> None:
    seat = roster.take("영희1", YOUNGHEE, "")
    roster.take("영희l", YOUNGHEE, "")
    roster.rename(seat, "영희I")
    assert nicks(roster) == ["영희I", "영희l"]


def test_what_is_ones_own_is_not_kept_from_one_by_who_looks_alike(roster: Roster[str]) -> None:
    roster.take("min1", CHEOLSU, "")
    assert roster.take("MINI", YOUNGHEE, "", is_theirs=True).nick == "MINI"


def test_nor_by_who_sits_there_but_that_is_said(roster: Roster[str]) -> None:
    roster.take("영희", CHEOLSU, "")
    with pytest.raises(Refusal) as refused:
        roster.take("영희", YOUNGHEE, "", is_theirs=True)
    assert (refused.value.code, refused.value.text) == (Code.NICK_IN_USE, phrases.own_nick_in_use("영희"))


def test_the_looks_of_who_has_left_or_is_called_otherwise_are_free(roster: Roster[str]) -> None:
    leaver, renamer = roster.take("영희1", YOUNGHEE, ""), roster.take("철수0", CHEOLSU, "")
    roster.leave(leaver)
    roster.rename(renamer, "민수")
    roster.take("영희l", MINSU, "")
    roster.take("철수O", MINSU, "")
    with pytest.raises(Refusal):
        roster.take("민수", YOUNGHEE, "")


def test_who_has_the_same_look_as_another_once_leaves_it_to_them(roster: Roster[str]) -> None:
    """Of two who may look alike in capitals only one leaves."""
    leaver = roster.take("min1", YOUNGHEE, "")
    roster.take("mini", CHEOLSU, "")
    roster.leave(leaver)
    with pytest.raises(Refusal):
        roster.take("M1N1", MINSU, "")


def test_the_looks_of_kept_seats_are_known_after_a_restart(roster: Roster[str]) -> None:
    roster.restore([KeptSeat(YOUNGHEE, "영희1")], 10.0, "lost")
    with pytest.raises(Refusal):
        roster.take("영희l", CHEOLSU, "")


def test_after_many_have_come_and_gone_all_is_as_it_would_be_without_them(roster: Roster[str]) -> None:
    """They have moved up by then; what was undone in between never was."""
    staying = [roster.take("먼저", YOUNGHEE, "")]
    for number in range(2000):
        roster.begin()
        leaver = roster.take(f"손님{number}", CHEOLSU, "")
        if number % 500 == 0:
            staying.append(roster.take(f"민수{number}", MINSU, ""))
        roster.begin()
        roster.leave(leaver)
        roster.rename(staying[0], f"영희{number}")
        roster.undo()
        roster.leave(leaver)
    assert max(seat.place for seat in staying) < 1000
    assert roster.seats == tuple(staying)
    assert nicks(roster) == ["먼저", "민수0", "민수500", "민수1000", "민수1500"]


def test_looks_are_undone_with_the_rest(roster: Roster[str]) -> None:
    seat = roster.take("영희1", YOUNGHEE, "")
    roster.begin()
    roster.rename(seat, "영희")
    roster.take("철수0", CHEOLSU, "")
    roster.undo()
    roster.take("철수O", MINSU, "")
    with pytest.raises(Refusal):
        roster.take("영희l", MINSU, "")
