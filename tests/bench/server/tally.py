"""Whether everybody has heard everything: a few count messages, the rest are held against them by the bytes that they heard."""

from collections.abc import Sequence
from typing import Final

from tests.bench.server.clients import Client

CHECKERS: Final = 8
"""So many on each wire count what all others weigh."""


def spread(count: int, among: int) -> list[int]:
    """`count` places among so many, as evenly as can be: who is served first and last matters."""
    count = min(count, among)
    return [place * among // count for place in range(count)]


class Tally:
    """Who of `listeners` counts and who weighs, and whether all of them have everything.

    `deaf` are speakers who don't hear themselves, and so hear other bytes than the rest.
    """

    def __init__(self, listeners: Sequence[Client], deaf: Sequence[Client]) -> None:
        self.listeners = listeners
        self._references: dict[str, Client] = {}
        self._weighers: list[Client] = []
        apart = set(deaf)
        self._counters = [one for one in listeners if one in apart]
        for name in {one.wire_name for one in listeners}:
            same = [one for one in listeners if one.wire_name == name and one not in apart]
            checkers = [same[place] for place in spread(CHECKERS, len(same))]
            self._counters += checkers
            self._weighers += [one for one in same if one not in set(checkers)]
            if checkers:
                self._references[name] = checkers[0]
        for client in self._counters:
            client.count()
        for client in self._weighers:
            client.weigh()

    def slowest(self) -> int:
        """How many messages everybody who counts has heard."""
        return min(client.progress for client in self._counters)

    def is_complete(self, said: int) -> bool:
        return self.slowest() >= said and all(
            client.heard_bytes >= self._references[client.wire_name].heard_bytes for client in self._weighers
        )

    def missing(self, said: int) -> int:
        """How many deliveries were not made, or were made twice."""
        counted = sum(abs(said - client.progress) for client in self._counters)
        return counted + sum(self._missing_by_weight(client) for client in self._weighers)

    def _missing_by_weight(self, client: Client) -> int:
        reference = self._references[client.wire_name]
        each = reference.heard_bytes / max(1, reference.counted)
        return round(abs(reference.heard_bytes - client.heard_bytes) / max(1, each) + 0.499)
