"""The checker finds each kind of fault where one was planted, and none where there is none."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.events import Event, Joined, Said, Whispered, visible_to
from tests.faults.checker import Epoch, Log, Report, check
from tests.faults.history import (
    Acknowledged,
    Began,
    Broke,
    Entered,
    Entry,
    Invoked,
    Kept,
    Left,
    Person,
    Refused,
    Run,
    Shown,
)

AT: Final = 1_700_000_000_000
UIDS: Final = {"영희": "1" * 16, "철수": "2" * 16, "민수": "3" * 16}
OTHERS: Final = {"영희": "철수", "철수": "민수", "민수": "영희"}
ONE_EPOCH: Final = (Epoch("e1", 1),)
ALL_KINDS: Final = ("lost", "duplicate", "skipped", "out_of_order", "divergent", "phantom", "uncommitted")


# --- a world in which nothing is wrong --------------------------------------------------------------------------------


def said(seq: int, nick: str, number: int) -> Event:
    """Every third is a whisper."""
    uid, cid, text = UIDS[nick], f"{nick}-{number}".encode().hex(), f"{nick} {number}"
    if number % 3:
        return Said(seq, AT, uid, nick, text, cid)
    return Whispered(seq, AT, uid, nick, UIDS[OTHERS[nick]], OTHERS[nick], text, cid)


def make_log(speakers: Sequence[str], first: int = 1) -> Log:
    """Each comes in, then they speak in this order."""
    events: list[Event] = [Joined(first + n, AT, uid, nick) for n, (nick, uid) in enumerate(UIDS.items())]
    for number, nick in enumerate(speakers):
        events.append(said(first + len(events), nick, number))
    return Log(events, ONE_EPOCH)


def shown(event: Event, epoch: str = "e1") -> Shown:
    text, cid = (event.text, event.cid) if isinstance(event, Said | Whispered) else (event.nick, None)
    return Shown(epoch, event.seq, str(event.__struct_config__.tag), event.uid, text, 0.0, cid)


def invoked(event: Event) -> list[Entry]:
    assert isinstance(event, Said | Whispered)
    to = event.to if isinstance(event, Whispered) else ""
    return [Invoked(str(event.cid), event.text, 0.0, to), Kept(str(event.cid))]


def lives(nick: str, log: Log, *, first: int = 1) -> list[Entry]:
    """What somebody notes who says what the log has of them, and sees all of it from `first` on."""
    entries: list[Entry] = [Entered(UIDS[nick], nick, "e1", first, 0.0), Began(first)]
    for event in log.events:
        own = event if isinstance(event, Said | Whispered) and event.uid == UIDS[nick] else None
        if own is not None:
            entries += invoked(own)
        if event.seq >= first and visible_to(event, UIDS[nick]):
            entries.append(shown(event))
        if own is not None:
            entries.append(Acknowledged(str(own.cid), 0.0))
    return entries


def person(nick: str, *runs: list[Entry]) -> Person:
    return Person(nick, [Run(entries) for entries in runs])


SPEAKERS: Final = ("영희", "철수", "민수", "철수", "영희", "영희", "영희", "민수", "철수", "민수")
LOG: Final = make_log(SPEAKERS)
HEAD: Final = LOG.events[-1].seq


def everybody(log: Log = LOG) -> list[Person]:
    return [person(nick, lives(nick, log)) for nick in UIDS]


def kinds_of(report: Report) -> set[str]:
    return {kind for kind, count in report.faults.counts.items() if count}


def test_where_nothing_is_wrong_nothing_is_found() -> None:
    report = check(everybody(), [LOG], rest_seq=HEAD)
    assert report.is_clean, report.faults.in_words
    assert tuple(report.faults.counts) == ALL_KINDS
    assert (report.invoked, report.acknowledged, report.refused, report.unknown) == (10, 10, 0, 0)


# --- planted faults ---------------------------------------------------------------------------------------------------

Entries = list[Entry]


def of_event(entries: Entries, seq: int) -> int:
    return next(place for place, entry in enumerate(entries) if isinstance(entry, Shown) and entry.seq == seq)


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


# --- coming back ------------------------------------------------------------------------------------------------------


def split_at(entries: Entries, seq: int) -> tuple[Entries, Entries]:
    place = of_event(entries, seq)
    return entries[:place], entries[place:]


def test_who_is_killed_and_comes_back_sees_the_end_of_the_past_again() -> None:
    before, after = split_at(lives("영희", LOG), 8)
    again: Entries = [Entered(UIDS["영희"], "영희", "e1", 4, 0.0), Began(4)]
    replayed: Entries = [shown(event) for event in LOG.events[3:7] if visible_to(event, UIDS["영희"])]
    people = [person("영희", before, again + replayed + after), *everybody()[1:]]
    report = check(people, [LOG], rest_seq=HEAD)
    assert report.is_clean, report.faults.in_words


def test_what_somebody_missed_who_came_back_is_found() -> None:
    before, after = split_at(lives("영희", LOG), 8)
    again: Entries = [Entered(UIDS["영희"], "영희", "e1", 6, 0.0), Began(6)]
    people = [person("영희", before, again + after), *everybody()[1:]]
    assert kinds_of(check(people, [LOG], rest_seq=HEAD)) == {"skipped"}, "began at 6, which was never shown"


def test_a_gap_that_was_announced_is_no_fault_and_one_that_was_not_is() -> None:
    entries = lives("영희", LOG)
    place = of_event(entries, 5)
    del entries[place]
    silent = check([person("영희", entries), *everybody()[1:]], [LOG], rest_seq=HEAD)
    back = Entered(UIDS["영희"], "영희", "e1", 6, 0.0)
    told = check([person("영희", [*entries[:place], back, Broke("gap"), *entries[place:]])], [LOG], rest_seq=HEAD)
    late = check([person("영희", [*entries[:-6], back, Broke("gap"), *entries[-1:]])], [LOG], rest_seq=HEAD)
    assert "skipped" in kinds_of(silent)
    assert ("skipped" in kinds_of(told), told.breaks) == (False, 1)
    assert "skipped" in kinds_of(late), "what was promised to be whole again was not"


OLD: Final = Log(LOG.events, (Epoch("e1", 1), Epoch("e2", 7)))
"""A log that ran on in a second epoch, until the backup was restored."""
RESTORED: Final = Log([*LOG.events[:8], said(9, "영희", 71), said(10, "철수", 70)], (Epoch("e1", 1), Epoch("e3", 9)))


def after_the_backup(*between: Entry) -> Entries:
    """영희 saw the old log up to its end, and then what the restored one goes on with."""
    return [
        Entered(UIDS["영희"], "영희", "e1", 1, 0.0),
        Began(1),
        *(shown(event, "e1" if event.seq < 7 else "e2") for event in OLD.events if visible_to(event, UIDS["영희"])),
        *between,
        *(shown(event, "e3") for event in RESTORED.events[8:]),
    ]


def screens_only(entries: Entries) -> set[str]:
    """What is found on the screen of somebody who says nothing."""
    faults = check([person("영희", entries)], [OLD, RESTORED], rest_seq=10).faults.counts
    return {kind for kind in ("duplicate", "skipped", "out_of_order", "divergent", "uncommitted") if faults[kind]}


def test_a_restored_backup_that_was_announced_is_no_fault() -> None:
    assert screens_only(after_the_backup(Broke("rolled_back"))) == set()


def test_a_restored_backup_that_nobody_was_told_of_is_found() -> None:
    assert screens_only(after_the_backup()) >= {"uncommitted"}


def test_what_is_skipped_behind_an_announced_break_is_found() -> None:
    entries = after_the_backup(Broke("rolled_back"))
    del entries[-2]
    assert screens_only(entries) == {"skipped"}


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
