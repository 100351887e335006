"""One person at a chat-tui without a screen: the real link, timeline and outbox, driven by line mode's own loop, and every step noted.

What is asked of a person comes as lines: `say COUNT PACE_S PADDING [NICK]`, each message longer by so many characters, and `leave`, once
all that was said stands in the log.
"""

import io
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

from server.protocol.events import Event, HistoryPage, Said, Say, ServerFrame, Welcome, Whisper, Whispered
from tests.faults import history
from tests.faults.history import Break, Notebook, Writer
from tui_client import strings
from tui_client.changes import Changes
from tui_client.conversation import Timing
from tui_client.entry import Entry, Kind, Move
from tui_client.line.chat import DELIVERED, LineChat, Setting, now_ms
from tui_client.line.input import Inbox, Read
from tui_client.line.news import News
from tui_client.line.output import Paper
from tui_client.link import DEFAULT_TIMING, Link
from tui_client.outbox import Outbox, Sink
from tui_client.partners import Partner
from tui_client.profile import Profile
from tui_client.timeline import MAX_PENDING, Timeline
from tui_client.wire import Address

_BREAKS: Final[dict[str, Break]] = {
    strings.GAP: "gap",
    strings.ROLLED_BACK: "rolled_back",
    strings.NEW_LOG: "new_log",
}
_MOVES: Final = {Move.JOINED: "joined", Move.LEFT: "left", Move.RENAMED: "renamed"}


class _Cids:
    """Names for messages, each known before it is used."""

    def __init__(self) -> None:
        self.next = str(uuid4())

    def take(self) -> str:
        taken, self.next = self.next, str(uuid4())
        return taken


class NotedTimeline(Timeline):
    """A timeline that writes down what it is told and what it shows."""

    def __init__(self, nick: str, writer: Notebook, sink: Sink, window: int) -> None:
        self._cids = _Cids()
        super().__init__(nick, self._cids.take, sink, most_on_their_way=window)
        self._writer = writer
        self._heard: dict[int, Event] = {}

    def say(self, text: str, at_ms: int) -> Say:
        self._writer.write(history.Invoked(self._cids.next, text, time.monotonic()))
        said = super().say(text, at_ms)
        self._writer.write(history.Kept(str(said.cid)))
        return said

    def whisper_to(self, partner: Partner, text: str, at_ms: int) -> Whisper:
        self._writer.write(history.Invoked(self._cids.next, text, time.monotonic(), partner.nick))
        whispered = super().whisper_to(partner, text, at_ms)
        self._writer.write(history.Kept(str(whispered.cid)))
        return whispered

    def receive(self, frames: Iterable[ServerFrame], now_ms: int) -> Changes:
        """One frame at a time, as line mode does it: so all that is shown belongs to one epoch."""
        [frame] = frames
        if isinstance(frame, HistoryPage):
            self._heard.update({event.seq: event for event in frame.events})
        elif isinstance(frame, Event):
            self._heard[frame.seq] = frame
        changes = super().receive([frame], now_ms)
        if isinstance(frame, Welcome):
            self._writer.write(
                history.Entered(frame.uid, frame.nick, frame.epoch, frame.replay_from, time.monotonic()),
            )
        self._writer.write(*self._noted(changes, time.monotonic()))
        return changes

    def _noted(self, changes: Changes, at_s: float) -> Iterator[history.Entry]:
        if changes.begins_at:
            yield history.Began(changes.begins_at)
        for entry in changes.entries:
            if entry.seq:
                yield self._shown(entry, at_s)
            elif entry.text in _BREAKS:
                yield history.Broke(_BREAKS[entry.text])
        for cid in changes.delivered:
            yield history.Acknowledged(cid, at_s)
        for failure in changes.failed:
            yield history.Refused(failure.letter.cid, failure.letter.code)

    def _shown(self, entry: Entry, at_s: float) -> history.Shown:
        """What the screen has; only whose it was and its `cid`, which no screen shows, are from what was heard."""
        event = self._heard.pop(entry.seq)
        kind, text = "message" if entry.kind is Kind.SAID else "whisper", entry.text
        if entry.change is not None:
            kind, text = _MOVES[entry.change.move], entry.change.nick
        cid = event.cid if isinstance(event, Said | Whispered) else None
        epoch = self.position.epoch if self.position else ""
        return history.Shown(epoch, entry.seq, kind, event.uid, text, at_s, cid)


