"""Which nicknames are kept for whom, also while they are away. Pure state, owned by the sequencer's thread: nothing here is locked.

Somebody registers the nickname under which they sit, for all clients of that installation: for its `device`, whatever it is called. Nobody
else may be called that then, or what is taken for it, until it is given up, or until its owner has not been seen for the lapse. Being
seen under any nickname counts for all of one's own.

What one round did can be undone, in the same way as in the roster. What has to be written is given back as changes, for the store to keep
with the events of the round.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from server.journal import Journal
from server.log.names import Registration, Released
from server.looks import Looks
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.nickname import nickname_key
from server.protocol.text import excerpt

MAX_NAMES_EACH: Final = 3
MAX_NAMES: Final = 20_000
"""Of all: they are held in memory."""

SEEN_EVERY_MS: Final = 3_600_000
"""That its owner was seen is written no more often: the lapse is counted in days."""

MS_PER_DAY: Final = 86_400_000


class Registry:
    """The registered nicknames. Times are ms since the epoch, UTC."""

    def __init__(self, kept: Iterable[Registration] = (), lapse_days: int = 90) -> None:
        self._lapse_days = lapse_days
        self._journal = Journal()
        self._by_key: dict[str, Registration] = {}
        self._keys_of: dict[str, tuple[str, ...]] = {}
        """By device, in the order in which they were registered."""
        self._looks: Looks[str] = Looks(self._journal, lambda key: self._by_key[key].nick)
        self._looked_at_ms = self._marked_ms = 0
        self._change(list(kept))

    def names_of(self, device: str) -> list[str]:
        """The nicknames that `device` has registered, in that order."""
        return [self._by_key[key].nick for key in self._keys_of.get(device, ())]

    def is_theirs(self, nick: str, device: str) -> bool:
        """Whether `nick` is registered for `device`."""
        name = self._by_key.get(nickname_key(nick))
        return name is not None and name.device == device

    def is_written_by(self, nick: str, device: str) -> bool:
        """Whether `nick` is registered for `device`, and written like that. In capitals it may look like somebody else's."""
        name = self._by_key.get(nickname_key(nick))
        return name is not None and name.device == device and name.nick == nick

    def check(self, nick: str, device: str) -> None:
        """Raises Refusal NICK_RESERVED if `device` can't be called `nick`, since that or what it is taken for is somebody else's."""
        name = self._by_key.get(nickname_key(nick))
        if name is not None:
            if name.device != device:
                raise Refusal(Code.NICK_RESERVED, phrases.nick_registered(nick))
            return
        for key in self._looks.like(nick):
            other = self._by_key[key]
            if other.device != device:
                raise Refusal(Code.NICK_RESERVED, phrases.nick_like_registered(nick, other.nick))

    # --- changes: each gives what has to be written -------------------------------------------------------------------

    def register(self, nick: str, device: str, now_ms: int) -> tuple[list[Registration | Released], str]:
        """Keep `nick`, under which `device` sits, for `device`; and what to tell them. Raises Refusal NICK_RESERVED, NICK_LIMIT."""
        self.check(nick, device)
        mine = self.names_of(device)
        if self.is_theirs(nick, device):
            return [], phrases.registered_already(nick, mine)
        if len(mine) >= MAX_NAMES_EACH:
            raise Refusal(Code.NICK_LIMIT, phrases.too_many_registered(mine))
        if len(self._by_key) >= MAX_NAMES:
            raise Refusal(Code.NICK_LIMIT, phrases.REGISTRY_FULL)
        name = Registration(nickname_key(nick), nick, device, now_ms, now_ms)
        return self._change([name]), phrases.registered(nick, self._lapse_days)

    def release(self, nick: str, device: str) -> tuple[list[Registration | Released], str]:
        """Give up `nick`, which `device` has registered; and what to tell them. Raises Refusal NO_SUCH_NICK."""
        if not self.is_theirs(nick, device):
            raise Refusal(Code.NO_SUCH_NICK, phrases.not_registered(excerpt(nick), self.names_of(device)))
        name = self._by_key[nickname_key(nick)]
        return self._change([Released(name.key)]), phrases.released(name.nick)

    def note_seen(self, devices: Iterable[str], now_ms: int) -> list[Registration | Released]:
        """These are in the room."""
        mine = (self._by_key[key] for device in devices for key in self._keys_of.get(device, ()))
        return self._change([replace(name, seen_ms=now_ms) for name in mine if name.seen_ms + SEEN_EVERY_MS <= now_ms])

    def is_due(self, now_ms: int) -> bool:
        """Whether to look for what has lapsed: once an hour, and after the clock was put back."""
        return not 0 <= now_ms - self._looked_at_ms < SEEN_EVERY_MS

    def lapse(self, present: Collection[str], now_ms: int) -> list[Registration | Released]:
        """Whoever is `present` is seen, and what has lapsed is free."""
        self._looked_at_ms = now_ms
        oldest_ms = now_ms - self._lapse_days * MS_PER_DAY
        seen = self.note_seen(present, now_ms)
        return seen + self._change([Released(one.key) for one in self._by_key.values() if one.seen_ms < oldest_ms])

    def _change(self, changes: list[Registration | Released]) -> list[Registration | Released]:
        for change in changes:
            was = self._by_key.get(change.key)
            if isinstance(change, Registration):
                self._journal.put(self._by_key, change.key, change)
                if was is None:
                    self._looks.add(change.nick, change.key)
                    self._journal.put(self._keys_of, change.device, (*self._keys_of.get(change.device, ()), change.key))
            elif was is not None:
                self._forget(was)
        return changes

    def _forget(self, name: Registration) -> None:
        self._journal.drop(self._by_key, name.key)
        self._looks.remove(name.nick, name.key)
        others = tuple(key for key in self._keys_of[name.device] if key != name.key)
        if others:
            self._journal.put(self._keys_of, name.device, others)
        else:
            self._journal.drop(self._keys_of, name.device)

    # --- undoing ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """What is done from now on may be undone."""
        self._journal.begin()
        self._marked_ms = self._looked_at_ms

    def undo(self) -> None:
        """Let everything be as it was at the last `begin`."""
        self._journal.undo()
        self._looked_at_ms = self._marked_ms
