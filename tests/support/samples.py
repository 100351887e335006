"""Events as tests write them down: short to make, each with the encoded form in which a store keeps it."""

from collections.abc import Iterable

from server.log.store import Record
from server.log.tail import Batch
from server.protocol import jsonlines
from server.protocol.events import Action, Announced, Event, Joined, Left, Moderated, Renamed, Said, Whispered

YOUNGHEE, CHEOLSU, MINSU = "1" * 16, "2" * 16, "3" * 16
"""Three uids. Their nicknames are below."""

NICKS = {YOUNGHEE: "영희", CHEOLSU: "철수", MINSU: "민수"}
AT = 1_700_000_000_000


def said(seq: int, text: str = "안녕", *, uid: str = YOUNGHEE, cid: str | None = None) -> Said:
    return Said(seq, AT, uid, NICKS[uid], text, cid)


def whispered(
    seq: int, text: str = "비밀", *, uid: str = YOUNGHEE, to: str = CHEOLSU, cid: str | None = None
) -> Whispered:
    return Whispered(seq, AT, uid, NICKS[uid], to, NICKS[to], text, cid)


def joined(seq: int, *, uid: str = YOUNGHEE) -> Joined:
    return Joined(seq, AT, uid, NICKS[uid])


def left(seq: int, *, uid: str = YOUNGHEE, reason: str = "quit") -> Left:
    return Left(seq, AT, uid, NICKS[uid], reason)


def renamed(seq: int, was: str, *, uid: str = YOUNGHEE) -> Renamed:
    return Renamed(seq, AT, uid, NICKS[uid], was)


def announced(seq: int, text: str = "점검합니다", *, uid: str = YOUNGHEE) -> Announced:
    return Announced(seq, AT, uid, NICKS[uid], text)


def moderated(
    seq: int, action: Action = Action.MUTE, *, uid: str = YOUNGHEE, target: str = "철수", for_s: int | None = None
) -> Moderated:
    return Moderated(seq, AT, uid, NICKS[uid], action, target, None if for_s is None else AT + for_s * 1000)


def record(event: Event) -> Record:
    return Record(event, jsonlines.encode(event).removesuffix(b"\n"))


def records(*events: Event) -> list[Record]:
    return [record(event) for event in events]


def conversation(first: int, last: int) -> list[Record]:
    """What 영희 said, from seq `first` to seq `last`."""
    return records(*(said(seq, f"{seq}번째") for seq in range(first, last + 1)))


def batch(*events: Event) -> Batch:
    return Batch(records(*events))


def seqs(lines: Iterable[bytes]) -> list[int]:
    """The numbers of encoded events."""
    decoded = [jsonlines.decode_frame(line) for line in lines]
    return [event.seq for event in decoded if isinstance(event, Event)]
