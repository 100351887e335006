"""With whom one whispers, and whom an answer goes to."""

import pytest

from server.protocol import phrases
from server.protocol.events import Member, Renamed, Whispered
from tui_client import strings
from tui_client.partners import MOST_REMEMBERED, Partner, Partners, Unreachable, reach

ME, CHEOLSU, MINSU = "a" * 16, "b" * 16, "c" * 16


def whisper(uid: str, nick: str, to_uid: str, to: str) -> Whispered:
    return Whispered(1, 1, uid, nick, to_uid, to, "쉿")


def heard(*events: Whispered | Renamed) -> Partners:
    partners = Partners()
    for event in events:
        partners.follow(event, ME)
    return partners


def test_answer_goes_to_who_whispered_last_not_to_who_was_whispered_to() -> None:
    partners = heard(whisper(CHEOLSU, "철수", ME, "영희"), whisper(ME, "영희", MINSU, "민수"))
    assert partners.to_answer == Partner("철수", CHEOLSU)
    assert partners.recent == (Partner("민수", MINSU), Partner("철수", CHEOLSU))


def test_without_anything_heard_it_goes_to_who_was_whispered_to() -> None:
    assert heard(whisper(ME, "영희", MINSU, "민수")).to_answer == Partner("민수", MINSU)
    assert heard().to_answer is None


def test_partner_is_followed_through_a_new_nickname_and_nobody_else_of_the_old_one() -> None:
    partners = heard(
        whisper(CHEOLSU, "철수", ME, "영희"),
        Renamed(2, 1, CHEOLSU, "철이", "철수"),
        Renamed(3, 1, MINSU, "철수", "민수"),
    )
    assert partners.to_answer == Partner("철이", CHEOLSU)
    assert partners.recent == (Partner("철이", CHEOLSU),)


def test_whisper_to_oneself_makes_no_partner() -> None:
    assert heard(whisper(ME, "영희", ME, "영희")).recent == ()


def test_one_person_is_one_partner_however_the_nickname_is_written() -> None:
    partners = heard(whisper(CHEOLSU, "Bob", ME, "영희"), whisper(ME, "영희", CHEOLSU, "ＢＯＢ"))
    assert len(partners.recent) == 1


def test_partners_are_bounded() -> None:
    partners = heard(*(whisper(f"{number:016x}", f"철수{number}", ME, "영희") for number in range(MOST_REMEMBERED + 5)))
    assert len(partners.recent) == MOST_REMEMBERED
    assert partners.recent[0].nick == f"철수{MOST_REMEMBERED + 4}"


# --- who can be reached -----------------------------------------------------------------------------------------------


def test_partner_is_reached_by_the_nickname_that_they_have_now() -> None:
    here = [Member(MINSU, "철수"), Member(CHEOLSU, "철이")]
    assert reach(Partner("철수", CHEOLSU), here) == Partner("철이", CHEOLSU)
    assert reach(Partner("철이", CHEOLSU), here) == Partner("철이", CHEOLSU)


def test_of_two_windows_of_one_person_the_one_that_is_meant_is_reached() -> None:
    here = [Member(CHEOLSU, "철이"), Member(CHEOLSU, "철수")]
    assert reach(Partner("철수", CHEOLSU), here) == Partner("철수", CHEOLSU)


@pytest.mark.parametrize(
    ("uid", "here", "reason"),
    [
        (CHEOLSU, [Member(MINSU, "민수")], phrases.absent("Bob")),
        (CHEOLSU, [Member(MINSU, "ＢＯＢ")], strings.partner_replaced("Bob")),
        ("", [Member(MINSU, "민수")], phrases.absent("Bob")),
    ],
    ids=["left", "replaced", "unknown"],
)
def test_who_left_is_not_reached_whoever_has_the_nickname(uid: str, here: list[Member], reason: str) -> None:
    with pytest.raises(Unreachable) as caught:
        reach(Partner("Bob", uid), here)
    assert caught.value.text == reason
