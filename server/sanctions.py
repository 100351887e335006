"""Who may not come in and who may not speak, until when. Pure state: the time is handed in, in ms since the epoch, UTC.

Somebody is known by what they can't easily change together: the client's `uid`, the `device` it is of, and the nickname; others by their
address or network.
Owned by the sequencer's thread; what stands is a value that is replaced as a whole, so any thread may read it, and what one round did
can be undone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from server.log.sanctions import Key, Kind, Lifted, Sanction, SanctionChange, changed
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.nickname import nickname_key
from server.protocol.text import excerpt

MAX_SANCTIONS: Final = 1_000
"""They are held in memory, looked through for everybody who comes, and told in one answer."""

_IN_ADDRESSES: Final = frozenset(".:/")
"""What no nickname has, and every address or network does."""

Network = IPv4Network | IPv6Network


def is_address(target: str) -> bool:
    """Whether `target` is meant as an address or a network, and not as a nickname."""
    return not _IN_ADDRESSES.isdisjoint(target)


def read_network(target: str) -> Network:
    """`203.0.113.7` or `203.0.113.0/24` as a network. Raises Refusal BAD_TARGET."""
    no_such_address = Refusal(Code.BAD_TARGET, phrases.no_such_address(excerpt(target)))
    if "%" in target:  # behind it stands an interface of ours, or whatever somebody writes there
        raise no_such_address
    try:
        network = ip_network(target.strip(), strict=False)
    except ValueError:
        raise no_such_address from None
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped and network.prefixlen >= _MAPPED_BITS:
        return ip_network((network.network_address.ipv4_mapped, network.prefixlen - _MAPPED_BITS), strict=False)
    return network


_MAPPED_BITS: Final = 96
"""In front of an IPv4 address that is written as one of IPv6."""


def shown(network: Network) -> str:
    """As it is typed: one address without its length."""
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def is_within(address: str, network: Network) -> bool:
    """Whether `address`, as a `Peer` has it, is one of these; nobody's (empty) is none."""
    return bool(address) and ip_address(address) in network


@dataclass(frozen=True, slots=True)
class Standing:
    """All that stands, and where to find it. A value."""

    by_key: Mapping[Key, Sanction] = field(default_factory=dict)
    """In the order in which they were imposed."""
    _by_client: Mapping[tuple[Kind, str], Sanction] = field(default_factory=dict)
    """By the `uid` and by the `device`."""
    _prefixes: frozenset[tuple[int, int]] = frozenset()
    """The version and length of every network: few, so that an address is looked up as often, however many are banned."""

    @classmethod
    def of(cls, by_key: Mapping[Key, Sanction]) -> "Standing":
        """These, by their keys."""
        of_networks = [ip_network(one.key) for one in by_key.values() if one.is_of_network]
        by_client = {(one.kind, name): one for one in by_key.values() for name in (one.uid, one.device) if name}
        return cls(by_key, by_client, frozenset((one.version, one.prefixlen) for one in of_networks))

    def changed(self, changes: Iterable[SanctionChange]) -> "Standing":
        """The same after `changes`."""
        return Standing.of(changed(self.by_key, changes))

    def ban_of(self, uid: str, device: str, nick: str, now_ms: int) -> Sanction | None:
        """What keeps the client `uid` of `device`, who wants to be called `nick`, from coming in."""
        return self._find(Kind.BAN, uid, device, nick, now_ms)

    def mute_of(self, uid: str, device: str, nick: str, now_ms: int) -> Sanction | None:
        """What keeps the client `uid` of `device`, called `nick`, from speaking."""
        return self._find(Kind.MUTE, uid, device, nick, now_ms)

    def all_of(self, kind: Kind, names: Iterable[str], now_ms: int) -> list[Sanction]:
        """Those for a client or a device that is one of `names`, whatever it was called."""
        wanted = {*names} - {""}
        return [
            one
            for one in self.by_key.values()
            if one.kind is kind and not wanted.isdisjoint((one.uid, one.device)) and not one.has_ended(now_ms)
        ]

    def all_called(self, kind: Kind, key: str, now_ms: int) -> list[Sanction]:
        """Those for the network or for everybody of the nickname with this key."""
        return [
            one
            for one in self.by_key.values()
            if one.kind is kind and key == one.key.partition(" ")[0] and not one.has_ended(now_ms)
        ]

    def ban_of_address(self, address: str, now_ms: int) -> Sanction | None:
        """What keeps those at `address` from coming in: the narrowest network, if there are several."""
        found = (self.by_key.get((Kind.BAN, str(network))) for network in self._networks_of(address))
        return next((one for one in found if one is not None and not one.has_ended(now_ms)), None)

    def _networks_of(self, address: str) -> Iterator[Network]:
        if not address or not self._prefixes:
            return
        ip = ip_address(address)
        for version, length in sorted(self._prefixes, reverse=True):
            if version == ip.version:
                yield ip_network((ip, length), strict=False)

    def _find(self, kind: Kind, uid: str, device: str, nick: str, now_ms: int) -> Sanction | None:
        of_client = (self._by_client.get((kind, name)) for name in (uid, device))
        found = *of_client, self.by_key.get((kind, nickname_key(nick)))
        return next((one for one in found if one is not None and not one.has_ended(now_ms)), None)


