"""What is kept of who has a seat, besides the events that tell of it. Values; the room decides (`room`), a store keeps."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptSeat:
    """A seat that somebody had when the log ended."""

    uid: str
    nick: str
    device: str = ""
    """The installation's, of which the client is; empty if the client is one by itself. Nobody is told, so it is in no event."""


@dataclass(frozen=True, slots=True)
class ClientOf:
    """From now on the client `uid`, as far as it has seats, is one of the installation `device`."""

    uid: str
    device: str
