"""Own messages, from Enter to their echo: what waits, what is on its way, what failed and is kept.

Pure state of the timeline; what it notes down, it notes in the sink that is handed in. A person's messages are on their way one at a
time: the server may refuse any for now (too much at once, no room on its disk), and what was sent behind it could overtake it. It takes
three a second anyway, so waiting for each echo costs nobody anything. Who has thousands to send, to a server that takes them, may have more
on their way as answers come; once anything was refused for now, never again.

What was handed to a connection may stand in the log, whatever became of that connection: until it is answered it can't be taken back.
So that is noted down too, before it is sent.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice, zip_longest
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from server.protocol.errors import Code
from server.protocol.events import Say, Whisper
from tui_client.entry import Entry, State
from tui_client.outbox import NOWHERE, Letter, Sink

MAX_PENDING: Final = 200
"""Own messages that wait or have failed at the same time: more than anybody types while a server is away."""

MAX_LOST: Final = MAX_PENDING // 2
"""How many that stood in a log which was set back are kept to be said again, the newest: there must be room to go on speaking."""


class TooManyPending(Exception):
    """`MAX_PENDING` messages wait already; this one was not taken."""


class HeldUp(Struct, frozen=True):
    """The server takes nothing for now, as it says with `code`, and `count` messages wait for it."""

    code: str
    count: int


class Own(Struct, frozen=True):
    """One own message and how it is shown; below one that failed stands `complaint`, which says why."""

    letter: Letter
    entry: Entry
    complaint: Entry | None = None
    is_inherited: bool = False
    """Whether an earlier run of this client wrote it."""

    @classmethod
    def failed(cls, letter: Letter, entry: Entry, complaint: Entry, *, is_inherited: bool) -> "Own":
        """A message that can't be sent as it is."""
        return cls(letter, replace(entry, state=State.FAILED), complaint, is_inherited)

    @property
    def has_failed(self) -> bool:
        return self.complaint is not None

    def fails_like(self, other: "Own") -> bool:
        """Whether both failed for the same reason."""
        mine, others = self.complaint, other.complaint
        return mine is not None and others is not None and mine.text == others.text

    @property
    def shown(self) -> Sequence[Entry]:
        return (self.entry,) if self.complaint is None else (self.entry, self.complaint)


