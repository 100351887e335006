"""The room without its thread: rounds are played and committed where the test stands."""

from collections.abc import Sequence
from concurrent.futures import Future

from server.log.store import Store
from server.protocol.events import Event, Member, Rename, Say, Whisper
from server.room import NO_RULES, Room, Rules
from server.roster import Seat
from server.rounds import Admission, Ask, Enter, Leave, Request, Round
from tests.support.samples import AT, NICKS, YOUNGHEE, records
from tests.support.seams import Memory


def entering(nick: str, uid: str, holder: str, *, is_plain: bool = False) -> Enter[str]:
    return Enter(holder, uid, nick, Future(), is_plain)


def asking(seat: Seat[str], command: Say | Whisper | Rename, *, holder: str | None = None) -> Ask[str]:
    """A request of whoever holds the seat now, or of `holder`."""
    return Ask(seat, holder or holder_of(seat), command)


def leaving(seat: Seat[str], reason: str = "quit", *, holder: str | None = None) -> Leave[str]:
    return Leave(seat, holder or holder_of(seat), reason)


def holder_of(seat: Seat[str]) -> str:
    assert seat.holder is not None, f"{seat.nick} is away"
    return seat.holder


class LoggedRoom:
    """A room and its log. A holder is a word; time passes when `now_s` is set."""

    def __init__(
        self,
        store: Store | None = None,
        rules: Rules = NO_RULES,
        *,
        seated: Sequence[Member] = (),
        lapsed: Sequence[Member] = (),
    ) -> None:
        self.now_s = 1000.0
        self.store: Store = store or Memory()
        self.room: Room[str] = Room(
            self.store.find, lambda: AT, lambda: self.now_s, rules, seated=seated, lapsed=lapsed
        )

    def play(self, *requests: Request[str], is_full: bool = False) -> Round[str]:
        """One round, committed."""
        played = self.room.play(requests, self.store.head, is_full=is_full)
        if played.events:
            self.store.append(records(*played.events))
        self.room.committed(played)
        for verdict, outcome in played.verdicts:
            if isinstance(outcome, Admission):
                verdict.set_result(outcome)
            else:
                verdict.set_exception(outcome)
        return played

    def enter(self, nick: str | None = None, uid: str = YOUNGHEE, holder: str | None = None) -> Admission[str]:
        """Come in; raises the Refusal. Without a nickname under the usual one of `uid`, held by it."""
        nick = nick or NICKS[uid]
        request = entering(nick, uid, holder or nick)
        self.play(request)
        return request.verdict.result(0)

    def seat(self, nick: str | None = None, uid: str = YOUNGHEE) -> Seat[str]:
        return self.enter(nick, uid).seat

    def events(self, *requests: Request[str]) -> list[Event]:
        """What one round made happen."""
        return self.play(*requests).events

    def away(self) -> list[str]:
        """Whose seats are only kept."""
        return [member.nick for member in self.room.roster.members() if member.away]

    def nicks(self) -> list[str]:
        return [member.nick for member in self.room.roster.members()]
