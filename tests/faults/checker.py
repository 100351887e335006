"""Reads what all clients wrote down and the log that is left, and counts every way in which a promise could be broken. Pure.

| count | what it means | promise |
|---|---|---|
| lost | acknowledged, or safe in an outbox that has emptied, and not in the log | P1 |
| duplicate | twice in the log, or one event twice on a screen | P2, P3 |
| skipped | in the log, for this client, between two events that it showed, and never shown | P3 |
| out of order | shown behind an event that follows it, or in the log in another order than it was said | P3, P5 |
| divergent | shown in other words, or as somebody else's, than the log has it | P3 |
| phantom | in the log, or on a screen, and never said by anybody, or refused, or not for these eyes | P3 |
| uncommitted | shown and not in the log | P4 |

What was never acknowledged and never kept may be in the log or not: it is `unknown` then, and no fault.

A log that was replaced by an older copy of itself is two logs: pass both, the older one first. What a client showed is a segment from one
announced break to the next, and is held against the last log to which its epochs belong, by PROTOCOL's rule.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from server.protocol.events import Event, Said, Whispered, visible_to
from tests.faults.history import Acknowledged, Began, Broke, Entered, Invoked, Kept, Left, Person, Refused, Run, Shown

_WORDS_KEPT: Final = 20
"""How many faults of a kind are told in words; all are counted."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One opening of a log: its name, and the `seq` of the first event that it could write."""

    name: str
    first_seq: int


@dataclass(frozen=True, slots=True)
class Log:
    """What stands in the end, oldest first; `epochs` in the order in which they were opened."""

    events: Sequence[Event]
    epochs: Sequence[Epoch]

    def by_seq(self) -> Mapping[int, Event]:
        return {event.seq: event for event in self.events}

    def ends(self) -> Mapping[str, float]:
        """For each epoch, the first `seq` that is not part of it: PROTOCOL's rule for resuming."""
        firsts = [one.first_seq for one in self.epochs[1:]]
        return dict(zip([one.name for one in self.epochs], [*firsts, math.inf], strict=True))


@dataclass(slots=True)
class Faults:
    """Each fault in words; a run without any is a proof."""

    lost: list[str] = field(default_factory=list)
    duplicate: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    divergent: list[str] = field(default_factory=list)
    phantom: list[str] = field(default_factory=list)
    uncommitted: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Mapping[str, int]:
        return {kind.name: len(getattr(self, kind.name)) for kind in fields(self)}

    @property
    def in_words(self) -> str:
        """The first of each kind."""
        told = ((kind.name, getattr(self, kind.name)) for kind in fields(self))
        return "\n".join(f"{name}: {one}" for name, all_of_them in told for one in all_of_them[:_WORDS_KEPT])


@dataclass(slots=True)
class Report:
    """What was looked at, and what was wrong with it."""

    faults: Faults = field(default_factory=Faults)
    invoked: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    """Neither acknowledged nor refused, nor sure to be safe."""
    shown: int = 0
    breaks: int = 0
    """How often a user was told that something is missing or other than before."""

    @property
    def is_clean(self) -> bool:
        return not any(self.faults.counts.values())


def check(people: Sequence[Person], logs: Sequence[Log], *, rest_seq: int | None = None) -> Report:
    """Hold what `people` saw and said against `logs`, the last of which is the one that stands.

    With `rest_seq`, everything had come to rest: whoever did not leave before must have shown all up to that event.
    """
    report = Report()
    _count(people, report)
    _check_logs(people, logs, report.faults)
    _check_saying(people, logs, report)
    for person in people:
        for number, run in enumerate(person.runs):
            is_here = number == len(person.runs) - 1 and not run.of(Left)
            _check_run(_Screen(person.nick, run, person.uids), logs, rest_seq if is_here else None, report)
    return report


def _count(people: Sequence[Person], report: Report) -> None:
    kinds = Counter(type(entry) for person in people for entry in person.entries)
    report.invoked, report.acknowledged = kinds[Invoked], kinds[Acknowledged]
    report.refused, report.shown, report.breaks = kinds[Refused], kinds[Shown], kinds[Broke]


# --- the log by itself ------------------------------------------------------------------------------------------------


