"""Who is to be found by how their nickname looks. What changes is noted in the journal of whoever keeps it. Knows of no seats or rooms."""

from collections.abc import Callable
from itertools import chain
from typing import Generic, TypeVar

from server.journal import Journal
from server.protocol.nickname import guises
from server.protocol.skeleton import skeleton

Bearer = TypeVar("Bearer")
"""Whatever has a nickname."""


class Looks(Generic[Bearer]):
    """Those who bear nicknames, found by each of their guises. Several may share one: `min1` and `mini` may both look like `MINI`.

    `nick_of` tells what a bearer is called.
    """

    def __init__(self, journal: Journal, nick_of: Callable[[Bearer], str]) -> None:
        self._journal = journal
        self._nick_of = nick_of
        self._bearers: dict[str, tuple[Bearer, ...]] = {}

    def like(self, nick: str) -> tuple[Bearer, ...]:
        """Those for whom somebody called `nick` would be taken, and those who would be taken for them: to come first is no way to it."""
        look, own = skeleton(nick), guises(nick)
        sharing = dict.fromkeys(chain.from_iterable(self._bearers.get(guise, ()) for guise in sorted(own)))
        nicks = {one: self._nick_of(one) for one in sharing}
        return tuple(one for one, other in nicks.items() if look in guises(other) or skeleton(other) in own)

    def add(self, nick: str, bearer: Bearer) -> None:
        """`bearer` is called `nick` from now on."""
        for guise in guises(nick):
            self._journal.put(self._bearers, guise, (*self._bearers.get(guise, ()), bearer))

    def remove(self, nick: str, bearer: Bearer) -> None:
        """`bearer` is not called `nick` any more."""
        for guise in guises(nick):
            others = tuple(one for one in self._bearers[guise] if one != bearer)
            if others:
                self._journal.put(self._bearers, guise, others)
            else:
                self._journal.drop(self._bearers, guise)
