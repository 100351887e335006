"""What a chat by lines is told that is no line: how own messages fare, and what becomes of the connection."""

from msgspec import Struct

from server.protocol.events import Done, HistoryPage, Refused, SanctionList
from tui_client.conversation import HelloRefused
from tui_client.entry import Entry
from tui_client.mailbox import GaveUp, PasswordWanted, TrustWanted


class CameIn(Struct, frozen=True):
    """The room was entered, for the first time or again; what is pending is sent next."""


class Named(Struct, frozen=True):
    """The server has said what one is called from now on."""


class Interrupted(Struct, frozen=True):
    """There is no connection, for a reason that has just been told."""


class Settled(Struct, frozen=True):
    """An own message stands in the log."""

    cid: str


class Delayed(Struct, frozen=True):
    """The server can't take anything for now, for `reason`: it is sent once more at `until_s` on the clock.

    `told` is what to say of it to somebody who wonders; nothing if nobody does.
    """

    reason: str
    told: str
    until_s: float


class NotTaken(Struct, frozen=True):
    """The server does not take what was sent; if it was a message, `cid` and `entry` say which."""

    reason: str
    cid: str = ""
    entry: Entry | None = None


class Answered(Struct, frozen=True):
    """A question that was not about the room's own past has its answer, or is refused."""

    answer: HistoryPage | Refused | Done | SanctionList


class Ordered(Struct, frozen=True):
    """The server has answered what it was told to do under this number."""

    number: int
    is_done: bool


class Silenced(Struct, frozen=True):
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
