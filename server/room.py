"""The rules of the room: what each request does to it. No sockets, no threads, no locks, no clock of its own.

Run by the sequencer's thread alone, which therefore owns the roster. A round of requests, in the order of their arrival, becomes events,
numbered on from the log's head, and answers that only the one who asked gets. Nothing of it is sent before the events are
committed; that is the sequencer's part.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, assert_never

from server.log.store import Key
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Event,
    Joined,
    Left,
    Member,
    Rename,
    Renamed,
    Said,
    Say,
    Whisper,
    Whispered,
)
from server.protocol.nickname import nickname_key
from server.protocol.text import excerpt
from server.roster import Holder, Roster, Seat

# --- requests ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Admission(Generic[Holder]):
    """What a newcomer is told: the seat, and the room as it was right after event `seq`."""

    seat: Seat[Holder]
    seq: int
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Enter(Generic[Holder]):
    """Take a seat as `nick`; `verdict` gets an Admission or a Refusal, after the commit."""

    holder: Holder
    uid: str
    nick: str
    verdict: "Future[Admission[Holder]]"


@dataclass(frozen=True, slots=True)
class Ask(Generic[Holder]):
    """What somebody in the room wants done. Texts and nicknames have been checked at the door."""

    seat: Seat[Holder]
    holder: Holder
    command: Say | Whisper | Rename


@dataclass(frozen=True, slots=True)
class Leave(Generic[Holder]):
    """The connection `holder` is gone from its seat. Nothing happens if another has taken the seat over."""

    seat: Seat[Holder]
    holder: Holder
    reason: str


Request = Enter[Holder] | Ask[Holder] | Leave[Holder]

# --- answers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Echo:
    """The event that a repeated `cid` became long ago: sent again, so that its sender learns that it stands."""

    event: Said | Whispered


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another connection of the same client sits here now."""


Answer = Refusal | Echo | Replaced


@dataclass(slots=True)
class Round(Generic[Holder]):
    """What one round of requests comes to: filled while it is played, then committed and sent."""

    head: int
    """The `seq` of the last event so far."""
    at_ms: int
    known: dict[Key, Said | Whispered]
    """What stands under those keys of this round that are not new."""
    events: list[Event] = field(default_factory=list)
    answers: list[tuple[Holder, Answer]] = field(default_factory=list)
    verdicts: "list[tuple[Future[Admission[Holder]], Admission[Holder] | Refusal]]" = field(default_factory=list)

    def next(self) -> tuple[int, int]:
        """`seq` and `at` of the next event."""
        self.head += 1
        return self.head, self.at_ms


