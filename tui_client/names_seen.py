"""The nicknames that somebody here had, as far as this client was told: in the room, in its past, in what was searched for.

Whoever has left is not here any more, but a name that they were seen under still means them. Pure state of the timeline.
"""

from typing import Final

from server.protocol.events import (
    HistoryPage,
    Joined,
    Left,
    Renamed,
    Said,
    ServerFrame,
    Welcome,
    Whispered,
)
from server.protocol.nickname import nickname_key
from tui_client.roster import clean_nick

MOST_REMEMBERED: Final = 4_096
"""More than anybody has in mind; who has not been heard of for longer is forgotten first."""


class NamesSeen:
    """Tells whether a nickname, however it is spelt, was one of theirs."""

    def __init__(self) -> None:
        self._nicks: dict[str, None] = {}
        """As they were spelt, the longest unheard of first."""

    def __contains__(self, nick: str) -> bool:
        key = nickname_key(nick)
        return any(nickname_key(seen) == key for seen in self._nicks)

    def note(self, frame: ServerFrame) -> None:
        """Take in who is named in `frame`."""
        match frame:
            case Said() | Joined() | Left():
                self._add(frame.nick)
            case Whispered():
                self._add(frame.nick)
                self._add(frame.to)
            case Renamed():
                self._add(frame.was)
                self._add(frame.nick)
            case Welcome():
                for member in frame.members:
                    self._add(member.nick)
            case HistoryPage():
                for event in frame.events:
                    self.note(event)

    def _add(self, nick: str) -> None:
        nick = clean_nick(nick)
        self._nicks.pop(nick, None)
        self._nicks[nick] = None
        if len(self._nicks) > MOST_REMEMBERED:
            del self._nicks[next(iter(self._nicks))]
