"""Who is to be found by how their nickname looks. A value: whoever keeps one keeps it as it was. Knows nothing of seats or rooms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Generic, TypeVar

from server.protocol.nickname import guises
from server.protocol.skeleton import skeleton

Bearer = TypeVar("Bearer")
"""Whatever has a nickname."""


@dataclass(frozen=True, slots=True)
class Looks(Generic[Bearer]):
    """Nicknames and who bears them, found by each of their guises. Several may share one: `min1` and `mini` may both look like `MINI`."""

    _by_guise: Mapping[str, tuple[Bearer, ...]] = field(default_factory=dict)
    _by_skeleton: Mapping[str, tuple[Bearer, ...]] = field(default_factory=dict)

    def like(self, nick: str) -> tuple[Bearer, ...]:
        """Those for whom somebody called `nick` would be taken, and those who would be taken for them: to come first is no way to it."""
        imitated = self._by_guise.get(skeleton(nick), ())
        imitators = (self._by_skeleton.get(guise, ()) for guise in sorted(guises(nick)))
        return tuple(dict.fromkeys((*imitated, *chain.from_iterable(imitators))))

    def changed(
        self, *, gone: Iterable[tuple[str, Bearer]] = (), come: Iterable[tuple[str, Bearer]] = ()
    ) -> "Looks[Bearer]":
        """The same without those who are `gone`, and with those who have `come`, each with the nickname; costs a copy, however many."""
        by_guise, by_skeleton = dict(self._by_guise), dict(self._by_skeleton)
        for nick, bearer in gone:
            _take_away(by_skeleton, skeleton(nick), bearer)
            for guise in guises(nick):
                _take_away(by_guise, guise, bearer)
        for nick, bearer in come:
            _add(by_skeleton, skeleton(nick), bearer)
            for guise in guises(nick):
                _add(by_guise, guise, bearer)
        return Looks(by_guise, by_skeleton)


def _add(bearers: dict[str, tuple[Bearer, ...]], look: str, bearer: Bearer) -> None:
    bearers[look] = (*bearers.get(look, ()), bearer)


def _take_away(bearers: dict[str, tuple[Bearer, ...]], look: str, bearer: Bearer) -> None:
    others = tuple(one for one in bearers.pop(look) if one != bearer)
    if others:
        bearers[look] = others
