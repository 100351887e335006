"""Which nicknames somebody here is known to have had."""

import pytest

from server.protocol.events import HistoryPage, Joined, Left, Member, Pong, Renamed, Said, ServerFrame, Whispered
from tests.tui.test_timeline import welcome
from tui_client.names_seen import MOST_REMEMBERED, NamesSeen

UID, OTHER = "a" * 16, "b" * 16


def names(*frames: ServerFrame) -> NamesSeen:
    seen = NamesSeen()
    for frame in frames:
        seen.note(frame)
    return seen


@pytest.mark.parametrize(
    "frame",
    [
        Said(1, 0, UID, "dudgml", "안녕"),
        Whispered(1, 0, UID, "dudgml", OTHER, "철수", "쉿"),
        Whispered(1, 0, OTHER, "철수", UID, "dudgml", "쉿"),
        Joined(1, 0, UID, "dudgml"),
        Left(1, 0, UID, "dudgml", "quit"),
        Renamed(1, 0, UID, "영희", "dudgml"),
        Renamed(1, 0, UID, "dudgml", "영희"),
        welcome(members=[Member(UID, "dudgml")]),
        HistoryPage(1, (Said(1, 0, UID, "dudgml", "안녕"),), more=False),
    ],
)
def test_whoever_is_named_was_seen_however_that_is_spelt(frame: ServerFrame) -> None:
    seen = names(frame)
    assert "dudgml" in seen
    assert "ＤＵＤＧＭＬ" in seen
    assert "dudgm" not in seen


def test_who_was_never_named_was_not_seen() -> None:
    assert "dudgml" not in names(Pong(1), Said(1, 0, UID, "영희", "dudgml"))


def test_only_so_many_are_remembered_those_heard_of_last() -> None:
    first, *others = (Joined(1, 0, UID, f"손님{number}") for number in range(MOST_REMEMBERED + 1))
    seen = names(first, *others[:-1], first, others[-1])
    assert "손님0" in seen
    assert "손님1" not in seen
    assert f"손님{MOST_REMEMBERED}" in seen
