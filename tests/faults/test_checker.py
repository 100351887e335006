"""The checker finds each kind of fault where one was planted, and none where there is none."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.events import Event, Said, Whispered
from tests.faults.checker import check
from tests.faults.history import (
    Acknowledged,
    Entered,
    Invoked,
    Left,
    Refused,
    Shown,
)
from tests.faults.logs import Log
from tests.faults.sound_world import (
    HEAD,
    LOG,
    UIDS,
    Entries,
    everybody,
    invoked,
    kinds_of,
    lives,
    make_log,
    of_event,
    person,
    said,
    shown,
)

ALL_KINDS: Final = ("lost", "duplicate", "skipped", "out_of_order", "divergent", "phantom", "uncommitted")


def test_where_nothing_is_wrong_nothing_is_found() -> None:
    report = check(everybody(), [LOG], rest_seq=HEAD)
    assert report.is_clean, report.faults.in_words
    assert tuple(report.faults.counts) == ALL_KINDS
    assert (report.invoked, report.acknowledged, report.refused, report.unknown) == (10, 10, 0, 0)


# --- planted faults ---------------------------------------------------------------------------------------------------


def show_twice(entries: Entries) -> None:
    place = of_event(entries, 5)
    entries.insert(place + 2, entries[place])


def show_twice_at_once(entries: Entries) -> None:
    place = of_event(entries, 5)
    entries.insert(place, entries[place])


def never_show(entries: Entries) -> None:
    del entries[of_event(entries, 5)]


def never_show_the_first(entries: Entries) -> None:
    del entries[of_event(entries, 1)]


def never_show_the_last(entries: Entries) -> None:
    del entries[of_event(entries, 12)]


def swap(entries: Entries) -> None:
    one, two = of_event(entries, 4), of_event(entries, 5)
    entries[one], entries[two] = entries[two], entries[one]


def alter(**changed: str) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        place = of_event(entries, 5)
        entry = entries[place]
        assert isinstance(entry, Shown)
        entries[place] = msgspec.structs.replace(entry, **changed)

    return change


def show_what_others_whisper(entries: Entries) -> None:
    entries.insert(of_event(entries, 8), shown(LOG.events[6]))


def show_what_is_not_there(entries: Entries) -> None:
    entries.append(shown(said(HEAD + 1, "철수", 98)))


def show_of_an_unknown_epoch(entries: Entries) -> None:
    entries.append(shown(said(HEAD + 1, "철수", 98), "e0"))


PLANTED: Final[list[tuple[Callable[[Entries], None], str]]] = [
    (show_twice, "duplicate"),
    (show_twice_at_once, "duplicate"),
    (never_show, "skipped"),
    (never_show_the_first, "skipped"),
    (never_show_the_last, "skipped"),
    (swap, "out_of_order"),
    (alter(text="다른 말"), "divergent"),
    (alter(uid=UIDS["민수"]), "divergent"),
    (alter(cid="c0"), "divergent"),
    (alter(kind="whisper"), "divergent"),
    (show_what_others_whisper, "phantom"),
    (show_what_is_not_there, "uncommitted"),
    (show_of_an_unknown_epoch, "uncommitted"),
]


@pytest.mark.parametrize(("plant", "kind"), PLANTED)
def test_what_is_wrong_on_a_screen_is_found(plant: Callable[[Entries], None], kind: str) -> None:
    people = {nick: lives(nick, LOG) for nick in UIDS}
    plant(people["영희"])
    report = check([person(nick, entries) for nick, entries in people.items()], [LOG], rest_seq=HEAD)
    assert kinds_of(report) == {kind}, report.faults.in_words
    assert report.faults.counts[kind] == 1


def without(seq: int) -> Log:
    """As if event `seq` had never been written; what follows has moved up."""
    events = [msgspec.structs.replace(event, seq=event.seq - (event.seq > seq)) for event in LOG.events]
    return replace(LOG, events=[event for number, event in enumerate(events) if number != seq - 1])


def test_what_was_acknowledged_and_is_not_in_the_log_is_lost() -> None:
    log = without(HEAD)
    people = everybody(log)
    people[2] = person("민수", [*lives("민수", log), *invoked(LOG.events[-1]), Acknowledged(cid_of(HEAD), 0.0)])
    assert kinds_of(check(people, [log])) == {"lost"}


def cid_of(seq: int) -> str:
    event = LOG.events[seq - 1]
    assert isinstance(event, Said | Whispered)
    return str(event.cid)


def test_what_was_safe_in_an_outbox_that_is_empty_now_is_lost() -> None:
    log = without(HEAD)
    people = everybody(log)
    people[2] = person("민수", [*lives("민수", log), *invoked(LOG.events[-1])], [Left(0)])
    report = check(people, [log])
    assert (kinds_of(report), report.unknown) == ({"lost"}, 0)


@pytest.mark.parametrize("end", [[], [Left(1)]])
def test_what_was_perhaps_never_sent_is_unknown(end: Entries) -> None:
    log = without(HEAD)
    people = everybody(log)
    people[2] = person("민수", [*lives("민수", log), *invoked(LOG.events[-1])[:1]], end)
    report = check(people, [log])
    assert (kinds_of(report), report.unknown) == (set(), 1)


def test_what_was_refused_and_is_not_in_the_log_is_no_fault() -> None:
    log = without(HEAD)
    people = everybody(log)
    refusal = Refused(cid_of(HEAD), "no_such_nick")
    people[2] = person("민수", [*lives("민수", log), *invoked(LOG.events[-1]), refusal, Left(0)])
    report = check(people, [log])
    assert (kinds_of(report), report.refused, report.unknown) == (set(), 1, 0)


def test_what_was_refused_and_stands_in_the_log_is_a_phantom() -> None:
    entries = [
        entry for entry in lives("민수", LOG) if not isinstance(entry, Acknowledged) or entry.cid != cid_of(HEAD)
    ]
    people = [*everybody()[:2], person("민수", [*entries, Refused(cid_of(HEAD), "bad_frame")])]
    assert kinds_of(check(people, [LOG])) == {"phantom"}


def appended(event: Event) -> Log:
    return replace(LOG, events=[*LOG.events, event])


def test_a_message_that_stands_twice_is_a_duplicate() -> None:
    log = appended(msgspec.structs.replace(LOG.events[4], seq=HEAD + 1))
    assert "duplicate" in kinds_of(check(everybody(), [log]))


def test_the_same_words_under_another_cid_are_a_phantom() -> None:
    """Nobody said them twice."""
    log = appended(said(HEAD + 1, "영희", 99))
    assert kinds_of(check(everybody(), [log])) == {"phantom"}


def test_a_message_that_stands_in_other_words_is_divergent() -> None:
    events = list(LOG.events)
    events[4] = msgspec.structs.replace(events[4], text="다른 말")
    log = replace(LOG, events=events)
    people = [person(nick, [e for e in lives(nick, LOG) if not isinstance(e, Shown)]) for nick in UIDS]
    assert kinds_of(check(people, [log])) == {"divergent"}


def test_messages_that_stand_in_another_order_than_said_are_out_of_order() -> None:
    entries = lives("영희", LOG)
    own = [place for place, entry in enumerate(entries) if isinstance(entry, Invoked)]
    entries[own[0]], entries[own[1]] = entries[own[1]], entries[own[0]]
    people = [person("영희", entries), *everybody()[1:]]
    assert kinds_of(check(people, [LOG], rest_seq=HEAD)) == {"out_of_order"}


def test_a_log_with_a_hole_has_lost_something() -> None:
    log = replace(LOG, events=[event for event in LOG.events if event.seq != 6])
    assert "lost" in kinds_of(check([], [log]))


# --- any world --------------------------------------------------------------------------------------------------------

speakers = st.lists(st.sampled_from(sorted(UIDS)), min_size=6, max_size=40)


@given(speakers, st.data())
def test_any_world_without_faults_is_clean_however_often_it_was_cut(order: list[str], data: st.DataObject) -> None:
    log = make_log(order)
    people = []
    for nick in UIDS:
        entries = lives(nick, log)
        for place in sorted(data.draw(st.sets(st.integers(3, len(entries)), max_size=4)), reverse=True):
            entries.insert(place, Entered(UIDS[nick], nick, "e1", 1, 0.0))
        people.append(person(nick, entries))
    report = check(people, [log], rest_seq=log.events[-1].seq)
    assert report.is_clean, report.faults.in_words


@given(speakers, st.data())
def test_any_event_that_is_missing_doubled_or_moved_is_found(order: list[str], data: st.DataObject) -> None:
    log = make_log(order)
    entries = lives("영희", log)
    places = [place for place, entry in enumerate(entries) if isinstance(entry, Shown)]
    place = data.draw(st.sampled_from(places))
    target = data.draw(st.sampled_from([other for other in places if other != place]))
    harm = data.draw(st.sampled_from(["skipped", "duplicate", "moved"]))
    entry = entries[place]
    if harm != "duplicate":
        del entries[place]
    if harm != "skipped":
        entries.insert(target, entry)
    people = [person("영희", entries), *everybody(log)[1:]]
    found = kinds_of(check(people, [log], rest_seq=log.events[-1].seq))
    assert ("out_of_order" if harm == "moved" else harm) in found
    assert found <= {harm, "out_of_order"}, "an older event that is doubled further down also stands in the wrong place"


@given(speakers, st.data())
def test_any_word_that_is_altered_is_found(order: list[str], data: st.DataObject) -> None:
    log = make_log(order)
    entries = lives("철수", log)
    places = [place for place, entry in enumerate(entries) if isinstance(entry, Shown)]
    place = data.draw(st.sampled_from(places))
    entry = entries[place]
    assert isinstance(entry, Shown)
    entries[place] = msgspec.structs.replace(entry, text=entry.text + "!")
    people = everybody(log)
    people[1] = person("철수", entries)
    assert kinds_of(check(people, [log], rest_seq=log.events[-1].seq)) == {"divergent"}
