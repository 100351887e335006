"""What a client showed, held against the log: for the checker. Pure.

A run is cut into segments at each break that its user was told of. A segment is held against the last log to which its epochs belong, by
PROTOCOL's rule, and must show all that the log has for this client, from where it begins to where it ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from server.protocol.events import Event, Said, Whispered, visible_to
from tests.faults.history import Began, Break, Broke, Entered, Run, Shown
from tests.faults.logs import Log
from tests.faults.report import Faults


@dataclass(frozen=True, slots=True)
class Screen:
    """One run, and whose it was; `uids` are all that this person ever had."""

    nick: str
    run: Run
    uids: frozenset[str]


@dataclass(slots=True)
class _Segment:
    """What was shown from one announced break, if there was one, to the next."""

    after: Break | None = None
    begins_at: int | None = None
    """From this event on everything was to be shown."""
    shown: list[Shown] = field(default_factory=list)


def check_screen(screen: Screen, logs: Sequence[Log], rest_seq: int | None, faults: Faults) -> None:
    """With `rest_seq` this run had shown everything up to there, or it is a fault."""
    segments = _segments(screen.run)
    has_entered = screen.run.of(Entered)
    seen: set[int] = set()
    for number, segment in enumerate(segments):
        is_last = number == len(segments) - 1
        log = _covering(segment, logs)
        first = _first_due(segment, segments[:number], log)
        if segment.after in ("rolled_back", "new_log"):
            seen.clear()  # these numbers begin anew
        _check_order(screen, segment, seen, faults)
        _check_content(screen, segment, log, faults)
        for event in _missing(screen, segment, log, first, rest_seq if is_last and has_entered else None):
            faults.skipped.append(f"{screen.nick} was never shown {event.seq}: {event}")


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
                # What is replayed is whole again; to a plain client nothing is.
                found.append(_Segment(how, None if how == "too_slow" else replay_from))
            case Shown():
                found[-1].shown.append(entry)
            case _:
                pass
    return found


def _covering(segment: _Segment, logs: Sequence[Log]) -> Log:
    """The last log that holds all of it; the one that stands, if none does."""
    last_of_epoch = {shown.epoch: shown.seq for shown in sorted(segment.shown, key=lambda one: one.seq)}
    for log in reversed(logs):
        ends = log.ends()
        if all(seq < ends.get(epoch, 0) for epoch, seq in last_of_epoch.items()):
            return log
    return logs[-1]


def _first_due(segment: _Segment, before: Sequence[_Segment], log: Log) -> int | None:
    """The first event that this segment had to show; of one that nothing says it of, the first that it did."""
    match segment.after:
        case "rolled_back":  # whole again from where the logs part
            return _common_end(before, log) + 1
        case "gap" if segment.begins_at is not None:  # only what can't be had any more is missing
            last = max((one.seq for earlier in before for one in earlier.shown), default=0)
            return min(segment.begins_at, max(last + 1, log.kept_from))
    return segment.begins_at or min((one.seq for one in segment.shown), default=None)


def _common_end(before: Sequence[_Segment], log: Log) -> int:
    """The last event that was shown earlier and stands in this log, too."""
    events = log.by_seq()
    common = (one.seq for segment in before for one in segment.shown if _is_same(one, events.get(one.seq)))
    return max(common, default=0)


def _check_order(screen: Screen, segment: _Segment, seen: set[int], faults: Faults) -> None:
    """`seen` is what was shown of this log before, and then also what this segment shows."""
    last = max(seen, default=0)
    for shown in segment.shown:
        if shown.seq in seen:
            faults.duplicate.append(f"{screen.nick} was shown {shown.seq} again: {shown.text!r}")
        elif shown.seq < last:
            faults.out_of_order.append(f"{screen.nick} was shown {shown.seq} after {last}")
        seen.add(shown.seq)
        last = max(last, shown.seq)


def _check_content(screen: Screen, segment: _Segment, log: Log, faults: Faults) -> None:
    events, ends = log.by_seq(), log.ends()
    for shown in segment.shown:
        event = events.get(shown.seq)
        if event is None or shown.seq >= ends.get(shown.epoch, 0):
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


def _missing(screen: Screen, segment: _Segment, log: Log, first: int | None, rest_seq: int | None) -> Iterator[Event]:
    """What should have been shown and was not."""
    if first is None:
        return
    numbers = {shown.seq for shown in segment.shown}
    last = max(max(numbers, default=0), rest_seq or 0)
    for event in log.events:
        if first <= event.seq <= last and event.seq not in numbers and _is_for(event, screen.uids):
            yield event
