"""The checker knows which breaks are allowed: coming back, a gap that was told, a backup that was restored, a log that forgets."""

from dataclasses import replace
from typing import Final

from server.protocol.events import visible_to
from tests.faults.checker import check
from tests.faults.history import Began, Broke, Entered, Entry, Shown
from tests.faults.logs import Epoch, Log
from tests.faults.sound_world import (
    HEAD,
    LOG,
    UIDS,
    Entries,
    everybody,
    kinds_of,
    lives,
    of_event,
    person,
    said,
    shown,
)

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


# --- a log that forgets -----------------------------------------------------------------------------------------------

FORGETFUL: Final = replace(LOG, kept_from=7)
"""Up to event 6 nothing is left."""


def misses(*numbers: int, told: bool, replay_from: int = 7) -> set[str]:
    """What is found of 영희, who saw all but these, was away then, and was told of a gap or not."""
    before, after = split_at(lives("영희", LOG), min(numbers))
    back: Entries = [Entered(UIDS["영희"], "영희", "e1", replay_from, 0.0), *[Broke("gap")] * told]
    rest = [entry for entry in after if not (isinstance(entry, Shown) and entry.seq in numbers)]
    people = [person("영희", [*before, *back, *rest]), *everybody()[1:]]
    return kinds_of(check(people, [FORGETFUL], rest_seq=HEAD))


def test_what_was_forgotten_may_be_missing_if_that_was_told() -> None:
    assert misses(5, 6, told=True) == set()
    assert misses(5, 6, told=False) == {"skipped"}


def test_what_is_kept_may_not_be_missing_whatever_was_told() -> None:
    assert misses(5, 6, 8, told=True) == {"skipped"}
    assert misses(5, 6, 8, told=True, replay_from=9) == {"skipped"}, "the gap was smaller than that"


def test_what_was_promised_to_be_whole_again_may_not_be_missing_though_it_is_forgotten_by_now() -> None:
    assert misses(5, 6, told=True, replay_from=6) == {"skipped"}


def test_what_was_shown_before_a_gap_is_not_shown_again_after_it() -> None:
    before, after = split_at(lives("영희", LOG), 5)
    back: Entries = [Entered(UIDS["영희"], "영희", "e1", 7, 0.0), Broke("gap")]
    people = [person("영희", [*before, *back, shown(LOG.events[0]), *after]), *everybody()[1:]]
    assert kinds_of(check(people, [FORGETFUL], rest_seq=HEAD)) == {"duplicate"}


def test_what_a_log_has_forgotten_is_remembered_from_when_it_was_read_before() -> None:
    now = replace(LOG, events=LOG.events[6:], kept_from=7)
    assert now.remembering(LOG) == FORGETFUL
    assert kinds_of(check(everybody(), [now.remembering(LOG)], rest_seq=HEAD)) == set()


def test_what_a_log_should_still_have_is_not_remembered() -> None:
    now = replace(LOG, events=LOG.events[6:-1], kept_from=7)
    assert kinds_of(check(everybody(), [now.remembering(LOG)])) == {"lost", "uncommitted"}


def test_what_was_forgotten_before_anybody_read_it_is_not_taken_for_granted() -> None:
    now = replace(LOG, events=LOG.events[6:], kept_from=7)
    before = replace(LOG, events=LOG.events[:4])
    assert "lost" in kinds_of(check([], [now.remembering(before)]))


# --- a backup ---------------------------------------------------------------------------------------------------------

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
