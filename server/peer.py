"""Who is at the other end of a connection, as far as the network tells. A value; no sockets."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_SUBSCRIBER_PREFIX: Final = 64
"""Bits of an IPv6 address that are one subscriber's (RFC 6177): the rest anybody may choose for themselves, as often as they like."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end: its address, and whether that is this very machine."""

    address: str
    is_loopback: bool
    key: str
    """Under which its connections are counted together: an IPv4 address itself, of an IPv6 address its /64."""

    @staticmethod
    def of(address: str) -> "Peer":
        """The one whose IPv4 or IPv6 address is `address`, as `accept` gives it."""
        return _peer_of(address)


@lru_cache(1024)
def _peer_of(address: str) -> Peer:
    """Remembered: it takes a fifth of the time in which a connection is turned away, and those who knock too often are often the same."""
    ip = _parsed(address)
    text = str(ip)
    key = text if isinstance(ip, IPv4Address) else str(IPv6Network((ip, _SUBSCRIBER_PREFIX), strict=False))
    return Peer(text, ip.is_loopback, key)


def _parsed(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address.partition("%")[0])  # behind the % stands an interface of ours
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return ip if mapped is None else mapped
