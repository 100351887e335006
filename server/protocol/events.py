"""What can be said: commands (imperative, from a client) and events (past tense, from the log), and the frames around them.

Owns the vocabulary of PROTOCOL's JSON dialect; the plain dialect says the same things in sentences. Every type is a frozen
msgspec struct whose tag `t` names its frame on the wire. Knows nothing of bytes, sockets, threads or time.

Units: `seq` counts events from 1; `at` is milliseconds since the Unix epoch, UTC. `uid` is the public name of a client:
16 hexadecimal digits.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

PROTOCOL_VERSION = 1
"""The `v` of `hello` and `welcome`."""

SafeInteger = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""What JSON carries without loss between all implementations (RFC 8259, section 6). msgspec alone lets any size pass."""

Cid = Annotated[str, Meta(min_length=1, max_length=36, pattern=r"\A[\x21-\x7e]+\Z")]
"""The name a client gives to what it sends, unique per client: printable ASCII, room for a UUID in its usual form."""

Secret = Annotated[str, Meta(pattern=r"\A[0-9a-fA-F]{32}\Z")]
"""128 bits, hexadecimal. The server keeps only its SHA-256."""

MAX_PAGE = 200
"""The most events in one page of history."""

SEARCH_PAGE: Final = 50
"""How many hits are given to whoever doesn't say how many: a screenful, and some."""

PageLimit = Annotated[int, Meta(ge=1, le=MAX_PAGE)]


class Frame(Struct, frozen=True, tag_field="t", omit_defaults=True):
    """Base of everything that travels as one JSON object on one line. Unknown fields are ignored."""


# --- commands: from the client, in the imperative ---------------------------------------------------------------------


class Resume(Struct, frozen=True):
    """Where a client was: the last `seq` it has seen, and in which epoch of the log."""

    epoch: str
    seq: SafeInteger


class Hello(Frame, frozen=True, tag="hello"):
    """The first frame of a JSON client."""

    v: SafeInteger
    nick: str
    client: Secret
    resume: Resume | None = None
    password: str | None = None


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
    """Take the nickname `nick`."""

    nick: str


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


JsonCommand = Hello | Say | Whisper | Rename | ReadHistory | Search | Ping | Pong | Bye
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


Event = Said | Whispered | Joined | Left | Renamed
"""What the log holds. Only a whisper is not for everyone."""


# --- frames from the server that are not in the log -------------------------------------------------------------------


class Member(Struct, frozen=True, omit_defaults=True):
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


class Refused(Frame, frozen=True, tag="refused"):
    """Something was not done; `code` is one of `errors.Code`, `text` says in Korean what to do. The connection goes on.

    `cid` or `id` tells which message or which question it is about, if it is about one.
    """

    code: str
    text: str
    cid: str | None = None
    retry_ms: int | None = None
    id: int | None = None


class Closing(Frame, frozen=True, tag="closing"):
    """The connection ends; `code` and `text` as in `Refused`."""

    code: str
    text: str


ServerFrame = Event | Welcome | Presence | HistoryPage | Ping | Pong | Refused | Closing
"""What one JSON line of the server can be."""


def visible_to(event: Event, uid: str) -> bool:
    """Whether the client `uid` may see `event`: everything but other people's whispers."""
    return not isinstance(event, Whispered) or uid in (event.uid, event.to_uid)
