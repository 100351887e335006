"""What is kept of who may not come in, and who may not speak. Values; the room decides (`moderating`), a store keeps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What somebody may not do."""

    BAN = "ban"
    """Come in."""
    MUTE = "mute"
    """Say anything."""


Key = tuple[Kind, str]
"""What there is at most one sanction under: the kind, and a `nickname_key` or a network as `ipaddress` writes it."""


@dataclass(frozen=True, slots=True)
class Sanction:
    """One that stands, until it ends or is lifted."""

    kind: Kind
    target: str
    """The nickname as it was, or the network."""
    key: str
    """By which it is found: the `nickname_key`, or the network. If that of somebody else is there already, with the `uid` behind it."""
    uid: str
    """The client's; empty for a network, and for a nickname that nobody had."""
    device: str
    """The installation's, whatever it is called; likewise."""
    by: str
    """The nickname of the operator."""
    at_ms: int
    until_ms: int | None
    """In ms since the epoch, UTC; None: for good."""

    @property
    def is_of_network(self) -> bool:
        """Whether it is for addresses, and not for somebody."""
        return "/" in self.key  # no nickname has one

    def is_of_another(self, other: "Sanction") -> bool:
        """Whether both are for somebody, and not for the same."""
        return bool(self.uid and other.uid) and self.uid != other.uid and self.device != other.device

    def has_ended(self, now_ms: int) -> bool:
        """Whether it is over."""
        return self.until_ms is not None and self.until_ms <= now_ms


@dataclass(frozen=True, slots=True)
class Lifted:
    """The sanction of this kind under this key stands no more."""

    kind: Kind
    key: str


SanctionChange = Sanction | Lifted
"""What is to be kept from now on: a sanction replaces the one of its kind under the same key."""


def changed(sanctions: Mapping[Key, Sanction], changes: Iterable[SanctionChange]) -> dict[Key, Sanction]:
    """`sanctions` after `changes`."""
    kept = dict(sanctions)
    for change in changes:
        kept.pop((change.kind, change.key), None)  # a new one stands behind all others
        if isinstance(change, Sanction):
            kept[change.kind, change.key] = change
    return kept
