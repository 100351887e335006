"""With whom one whispers: who it was lately, and whom an answer goes to. Pure state of the timeline.

A partner is a nickname and the `uid` behind it, so that a nickname that has passed to somebody else gets nothing that was meant for
another. `reach` is where that is held.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from server.protocol import phrases
from server.protocol.events import Member, Renamed, Whispered
from server.protocol.nickname import nickname_key
from tui_client import strings
from tui_client.roster import clean_nick

MOST_REMEMBERED: Final = 50


class Partner(Struct, frozen=True):
    """Somebody to whisper to. `uid` is empty if nobody is known to have the nickname."""

    nick: str
    uid: str


class Unreachable(Exception):
    """There is no whispering to a partner now. `text` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def reach(partner: Partner, members: Iterable[Member]) -> Partner:
    """`partner` by the nickname that they have now. Raises Unreachable if they have left, whoever has their nickname since."""
    now = {nickname_key(member.nick): member for member in members}
    holder = now.get(nickname_key(partner.nick))
    if holder is not None and holder.uid == partner.uid:
        return partner
    renamed = next((member for member in now.values() if member.uid == partner.uid), None)
    if renamed is not None:
        return Partner(renamed.nick, partner.uid)
    is_taken = holder is not None and bool(partner.uid)
    raise Unreachable((strings.partner_replaced if is_taken else phrases.absent)(partner.nick))


class Partners:
    """The partners of the client `uid`, which is handed in with each event."""

    def __init__(self) -> None:
        self._recent: dict[str, Partner] = {}
        """By `nickname_key`, the oldest first."""
        self._last_heard: Partner | None = None

    @property
    def recent(self) -> Sequence[Partner]:
        """The most recent first."""
        return tuple(reversed(self._recent.values()))

    @property
    def to_answer(self) -> Partner | None:
        """Who whispered last; who was whispered to last, if nobody ever did."""
        return self._last_heard or next(iter(self.recent), None)

    def follow(self, event: Whispered | Renamed, uid: str) -> None:
        """Take in what happened, in order."""
        match event:
            case Renamed():
                self._rename(event)
            case Whispered() if event.uid != uid:
                self._last_heard = self._remember(event.nick, event.uid)
            case Whispered() if event.to_uid != uid:
                self._remember(event.to, event.to_uid)

    def recall(self, older: Iterable[Whispered], uid: str) -> None:
        """Take in what happened before everything else that was taken in; whoever has been heard since comes first."""
        past = Partners()
        for event in older:
            past.follow(event, uid)
        before = [(key, partner) for key, partner in past._recent.items() if key not in self._recent]
        self._recent = dict([*before, *self._recent.items()][-MOST_REMEMBERED:])
        self._last_heard = self._last_heard or past._last_heard

    def _remember(self, nick: str, uid: str) -> Partner:
        partner = Partner(clean_nick(nick), uid)
        self._recent.pop(nickname_key(nick), None)
        self._recent[nickname_key(nick)] = partner
        if len(self._recent) > MOST_REMEMBERED:
            del self._recent[next(iter(self._recent))]
        return partner

    def _rename(self, event: Renamed) -> None:
        renamed = Partner(clean_nick(event.nick), event.uid)
        if self._last_heard == Partner(clean_nick(event.was), event.uid):
            self._last_heard = renamed
        self._recent = {
            nickname_key(new.nick): new
            for old in self._recent.values()
            for new in [renamed if old == Partner(clean_nick(event.was), event.uid) else old]
        }
