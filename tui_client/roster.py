"""Who is in the room: the list in `welcome`, and what came after it, in order. Pure state of the timeline.

Every nickname from the wire is cleaned here or by `clean_nick`, whatever a server sends.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from server.protocol.events import Joined, Left, Member, Presence, Renamed, Welcome
from server.protocol.nickname import MAX_NICK_CHARS, nickname_key
from server.protocol.text import excerpt


@lru_cache(maxsize=1024)
def clean_nick(nick: str) -> str:
    """A nickname that fits where one belongs. Remembered, since the same few come with every message."""
    return excerpt(nick, MAX_NICK_CHARS)


class Roster:
    """Members by `nickname_key`. Events up to the `seq` of the last `welcome` are in its list already."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._away: set[str] = set()
        """The keys of those whose seat is only kept."""
        self._seq = 0

    @property
    def members(self) -> Sequence[Member]:
        """Who is in the room, by nickname."""
        return tuple(self._members[key] for key in sorted(self._members))

    def __iter__(self) -> Iterator[str]:
        """Everybody's nickname, in no order: a thousand who come in are not sorted a thousand times."""
        return (member.nick for member in self._members.values())

    def find(self, nick: str) -> Member | None:
        """Who has the nickname now."""
        return self._members.get(nickname_key(nick))

    def is_away(self, member: Member) -> bool:
        """Whether the connection of `member` was lost and the seat is kept for a while."""
        return nickname_key(member.nick) in self._away

    def start_from(self, welcome: Welcome) -> None:
        """Take the server's list for what it was before."""
        self._members.clear()
        self._away.clear()
        self._seq = welcome.seq
        for member in welcome.members:
            self._add(member.nick, member.uid)
            if member.away:
                self._away.add(nickname_key(member.nick))

    def follow(self, event: Joined | Left | Renamed) -> bool:
        """Apply `event` and say whether it was news."""
        if event.seq <= self._seq:
            return False
        match event:
            case Joined():
                self._add(event.nick, event.uid)
            case Left():
                self._remove(event.nick, event.uid)
            case Renamed():
                self._remove(event.was, event.uid)
                self._add(event.nick, event.uid)
        return True

    def note_presence(self, presence: Presence) -> bool:
        """Mark a member's connection as lost or back, and say whether it is one's of those here."""
        member = self.find(presence.nick)
        if member is None or member.uid != presence.uid:
            return False
        (self._away.discard if presence.online else self._away.add)(nickname_key(presence.nick))
        return True

    def _add(self, nick: str, uid: str) -> None:
        key = nickname_key(nick)
        self._members[key] = Member(uid, clean_nick(nick))
        self._away.discard(key)

    def _remove(self, nick: str, uid: str) -> None:
        key = nickname_key(nick)
        if key in self._members and self._members[key].uid == uid:
            del self._members[key]
            self._away.discard(key)
