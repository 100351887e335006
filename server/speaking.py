"""What members say: each request becomes an event, or is told to be one already, or is refused. Run by the sequencer's thread, as a part
of the room's rules.

A `cid` is what makes a message the same when it comes again; what was put off must not be overtaken by what its sender said after it.
"""

from collections.abc import Callable, Sequence
from typing import Final, Generic

from server.config import Sending
from server.log.forgotten import Forgotten
from server.log.store import Key, Known
from server.moderating import Moderation
from server.pace import rate_limited
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Said, Say, Whisper, Whispered
from server.protocol.nickname import nickname_key
from server.protocol.text import excerpt
from server.roster import Holder, Roster, Seat
from server.rounds import Ask, Echo, Request, Round

_SPOKEN: Final = (Say, Whisper)


class Speech(Generic[Holder]):
    """The part of a room in which is spoken. `sending` is how much each may say, `now_s` the time on a clock that never goes back."""

    def __init__(
        self,
        roster: Roster[Holder],
        moderation: Moderation[Holder],
        sending: Sending | None,
        now_s: Callable[[], float],
    ) -> None:
        self._roster = roster
        self._moderation = moderation
        self._sending = sending
        self._now_s = now_s

    def speak(self, seat: Seat[Holder], command: Say | Whisper, holder: Holder, played: Round[Holder]) -> None:
        """Let the one in `seat` say it. Raises Refusal."""
        key = None if command.cid is None else (seat.uid, command.cid)
        original = None if key is None else played.known.get(key)
        if original is None:
            event = self._speak_in_turn(seat, command, played)
            played.events.append(event)
            if key is not None:
                played.known[key] = event
        elif again := _again(original, seat, command):
            self._roster.set_pace(seat, seat.pace.settled(command.cid))
            played.answers.append((holder, Echo(again)))
        else:
            raise Refusal(Code.CID_CONFLICT, phrases.CID_CONFLICT)

    def _speak_in_turn(self, seat: Seat[Holder], command: Say | Whisper, played: Round[Holder]) -> Said | Whispered:
        """What `command` becomes. Raises Refusal, and remembers what was put off."""
        if seat.pace.debt is not None:
            seat.pace.check_turn(command.cid, self._now_s())
        try:
            self._moderation.check_voice(seat, played.at_ms)
            played.check_space()
            self.spend(seat, command.text)
            event = self._said(seat, command, played)
        except Refusal as refusal:
            if refusal.retry_ms is None:
                self._roster.set_pace(seat, seat.pace.settled(command.cid))
            else:
                self._roster.set_pace(seat, seat.pace.owing(refusal, command.cid, self._now_s()))
            raise
        if seat.pace.debt is not None:
            self._roster.set_pace(seat, seat.pace.settled(command.cid))
        return event

    def spend(self, seat: Seat[Holder], text: str) -> None:
        """Count what all will hear of the one in `seat`. Raises Refusal RATE_LIMITED."""
        if self._sending is not None and not seat.is_plain:
            pace, wait_s = seat.pace.spend(len(text.encode()), self._sending, self._now_s())
            if wait_s:
                raise rate_limited(wait_s)
            self._roster.set_pace(seat, pace)

    def _said(self, seat: Seat[Holder], command: Say | Whisper, played: Round[Holder]) -> Said | Whispered:
        if isinstance(command, Say):
            return Said(*played.next(), seat.uid, seat.nick, command.text, command.cid)
        recipient = self._roster.find(command.to)
        if recipient is None:
            raise Refusal(Code.NO_SUCH_NICK, phrases.no_such_nick(excerpt(command.to)))
        if command.to_uid is not None and command.to_uid != recipient.uid:
            raise Refusal(Code.RECIPIENT_CHANGED, phrases.recipient_changed(recipient.nick))
        return Whispered(*played.next(), seat.uid, seat.nick, recipient.uid, recipient.nick, command.text, command.cid)


def keys_of(requests: Sequence[Request[Holder]]) -> set[Key]:
    """What the messages among `requests` that were sent with a `cid` stand under."""
    return {
        (request.seat.uid, request.command.cid)
        for request in requests
        if isinstance(request, Ask) and isinstance(request.command, _SPOKEN) and request.command.cid is not None
    }


def _again(known: Known, seat: Seat[Holder], command: Say | Whisper) -> Said | Whispered | None:
    """The event that `known` is or was, if it is what `command` would have become: the same kind, text and recipient's name."""
    match known, command:
        case Said(), Say():
            return known if known.text == command.text else None
        case Whispered(), Whisper():
            is_same = known.text == command.text and nickname_key(known.to) == nickname_key(command.to)
            return known if is_same else None
        case Forgotten(), _:
            return known.again(seat.uid, seat.nick, command)
        case _:
            return None
