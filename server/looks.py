"""Who is to be found by how their nickname looks. A value: whoever keeps one keeps it as it was. Knows nothing of seats or rooms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from server.protocol.nickname import guises
from server.protocol.skeleton import skeleton

Bearer = TypeVar("Bearer")
"""Whatever has a nickname."""


@dataclass(frozen=True, slots=True)
class Looks(Generic[Bearer]):
    """Nicknames and who bears them, found by each of their guises. Several may share one: `min1` and `mini` may both look like `MINI`."""

    _by_guise: Mapping[str, tuple[Bearer, ...]] = field(default_factory=dict)

    def like(self, nick: str) -> tuple[Bearer, ...]:
        """Those for whom somebody called `nick` would be taken."""
        return self._by_guise.get(skeleton(nick), ())

    def changed(
        self, *, gone: Iterable[tuple[str, Bearer]] = (), come: Iterable[tuple[str, Bearer]] = ()
    ) -> "Looks[Bearer]":
        """The same without those who are `gone`, and with those who have `come`, each with the nickname; costs a copy, however many."""
        by_guise = dict(self._by_guise)
        for nick, bearer in gone:
            for guise in guises(nick):
                others = tuple(one for one in by_guise.pop(guise) if one != bearer)
                if others:
                    by_guise[guise] = others
        for nick, bearer in come:
            for guise in guises(nick):
                by_guise[guise] = (*by_guise.get(guise, ()), bearer)
        return Looks(by_guise)