class Sending:
    """All own messages that no echo has settled yet, in the order in which they are to be sent."""

    def __init__(self, sink: Sink = NOWHERE, most_on_their_way: int = 1) -> None:
        self._sink = sink
        self._own: dict[str, Own] = {}
        self._on_their_way: set[str] = set()
        """The `cid`s of what was sent on this connection and has had no answer."""
        self._window = 1
        """How many these may be: one more with each answer, up to the most."""
        self._largest_window = most_on_their_way
        self.is_put_off = False
        """Whether the server has asked for patience."""
        self._held_up_by = ""
        """With which code it last did, as long as that matters."""
        self._older: set[str] = set()
        """The `cid`s of what waited already when this connection was made: that it takes its time surprises nobody."""

    # --- what is so ---------------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> Sequence[Letter]:
        """What is to be sent, or was sent and has no echo yet."""
        return tuple(own.letter for own in self._own.values() if not own.has_failed)

    @property
    def failed(self) -> Sequence[Letter]:
        """What the server has refused for good."""
        return tuple(own.letter for own in self._own.values() if own.has_failed)

    def shown(self, *, whispers: bool) -> Sequence[Entry]:
        """What is to be drawn of it. What several failed for, one after the other, is said below the last of them."""
        owns = [own for own in self._own.values() if own.entry.is_whisper is whispers]
        return tuple(
            entry
            for own, following in zip_longest(owns, owns[1:])
            for entry in (own.shown[:1] if following is not None and own.fails_like(following) else own.shown)
        )

    def is_waiting(self, cid: str | None) -> bool:
        """Whether the message is one of those that wait."""
        return cid is not None and cid in self._own and not self._own[cid].has_failed

    def has_failed(self, cid: str) -> bool:
        """Whether the message is one of those that failed."""
        return cid in self._own and self._own[cid].has_failed

    def can_be_thrown_away(self, cid: str) -> bool:
        """Whether the message is one of these, and nobody but us has it."""
        return cid in self._own and (self._own[cid].has_failed or not self._own[cid].letter.sent)

    def letter(self, cid: str) -> Letter:
        """The message, which waits or has failed."""
        return self._own[cid].letter

    @property
    def is_held_up(self) -> bool:
        """Whether the server has asked for patience with what waits, and perhaps still does."""
        return bool(self._held_up_by and self.waiting)

    @property
    def held_up(self) -> HeldUp | None:
        """Why nothing is taken for now, if anybody wonders: not about what was left from before and is sent one by one."""
        waiting = self.waiting
        is_expected = self._held_up_by == Code.RATE_LIMITED and all(letter.cid in self._older for letter in waiting)
        return HeldUp(self._held_up_by, len(waiting)) if self._held_up_by and waiting and not is_expected else None

    # --- coming and going ---------------------------------------------------------------------------------------------

    def add(self, letter: Letter, entry: Entry) -> None:
        """Raises TooManyPending."""
        if len(self._own) >= MAX_PENDING:
            raise TooManyPending
        self._own[letter.cid] = Own(letter, entry)
        self._sink.keep(letter)

    def take_up(self, left: Iterable[Own], redraw: Callable[[Letter], Entry]) -> None:
        """Before everything else send what an earlier run has left, instead of what was taken up before.

        What was written in this run is drawn anew: its writer may have another name now.
        """
        written_here = {
            cid: replace(own, entry=redraw(own.letter)) for cid, own in self._own.items() if not own.is_inherited
        }
        self._own = {own.letter.cid: own for own in left} | written_here

    def settle(self, cid: str) -> Own | None:
        """The message stands in the log; what it was, if it was one of these."""
        own = self._own.pop(cid, None)
        if own is None:
            return None
        self._sink.settle(cid)
        self._forget(cid)
        if self._held_up_by != Code.RATE_LIMITED:
            self._held_up_by = ""
        self._window = min(self._window + 1, self._largest_window)
        return own

    def delay(self, cid: str, code: str) -> None:
        """The message is refused for now: it is sent again, and nothing before it, after `go_on`.

        Who only has to send slower is as good as sent: its turn comes in a moment, and the server lets nothing else go before it.
        """
        self._on_their_way.discard(cid)
        self.is_put_off = True
        self._held_up_by = code
        self._window = self._largest_window = 1
        if code != Code.RATE_LIMITED:
            self._note_sent(cid, sent=False)

    def fail(self, letter: Letter, complaint: Entry) -> Entry:
        """The message is refused for good; `letter` says why. It is kept, and shown like this."""
        own = self._own[letter.cid]
        self._own[letter.cid] = Own.failed(letter, own.entry, complaint, is_inherited=own.is_inherited)
        self._sink.keep(letter)
        self._forget(letter.cid)
        return self._own[letter.cid].entry

    def lose(self, letter: Letter, entry: Entry, complaint: Entry) -> None:
        """The message stood in the log and does no more: keep it as one that failed, if that leaves room for others."""
        if letter.cid not in self._own and len(self._own) < MAX_LOST:
            self._own[letter.cid] = Own.failed(letter, entry, complaint, is_inherited=False)
            self._sink.keep(letter)

    def send_again(self, cid: str, letter: Letter, entry: Entry) -> None:
        """Let a message that failed wait once more, behind all others and as `letter` has it."""
        del self._own[cid]
        self._own[letter.cid] = Own(letter, entry)
        self._sink.keep(letter, instead_of=cid)

    def throw_away(self, cid: str) -> None:
        """Forget a message that `can_be_thrown_away`."""
        del self._own[cid]
        self._sink.settle(cid)
        self._forget(cid)

    def _forget(self, cid: str) -> None:
        """The message doesn't wait any more."""
        self._on_their_way.discard(cid)
        self._older.discard(cid)
        if not self.waiting:
            self._held_up_by = ""

    def _note_sent(self, cid: str, *, sent: bool) -> None:
        own = self._own[cid]
        if own.letter.sent is not sent:
            letter = replace(own.letter, sent=sent)
            self._own[cid] = replace(own, letter=letter)
            self._sink.keep(letter)

    # --- when it is whose turn ----------------------------------------------------------------------------------------

    def start_over(self) -> None:
        """There is a new connection: nothing was sent on it yet."""
        self._on_their_way.clear()
        self.is_put_off = False
        self._held_up_by = ""
        self._older = {letter.cid for letter in self.waiting}

    def go_on(self) -> None:
        """The server's time is over."""
        self.is_put_off = False

    @property
    def has_room(self) -> bool:
        """Whether another message could be sent at once."""
        return not self.is_put_off and len(self.waiting) < self._window

    def next(self) -> Sequence[Say | Whisper]:
        """What is to be sent now: the oldest of those that wait for their turn."""
        if self.is_put_off or len(self._on_their_way) >= self._window:
            return ()
        waiting = (letter for letter in self.waiting if letter.cid not in self._on_their_way)
        letters = tuple(islice(waiting, self._window - len(self._on_their_way)))
        self._on_their_way.update(letter.cid for letter in letters)
        for letter in letters:
            self._note_sent(letter.cid, sent=True)
        return tuple(letter.command for letter in letters)