class Talker(LineChat):
    """Says numbered messages when asked to. `run` returns when it was asked to leave."""

    def __init__(self, setting: Setting, outbox: Outbox, writer: Writer, window: int, timing: Timing) -> None:
        super().__init__(setting, outbox, most_on_their_way=window)
        self.link = Link(setting.address, self._hello, self._wake, timing=timing)
        self.timeline = NotedTimeline(setting.nick, writer, outbox, window)
        self._outbox = outbox
        self._writer = writer
        self._label = f"{setting.nick} {time.monotonic_ns():x}"
        self._said = 0
        self._to_say = 0
        self._pace_s = 0.0
        self._padding = 0
        self._to = ""
        self._say_at_s = float("inf")
        self._is_leaving = False

    def begin(self) -> None:
        self.timeline.take_up(self._outbox.take_up(self.identity), now_ms())
        self.link.start()

    # --- what it is asked ---------------------------------------------------------------------------------------------

    def take_input(self, data: bytes) -> None:
        for line in data.decode().splitlines():
            match line.split():
                case ["say", count, pace_s, padding, *to]:
                    self._to_say += int(count)
                    self._pace_s, self._padding, self._to = float(pace_s), int(padding), "".join(to)
                    self._say_at_s = self.clock()
                case ["leave"]:
                    self._is_leaving = True
                case _:
                    raise ValueError(line)

    def take_signal(self, number: int) -> None:
        raise AssertionError(number)

    @property
    def due_s(self) -> float:
        return self._say_at_s if self._has_room else float("inf")

    @property
    def _has_room(self) -> bool:
        return len(self.timeline.pending) + len(self.timeline.failed) < MAX_PENDING

    def advance(self) -> None:
        while self._to_say and self._has_room and self.clock() >= self._say_at_s:
            self._to_say -= 1
            self._say_at_s += self._pace_s
            self._speak()
        if not self._to_say:
            self._say_at_s = float("inf")
            if self._is_leaving and not self.timeline.pending:
                self.exit_code = DELIVERED

    def _speak(self) -> None:
        self._said += 1
        text = f"{self._label} {self._said}{' ' * bool(self._padding)}{'가' * self._padding}"
        if self._to:
            self.timeline.whisper(self._to, text, now_ms())
        else:
            self.timeline.say(text, now_ms())
        self.send_pending()

    # --- what it only lets happen -------------------------------------------------------------------------------------

    def show(self, lines: list[str], *, is_past: bool) -> None:
        """The timeline has noted it."""

    def hear(self, news: News) -> None:
        """So it has this."""

    def report_undelivered(self) -> None:
        self._writer.write(history.Left(len(self.timeline.pending)))

    def put_away(self) -> None:
        self._outbox.close()
        self._writer.close()


def make_talker(
    address: Address, nick: str, home: Path, histories: Path, *, window: int = 1, timing: Timing = DEFAULT_TIMING
) -> tuple[Talker, Callable[[str], None]]:
    """A person whose installation is `home`, and how to ask something of them, from any thread."""
    inbox: Inbox = Inbox()
    profile = Profile(home)
    paper = Paper(io.StringIO(), io.StringIO(), together=True)
    setting = Setting(address, nick, profile.client_secret, str, None, paper, inbox)
    talker = Talker(setting, profile.outbox(str(address)), Writer(histories, nick), window, timing)
    return talker, lambda line: inbox.put(Read(line.encode()))
