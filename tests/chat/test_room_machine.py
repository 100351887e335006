"""The room under any sequence of requests, rounds and crashes: what must hold after each of them."""

from collections.abc import Sequence

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from server.log.seating import KeptSeat
from server.log.store import key_of
from server.promise import Promise
from server.protocol import jsonlines
from server.protocol.events import (
    Ban,
    Event,
    Joined,
    Kick,
    Left,
    Member,
    Mute,
    Presence,
    Register,
    Rename,
    Renamed,
    Said,
    Say,
    Unban,
    Unmute,
    Unregister,
    Whisper,
    Whispered,
    visible_to,
)
from server.protocol.nickname import nickname_key
from server.protocol.skeleton import skeleton
from server.registry import MAX_NAMES_EACH, MS_PER_DAY, Registry
from server.room import Room, Rules
from server.roster import Seat
from server.rounds import LOST, QUIT, Admission, Ask, Dismissed, Enter, Leave, Promote, Request, RoomCommand, Round
from server.sanctions import Sanctions
from tests.support.rounds import records_of
from tests.support.samples import AT, CHEOLSU, MINSU, NICKS, YOUNGHEE
from tests.support.seams import Memory

UIDS = (YOUNGHEE, CHEOLSU, MINSU)
nicks = st.sampled_from(["Kim", "ＫＩＭ", "영희", "철수", "Kim1", "KimI"])
LAPSE_DAYS = 4
HALF_DAY_S = 43_200
cids = st.sampled_from(["c1", "c2"])
words = st.sampled_from(["가", "나"])
someone = st.integers(0, 1000)

Connection = int
"""What holds a seat here: the number of a connection."""


class View:
    """Who is here, as one newcomer knows: what its admission says, and what all are told from then on, presences behind the events."""

    def __init__(self, admission: Admission[Connection]) -> None:
        self.members = {nickname_key(member.nick): member for member in admission.members}
        self._seq = admission.seq
        self._presences = admission.presences

    def read_on(self, log: Sequence[Event], presences: Sequence[Presence]) -> None:
        for event in log[self._seq :]:
            match event:
                case Joined():
                    self._add(event.uid, event.nick)
                case Left():
                    assert self.members.pop(nickname_key(event.nick)).uid == event.uid
                case Renamed():
                    assert self.members.pop(nickname_key(event.was)).uid == event.uid
                    self._add(event.uid, event.nick)
        for presence in presences[self._presences :]:
            key = nickname_key(presence.nick)
            if key in self.members and self.members[key].uid == presence.uid:
                self.members[key] = Member(presence.uid, self.members[key].nick, not presence.online)
        self._seq, self._presences = len(log), len(presences)

    def _add(self, uid: str, nick: str) -> None:
        assert nickname_key(nick) not in self.members
        self.members[nickname_key(nick)] = Member(uid, nick)


