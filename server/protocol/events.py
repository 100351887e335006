"""What can be said: commands (imperative, from a client) and events (past tense, from the log), and the frames around them.

Owns the vocabulary of PROTOCOL's JSON dialect; the plain dialect says the same things in sentences. Every type is a frozen
msgspec struct whose tag `t` names its frame on the wire. Knows nothing of bytes, sockets, threads or time.

Units: `seq` counts events from 1; `at` is milliseconds since the Unix epoch, UTC. `uid` is the public name of a client:
16 hexadecimal digits.
"""

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from server.protocol.password import Password

PROTOCOL_VERSION = 1
"""The `v` of `hello` and `welcome`."""

SafeInteger = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""What JSON carries without loss between all implementations (RFC 8259, section 6). msgspec alone lets any size pass."""

Cid = Annotated[str, Meta(min_length=1, max_length=36, pattern=r"\A[\x21-\x7e]+\Z")]
"""The name a client gives to what it sends, unique per client: printable ASCII, room for a UUID in its usual form."""

Secret = Annotated[str, Meta(pattern=r"\A[0-9a-fA-F]{32}\Z")]
"""128 bits, hexadecimal. The server keeps only its SHA-256."""

MAX_DURATION_S: Final = 10 * 366 * 24 * 60 * 60
"""What is longer is for good."""

Duration = Annotated[int, Meta(ge=1, le=MAX_DURATION_S)]
"""For how long something stands, in seconds."""

MAX_PAGE = 200
"""The most events in one page of history."""

SEARCH_PAGE: Final = 50
"""How many hits are given to whoever doesn't say how many: a screenful, and some."""

PageLimit = Annotated[int, Meta(ge=1, le=MAX_PAGE)]


class Frame(Struct, frozen=True, tag_field="t", omit_defaults=True, gc=False):
    """Base of everything that travels as one JSON object on one line. Unknown fields are ignored.

    None can be part of a circle, so the garbage collector need not look at them: a busy room makes 100,000 a second.
    """


# --- commands: from the client, in the imperative ---------------------------------------------------------------------


class Resume(Struct, frozen=True):
    """Where a client was: the last `seq` it has seen, and in which epoch of the log."""

    epoch: str
    seq: SafeInteger


class Hello(Frame, frozen=True, tag="hello"):
    """The first frame of a JSON client. Shown anywhere, it says who comes, and no secret."""

    v: SafeInteger
    nick: str
    client: Secret
    resume: Resume | None = None
    password: Password | None = None
    device: Secret | None = None
    """The same for all nicknames of one installation, while each has a `client` of its own."""

    def __repr__(self) -> str:
        return f"Hello(v={self.v!r}, nick={self.nick!r}, …)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("v", self.v), ("nick", self.nick)]


class Say(Frame, frozen=True, tag="say"):
    """Say `text` to everyone. A plain client gives no `cid`."""

    cid: Cid | None
    text: str


class Whisper(Frame, frozen=True, tag="whisper"):
    """Say `text` to the member named `to` alone; with `to_uid`, only if the nickname is still theirs."""

    cid: Cid | None
    to: str
    text: str
    to_uid: str | None = None


class Rename(Frame, frozen=True, tag="nick"):
    """Take the nickname `nick`. That it was done is the event; `Refused` has the same `id`, if one was given."""

    nick: str
    id: SafeInteger | None = None


class Register(Frame, frozen=True, tag="register"):
    """Keep the nickname that one has now for oneself, also while away. Answered by `Done`, or by `Refused` with the same `id`."""

    id: SafeInteger


class Unregister(Frame, frozen=True, tag="unregister"):
    """Give up a nickname that one has registered: `nick`, or the one that one has now. Answered as `Register` is."""

    id: SafeInteger
    nick: str | None = None


class BecomeOperator(Frame, frozen=True, tag="operator"):
    """Have a say over others from now on, if `key` is the server's operator key. Answered by `Done`, or by `Refused`, with this `id`."""

    id: SafeInteger
    key: Password


class Kick(Frame, frozen=True, tag="kick"):
    """Show the member named `nick` out. This and what follows is an operator's, and answered as `BecomeOperator` is."""

    id: SafeInteger
    nick: str


