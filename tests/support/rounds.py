"""The room without its thread: rounds are played and committed where the test stands."""

from concurrent.futures import Future

from server.log.store import Store
from server.protocol.events import Event, Rename, Say, Whisper
from server.room import Admission, Ask, Enter, Leave, Request, Room, Round
from server.roster import Seat
from tests.support.samples import AT, NICKS, YOUNGHEE, records
from tests.support.seams import Memory


def entering(nick: str, uid: str, holder: str) -> Enter[str]:
    return Enter(holder, uid, nick, Future())


def asking(seat: Seat[str], command: Say | Whisper | Rename, *, holder: str | None = None) -> Ask[str]:
    """A request of whoever holds the seat now, or of `holder`."""
    return Ask(seat, holder or seat.holder, command)


def leaving(seat: Seat[str], reason: str = "quit", *, holder: str | None = None) -> Leave[str]:
    return Leave(seat, holder or seat.holder, reason)


class LoggedRoom:
    """A room and its log. A holder is a word."""

    def __init__(self, store: Store | None = None) -> None:
        self.store: Store = store or Memory()
        self.room: Room[str] = Room(self.store.find, lambda: AT)

    def play(self, *requests: Request[str]) -> Round[str]:
        """One round, committed."""
        played = self.room.play(requests, self.store.head)
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

    def nicks(self) -> list[str]:
        return [member.nick for member in self.room.roster.members()]