def _check_logs(people: Sequence[Person], logs: Sequence[Log], faults: Faults) -> None:
    said = {
        (uid, entry.cid): entry
        for person in people
        for uid in person.uids
        for entry in person.entries
        if isinstance(entry, Invoked)
    }
    ours = frozenset(uid for person in people for uid in person.uids)
    for log in logs:
        for before, event in zip(log.events, log.events[1:], strict=False):
            if event.seq != before.seq + 1:
                faults.lost.append(f"the log has nothing between {before.seq} and {event.seq}")
        _check_spoken([event for event in log.events if _is_of(event, ours)], said, faults)


def _is_of(event: Event, uids: frozenset[str]) -> bool:
    return isinstance(event, Said | Whispered) and event.uid in uids


def _check_spoken(spoken: Iterable[Event], said: Mapping[tuple[str, str], Invoked], faults: Faults) -> None:
    seen: set[tuple[str, str]] = set()
    for event in spoken:
        assert isinstance(event, Said | Whispered)
        key = event.uid, event.cid or ""
        original = said.get(key)
        if key in seen:
            faults.duplicate.append(f"{key} stands in the log again at {event.seq}")
        seen.add(key)
        if original is None:
            faults.phantom.append(f"{event.seq} in the log was never said: {event}")
        elif original.text != event.text or bool(original.to) is not isinstance(event, Whispered):
            faults.divergent.append(f"{event.seq} in the log is {event.text!r}, said was {original}")


# --- what was said ----------------------------------------------------------------------------------------------------


def _check_saying(people: Sequence[Person], logs: Sequence[Log], report: Report) -> None:
    for person in people:
        uids = person.uids
        stands = [_places(log, uids) for log in logs]
        _check_fate(person, frozenset().union(*stands), report)
        for one in stands:
            _check_order(person, one, report.faults)


def _places(log: Log, uids: frozenset[str]) -> Mapping[str, int]:
    """Where in the log what stands that these have said, by `cid`."""
    return {
        event.cid: event.seq
        for event in log.events
        if isinstance(event, Said | Whispered) and event.uid in uids and event.cid is not None
    }


def _check_fate(person: Person, stands: frozenset[str], report: Report) -> None:
    acknowledged = {entry.cid for entry in person.entries if isinstance(entry, Acknowledged)}
    refused = {entry.cid for entry in person.entries if isinstance(entry, Refused)} - acknowledged
    kept = {entry.cid for entry in person.entries if isinstance(entry, Kept)}
    has_settled_all = any(isinstance(entry, Left) and not entry.pending for entry in person.runs[-1].entries)
    for entry in person.entries:
        if not isinstance(entry, Invoked):
            continue
        if entry.cid in refused:
            if entry.cid in stands:
                report.faults.phantom.append(
                    f"{person.nick}'s {entry.text!r} stands in the log, and was refused for good"
                )
            continue
        is_promised = entry.cid in acknowledged or (has_settled_all and entry.cid in kept)
        if is_promised and entry.cid not in stands:
            report.faults.lost.append(f"{person.nick}'s {entry.text!r} ({entry.cid}) is not in the log")
        report.unknown += entry.cid not in acknowledged and not is_promised


def _check_order(person: Person, stands: Mapping[str, int], faults: Faults) -> None:
    """P5: in the log as it was said. A message that was refused and said again has lost its place."""
    refused = {entry.cid for entry in person.entries if isinstance(entry, Refused)}
    last = 0
    for entry in person.entries:
        if isinstance(entry, Invoked) and entry.cid in stands and entry.cid not in refused:
            if stands[entry.cid] < last:
                faults.out_of_order.append(f"{person.nick}'s {entry.text!r} stands before what was said before it")
            last = max(last, stands[entry.cid])


# --- what was shown ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Screen:
    nick: str
    run: Run
    uids: frozenset[str]


@dataclass(slots=True)
class _Segment:
    """What was shown from one announced break to the next."""

    shown: list[Shown] = field(default_factory=list)
    begins_at: int | None = None
    follows_rollback: bool = False