class Ban(Frame, frozen=True, tag="ban"):
    """Let nobody in who is `target`: the client and nickname of a member, or an address or network; for so long, or for good."""

    id: SafeInteger
    target: str
    for_s: Duration | None = None


class Unban(Frame, frozen=True, tag="unban"):
    """Let `target`, a nickname or a network as it was banned, in again."""

    id: SafeInteger
    target: str


class Mute(Frame, frozen=True, tag="mute"):
    """Let the member named `nick` say nothing; for so long, or for good."""

    id: SafeInteger
    nick: str
    for_s: Duration | None = None


class Unmute(Frame, frozen=True, tag="unmute"):
    """Let whoever was muted as `nick` speak again."""

    id: SafeInteger
    nick: str


class Announce(Frame, frozen=True, tag="announce"):
    """Say `text` to everyone so that nobody overlooks it."""

    id: SafeInteger
    text: str


class ListSanctions(Frame, frozen=True, tag="sanctions"):
    """Ask who is banned or muted, and from which address every member comes. Answered by `SanctionList`."""

    id: SafeInteger


OperatorCommand = Kick | Ban | Unban | Mute | Unmute | Announce | ListSanctions
"""What only an operator may do."""


class ReadHistory(Frame, frozen=True, tag="history"):
    """Ask for the newest events below the seq `before` that this client may see, at most `limit` of them; with `whispers`, for
    these alone."""

    id: SafeInteger
    before: SafeInteger
    limit: PageLimit = MAX_PAGE
    whispers: bool = False


class Search(Frame, frozen=True, tag="search"):
    """Ask for the newest messages and whispers below the seq `before` that match `query` (see `search.SearchPattern`), that this
    client may see and, with `nick`, that were said under that nickname; at most `limit` of them. With `nick`, `query` may be empty:
    then it is whatever was said under it. Answered by `HistoryPage`, or by `Refused` with the same `id`.
    """

    id: SafeInteger
    query: str
    nick: str | None = None
    before: SafeInteger | None = None
    limit: PageLimit = SEARCH_PAGE


class Ping(Frame, frozen=True, tag="ping"):
    """Ask for a `pong` with the same `n`. Either side may: the other was silent for long."""

    n: SafeInteger


class Pong(Frame, frozen=True, tag="pong"):
    """The answer to `ping`, from either side."""

    n: SafeInteger


class Bye(Frame, frozen=True, tag="bye"):
    """Leave for good."""


class ListMembers(Struct, frozen=True):
    """Plain only: say who is here."""


class ShowHelp(Struct, frozen=True):
    """Plain only: say what can be typed."""


JsonCommand = (
    (Hello | Say | Whisper | Rename | Register | Unregister | BecomeOperator)
    | (Kick | Ban | Unban | Mute | Unmute | Announce | ListSanctions)
    | (ReadHistory | Search | Ping | Pong | Bye)
)
"""What one JSON line of a client can be."""

PlainCommand = Say | Whisper | Rename | ListMembers | ShowHelp | Bye
"""What one plain line, after the nickname, can be."""


# --- events: what happened in the room, in the order of the log -------------------------------------------------------


class Said(Frame, frozen=True, tag="message"):
    """`nick` said `text` to everyone."""

    seq: int
    at: int
    uid: str
    nick: str
    text: str
    cid: str | None = None


class Whispered(Frame, frozen=True, tag="whisper"):
    """`nick` said `text` to `to`; only these two see it."""

    seq: int
    at: int
    uid: str
    nick: str
    to_uid: str
    to: str
    text: str
    cid: str | None = None


class Joined(Frame, frozen=True, tag="joined"):
    """`nick` came in."""

    seq: int
    at: int
    uid: str
    nick: str


class Left(Frame, frozen=True, tag="left"):
    """`nick` went; `reason` is `quit`, `lost`, `failed` (our own fault) or a code of `errors.Code`."""

    seq: int
    at: int
    uid: str
    nick: str
    reason: str


class Renamed(Frame, frozen=True, tag="renamed"):
    """The member who was called `was` is now called `nick`."""

    seq: int
    at: int
    uid: str
    nick: str
    was: str


class Announced(Frame, frozen=True, tag="announced"):
    """The operator `nick` has something to say that everyone should notice."""

    seq: int
    at: int
    uid: str
    nick: str
    text: str


