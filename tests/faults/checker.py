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

A log that was replaced by an older copy of itself is two logs: pass both, the older one first. What a log forgot on purpose may be missing
on the screen of whoever was away and was told so; what it still keeps may not.

A plain client is held to the same from its coming in until its connection ends: see `plain_lines`. Here is what was said and what stands;
what was shown is for `screens`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from server.protocol.events import Said, Whispered
from tests.faults.history import Acknowledged, Broke, Cut, Invoked, Kept, Left, Person, Refused, Shown
from tests.faults.logs import Log, name_of
from tests.faults.plain_lines import with_numbers
from tests.faults.report import Faults, Report
from tests.faults.screens import Screen, check_screen


def check(people: Sequence[Person], logs: Sequence[Log], *, rest_seq: int | None = None) -> Report:
    """Hold what `people` saw and said against `logs`, the last of which is the one that stands.

    With `rest_seq`, everything had come to rest: whoever did not leave before must have shown all up to that event.
    """
    report = Report()
    people = with_numbers(people, logs[-1], report.faults)
    _count(people, report)
    _check_logs(people, logs, report.faults)
    _check_saying(people, logs, report)
    for person in people:
        for number, run in enumerate(person.runs):
            is_here = number == len(person.runs) - 1 and not run.of(Left, Cut)
            check_screen(Screen(person.nick, run, person.uids), logs, rest_seq if is_here else None, report.faults)
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
        _check_spoken(_spoken_by(log, ours), said, faults)


def _spoken_by(log: Log, uids: frozenset[str]) -> Sequence[Said | Whispered]:
    return [event for event in log.events if isinstance(event, Said | Whispered) and event.uid in uids]


def _check_spoken(spoken: Iterable[Said | Whispered], said: Mapping[tuple[str, str], Invoked], faults: Faults) -> None:
    seen: set[tuple[str, str]] = set()
    for event in spoken:
        key = event.uid, name_of(event)
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
        stands = [_places(log, person.uids) for log in logs]
        _check_fate(person, frozenset().union(*stands), report)
        for one in stands:
            _check_order(person, one, report.faults)


def _places(log: Log, uids: frozenset[str]) -> Mapping[str, int]:
    """Where in the log what stands that these have said, by its name."""
    return {name_of(event): event.seq for event in _spoken_by(log, uids)}


def _check_fate(person: Person, stands: frozenset[str], report: Report) -> None:
    acknowledged = _cids(person, Acknowledged)
    refused = _cids(person, Refused) - acknowledged
    has_settled_all = any(isinstance(entry, Left) and not entry.pending for entry in person.runs[-1].entries)
    promised = acknowledged | (_cids(person, Kept) if has_settled_all else frozenset())
    for entry in person.entries:
        if not isinstance(entry, Invoked):
            continue
        what = f"{person.nick}'s {entry.text!r} ({entry.cid})"
        if entry.cid in refused:
            if entry.cid in stands:
                report.faults.phantom.append(f"{what} stands in the log, and was refused for good")
        elif entry.cid not in promised:
            report.unknown += 1
        elif entry.cid not in stands:
            report.faults.lost.append(f"{what} is not in the log")


def _cids(person: Person, kind: type[Acknowledged] | type[Refused] | type[Kept]) -> frozenset[str]:
    return frozenset(entry.cid for entry in person.entries if isinstance(entry, kind))


def _check_order(person: Person, stands: Mapping[str, int], faults: Faults) -> None:
    """P5: in the log as it was said. A message that was refused and said again has lost its place."""
    refused = _cids(person, Refused)
    last = 0
    for entry in person.entries:
        if isinstance(entry, Invoked) and entry.cid in stands and entry.cid not in refused:
            if stands[entry.cid] < last:
                faults.out_of_order.append(f"{person.nick}'s {entry.text!r} stands before what was said before it")
            last = max(last, stands[entry.cid])