class Room(Generic[Holder]):
    """The roster and the rules. `find` looks up keys that are in the log already; `now_ms` is the time, in ms since the epoch, UTC."""

    def __init__(
        self, find: Callable[[Collection[Key]], Mapping[Key, Said | Whispered]], now_ms: Callable[[], int]
    ) -> None:
        self.roster: Roster[Holder] = Roster()
        self.members: tuple[Member, ...] = ()
        """Everybody, after the last round that was committed; replaced as a whole, so that any thread may read it."""
        self._find = find
        self._now_ms = now_ms

    def play(self, requests: Sequence[Request[Holder]], head: int) -> Round[Holder]:
        """Carry `requests` out, the first event being number `head` + 1. Commits nothing."""
        played: Round[Holder] = Round(head, self._now_ms(), self._known(requests))
        for request in requests:
            match request:
                case Enter():
                    self._enter(request, played)
                case Ask():
                    self._ask(request, played)
                case Leave():
                    self._leave(request, played)
                case _:
                    assert_never(request)
        return played

    def committed(self, played: Round[Holder]) -> None:
        """What `play` gave is in the log: now others may see who is here."""
        if any(isinstance(event, Joined | Left | Renamed) for event in played.events):
            self.members = self.roster.members()

    def _known(self, requests: Sequence[Request[Holder]]) -> dict[Key, Said | Whispered]:
        keys = {_key(request) for request in requests if isinstance(request, Ask)} - {None}
        return dict(self._find([key for key in keys if key is not None])) if keys else {}

    def _enter(self, request: Enter[Holder], played: Round[Holder]) -> None:
        seat = self.roster.find(request.nick)
        try:
            if seat is not None and seat.uid == request.uid:
                played.answers.append((seat.holder, Replaced()))
                seat.holder = request.holder
            else:
                seat = self.roster.take(request.nick, request.uid, request.holder)
                played.events.append(Joined(*played.next(), seat.uid, seat.nick))
        except Refusal as refusal:
            played.verdicts.append((request.verdict, refusal))
        else:
            admission = Admission(seat, played.head, self.roster.members())
            played.verdicts.append((request.verdict, admission))

    def _ask(self, request: Ask[Holder], played: Round[Holder]) -> None:
        seat, command = request.seat, request.command
        if not self._sits(request):
            return  # taken over meanwhile; what it sent is pending there and comes again under its cid
        try:
            match command:
                case Say() | Whisper():
                    self._speak(seat, command, played)
                case Rename():
                    was = seat.nick
                    self.roster.rename(seat, command.nick)
                    played.events.append(Renamed(*played.next(), seat.uid, seat.nick, was))
                case _:
                    assert_never(command)
        except Refusal as refusal:
            played.answers.append((seat.holder, refusal))

    def _speak(self, seat: Seat[Holder], command: Say | Whisper, played: Round[Holder]) -> None:
        key = _key_of(seat, command)
        original = played.known.get(key) if key else None
        if original is None:
            event = self._said(seat, command, played)
            played.events.append(event)
            if key:
                played.known[key] = event
        elif _is_same(original, command):
            played.answers.append((seat.holder, Echo(original)))
        else:
            raise Refusal(Code.CID_CONFLICT, phrases.CID_CONFLICT, cid=command.cid)

    def _said(self, seat: Seat[Holder], command: Say | Whisper, played: Round[Holder]) -> Said | Whispered:
        if isinstance(command, Say):
            return Said(*played.next(), seat.uid, seat.nick, command.text, command.cid)
        recipient = self.roster.find(command.to)
        if recipient is None:
            raise Refusal(Code.NO_SUCH_NICK, phrases.no_such_nick(excerpt(command.to)), cid=command.cid)
        if command.to_uid is not None and command.to_uid != recipient.uid:
            raise Refusal(Code.RECIPIENT_CHANGED, phrases.recipient_changed(recipient.nick), cid=command.cid)
        return Whispered(*played.next(), seat.uid, seat.nick, recipient.uid, recipient.nick, command.text, command.cid)

    def _leave(self, request: Leave[Holder], played: Round[Holder]) -> None:
        seat = request.seat
        if self._sits(request):
            self.roster.leave(seat)
            played.events.append(Left(*played.next(), seat.uid, seat.nick, request.reason))

    def _sits(self, request: Ask[Holder] | Leave[Holder]) -> bool:
        """Whether the connection that asks still holds its seat, and the seat is still one."""
        return request.seat.holder is request.holder and self.roster.find(request.seat.nick) is request.seat


def _key(request: Ask[Holder]) -> Key | None:
    command = request.command
    return _key_of(request.seat, command) if isinstance(command, Say | Whisper) else None


def _key_of(seat: Seat[Holder], command: Say | Whisper) -> Key | None:
    return (seat.uid, command.cid) if command.cid is not None else None


def _is_same(event: Said | Whispered, command: Say | Whisper) -> bool:
    """Whether `event` is what `command` would have become: the same kind, text and recipient's name."""
    match event, command:
        case Said(), Say():
            return event.text == command.text
        case Whispered(), Whisper():
            return event.text == command.text and nickname_key(event.to) == nickname_key(command.to)
        case _:
            return False
