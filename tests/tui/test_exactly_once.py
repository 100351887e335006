"""Timeline and outbox beside a model of the server, cut apart, killed and restarted at any point: every message once, in order.

The model has PROTOCOL's rules and nothing else; both directions of the connection are queues, and a cut loses whatever is in them.
The outbox writes real files.
"""

import itertools
import tempfile
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from server.protocol.events import (
    MAX_PAGE,
    Event,
    HistoryPage,
    JsonCommand,
    Limits,
    Member,
    ReadHistory,
    Refused,
    Resume,
    Said,
    Say,
    ServerFrame,
    Welcome,
    Whisper,
    Whispered,
    visible_to,
)
from tui_client.entry import Entry
from tui_client.letter_file import LetterFile
from tui_client.outbox import Outbox
from tui_client.timeline import MAX_PENDING, Timeline

ME, PEER, THIRD = "a" * 16, "b" * 16, "c" * 16
EVERYBODY = (Member(ME, "영희"), Member(PEER, "철수"), Member(THIRD, "민수"))
AT = 1_700_000_000_000
PAGE = 3
"""Small pages, so that a gap takes several."""


class ModelServer:
    """The log, and one connection to it. `holds_order`: what follows a message that is refused for now is refused, too."""

    def __init__(self, *, holds_order: bool) -> None:
        self.log: list[Event] = []
        self._known: dict[str, Event] = {}
        self._epoch = 1
        self._holds_order = holds_order
        self._owed: str | None = None
        self.is_short_of_space = False
        self.to_client: deque[ServerFrame] = deque()
        self.to_server: deque[JsonCommand] = deque()
        self.is_connected = False

    @property
    def head(self) -> int:
        return len(self.log)

    def connect(self, resume: Resume | None, skipped: int) -> None:
        """Let the client in; of what it missed, the replay leaves out the first `skipped` events."""
        missed_from = max(1, self.head - 5) if resume is None else resume.seq + 1
        replay_from = min(missed_from + skipped, self.head + 1) if resume is not None else missed_from
        self.is_connected, self._owed = True, None
        welcome = (1, "model", ME, "영희", f"e{self._epoch}", self.head, replay_from, EVERYBODY)
        self.to_client.append(Welcome(*welcome, Limits(2000, 20, 16384), 20, 30))
        for event in self.log[replay_from - 1 :]:
            self._show(event)

    def cut(self) -> None:
        self.is_connected = False
        self.to_client.clear()
        self.to_server.clear()

    def restart(self) -> None:
        """Crash, and come back with what was committed."""
        self.cut()
        self._epoch += 1

    def append(self, event: Event) -> Event:
        self.log.append(event)
        self._show(event)
        return event

    def handle_one(self) -> None:
        command = self.to_server.popleft()
        match command:
            case Say(cid) | Whisper(cid):
                assert cid is not None
                self._handle_message(cid, command)
            case ReadHistory(number, before, limit):
                seen = [event for event in self.log[: before - 1] if visible_to(event, ME)]
                count = min(limit, MAX_PAGE, PAGE)
                self.to_client.append(HistoryPage(number, tuple(seen[-count:]), more=len(seen) > count))

    def _handle_message(self, cid: str, command: Say | Whisper) -> None:
        if self._owed not in (None, cid):
            self.to_client.append(Refused("rate_limited", "나중에", cid, retry_ms=100))
        elif cid in self._known:
            self._owed = None
            self.to_client.append(self._known[cid])
        elif self.is_short_of_space:
            self._owed = cid if self._holds_order else None
            self.to_client.append(Refused("storage_full", "가득 참", cid, retry_ms=100))
        else:
            self._owed = None
            seq = self.head + 1
            if isinstance(command, Say):
                self._known[cid] = self.append(Said(seq, AT, ME, "영희", command.text, cid))
            else:
                self._known[cid] = self.append(Whispered(seq, AT, ME, "영희", PEER, "철수", command.text, cid))

    def _show(self, event: Event) -> None:
        if self.is_connected and visible_to(event, ME):
            self.to_client.append(event)


class Run:
    """One run of the client, and what was on its screen in the end."""

    def __init__(self, folder: Path, new_cid: "itertools.count[int]", window: int) -> None:
        self.outbox = Outbox(folder, "model:1")
        self.timeline = Timeline("영희", lambda: f"c{next(new_cid)}", self.outbox, most_on_their_way=window)
        self.timeline.take_up(self.outbox.take_up("영희"), AT)
        self.shown: list[Entry] = []
        self.begins_at = 0

    def kill(self) -> None:
        """What the system does when a process is killed: nothing is written any more, and the locks are gone."""
        file = self.outbox._file
        if isinstance(file, LetterFile):
            file.close()


