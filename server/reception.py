"""Who is let in at the door: how many at a time, in all and from one address, who is only told why not, and who has to make room.

Any thread; the lock guards everything, and nothing is sent under it. Whoever has a seat but takes long to come in may lose it to somebody
else when there is no other: else a few hundred who never say a word would keep everybody out.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

from server.addresses import Addresses
from server.channel import Channel
from server.config import Config
from server.line_reader import Goodbye
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Code
from server.protocol.framing import Dialect
from server.rate import FULL, Rate

logger = logging.getLogger(__name__)

TELLING: Final = Rate(16, 16)
"""How many are told in their dialect why they are turned away; each has a thread for that. All others get a plain sentence."""


@dataclass(eq=False, slots=True)
class Place:
    """One connection's place: a seat, or one to be told in that there is none."""

    channel: Channel
    peer: Peer
    opened_at_s: float
    turned_away: Goodbye | None = None
    """What it is told, if it has no seat."""
    dialect: Dialect = Dialect.PLAIN
    """What is spoken there, as far as its own thread knows."""
    has_come_in: bool = False
    """Set by the connection's own thread: from now on the seat is its own."""


class Reception:
    """All places. What `admit` gives is given back by `stand_up`, when the seat is free, and `go`, when the connection is gone."""

    def __init__(self, config: Config, addresses: Addresses, find_ban: Callable[[Peer], Goodbye | None]) -> None:
        """`find_ban` gives what those are told who may not come in at all."""
        self._find_ban = find_ban
        self._config = config
        self._addresses = addresses
        self._lock = Lock()
        self._places: dict[Place, None] = {}
        """In the order in which they came; so are the others."""
        self._seated: dict[Place, None] = {}
        self._told: dict[Place, None] = {}
        self._told_full_at = FULL
        self._most_places = config.max_clients + 2 * config.spare_connections
        """Of those beyond the seats some are told why not, the others have stood up and are about to go."""

    def admit(self, channel: Channel, peer: Peer, now_s: float) -> Place:
        """A place for a new connection. Raises Goodbye if there isn't even one to be told in."""
        place = Place(channel, peer, now_s, self._find_ban(peer))
        if place.turned_away is not None:
            pass  # nobody asks how many there are of them
        elif not self._addresses.connect(peer, now_s):
            place.turned_away = Goodbye(Code.IP_LIMIT, phrases.IP_LIMIT)
        elif not self._seat(place):
            self._addresses.disconnect(peer)
            place.turned_away = Goodbye(Code.SERVER_FULL, phrases.SERVER_FULL)
        if place.turned_away is not None:
            self._put_among_told(place, place.turned_away)
        return place

    def _seat(self, place: Place) -> bool:
        """Give it a seat, another's if need be; whether there was one."""
        with self._lock:
            if len(self._places) >= self._most_places:
                return False
            is_free = len(self._seated) < self._config.max_clients
            idler = None if is_free else self._idler_locked(place.opened_at_s)
            if idler is not None:
                del self._seated[idler]
            elif not is_free:
                return False
            self._places[place] = self._seated[place] = None
        if idler is not None:
            logger.info("%s makes room: it has not come in yet", idler.peer.address)
            idler.channel.abort()
        return True

    def _idler_locked(self, now_s: float) -> Place | None:
        """Who has been coming in for longest, if that is longer than any program needs."""
        since_s = now_s - self._config.timeouts.json_handshake_s
        return next((one for one in self._seated if not one.has_come_in and one.opened_at_s <= since_s), None)

    def _put_among_told(self, place: Place, goodbye: Goodbye) -> None:
        """One at a time from each address from which too many come. Raises `goodbye` if there is no place for it."""
        key = place.peer.key
        with self._lock:
            is_of_address = goodbye.code in (Code.IP_LIMIT, Code.BANNED)
            is_told_already = is_of_address and any(one.peer.key == key for one in self._told)
            is_crowded = len(self._told) >= self._config.spare_connections or len(self._places) >= self._most_places
            if is_told_already or is_crowded or TELLING.wait_s(self._told_full_at, 1, place.opened_at_s):
                raise goodbye
            self._told_full_at = TELLING.taken(self._told_full_at, 1, place.opened_at_s)
            self._places[place] = self._told[place] = None
        logger.info("%s is turned away: %s", place.peer.address, goodbye.code)

    def stand_up(self, place: Place) -> None:
        """Its seat is free, though its last words may still be on their way."""
        with self._lock:
            self._seated.pop(place, None)

    def go(self, place: Place) -> None:
        """The connection is gone."""
        with self._lock:
            for places in (self._places, self._seated, self._told):
                places.pop(place, None)
        if place.turned_away is None:
            self._addresses.disconnect(place.peer)
