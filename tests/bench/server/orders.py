"""What the load is told to do, and what it reports: values that travel as lines of JSON; times in seconds, unless the name says so."""

from typing import Final

import msgspec

WINDOW: Final = 2048
"""So many messages at most may be on their way at a time, in every system alike. It is what real clients do (they wait for
what they said), it bounds the buffers of servers that would otherwise end a client or grow, and it is far more than any of these
systems needs to be busy all the time."""


class FellSilent(Exception):
    """Nothing is heard any more that had to be."""


class Setup(msgspec.Struct, frozen=True):
    """Who comes in: `listeners` people, spread over the wires in turn, hear each message; `speakers` of (or besides) them talk."""

    port: int
    wires: tuple[str, ...]
    listeners: int
    speakers: int
    tag: str
    """Unlike that of any other load: the names and cids of an earlier one may be taken."""
    has_tls: bool = False
    probes: int = 10
    """So many of them, at most, are looked at for latency."""
    at_once: int = 32
    """How many come in at the same time."""
    patience_s: float = 20.0
    """Who hears nothing for so long will not."""


class Entered(msgspec.Struct, frozen=True):
    """Everybody is in the room."""

    seconds: float


class Flood(msgspec.Struct, frozen=True, tag=True):
    """Everybody who speaks says as much as the window allows."""

    seconds: float
    stalled: int = 0
    """So many listeners, who don't count, stop to read meanwhile."""


class Flooded(msgspec.Struct, frozen=True):
    """What came of it, to the last delivery."""

    seconds: float
    messages: int
    deliveries: int
    missing: int
    cpu_s: float


class Pace(msgspec.Struct, frozen=True, tag=True):
    """So many messages a second in all."""

    rate: float
    seconds: float


class Paced(msgspec.Struct, frozen=True):
    """Latencies from the moment of sending, of all messages that each probe heard."""

    messages: int
    missing: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    latest_ms: float
    """How late the latest message was sent."""
    cpu_s: float
    seconds: float


class Announce(msgspec.Struct, frozen=True, tag=True):
    """One message to all."""


class Announced(msgspec.Struct, frozen=True):
    """How long it took until everybody had it."""

    seconds: float


Order = Flood | Pace | Announce