class Sanctions:
    """The sanctions of one room. `standing` is what stands now."""

    def __init__(self, kept: Iterable[Sanction] = ()) -> None:
        self.standing = Standing().changed(kept)
        self._marked = self.standing
        self._ends_at_ms = _first_end(self.standing)

    def impose(self, sanction: Sanction) -> None:
        """From now on it stands, in place of another of its kind for the same. Raises Refusal SANCTION_LIMIT."""
        if len(self.standing.by_key) >= MAX_SANCTIONS and (sanction.kind, sanction.key) not in self.standing.by_key:
            raise Refusal(Code.SANCTION_LIMIT, phrases.too_many_sanctions(MAX_SANCTIONS))
        self._change([sanction])

    def lift(self, kind: Kind, target: str, now_ms: int, *, names: Iterable[str] = ()) -> list[Sanction]:
        """Those for `target`, a nickname or a network, and for the clients and devices called so, `names`; they stand no more.

        Also others for whoever they are for, under other nicknames: who is let go is free. Raises Refusal NOT_SANCTIONED, BAD_TARGET.
        """
        key = str(read_network(target)) if is_address(target) else nickname_key(target)
        known = self.standing.all_called(kind, key, now_ms)
        of_those = {*names, *(name for one in known for name in (one.uid, one.device))}
        lifted = {one.key: one for one in (*known, *self.standing.all_of(kind, of_those, now_ms))}
        if not lifted:
            raise Refusal(Code.NOT_SANCTIONED, phrases.not_sanctioned(excerpt(target)))
        self._change([Lifted(kind, each) for each in lifted])
        return list(lifted.values())

    def end_those_over(self, now_ms: int) -> None:
        """What has ended is forgotten."""
        if self._ends_at_ms is not None and self._ends_at_ms <= now_ms:
            over = [one for one in self.standing.by_key.values() if one.has_ended(now_ms)]
            self._change([Lifted(one.kind, one.key) for one in over])

    def _change(self, changes: Iterable[SanctionChange]) -> None:
        self.standing = self.standing.changed(changes)
        self._ends_at_ms = _first_end(self.standing)

    # --- undoing ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """What is done from now on may be undone."""
        self._marked = self.standing

    def undo(self) -> None:
        """Let everything be as it was at the last `begin`."""
        self.standing = self._marked
        self._ends_at_ms = _first_end(self.standing)


def _first_end(standing: Standing) -> int | None:
    return min((one.until_ms for one in standing.by_key.values() if one.until_ms is not None), default=None)
