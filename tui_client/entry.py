"""One line of what a person sees, ready to be drawn: what the timeline makes and the message log shows.

Pure values; no Textual, no threads, no clock.
"""

from enum import Enum, auto

from msgspec import Struct


class Kind(Enum):
    """What an entry is, which decides its colours and its pane."""

    SAID = auto()
    WHISPER_RECEIVED = auto()
    WHISPER_SENT = auto()
    ANNOUNCEMENT = auto()
    """What an operator wants nobody to overlook."""
    PRESENCE = auto()
    """Coming, going and new nicknames."""
    MODERATION = auto()
    """What an operator did about somebody."""
    NOTICE = auto()
    """What this program tells its user; nobody else sees it."""
    ERROR = auto()
    """A notice that something failed and what to do."""


class State(Enum):
    """How far one's own message has come; everything else is settled from the start."""

    PENDING = auto()
    SETTLED = auto()
    FAILED = auto()
    LOST = auto()
    """Somebody's, it stood in the room's log and does no more."""


class Move(Enum):
    """What somebody did, if they said nothing."""

    JOINED = auto()
    LEFT = auto()
    RENAMED = auto()


class Presence(Struct, frozen=True):
    """Who came, who went, or who is called `nick` now and was called `was` until then. `uid` tells people of one nickname apart."""

    move: Move
    nick: str
    was: str = ""
    uid: str = ""


class Entry(Struct, frozen=True):
    """One thing to show.

    `id` is local and stays the same from pending to settled or failed. `at_ms` is milliseconds since the Unix epoch, UTC.
    `label` is what stands before the text, to the letter (`영희> `, `[귓속말] 영희> `, `[귓속말 전송] 철수에게: `, or nothing);
    `speaker` is the nickname inside it that deserves a colour of its own, or nothing. `text` is cleaned and may have several lines.
    """

    id: int
    kind: Kind
    state: State
    at_ms: int
    label: str
    speaker: str
    text: str
    mine: bool = False
    seq: int = 0
    """Its number in the room's log; 0 for what is not, or not yet, in it."""
    change: Presence | None = None
    """What an entry of kind PRESENCE says, so that many of them can be told in one sentence; `text` says it in full."""
    mentions: tuple[tuple[int, int], ...] = ()
    """Where in `text` whoever reads this is called by name: from the one character up to the other."""

    uid: str = ""
    """Of whoever said it, as far as somebody did."""

    @property
    def is_spoken(self) -> bool:
        """Whether somebody said this to somebody."""
        return self.kind in _SPOKEN

    @property
    def is_whisper(self) -> bool:
        return self.kind in (Kind.WHISPER_RECEIVED, Kind.WHISPER_SENT)


_SPOKEN = frozenset({Kind.SAID, Kind.WHISPER_RECEIVED, Kind.WHISPER_SENT, Kind.ANNOUNCEMENT})