def _segments(run: Run) -> Sequence[_Segment]:
    found = [_Segment()]
    replay_from = 1
    for entry in run.entries:
        match entry:
            case Entered():
                replay_from = entry.replay_from
            case Began(seq) if not found[-1].shown:
                found[-1].begins_at = seq
            case Broke(how):
                # What is replayed is whole again. Behind a rollback, so is all from where the logs part.
                is_rollback = how == "rolled_back"
                found.append(_Segment([], None if is_rollback else replay_from, is_rollback))
            case Shown():
                found[-1].shown.append(entry)
            case _:
                pass
    return found


def _check_run(screen: _Screen, logs: Sequence[Log], rest_seq: int | None, report: Report) -> None:
    segments = _segments(screen.run)
    has_entered = screen.run.of(Entered)
    for number, segment in enumerate(segments):
        is_last = number == len(segments) - 1
        log = _covering(segment, logs)
        if segment.begins_at is None and segment.follows_rollback:
            segment.begins_at = _common_end(segments[:number], log) + 1
        _check_order_shown(screen, segment, report.faults)
        _check_content(screen, segment, log, report.faults)
        until = rest_seq if is_last and has_entered else None
        _check_whole(screen, segment, log, until, report.faults)


def _covering(segment: _Segment, logs: Sequence[Log]) -> Log:
    """The last log that holds all of it; the one that stands, if none does."""
    last_of_epoch = {shown.epoch: shown.seq for shown in sorted(segment.shown, key=lambda one: one.seq)}
    for log in reversed(logs):
        ends = log.ends()
        if all(seq < ends.get(epoch, 0) for epoch, seq in last_of_epoch.items()):
            return log
    return logs[-1]


def _common_end(before: Sequence[_Segment], log: Log) -> int:
    """The last event that was shown earlier and stands in this log, too."""
    events = log.by_seq()
    common = (one.seq for segment in before for one in segment.shown if _is_same(one, events.get(one.seq)))
    return max(common, default=0)


def _check_order_shown(screen: _Screen, segment: _Segment, faults: Faults) -> None:
    seen: set[int] = set()
    last = 0
    for shown in segment.shown:
        if shown.seq in seen:
            faults.duplicate.append(f"{screen.nick} was shown {shown.seq} again: {shown.text!r}")
        elif shown.seq < last:
            faults.out_of_order.append(f"{screen.nick} was shown {shown.seq} after {last}")
        seen.add(shown.seq)
        last = max(last, shown.seq)


def _check_content(screen: _Screen, segment: _Segment, log: Log, faults: Faults) -> None:
    events, ends = log.by_seq(), log.ends()
    oldest = log.events[0].seq if log.events else 1
    for shown in segment.shown:
        event = events.get(shown.seq)
        if event is None or shown.seq >= ends.get(shown.epoch, 0):
            if shown.seq >= oldest:  # what is older was forgotten on purpose
                faults.uncommitted.append(f"{screen.nick} was shown {shown}, which is not in the log")
        elif not _is_for(event, screen.uids):
            faults.phantom.append(f"{screen.nick} was shown {shown.seq}, which was not for them")
        elif not _is_same(shown, event):
            faults.divergent.append(f"{screen.nick} was shown {shown}, the log has {event}")


def _is_for(event: Event, uids: frozenset[str]) -> bool:
    return any(visible_to(event, uid) for uid in uids)


def _is_same(shown: Shown, event: Event | None) -> bool:
    if event is None or (shown.uid, shown.kind) != (event.uid, event.__struct_config__.tag):
        return False
    if isinstance(event, Said | Whispered):
        return (shown.text, shown.cid) == (event.text, event.cid)
    return shown.text == event.nick


def _check_whole(screen: _Screen, segment: _Segment, log: Log, rest_seq: int | None, faults: Faults) -> None:
    for event in _expected(screen, segment, log, rest_seq):
        faults.skipped.append(f"{screen.nick} was never shown {event.seq}: {event}")


def _expected(screen: _Screen, segment: _Segment, log: Log, rest_seq: int | None) -> Iterator[Event]:
    """What should have been shown and was not."""
    numbers = {shown.seq for shown in segment.shown}
    first = segment.begins_at if segment.begins_at is not None else min(numbers, default=None)
    if first is None:
        return
    last = max(max(numbers, default=0), rest_seq or 0)
    for event in log.events:
        if first <= event.seq <= last and event.seq not in numbers and _is_for(event, screen.uids):
            yield event
