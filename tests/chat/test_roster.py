"""Who is in the room, under which nickname."""

import unicodedata

import pytest

from server.protocol.errors import Code, Refusal
from server.protocol.events import Member
from server.roster import Roster
from tests.support.samples import CHEOLSU, MINSU, YOUNGHEE


@pytest.fixture
def roster() -> Roster[str]:
    return Roster()


def nicks(roster: Roster[str]) -> list[str]:
    return [member.nick for member in roster.members()]


def test_an_empty_room_has_nobody(roster: Roster[str]) -> None:
    assert (roster.members(), roster.find("영희")) == ((), None)


def test_members_stand_in_the_order_in_which_they_came(roster: Roster[str]) -> None:
    for nick, uid in (("영희", YOUNGHEE), ("철수", CHEOLSU), ("민수", MINSU)):
        roster.take(nick, uid, nick)
    assert roster.members() == (Member(YOUNGHEE, "영희"), Member(CHEOLSU, "철수"), Member(MINSU, "민수"))


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
    assert roster.members() == (Member(YOUNGHEE, "영희"),)
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