class RoomMachine(RuleBasedStateMachine):
    """Requests gather until a round is played; then it is committed, or lost in a crash.

    What a client sends without a `cid` carries a number of its own as its text, by which its order is checked.
    """

    @initialize()
    def open(self) -> None:
        self.store = Memory()
        self.connections = 0
        self.sent = 0
        self.now_s = 0.0
        self.now_ms = AT
        self._start()

    def _start(self) -> None:
        """As a server does: nobody is connected, and the log goes on. The three come back at once."""
        self.room: Room[Connection] = Room(
            self.store.find,
            lambda: self.now_ms,
            lambda: self.now_s,
            Rules(grace_s=10),
            seated=self._seated(),
            registry=Registry(self.store.registered(), LAPSE_DAYS),
            sanctions=Sanctions(self.store.sanctions()),
        )
        self.waiting: list[Request[Connection]] = []
        self.members: list[tuple[Seat[Connection], Connection]] = []
        self.views: list[View] = []
        self.presences: list[Presence] = []
        for uid in UIDS:
            self.connect(uid, NICKS[uid])
        self.commit()

    # --- requests -----------------------------------------------------------------------------------------------------

    @rule(uid=st.sampled_from(UIDS), nick=nicks)
    def connect(self, uid: str, nick: str) -> None:
        self.connections += 1
        self.waiting.append(Enter(self.connections, uid, nick, Promise()))

    @rule(who=someone)
    def come_again(self, who: int) -> None:
        """Another connection of a client that is here asks for its seat."""
        if self.members:
            seat, _ = self.members[who % len(self.members)]
            self.connect(seat.uid, seat.nick)

    @rule(who=someone)
    def say(self, who: int) -> None:
        self.sent += 1
        self._ask(who, Say(None, f"{self.sent}"))

    @rule(who=someone, to=nicks)
    def whisper(self, who: int, to: str) -> None:
        self.sent += 1
        self._ask(who, Whisper(None, to, f"{self.sent}"))

    @rule(who=someone, cid=cids, word=words, times=st.integers(1, 2))
    def say_with_cid(self, who: int, cid: str, word: str, times: int) -> None:
        for _ in range(times):
            self._ask(who, Say(cid, word))

    @rule(who=someone, cid=cids, to=nicks, word=words)
    def whisper_with_cid(self, who: int, cid: str, to: str, word: str) -> None:
        self._ask(who, Whisper(cid, to, word))

    @rule(who=someone, nick=nicks)
    def rename(self, who: int, nick: str) -> None:
        self._ask(who, Rename(nick))

    @rule(who=someone)
    def register(self, who: int) -> None:
        self._ask(who, Register(1))

    @rule(who=someone, nick=st.none() | nicks)
    def unregister(self, who: int, nick: str | None) -> None:
        self._ask(who, Unregister(2, nick))

    @rule(who=someone)
    def become_operator(self, who: int) -> None:
        self._ask(who, Promote(3))

    @rule(who=someone, nick=nicks)
    def kick(self, who: int, nick: str) -> None:
        self._ask(who, Kick(4, nick))

    @rule(who=someone, nick=nicks, for_s=st.none() | st.just(HALF_DAY_S))
    def ban(self, who: int, nick: str, for_s: int | None) -> None:
        self._ask(who, Ban(5, nick, for_s))

    @rule(who=someone, nick=nicks, for_s=st.none() | st.just(HALF_DAY_S))
    def mute(self, who: int, nick: str, for_s: int | None) -> None:
        self._ask(who, Mute(6, nick, for_s))

    @rule(who=someone, nick=nicks)
    def let_be(self, who: int, nick: str) -> None:
        self._ask(who, Unban(7, nick))
        self._ask(who, Unmute(8, nick))

    def _ask(self, who: int, command: RoomCommand) -> None:
        if self.members:
            seat, connection = self.members[who % len(self.members)]
            self.waiting.append(Ask(seat, connection, command))

    @rule(who=someone)
    def leave(self, who: int) -> None:
        if self.members:
            seat, connection = self.members.pop(who % len(self.members))
            self.waiting.append(Leave(seat, connection, QUIT))

    @rule(who=someone)
    def drop(self, who: int) -> None:
        if self.members:
            seat, connection = self.members.pop(who % len(self.members))
            self.waiting.append(Leave(seat, connection, LOST))

    @rule(seconds=st.integers(1, 15))
    def wait(self, seconds: int) -> None:
        self.now_s += seconds

    @rule()
    def be_away_for_long(self) -> None:
        self.now_ms += LAPSE_DAYS * MS_PER_DAY // 2

    # --- rounds -------------------------------------------------------------------------------------------------------

    @rule()
    def commit(self) -> None:
        played = self.room.play(self.waiting, self.store.head)
        if played.events or played.names:
            self.store.append(records_of(played), played.names)
        self._done(played)

    @rule()
    def find_the_disk_full(self) -> None:
        """The round is played and can't be committed; what needs no room goes on."""
        self.fail_to_commit()
        played = self.room.play(self.waiting, self.store.head, is_full=True)
        assert (played.events, played.names) == ([], [])
        self._done(played)

    @rule()
    def fail_to_commit(self) -> None:
        """The round is played and rolled back: it may be played again, and nothing tells that it was played before."""
        before = self._state()
        self.room.roll_back(self.room.play(self.waiting, self.store.head))
        assert self._state() == before

    def _state(self) -> list[tuple[object, ...]]:
        """The room to its last detail."""
        roster, registry = self.room.roster, self.room.registry
        return [
            (roster.members().everybody, self.room.members.everybody, self.room.due_in_s(), self.room._presences),
            (dict(registry._by_key), dict(registry._keys_of), registry._looked_at_ms),
            (dict(roster._looks._bearers), dict(registry._looks._bearers)),
            (dict(roster._seats), dict(roster._away), [id(seat) for seat in roster.seats]),
            (self.room.moderation.standing, self.room.moderation._gone),
            *(tuple(getattr(seat, name) for name in Seat.__slots__) for seat in roster.seats),
        ]

    def _done(self, played: Round[Connection]) -> None:
        self.room.committed(played)
        waiting, self.waiting = self.waiting, []
        entered = [request for request in waiting if isinstance(request, Enter)]
        assert [verdict for verdict, _ in played.verdicts] == [request.verdict for request in entered]
        for request, (_, outcome) in zip(entered, played.verdicts, strict=True):
            if isinstance(outcome, Admission):
                self.members.append((outcome.seat, request.holder))
                self.views.append(View(outcome))
        self.presences += played.presences
        for view in self.views:
            view.read_on(self._log(), self.presences)
        shown_out = [holder for holder, answer in played.answers if isinstance(answer, Dismissed)]
        self.members = [(seat, connection) for seat, connection in self.members if connection not in shown_out]

    @rule()
    def crash_before_the_commit(self) -> None:
        """The round is played and lost; the server starts again on what the log has."""
        self.room.play(self.waiting, self.store.head)
        self._start()

    def _seated(self) -> tuple[KeptSeat, ...]:
        """What a store keeps of the seats: all that the log says."""
        seats: dict[str, KeptSeat] = {}
        for event in self._log():
            match event:
                case Joined():
                    assert nickname_key(event.nick) not in seats
                    seats[nickname_key(event.nick)] = KeptSeat(event.uid, event.nick)
                case Left():
                    assert seats.pop(nickname_key(event.nick)) == KeptSeat(event.uid, event.nick)
                case Renamed():
                    assert seats.pop(nickname_key(event.was)) == KeptSeat(event.uid, event.was)
                    assert nickname_key(event.nick) not in seats
                    seats[nickname_key(event.nick)] = KeptSeat(event.uid, event.nick)
                case Said() | Whispered():
                    assert seats[nickname_key(event.nick)] == KeptSeat(event.uid, event.nick)
        return tuple(seats.values())

    # --- what holds ---------------------------------------------------------------------------------------------------

    def _log(self, viewer: str | None = None) -> list[Event]:
        """The whole log, or what `viewer` may see of it."""
        if viewer is None:
            return [record.event for record in self.store._records]
        frames = [jsonlines.decode_frame(line) for _, line in self.store.read_after(0, viewer, self.store.head)]
        return [frame for frame in frames if isinstance(frame, Event)]

    @invariant()
    def numbers_have_no_gap(self) -> None:
        assert [event.seq for event in self._log()] == list(range(1, self.store.head + 1))

    @invariant()
    def each_cid_is_in_the_log_at_most_once(self) -> None:
        keys = [key for key in map(key_of, self._log()) if key is not None]
        assert len(keys) == len(set(keys))

    @invariant()
    def nobody_sees_what_others_whisper(self) -> None:
        whole = self._log()
        for uid in UIDS:
            seen = self._log(uid)
            assert all(uid in (event.uid, event.to_uid) for event in seen if isinstance(event, Whispered))
            assert seen == [event for event in whole if visible_to(event, uid)]

    @invariant()
    def the_roster_is_what_the_log_says(self) -> None:
        members = [(member.uid, member.nick) for member in self.room.roster.members()]
        assert sorted(members) == sorted((member.uid, member.nick) for member in self._seated())

    @invariant()
    def everybody_is_shown_as_they_are_now(self) -> None:
        seats, members = self.room.roster.seats, self.room.roster.members()
        assert members.everybody == tuple(Member(seat.uid, seat.nick, seat.away) for seat in seats)
        assert b"[%b]" % b"".join(members.encoded()) == msgspec.json.encode(members.everybody)

    @invariant()
    def every_newcomer_knows_who_is_here(self) -> None:
        members = {nickname_key(member.nick): member for member in self.room.members}
        assert all(view.members == members for view in self.views)

    @invariant()
    def what_is_registered_is_what_the_log_has(self) -> None:
        kept = self.room.registry._by_key
        assert dict(kept) == {name.key: name for name in self.store.registered()}
        assert all(len(self.room.registry.names_of(uid)) <= MAX_NAMES_EACH for uid in UIDS)

    @invariant()
    def sanctions_are_what_the_log_has(self) -> None:
        """But for those that are over, which the store may still have."""
        kept = [one for one in self.store.sanctions() if not one.has_ended(self.now_ms)]
        assert [one for one in self.room.standing.by_key.values() if not one.has_ended(self.now_ms)] == kept

    @invariant()
    def nobody_is_here_who_is_banned(self) -> None:
        for member in self.room.roster.members():
            assert self.room.standing.ban_of(member.uid, "", member.nick, self.now_ms) is None

    @invariant()
    def nobody_has_a_nickname_that_is_kept_for_another_or_taken_for_anothers(self) -> None:
        seats = [(member.uid, skeleton(member.nick)) for member in self.room.roster.members()]
        kept = [(name.device, skeleton(name.nick)) for name in self.store.registered()]
        for uid, look in seats:
            assert look not in [other for other_uid, other in seats + kept if other_uid != uid]

    @invariant()
    def who_has_not_left_is_here(self) -> None:
        here = [seat for seat, connection in self.members if seat.holder == connection]
        assert [seat for seat in here if self.room.roster.find(seat.nick) is not seat] == []

    @invariant()
    def what_one_sends_stands_in_the_order_sent(self) -> None:
        spoken = [event for event in self._log() if isinstance(event, Said | Whispered) and event.cid is None]
        for uid in UIDS:
            numbers = [int(event.text) for event in spoken if event.uid == uid]
            assert numbers == sorted(set(numbers))


RoomMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestRoom = RoomMachine.TestCase
