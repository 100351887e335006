"""A plain client, too, is held to what it was sent from its coming in to its end: the checker finds each fault that was planted there."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol import plain
from server.protocol.events import Event, Said, Whispered, visible_to
from tests.faults.checker import check
from tests.faults.history import Acknowledged, Cut, Entry, Heard, Invoked, Left, Person
from tests.faults.logs import Log
from tests.faults.sound_world import (
    HEAD,
    LOG,
    OTHERS,
    UIDS,
    Entries,
    invoked,
    kinds_of,
    lives,
    make_log,
    person,
    said,
)

PLAIN: Final = "민수"
"""Who speaks the plain dialect here."""

CAME_AT: Final = 3


def plainly(log: Log) -> Log:
    """As if one of them had no names for messages."""
    events = [
        msgspec.structs.replace(event, cid=None)
        if isinstance(event, Said | Whispered) and event.nick == PLAIN
        else event
        for event in log.events
    ]
    return replace(log, events=events)


def line_of(event: Event, viewer: str = UIDS[PLAIN]) -> Heard:
    """What the server really sends."""
    return Heard(plain.encode_event(event, viewer).decode().rstrip("\n"), 0.0)


def reads(log: Log) -> Entries:
    """What the plain one notes who hears all, and says what the log has of them."""
    entries: Entries = []
    for event in log.events[CAME_AT - 1 :]:
        own = event.text if isinstance(event, Said | Whispered) and event.nick == PLAIN else None
        if own is not None:
            entries.append(Invoked(own, own, 0.0, event.to if isinstance(event, Whispered) else ""))
        if visible_to(event, UIDS[PLAIN]):
            entries.append(line_of(event))
        if own is not None:
            entries.append(Acknowledged(own, 0.0))
    return entries


def others(log: Log) -> Sequence[Person]:
    return [person(nick, lives(nick, log)) for nick in UIDS if nick != PLAIN]


LINES: Final = plainly(LOG)


def found(entries: Entries, log: Log = LINES, rest_seq: int | None = HEAD) -> set[str]:
    return kinds_of(check([*others(log), person(PLAIN, entries)], [log], rest_seq=rest_seq))


def test_where_nothing_is_wrong_nothing_is_found() -> None:
    report = check([*others(LINES), person(PLAIN, reads(LINES))], [LINES], rest_seq=HEAD)
    assert report.is_clean, report.faults.in_words
    assert (report.invoked, report.acknowledged, report.unknown) == (10, 10, 0)
    assert report.shown == sum(visible_to(event, uid) for uid in UIDS.values() for event in LINES.events) - 2


# --- planted faults ---------------------------------------------------------------------------------------------------


def place_of(entries: Entries, seq: int) -> int:
    return entries.index(line_of(LINES.events[seq - 1]))


def hear_twice(entries: Entries) -> None:
    entries.insert(place_of(entries, 8), entries[place_of(entries, 5)])


def hear_twice_at_once(entries: Entries) -> None:
    entries.insert(place_of(entries, 5), entries[place_of(entries, 5)])


def never_hear(entries: Entries) -> None:
    del entries[place_of(entries, 5)]


def never_hear_the_first(entries: Entries) -> None:
    del entries[place_of(entries, CAME_AT)]


def never_hear_the_last(entries: Entries) -> None:
    del entries[place_of(entries, 12)]


def swap(entries: Entries) -> None:
    one, two = place_of(entries, 8), place_of(entries, 9)
    entries[one], entries[two] = entries[two], entries[one]


def hear_what_others_whisper(entries: Entries) -> None:
    entries.insert(place_of(entries, 5), line_of(LINES.events[3], UIDS[OTHERS["영희"]]))


def hear_the_past(entries: Entries) -> None:
    entries.insert(0, line_of(LINES.events[1]))


def hear_what_nobody_said(entries: Entries) -> None:
    entries.append(line_of(said(HEAD + 1, "철수", 98)))


PLANTED: Final[list[tuple[Callable[[Entries], None], str]]] = [
    (hear_twice, "duplicate"),
    (hear_twice_at_once, "duplicate"),
    (never_hear, "skipped"),
    (never_hear_the_first, "skipped"),
    (never_hear_the_last, "skipped"),
    (swap, "out_of_order"),
    (hear_what_others_whisper, "phantom"),
    (hear_the_past, "phantom"),
    (hear_what_nobody_said, "phantom"),
]


@pytest.mark.parametrize(("plant", "kind"), PLANTED)
def test_what_is_wrong_with_its_lines_is_found(plant: Callable[[Entries], None], kind: str) -> None:
    entries = reads(LINES)
    plant(entries)
    assert found(entries) == {kind}


def test_what_it_was_shown_and_is_not_in_the_log_is_uncommitted() -> None:
    event = said(HEAD + 1, "철수", 98)
    people = [*others(LINES), person(PLAIN, [*reads(LINES), line_of(event)])]
    people[1] = person("철수", [*lives("철수", LINES), *invoked(event)])
    assert kinds_of(check(people, [LINES], rest_seq=HEAD)) == {"uncommitted"}


def test_other_words_than_the_log_has_are_found() -> None:
    entries = reads(LINES)
    entries[place_of(entries, 5)] = Heard("철수> 다른 말", 0.0)
    assert found(entries) == {"phantom", "skipped"}


def test_what_it_said_and_saw_and_is_not_in_the_log_is_lost() -> None:
    shorter = replace(LINES, events=LINES.events[:-1])
    assert found(reads(LINES), shorter, rest_seq=None) == {"lost", "uncommitted"}


def test_what_it_said_and_never_saw_is_unknown() -> None:
    entries = [*reads(LINES), Invoked("민수 98", "민수 98", 0.0), Cut()]
    report = check([*others(LINES), person(PLAIN, entries)], [LINES])
    assert (report.is_clean, report.unknown) == (True, 1)


def test_what_it_said_once_and_stands_twice_is_found() -> None:
    again = msgspec.structs.replace(LINES.events[-1], seq=HEAD + 1)
    log = replace(LINES, events=[*LINES.events, again])
    assert found(reads(LINES), log) == {"duplicate"}


def test_what_stands_in_another_order_than_it_said_is_found() -> None:
    entries = reads(LINES)
    own = [place for place, entry in enumerate(entries) if isinstance(entry, Invoked)]
    entries[own[0]], entries[own[-1]] = entries[own[-1]], entries[own[0]]
    assert found(entries) == {"out_of_order"}


# --- what is no fault -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [Cut(), Left(0)])
def test_what_comes_after_its_end_is_not_for_it(end: Entry) -> None:
    log = replace(LINES, events=[*LINES.events, said(HEAD + 1, "철수", 97)])
    assert found(reads(LINES), log, HEAD + 1) == {"skipped"}
    assert found([*reads(LINES), end], log, HEAD + 1) == set()


def test_notices_are_no_part_of_the_room() -> None:
    prompt, notice = Heard("닉네임을 입력하세요.", 0.0), Heard("[알림] 지금 3명이 있습니다: 민수, 영희, 철수", 0.0)
    assert found([prompt, *reads(LINES), notice]) == set()


def test_what_was_skipped_for_who_is_slow_is_no_fault_if_it_was_told() -> None:
    entries = reads(LINES)
    entries[place_of(entries, 5)] = Heard("[알림] 읽는 속도가 느려 메시지 1개를 건너뛰었습니다.", 0.0)
    assert found(entries) == set()
    del entries[place_of(entries, 8)]
    assert found(entries) == {"skipped"}


@given(st.lists(st.sampled_from(sorted(UIDS)), min_size=6, max_size=40), st.data())
def test_any_line_that_is_missing_doubled_or_moved_is_found(order: list[str], data: st.DataObject) -> None:
    log = plainly(make_log(order))
    entries = reads(log)
    places = [place for place, entry in enumerate(entries) if isinstance(entry, Heard)]
    place = data.draw(st.sampled_from(places))
    target = data.draw(st.sampled_from([None, *(other for other in places if other != place)]))
    has_more = data.draw(st.booleans())
    entry = entries[place]
    if not has_more:
        del entries[place]
    if target is not None:
        entries.insert(target, entry)
    is_same = not has_more and [one for one in entries if isinstance(one, Heard)] == [
        one for one in reads(log) if isinstance(one, Heard)
    ]
    harmless = (has_more and target is None) or is_same
    assert (found(entries, log, log.events[-1].seq) == set()) is harmless
