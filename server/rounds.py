"""What is asked of the room, what it answers, and what a round of it comes to. Values, no rules: those are `room`'s."""

from dataclasses import dataclass, field
from typing import Final, Generic

import msgspec

from server.log.names import NameChange
from server.log.sanctions import SanctionChange
from server.log.store import Key, Known
from server.members import Members
from server.promise import Promise
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    BecomeOperator,
    Done,
    Event,
    OperatorCommand,
    Presence,
    Register,
    Rename,
    Said,
    SanctionList,
    Say,
    Unregister,
    Whisper,
    Whispered,
)
from server.roster import Holder, Seat

QUIT: Final = "quit"
"""The reason of whoever leaves for good."""

LOST: Final = "lost"
"""The reason of whoever did not come back."""

STORAGE_RETRY_S: Final = 1.0
"""When to try again what could not be stored: soon enough to go on by itself, seldom enough to leave a full disk alone."""

# --- requests ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Admission(Generic[Holder]):
    """What a newcomer is told: the seat, and the room as it was right after event `seq`."""

    seat: Seat[Holder]
    seq: int
    members: Members
    presences: int = 0
    """How many presences had been told by then, this one's own included."""


@dataclass(frozen=True, slots=True)
class Enter(Generic[Holder]):
    """Take a seat as `nick`; `verdict` gets an Admission or a Refusal, after the commit.

    A plain client can't come back to its seat, and is slowed down where its lines are read, not refused here.
    """

    holder: Holder
    uid: str
    nick: str
    verdict: Promise[Admission[Holder]]
    is_plain: bool = False
    address: str = ""
    """Where it comes from."""
    is_private: bool = True
    """Whether nobody on the way can read along, or speak in its place: only so an operator who comes back is still one."""
    device: str = ""
    """The installation that the client is of, the same for all its nicknames. Who names none (empty) is one by itself."""

    @property
    def installation(self) -> str:
        """What is the same of it whatever it is called."""
        return self.device or self.uid


@dataclass(frozen=True, slots=True)
class Promote:
    """Let the one who asks be an operator: the key was right. `id` is that of the question."""

    id: int


RoomCommand = Say | Whisper | Rename | Register | Unregister | Promote | OperatorCommand
"""What only the room can do."""


class Ask(msgspec.Struct, Generic[Holder], frozen=True, gc=False):
    """What somebody in the room wants done. Texts and nicknames have been checked at the door."""

    seat: Seat[Holder]
    holder: Holder
    command: RoomCommand


@dataclass(frozen=True, slots=True)
class Leave(Generic[Holder]):
    """The connection `holder` is gone from its seat. Nothing happens if another has taken the seat over.

    Unless `reason` is QUIT, a client that can come back keeps the seat for the grace.
    """

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


@dataclass(frozen=True, slots=True)
class Dismissed:
    """An operator has shown this one out; what it is told, and until when that holds, in ms since the epoch."""

    code: Code
    text: str
    until_ms: int | None = None


Answer = Refusal | Done | SanctionList | Echo | Replaced | Dismissed


def about_command(refusal: Refusal, command: RoomCommand | BecomeOperator) -> Refusal:
    """`refusal`, naming the message or the question that `command` is."""
    match command:
        case Say() | Whisper():
            return refusal.about(command.cid)
        case Rename():
            return refusal if command.id is None else refusal.answering(command.id)
        case _:
            return refusal.answering(command.id)


@dataclass(frozen=True, slots=True)
class Deed:
    """What an operator did, as far as the server's own log is told: who, about whom, until when. The first is to become one, from where."""

    uid: str
    nick: str
    action: str
    target: str
    until_ms: int | None


@dataclass(slots=True)
class Round(Generic[Holder]):
    """What one round of requests comes to: filled while it is played, then committed and sent."""

    head: int
    """The `seq` of the last event so far."""
    at_ms: int
    known: dict[Key, Known]
    """What stands under those keys of this round that are not new."""
    presences_before: int = 0
    is_full: bool = False
    """Whether there is no room in the log: then nothing may happen that would have to be written."""
    events: list[Event] = field(default_factory=list)
    answers: list[tuple[Holder, Answer]] = field(default_factory=list)
    verdicts: list[tuple[Promise[Admission[Holder]], Admission[Holder] | Refusal]] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    """Who went away or came back, to be told after the events."""
    plain_seqs: set[int] = field(default_factory=set)
    """The numbers of those `joined` whose seat ends with the connection."""

    names: list[NameChange] = field(default_factory=list)
    """What is to be kept of registered nicknames, and of whose the seats are, from now on, in this order."""

    sanctions: dict[int, SanctionChange] = field(default_factory=dict)
    """What is to be kept of sanctions from now on, by the `seq` of the event with which it stands."""

    deeds: list[Deed] = field(default_factory=list)

    members_changed: bool = False
    """Whether anybody came, went, or is called or shown otherwise."""

    def next(self) -> tuple[int, int]:
        """`seq` and `at` of the next event."""
        assert not self.is_full
        self.head += 1
        return self.head, self.at_ms

    def check_space(self, sentence: str = phrases.STORAGE_FULL) -> None:
        """To be asked before anything is done that gives an event. Raises Refusal STORAGE_FULL."""
        if self.is_full:
            raise Refusal(Code.STORAGE_FULL, sentence, retry_ms=round(STORAGE_RETRY_S * 1000))
