"""The real room and real timelines, without sockets, threads or clocks: cut, killed, crashed, full and forgetful in any order.

What each client writes down goes to the checker after every step, so that P1 to P5 are its counts here, too. Between them is the least that
there can be: two queues for each connection, and PROTOCOL's rule for where a cursor is put.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from server.log.names import NameChange
from server.log.seating import KeptSeat
from server.log.store import Record
from server.pages import history_page
from server.promise import Promise
from server.protocol import jsonlines
from server.protocol.errors import Refusal
from server.protocol.events import (
    Event,
    Hello,
    Joined,
    JsonCommand,
    Limits,
    ReadHistory,
    Refused,
    Resume,
    Say,
    ServerFrame,
    Welcome,
    Whisper,
    visible_to,
)
from server.protocol.events import Left as LeftRoom
from server.room import Room, Rules
from server.roster import Seat
from server.rounds import LOST, Admission, Ask, Echo, Enter, Leave, Replaced, Request, Round
from tests.faults.checker import check
from tests.faults.history import Entry, Left, Person, Run
from tests.faults.logs import Epoch, Log
from tests.faults.person import NotedTimeline
from tests.support.samples import AT, NICKS, records
from tests.support.seams import Memory
from tui_client.outbox import Letter

PAST = 3
"""How much of the past a newcomer is shown."""

people = st.sampled_from(sorted(NICKS))


class Notes(list[Entry]):
    """A run that is written down in memory."""

    def write(self, *entries: Entry) -> None:
        self.extend(entries)


class Letters(dict[str, Letter]):
    """An outbox that outlives its client."""

    def keep(self, letter: Letter, instead_of: str = "") -> None:
        self.pop(instead_of, None)
        self[letter.cid] = letter

    def settle(self, cid: str) -> None:
        self.pop(cid, None)


class LastingLog(Memory):
    """A log that outlives its server, with epochs, and whose keys outlive its events."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[Epoch] = []
        self.ever: list[Event] = []
        self.reopen()

    def reopen(self) -> None:
        self.epochs.append(Epoch(f"e{len(self.epochs)}", self.head + 1))
        self.epoch = self.epochs[-1].name

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        super().append(records, names)
        self.ever += [record.event for record in records]

    def seated(self) -> tuple[KeptSeat, ...]:
        seats: dict[str, KeptSeat] = {}
        for event in self.ever:
            if isinstance(event, Joined):
                seats[event.nick] = KeptSeat(event.uid, event.nick)
            elif isinstance(event, LeftRoom):
                del seats[event.nick]
        return tuple(seats.values())

    def forget(self, count: int) -> None:
        keys = dict(self._by_key)
        self._forget_locked(min(count, len(self._records)))
        self._by_key = keys

    def holds(self, epoch: str, seq: int) -> bool:
        return 0 <= seq <= self.head and seq < Log([], self.epochs).ends().get(epoch, 0)


@dataclass(eq=False)
class Connection:
    """Both directions of one connection, as far as they got."""

    uid: str
    to_server: deque[JsonCommand] = field(default_factory=deque)
    to_client: deque[ServerFrame] = field(default_factory=deque)
    verdict: Promise[Admission["Connection"]] | None = None
    resume: Resume | None = None
    seat: Seat["Connection"] | None = None


class Client:
    """One person: all their runs, what they keep, and what connects them now."""

    def __init__(self, uid: str) -> None:
        self.uid = uid
        self.runs: list[Notes] = []
        self.letters = Letters()
        self.connection: Connection | None = None
        self.said = 0
        self.start()

    def start(self) -> None:
        """Begin a run, with what earlier ones have left."""
        self.runs.append(Notes())
        self.timeline = NotedTimeline(NICKS[self.uid], self.runs[-1], self.letters, 1)
        self.timeline.take_up(list(self.letters.values()), AT)

    def send(self) -> None:
        """As the app does it: nothing before the welcome was seen."""
        if self.connection is not None:
            is_online = self.connection.seat is not None and not any(
                isinstance(frame, Welcome) for frame in self.connection.to_client
            )
            self.connection.to_server.extend(self.timeline.next_to_send(is_online=is_online))

    def read(self, most: int) -> None:
        while self.connection is not None and self.connection.to_client and most:
            most -= 1
            changes = self.timeline.receive([self.connection.to_client.popleft()], AT)
            self.connection.to_server.extend(changes.to_send)
            self.send()