class Moderated(Frame, frozen=True, tag="moderated"):
    """The operator `nick` did something about `target`, a nickname; what, `action` says: see `Action`.

    Of a network that is banned `target` is empty: that is no business of all. `until` is in ms as `at`; without it, for good.
    """

    seq: int
    at: int
    uid: str
    nick: str
    action: str
    target: str
    until: int | None = None


class Action(StrEnum):
    """What an operator can do about somebody; later versions may know more."""

    KICK = "kick"
    BAN = "ban"
    UNBAN = "unban"
    MUTE = "mute"
    UNMUTE = "unmute"


Event = Said | Whispered | Joined | Left | Renamed | Announced | Moderated
"""What the log holds. Only a whisper is not for everyone."""


# --- frames from the server that are not in the log -------------------------------------------------------------------


class Member(Struct, frozen=True, omit_defaults=True, gc=False):
    """Somebody in the room; `away` while only the seat is kept, since the connection was lost."""

    uid: str
    nick: str
    away: bool = False


class Limits(Struct, frozen=True):
    """What the server accepts: characters and lines of a text, bytes of a line."""

    text_chars: int
    text_lines: int
    line_bytes: int


class Welcome(Frame, frozen=True, tag="welcome"):
    """The answer to `hello`. Events up to `seq` that follow are replay; `members` is the roster right after `seq`.

    `fresh`: what the client asked to resume is not known here, so what it has seen may not be what stands in this log.
    """

    v: int
    server: str
    uid: str
    nick: str
    epoch: str
    seq: int
    replay_from: int
    members: tuple[Member, ...]
    limits: Limits
    ping_s: float
    grace_s: float
    fresh: bool = False


class Presence(Frame, frozen=True, tag="presence"):
    """A member's connection was lost (`online` false: the seat is kept for a while) or is back. Not part of the log.

    `nick` tells which of its seats is meant: one client may hold several.
    """

    uid: str
    nick: str
    online: bool


class HistoryPage(Frame, frozen=True, tag="history"):
    """The answer to `history` and to `search`: events oldest first, and whether there are older ones.

    They are asked for with `before` as it is given here, or else with the seq of the oldest event. It is given when a search has
    looked at as much as one may, also without finding anything: then there are only perhaps more.

    `begins` stands where there are no more because what was older is no longer kept: it is the seq with which the log begins.
    """

    id: int
    events: tuple[Event, ...]
    more: bool
    before: int | None = None
    begins: int | None = None


class Done(Frame, frozen=True, tag="done"):
    """What was asked for under this `id` is done; `text` says in Korean what is so now."""

    id: int
    text: str


class SanctionEntry(Struct, frozen=True, omit_defaults=True):
    """Somebody, or a network, that is banned or muted (`kind`): by whom, since when and until when, in ms as `at` of events."""

    kind: str
    target: str
    by: str
    at: int
    until: int | None = None


class MemberAddress(Struct, frozen=True):
    """Where a member comes from; empty while nobody holds the seat since the server began."""

    uid: str
    nick: str
    address: str


class SanctionList(Frame, frozen=True, tag="sanctions"):
    """The answer to `sanctions`."""

    id: int
    entries: tuple[SanctionEntry, ...]
    members: tuple[MemberAddress, ...]


class Refused(Frame, frozen=True, tag="refused"):
    """Something was not done; `code` is one of `errors.Code`, `text` says in Korean what to do. The connection goes on.

    `cid` or `id` tells which message or which question it is about, if it is about one; `until` how long that will be so, in ms since the
    epoch, if that is known.
    """

    code: str
    text: str
    cid: str | None = None
    retry_ms: int | None = None
    id: int | None = None
    until: int | None = None


class Closing(Frame, frozen=True, tag="closing"):
    """The connection ends; `code`, `text`, `until` as in `Refused`. With `retry_ms` it is no use to come back before that is over."""

    code: str
    text: str
    until: int | None = None
    retry_ms: int | None = None


ServerFrame = Event | Welcome | Presence | HistoryPage | Ping | Pong | Done | SanctionList | Refused | Closing
"""What one JSON line of the server can be."""


def visible_to(event: Event, uid: str) -> bool:
    """Whether the client `uid` may see `event`: everything but other people's whispers."""
    return not isinstance(event, Whispered) or uid in (event.uid, event.to_uid)