class Conversation(RuleBasedStateMachine):
    """Everything that may happen, in any order."""

    @initialize(window=st.sampled_from([1, MAX_PENDING]))
    def begin(self, window: int) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._window = window
        self._cids = itertools.count()
        self._texts: list[str] = []
        self._server = ModelServer(holds_order=window > 1)
        self._run = self._start()

    def teardown(self) -> None:
        if hasattr(self, "_run"):
            self.come_to_rest()
            self._run.kill()
            self._folder.cleanup()

    def _start(self) -> Run:
        return Run(Path(self._folder.name) / "outbox", self._cids, self._window)

    # --- what happens -------------------------------------------------------------------------------------------------

    @rule(is_whisper=st.booleans())
    def type(self, is_whisper: bool) -> None:
        text = f"말 {len(self._texts)}"
        self._texts.append(text)
        if is_whisper:
            self._run.timeline.whisper("철수", text, AT)
        else:
            self._run.timeline.say(text, AT)
        self._send()

    @rule(whisperer=st.booleans())
    def others_speak(self, whisperer: bool) -> None:
        seq = self._server.head + 1
        if whisperer:
            self._server.append(Whispered(seq, AT, PEER, "철수", THIRD, "민수", "남의 비밀"))
        else:
            self._server.append(Said(seq, AT, PEER, "철수", "남의 말"))

    @precondition(lambda self: not self._server.is_connected)
    @rule(skipped=st.sampled_from([0, 0, 1, 4, 100]))
    def connect(self, skipped: int) -> None:
        self._server.connect(self._run.timeline.position, skipped)

    @rule()
    def cut(self) -> None:
        self._server.cut()

    @rule()
    def restart_server(self) -> None:
        self._server.restart()

    @rule()
    def kill_client(self) -> None:
        self._server.cut()
        self._run.kill()
        self._run = self._start()

    @rule(is_short=st.booleans())
    def disk(self, is_short: bool) -> None:
        self._server.is_short_of_space = is_short

    @precondition(lambda self: self._server.to_server)
    @rule(most=st.integers(1, 4))
    def server_reads(self, most: int) -> None:
        for _ in range(min(most, len(self._server.to_server))):
            self._server.handle_one()

    @precondition(lambda self: self._server.to_client)
    @rule(most=st.integers(1, 10))
    def client_reads(self, most: int) -> None:
        count = min(most, len(self._server.to_client))
        self._receive([self._server.to_client.popleft() for _ in range(count)])

    @rule()
    def patience_ends(self) -> None:
        self._run.timeline.go_on()
        self._send()

    # --- the client, as the app does it -------------------------------------------------------------------------------

    def _receive(self, frames: Sequence[ServerFrame]) -> None:
        run = self._run
        changes = run.timeline.receive(frames, AT)
        if changes.begins_at is not None:
            run.begins_at = changes.begins_at
        run.shown += [entry for entry in changes.entries if entry.seq]
        self._server.to_server.extend(changes.to_send)
        self._send()

    def _send(self) -> None:
        is_online = self._server.is_connected and bool(self._run.timeline.uid) and not self._has_unread_welcome
        self._server.to_server.extend(self._run.timeline.next_to_send(is_online=is_online))

    @property
    def _has_unread_welcome(self) -> bool:
        """As the mailbox has it: nothing is accepted before the welcome was seen."""
        return any(isinstance(frame, Welcome) for frame in self._server.to_client)

    # --- what must hold -----------------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Everything works again, and all is said and done."""
        self._server.is_short_of_space = False
        if not self._server.is_connected:
            self._server.connect(self._run.timeline.position, 0)
        while self._server.to_client or self._server.to_server:
            while self._server.to_server:
                self._server.handle_one()
            self._receive(list(self._server.to_client))
            self._server.to_client.clear()
            self.patience_ends()
        self._check_log()
        self._check_screen()

    def _check_log(self) -> None:
        own = [event for event in self._server.log if isinstance(event, Said | Whispered) and event.uid == ME]
        assert [event.text for event in own] == self._texts, "each once, and in the order in which they were typed"
        assert (self._run.timeline.pending, self._run.timeline.failed) == ((), ())
        assert self._run.outbox.letters == []

    def _check_screen(self) -> None:
        run = self._run
        expected = [event.seq for event in self._server.log if event.seq >= run.begins_at and visible_to(event, ME)]
        assert [entry.seq for entry in run.shown] == expected, "each once, and in the order of the log"


TestConversation = Conversation.TestCase
TestConversation.settings = settings(
    max_examples=150, stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