class Chat(RuleBasedStateMachine):
    """Three clients and a server."""

    @initialize()
    def open(self) -> None:
        self.log = LastingLog()
        self.now_s = 0.0
        self.clients = {uid: Client(uid) for uid in NICKS}
        self._start_server()
        for uid in NICKS:
            self.connect(uid)
        self._settle()

    def _start_server(self) -> None:
        self.waiting: list[Request[Connection]] = []
        self.entering: dict[Promise[Admission[Connection]], Connection] = {}
        self.room: Room[Connection] = Room(
            self.log.find, lambda: AT, lambda: self.now_s, Rules(grace_s=10), seated=self.log.seated()
        )

    # --- what people do -----------------------------------------------------------------------------------------------

    @rule(uid=people, to=st.one_of(st.none(), people))
    def speak(self, uid: str, to: str | None) -> None:
        client = self.clients[uid]
        client.said += 1
        text = f"{NICKS[uid]} {client.said}"
        if to is None or to == uid:
            client.timeline.say(text, AT)
        else:
            client.timeline.whisper(NICKS[to], text, AT)
        client.send()

    @rule(uid=people, most=st.integers(1, 6))
    def read(self, uid: str, most: int) -> None:
        self.clients[uid].read(most)

    @rule(uid=people)
    def be_patient_no_more(self, uid: str) -> None:
        self.clients[uid].timeline.go_on()
        self.clients[uid].send()

    @rule(uid=people)
    def connect(self, uid: str) -> None:
        """Also while an older connection seems to live."""
        client = self.clients[uid]
        if client.connection is None:
            client.connection = Connection(uid)
            hello = Hello(1, NICKS[uid], "0" * 32, client.timeline.position)
            client.connection.to_server.append(hello)

    @rule(uid=people, is_noticed=st.booleans())
    def cut(self, uid: str, is_noticed: bool) -> None:
        """Whatever was on its way is gone; the server learns of it, or not yet."""
        connection, self.clients[uid].connection = self.clients[uid].connection, None
        if connection is not None and connection.seat is not None and is_noticed:
            self.waiting.append(Leave(connection.seat, connection, LOST))

    @rule(uid=people)
    def lose_the_echo(self, uid: str) -> None:
        """The moment for which all this is made: it stands, and whoever said it does not know."""
        self.read(uid, 1000)
        self.speak(uid, None)
        self.hear(uid, 1000)
        self.commit()
        self.cut(uid, is_noticed=True)

    @rule(uid=people, is_noticed=st.booleans())
    def kill(self, uid: str, is_noticed: bool) -> None:
        self.cut(uid, is_noticed)
        self.clients[uid].start()

    # --- what the server does -----------------------------------------------------------------------------------------

    @rule(uid=people, most=st.integers(1, 6))
    def hear(self, uid: str, most: int) -> None:
        connection = self.clients[uid].connection
        while connection is not None and connection.to_server and most:
            most -= 1
            self._take(connection, connection.to_server.popleft())

    def _take(self, connection: Connection, command: JsonCommand) -> None:
        match command:
            case Hello(nick=nick, resume=resume):
                connection.verdict, connection.resume = Promise(), resume
                self.entering[connection.verdict] = connection
                self.waiting.append(Enter(connection, connection.uid, nick, connection.verdict))
            case Say() | Whisper() if connection.seat is not None:
                self.waiting.append(Ask(connection.seat, connection, command))
            case ReadHistory():
                page = jsonlines.encode(history_page(self.log, connection.uid, command))
                connection.to_client.append(jsonlines.decode_frame(page.strip()))
            case _:
                raise AssertionError(command)

    @rule()
    def commit(self) -> None:
        played = self.room.play(self.waiting, self.log.head)
        if played.events:
            self.log.append(records(*played.events))
        self._done(played)

    @rule()
    def find_the_disk_full(self) -> None:
        self.room.roll_back(self.room.play(self.waiting, self.log.head))
        self._done(self.room.play(self.waiting, self.log.head, is_full=True))

    @rule(is_committed=st.booleans())
    def crash(self, is_committed: bool) -> None:
        """In the middle of a round: before the commit, or after it and before anybody was told."""
        played = self.room.play(self.waiting, self.log.head)
        if is_committed and played.events:
            self.log.append(records(*played.events))
        self.log.reopen()
        self._start_server()
        for client in self.clients.values():
            client.connection = None

    @rule(seconds=st.integers(1, 15))
    def let_time_pass(self, seconds: int) -> None:
        self.now_s += seconds

    @rule(count=st.integers(1, 10))
    def forget(self, count: int) -> None:
        """Retention: what is older is gone for good."""
        self.log.forget(count)

    def _done(self, played: Round[Connection]) -> None:
        """What a server tells whom, once a round is committed."""
        self.room.committed(played)
        self.waiting = []
        for event in played.events:
            self._publish(event)
        for holder, answer in played.answers:
            match answer:
                case Refusal():
                    holder.to_client.append(Refused(answer.code, answer.text, answer.cid, answer.retry_ms))
                case Echo(event):
                    holder.to_client.append(event)
                case Replaced():
                    holder.seat = None
        for verdict, outcome in played.verdicts:
            self._admit(verdict, outcome)

    def _publish(self, event: Event) -> None:
        for client in self.clients.values():
            connection = client.connection
            if connection is not None and connection.seat is not None and visible_to(event, client.uid):
                connection.to_client.append(event)

    def _admit(self, verdict: "Promise[Admission[Connection]]", outcome: Admission[Connection] | Refusal) -> None:
        connection = self.entering.pop(verdict)
        client = next((one for one in self.clients.values() if one.connection is connection), None)
        if isinstance(outcome, Refusal):
            if client is not None:
                client.connection = None  # it comes again later
            return
        if client is None:  # it was cut off before it could be welcomed
            self.waiting.append(Leave(outcome.seat, connection, LOST))
            return
        connection.seat = outcome.seat
        cursor, is_fresh = self._cursor(connection, outcome)
        connection.to_client.append(self._welcome(connection, outcome, cursor, is_fresh))
        for _, line in self.log.read_after(cursor, client.uid, self.log.head + 1):
            event = jsonlines.decode_frame(line)
            assert isinstance(event, Event)
            connection.to_client.append(event)

    def _cursor(self, connection: Connection, admission: Admission[Connection]) -> tuple[int, bool]:
        resume = connection.resume
        if resume is not None and self.log.holds(resume.epoch, resume.seq):
            return max(resume.seq, self.log.reaches_back_to), False
        return self.log.start_of_last(PAST, admission.seq, connection.uid) - 1, resume is not None

    def _welcome(
        self, connection: Connection, admission: Admission[Connection], cursor: int, is_fresh: bool
    ) -> Welcome:
        who = (1, "model", connection.uid, NICKS[connection.uid], self.log.epoch, admission.seq, cursor + 1)
        return Welcome(*who, admission.members.everybody, Limits(2000, 20, 16384), 20, 10, is_fresh)

    # --- what holds ---------------------------------------------------------------------------------------------------

    @property
    def _log(self) -> Log:
        return Log(self.log.ever, self.log.epochs, self.log.reaches_back_to + 1)

    def _histories(self, *, has_ended: bool = False) -> list[Person]:
        end: list[Entry] = [Left(0)] if has_ended else []
        return [
            Person(NICKS[uid], [Run(run) for run in client.runs[:-1]] + [Run([*client.runs[-1], *end])])
            for uid, client in self.clients.items()
        ]

    @invariant()
    def every_promise_is_kept(self) -> None:
        if hasattr(self, "log"):
            report = check(self._histories(), [self._log])
            assert report.is_clean, report.faults.in_words

    def _settle(self) -> None:
        """Let everything that is on its way arrive, and everybody answer."""
        for _ in range(1000):
            for uid in self.clients:
                self.connect(uid)
                self.hear(uid, 1000)
            self.commit()
            for uid in self.clients:
                self.read(uid, 1000)
                self.be_patient_no_more(uid)
            if self._is_at_rest():
                return
        raise AssertionError("it never comes to rest")

    def _is_at_rest(self) -> bool:
        return not self.waiting and all(
            client.connection is not None
            and client.connection.seat is not None
            and not (client.connection.to_server or client.connection.to_client or client.timeline.pending)
            for client in self.clients.values()
        )

    def teardown(self) -> None:
        if not hasattr(self, "log"):
            return
        self._settle()
        at_rest = check(self._histories(), [self._log], rest_seq=self.log.head)
        assert at_rest.is_clean, at_rest.faults.in_words
        ended = check(self._histories(has_ended=True), [self._log])
        assert (ended.is_clean, ended.unknown) == (True, 0), ended.faults.in_words


pytestmark = pytest.mark.timeout(300)  # a minute on a quiet machine

TestChat = Chat.TestCase
TestChat.settings = settings(
    max_examples=150, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
