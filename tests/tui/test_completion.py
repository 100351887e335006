"""What is offered for what stands before the caret."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.events import Left
from tui_client import strings
from tui_client.commands import CATALOGUE
from tui_client.completion import Known, Offer, resolve_member, suggest
from tui_client.korean.matching import Rank, fit
from tui_client.names_seen import NamesSeen

MEMBERS = ("나", "김철수", "민수", "여의도", "영희", "철수", "Tom")
KNOWN = Known(MEMBERS, partners=("민수", "간 사람"), me="나")


def offered(text: str, known: Known = KNOWN) -> list[str]:
    """The labels offered at the end of `text`."""
    offer = suggest(text, len(text), known)
    return [item.label for item in offer.items] if offer else []


def best(text: str) -> Offer:
    offer = suggest(text, len(text), KNOWN)
    assert offer is not None
    return offer


# --- who ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("@영희", ["@영희"]),
        ("@영", ["@영희", "@여의도"]),
        ("@영ㅎ", ["@영희"]),
        ("@영흐", ["@영희"]),
        ("@여", ["@여의도", "@영희"]),
        ("@ㅇㅎ", ["@영희"]),
        ("@ㅇ희", ["@영희"]),
        ("@ㅊㅅ", ["@철수", "@김철수"]),
        ("@철ㅅ", ["@철수", "@김철수"]),
        ("@첤", ["@철수", "@김철수"]),
        ("@ㄱㅊㅅ", ["@김철수"]),
        ("@dudgml", ["@영희"]),
        ("@dudg", ["@영희"]),
        ("@ㅅㅐㅡ", ["@Tom"]),
        ("@tOM", ["@Tom"]),
        ("@수", ["@민수", "@김철수", "@철수"]),
        ("@의", ["@여의도"]),
        ("＠ㅇㅎ", ["@영희"]),
        ("  @ㅇㅎ", ["@영희"]),
        ("@xyz", []),
        ("@영수", []),
        ("@@영희", []),
        ("@영희 안녕", []),
        ("메일은 a@영희", []),
    ],
)
def test_members_are_found_as_they_are_typed(typed: str, labels: list[str]) -> None:
    assert offered(typed) == labels


def test_initials_that_the_system_has_joined_are_found() -> None:
    assert offered("@ㄳ", Known(("가수",))) == ["@가수"]


def test_recent_partners_come_first_and_then_the_order_of_the_members() -> None:
    assert offered("@") == ["@민수", "@김철수", "@여의도", "@영희", "@철수", "@Tom"]
    assert best("@").items[0].note == strings.RECENT_PARTNER


def test_better_fits_come_before_recent_partners() -> None:
    assert offered("@ㅁ", Known(("김민수", "마루"), partners=("김민수",))) == ["@마루", "@김민수"]


@given(st.sampled_from(MEMBERS), st.integers(1, 3))
def test_nobody_is_missed_by_how_the_nickname_begins_and_oneself_is_never_offered(nick: str, length: int) -> None:
    assert (f"@{nick}" in offered(f"@{nick[:length]}")) is (nick != "나")


def test_a_mention_is_offered_in_the_middle_and_is_no_order() -> None:
    offer = best("회의는 @ㅊㅅ")
    assert (offer.start, offer.end, offer.is_order) == (4, 7, False)
    assert offer.items[0].insert == "@철수 "


def test_nothing_is_offered_inside_a_word() -> None:
    assert suggest("@영희", 2, KNOWN) is None
    assert suggest("@영 안녕", 2, KNOWN) is not None


def test_a_blank_that_follows_is_not_doubled() -> None:
    offer = suggest("@영 안녕", 2, KNOWN)
    assert offer is not None
    assert (offer.start, offer.end, offer.items[0].insert) == (0, 3, "@영희 ")


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "insert"),
    [
        ("/종", "/종료"),
        ("/ㅈㄹ", "/종료"),
        ("/whd", "/종료"),
        ("/qu", "/quit"),
        ("/ㅂㅕ", "/quit"),
        ("/귓", "/귓속말 "),
        ("/w", "/whisper "),
        ("/귓소", "/귓속말 "),
        ("/dm", "/dm "),
        ("/테", "/테마 "),
        ("/DHK", ""),
        ("/REC", "/reconnect"),
    ],
)
def test_commands_are_found_by_each_of_their_words(typed: str, insert: str) -> None:
    offer = suggest(typed, len(typed), KNOWN)
    assert (offer.items[0].insert if offer else "") == insert


def test_every_command_is_offered_with_both_words_and_what_it_does() -> None:
    items = best("/").items
    assert [item.note for item in items] == [entry.does for entry in CATALOGUE]
    assert items[1].label == "/귓속말 /whisper"


def test_the_word_that_was_begun_is_shown() -> None:
    [item] = best("/dm").items
    assert item.label == "/귓속말 /dm"
    assert item.label[slice(*item.matched)] == "dm"


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("/귓속말 ㅊ", ["철수", "김철수"]),
        ("/w 영", ["영희", "여의도"]),
        ("/찾기 @ㅇㅎ", ["@영희"]),
        ("/찾기 회", []),
        ("/테마 한", ["한지 hanji"]),
        ("/테마 gks", ["한지 hanji"]),
        ("/알림 ", ["멘션 mention", "모두 all", "끄기 off"]),
        ("/알림 o", ["끄기 off", "멘션 mention"]),
        ("/dkffla ah", ["모두 all"]),
        ("/닉 영", []),
        ("/답장 영", []),
        ("/답장 @ㅇㅎ", ["@영희"]),
        ("/종료 ", []),
        ("/귓속말 철수 영", []),
        ("/ 종", []),
        ("//종", []),
    ],
)
def test_what_may_follow_a_command_is_offered(typed: str, labels: list[str]) -> None:
    assert offered(typed) == labels


@pytest.mark.parametrize(
    ("typed", "is_complete"),
    [("/종료", True), ("/whdfy", True), ("/r", True), ("/종", False), ("@영희", True), ("@영", False), ("/", False)],
)
def test_it_is_known_whether_what_is_typed_can_be_sent_as_it_is(typed: str, is_complete: bool) -> None:
    assert best(typed).is_complete is is_complete
    assert best(typed).is_order


@given(st.text(st.sampled_from("@＠/ 가ㅎ영희철수wqrdmㅊ찾기알림\n")) | st.text(), st.integers(0, 20))
def test_what_is_offered_replaces_what_ends_at_the_caret(text: str, caret: int) -> None:
    caret = min(caret, len(text))
    offer = suggest(text, caret, KNOWN)
    if offer is not None:
        assert offer.items
        assert text[:caret].endswith(offer.typed)
        assert 0 <= offer.start <= caret <= offer.end <= len(text)
        for item in offer.items:
            start, end = item.matched
            assert 0 <= start <= end <= len(item.label)


# --- how well ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name", "rank", "part"),
    [
        ("영희", "영희", Rank.EXACT, "영희"),
        ("TOM", "Tom", Rank.EXACT, "Tom"),
        ("dudgml", "영희", Rank.SAME_KEYS, "영희"),
        ("영", "영희", Rank.PREFIX, "영"),
        ("영", "여의도", Rank.OPEN, "여의"),
        ("여", "영희", Rank.OPEN, "영"),
        ("영ㅎ", "영희", Rank.OPEN, "영희"),
        ("ㅇㅎ", "영희야", Rank.INITIALS, "영희"),
        ("ㅇ", "영희", Rank.OPEN, "영"),
        ("du", "영희", Rank.OTHER_LAYOUT, "영"),
        ("수", "김철수", Rank.INSIDE, "수"),
        ("om", "Tom", Rank.INSIDE, "om"),
    ],
)
def test_a_fit_says_how_good_it_is_and_what_it_covers(typed: str, name: str, rank: Rank, part: str) -> None:
    found = fit(typed, name)
    assert found is not None
    assert (found.rank, name[found.start : found.end]) == (rank, part)


def test_what_is_typed_beyond_the_word_does_not_fit() -> None:
    assert fit("영희야", "영희") is None
    assert fit("ㅇㅎㅇ", "영희") is None


def test_five_hundred_members_are_looked_through_between_two_keys() -> None:
    many = Known(tuple(f"사람{number}영희" for number in range(500)))
    suggest("@ㅇㅎ", 3, many)
    begun = time.process_time()
    assert suggest("@ㅇㅎ", 3, many) is not None
    assert time.process_time() - begun < 0.05


# --- who is meant -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "member"),
    [("영희", "영희"), ("dudgml", "영희"), ("TOM", "Tom"), ("ㅅㅐㅡ", "Tom"), ("영수", None), ("영", None), ("", None)],
)
def test_a_member_is_meant_by_name_or_by_the_same_keys(typed: str, member: str | None) -> None:
    assert resolve_member(typed, MEMBERS, NamesSeen()) == member


def test_a_name_as_it_is_written_wins_and_two_with_the_same_keys_are_nobody() -> None:
    assert resolve_member("dudgml", ("영희", "dudgml"), NamesSeen()) == "dudgml"
    assert resolve_member("DUDGML", ("영희", "dudgml"), NamesSeen()) == "dudgml"
    assert resolve_member("ㅇㅕㅇㅎㅢ", ("영희", "dudgml"), NamesSeen()) is None


def test_name_of_somebody_who_was_seen_is_nobody_elses_in_the_other_layout() -> None:
    seen = NamesSeen()
    seen.note(Left(1, 0, "b" * 16, "dudgml", "quit"))
    assert resolve_member("DUDGML", MEMBERS, seen) is None
    assert resolve_member("alstn", MEMBERS, seen) == "민수"
    seen.note(Left(2, 0, "c" * 16, "영희", "quit"))
    assert resolve_member("영희", MEMBERS, seen) == "영희", "who is here now is meant all the same"
