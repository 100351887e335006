"""What a chat by lines is told that is no line: how own messages fare, and what becomes of the connection."""

from dataclasses import dataclass

from server.protocol.events import Done, HistoryPage, Refused, SanctionList
from tui_client.conversation import HelloRefused
from tui_client.entry import Entry
from tui_client.mailbox import GaveUp, PasswordWanted, TrustWanted


@dataclass(frozen=True, slots=True)
class CameIn:
    """The room was entered, for the first time or again; what is pending is sent next."""


@dataclass(frozen=True, slots=True)
class Named:
    """The server has said what one is called from now on."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """There is no connection, for a reason that has just been told."""


@dataclass(frozen=True, slots=True)
class Settled:
    """An own message stands in the log."""

    cid: str


@dataclass(frozen=True, slots=True)
class Delayed:
    """The server can't take anything for now, for `reason`: it is sent once more at `until_s` on the clock.

    `told` is what to say of it to somebody who wonders; nothing if nobody does.
    """

    reason: str
    told: str
    until_s: float


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The server does not take what was sent; if it was a message, `cid` and `entry` say which."""

    reason: str
    cid: str = ""
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A question that was not about the room's own past has its answer, or is refused."""

    answer: HistoryPage | Refused | Done | SanctionList


@dataclass(frozen=True, slots=True)
class Ordered:
    """The server has answered what it was told to do under this number."""

    number: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class Silenced:
    """This client's user may say nothing until `until_s` on the clock; without it, they may, or nobody knows until when not."""

    until_s: float | None


News = (
    CameIn
    | Named
    | Interrupted
    | Settled
    | Delayed
    | NotTaken
    | Answered
    | Ordered
    | Silenced
    | HelloRefused
    | GaveUp
    | TrustWanted
    | PasswordWanted
)
