"""A world in which nothing is wrong, for tests of the checker to plant faults in: three people, a log, and what each of them notes."""

from collections.abc import Sequence
from typing import Final

from server.protocol.events import Event, Joined, Said, Whispered, visible_to
from tests.faults.history import Acknowledged, Began, Entered, Entry, Invoked, Kept, Person, Run, Shown
from tests.faults.logs import Epoch, Log
from tests.faults.report import Report

AT: Final = 1_700_000_000_000
UIDS: Final = {"영희": "1" * 16, "철수": "2" * 16, "민수": "3" * 16}
OTHERS: Final = {"영희": "철수", "철수": "민수", "민수": "영희"}
ONE_EPOCH: Final = (Epoch("e1", 1),)

Entries = list[Entry]


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


def invoked(event: Event) -> Entries:
    assert isinstance(event, Said | Whispered)
    to = event.to if isinstance(event, Whispered) else ""
    return [Invoked(str(event.cid), event.text, 0.0, to), Kept(str(event.cid))]


def lives(nick: str, log: Log, *, first: int = 1) -> Entries:
    """What somebody notes who says what the log has of them, and sees all of it from `first` on."""
    entries: Entries = [Entered(UIDS[nick], nick, "e1", first, 0.0), Began(first)]
    for event in log.events:
        own = event if isinstance(event, Said | Whispered) and event.uid == UIDS[nick] else None
        if own is not None:
            entries += invoked(own)
        if event.seq >= first and visible_to(event, UIDS[nick]):
            entries.append(shown(event))
        if own is not None:
            entries.append(Acknowledged(str(own.cid), 0.0))
    return entries


def person(nick: str, *runs: Entries) -> Person:
    return Person(nick, [Run(entries) for entries in runs])


SPEAKERS: Final = ("영희", "철수", "민수", "철수", "영희", "영희", "영희", "민수", "철수", "민수")
LOG: Final = make_log(SPEAKERS)
HEAD: Final = LOG.events[-1].seq


def everybody(log: Log = LOG) -> list[Person]:
    return [person(nick, lives(nick, log)) for nick in UIDS]


def kinds_of(report: Report) -> set[str]:
    return {kind for kind, count in report.faults.counts.items() if count}


def of_event(entries: Entries, seq: int) -> int:
    """Where in `entries` event `seq` was shown."""
    return next(place for place, entry in enumerate(entries) if isinstance(entry, Shown) and entry.seq == seq)
