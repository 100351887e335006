"""What the timeline says has changed, for whoever draws it and sends for it. Pure values."""

from collections.abc import Sequence

from msgspec import Struct, field

from server.protocol.events import Done, HistoryPage, ReadHistory, Refused, SanctionList
from tui_client.entry import Entry, Kind
from tui_client.outbox import Letter


class Page(Struct, frozen=True):
    """Older entries, oldest first: everything from event `first` up to but without event `before`, or only the whispers of it."""

    room: Sequence[Entry]
    whispers: Sequence[Entry]
    first: int
    before: int
    whispers_only: bool = False


class Failure(Struct, frozen=True):
    """The server has refused an own message for good. `entry` is among the pending ones, with `reason` below it."""

    letter: Letter
    entry: Entry
    reason: str


class Changes(Struct):
    """What a batch of frames changed on the screen.

    `entries` are to be appended in order; an entry of one's own carries the `id` it had while pending. `to_send` is to be sent at once;
    after `welcomed`, and whenever `pending_changed`, so is what `next_to_send` gives. If `retry_after_ms` is given, for `delay_reason`,
    then so long later once more, after `go_on`.
    """

    entries: list[Entry] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    answers: list[HistoryPage | Refused | Done | SanctionList] = field(default_factory=list)
    """What came of questions under numbers that somebody else has taken."""
    orders: dict[int, bool] = field(default_factory=dict)
    """What came of what was to be done, by number: whether it was."""
    no_page_because: str = ""
    """Why a page of the room's past that was asked for does not come, if one doesn't."""
    to_send: list[ReadHistory] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)
    """The `cid`s of own messages that stand in the log."""
    failed: list[Failure] = field(default_factory=list)
    can_be_reached: str = ""
    """Who has come in, to whom a whisper has failed since they weren't here."""
    pending_changed: bool = False
    members_changed: bool = False
    nick_changed: bool = False
    welcomed: bool = False
    begins_at: int | None = None
    """When a log begins to be shown: everything from this event on will be. Nothing older can be had if it is 0."""
    retry_after_ms: int | None = None
    delay_reason: str = ""
    silenced_for_ms: int | None = None
    """If it is given: how long this client's user may say nothing, from now on. 0: they may, or nobody knows until when not."""
    is_restarted: bool = False
    """Whether the server was, as one of the entries says."""
    discontinuity: str = ""
    """What one of the entries, and nothing but it, says of a piece of the room's log that is missing."""
    lost_after: int | None = None
    """Behind this event nothing that is shown until now stands in the server's log any more."""

    @property
    def room(self) -> list[Entry]:
        """What of the entries everybody sees, and what this program tells."""
        return [entry for entry in self.entries if not entry.is_whisper]

    @property
    def whispers(self) -> list[Entry]:
        """The others, and where something of them may be missing."""
        return [entry for entry in self.entries if entry.is_whisper or self._is_discontinuity(entry)]

    def _is_discontinuity(self, entry: Entry) -> bool:
        return bool(self.discontinuity) and entry.kind is Kind.NOTICE and entry.text == self.discontinuity
