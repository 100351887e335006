"""What is kept of nicknames that were registered. Values; the room decides (`registry`), a store keeps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from server.log.seating import ClientOf


@dataclass(frozen=True, slots=True)
class Registration:
    """A nickname that is kept for one installation."""

    key: str
    """Its `nickname_key`."""
    nick: str
    """As its owner wrote it."""
    device: str
    """The installation's, whatever it was called; see `Seat.device`."""
    at_ms: int
    """When it was registered, in ms since the epoch, UTC."""
    seen_ms: int
    """When its owner was last seen in the room, under whatever nickname; more or less."""


@dataclass(frozen=True, slots=True)
class Released:
    """The nickname with this key is kept for nobody any more."""

    key: str


NameChange = Registration | Released | ClientOf
"""What is to be kept from now on: a registration replaces the one under the same key. And of whom they are who sit here: whose a name is
and whose a seat is are told by the same `device`."""


def changed(names: Mapping[str, Registration], changes: Iterable[NameChange]) -> dict[str, Registration]:
    """`names`, by their keys, after `changes`."""
    kept = dict(names)
    for change in changes:
        match change:
            case Registration():
                kept[change.key] = change
            case Released():
                kept.pop(change.key, None)
            case ClientOf():
                pass  # of seats, not of names
            case _:
                assert_never(change)
    return kept
