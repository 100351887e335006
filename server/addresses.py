"""How much one address may take: connections at a time, new ones a minute, and reading of the past. No sockets; the time is handed in.

An address from which nobody is connected, and whose buckets are full again, is like one that was never seen: it is forgotten, so what is
held grows with those who are here and who came just now, not with all who ever came. Any thread may call; the lock guards everything.
"""

from dataclasses import dataclass
from itertools import islice
from threading import Lock, Semaphore
from typing import Final

from server.config import PerAddress
from server.peer import Peer
from server.rate import FULL

MAX_DEBT_S: Final = 10.0
"""The longest that anybody is made to wait for what they have read: shorter than a silence that a client takes for our death."""

MAX_READERS: Final = 1
"""So many threads read the past at a time. More would not read more, and all others would have to wait for each of them whenever
they want to run: a hundred, 50 µs each, are many times what a message takes."""

FORGET_AT_LEAST: Final = 1024
"""Accounts held before it is worth while to look for those that can be forgotten."""

MAX_ACCOUNTS: Final = 65_536
"""Beyond these, those from whom nobody is connected are forgotten though they would have had to wait: 16 MiB are enough for that."""


@dataclass(slots=True)
class _Account:
    """What one address has taken."""

    connections: int = 0
    new_full_at: float = FULL
    read_full_at: float = FULL
    register_full_at: float = FULL

    def is_blank(self, now_s: float) -> bool:
        """Whether it says nothing."""
        return not self.connections and max(self.new_full_at, self.read_full_at, self.register_full_at) <= now_s


class Addresses:
    """The accounts of all addresses. `limits` None: nobody is limited; unless `also_loopback`, those on this machine are not."""

    def __init__(self, limits: PerAddress | None, *, also_loopback: bool = False) -> None:
        self._limits = limits
        self._also_loopback = also_loopback
        self._lock = Lock()
        self._accounts: dict[str, _Account] = {}
        self._look_again_at = FORGET_AT_LEAST
        self.readers = Semaphore(MAX_READERS)
        """Held by whoever reads the past, from whatever address."""

    def __len__(self) -> int:
        return len(self._accounts)

    def connect(self, peer: Peer, now_s: float) -> bool:
        """Count a new connection, if it may be one; whether it may. One that was counted is to be given back by `disconnect`."""
        limits = self._limits_of(peer)
        if limits is None:
            return True
        with self._lock:
            account = self._account_locked(peer, now_s)
            is_early = limits.new.wait_s(account.new_full_at, 1, now_s) > 0
            if is_early or account.connections >= limits.connections:
                return False
            account.connections += 1
            account.new_full_at = limits.new.taken(account.new_full_at, 1, now_s)
            return True

    def disconnect(self, peer: Peer) -> None:
        """A connection that was counted is gone."""
        if self._limits_of(peer) is not None:
            with self._lock:
                self._accounts[peer.key].connections -= 1

    def reading_wait_s(self, peer: Peer, now_s: float) -> float:
        """For how many seconds nothing more of the past may be read for `peer`."""
        limits = self._limits_of(peer)
        if limits is None:
            return 0.0
        with self._lock:
            account = self._accounts.get(peer.key)
            return limits.reading.wait_s(account.read_full_at, 0, now_s) if account else 0.0

    def charge(self, peer: Peer, events: int, now_s: float) -> None:
        """So many events of the past were read for `peer`, more or less."""
        limits = self._limits_of(peer)
        if limits is None:
            return
        with self._lock:
            account = self._account_locked(peer, now_s)
            latest = now_s + limits.reading.burst / limits.reading.per_s + MAX_DEBT_S
            account.read_full_at = min(limits.reading.taken(account.read_full_at, events, now_s), latest)

    def register(self, peer: Peer, now_s: float) -> bool:
        """Count one more nickname that is to be kept, if it may be; whether it may."""
        limits = self._limits_of(peer)
        if limits is None:
            return True
        with self._lock:
            account = self._account_locked(peer, now_s)
            may = limits.registering.wait_s(account.register_full_at, 1, now_s) <= 0
            if may:
                account.register_full_at = limits.registering.taken(account.register_full_at, 1, now_s)
            return may

    def _limits_of(self, peer: Peer) -> PerAddress | None:
        return None if peer.is_loopback and not self._also_loopback else self._limits

    def _account_locked(self, peer: Peer, now_s: float) -> _Account:
        account = self._accounts.get(peer.key)
        if account is None:
            if len(self._accounts) >= self._look_again_at:
                self._forget_locked(now_s)
            account = self._accounts[peer.key] = _Account()
        return account

    def _forget_locked(self, now_s: float) -> None:
        """Let go of the blank; looked for again only when there are twice as many, so that each costs the same however many there are."""
        self._accounts = {key: one for key, one in self._accounts.items() if not one.is_blank(now_s)}
        if len(self._accounts) >= MAX_ACCOUNTS:
            unconnected = (key for key, one in self._accounts.items() if not one.connections)
            for key in list(islice(unconnected, MAX_ACCOUNTS // 2)):
                del self._accounts[key]
        self._look_again_at = min(max(FORGET_AT_LEAST, 2 * len(self._accounts)), MAX_ACCOUNTS)
