"""Who knows a secret: the room's password, the operator's key. Two answers are hashed at a time; three may be wrong a minute and address.

Any thread asks, and waits for its turn: a hash takes a tenth of a second of a core and 32 MiB, so many at once would be an attack. One
lock, the hashing's, guards all that is held; no hash is computed under it. Once an answer was right, all others are compared with that,
so that a whole room that comes back at once needs no turns. Whoever was wrong too often isn't told that they are right, either; but who was
right before has tries of their own, so that nobody who guesses keeps those out who share the address.
"""

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Condition, Lock
from typing import Final

from server.channel import Wakeup
from server.config import Config
from server.line_reader import Gone
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.password import Password
from server.rounds import LOST
from server.secret_file import Secret, read_secret
from server.secret_setting import Kind
from server.tries import Tries

logger = logging.getLogger(__name__)

MAX_AT_ONCE: Final = 2
"""Hashes. More would take the room's own core."""

MAX_WAITING: Final = 64
"""Threads that wait for their turn: as many as get one in `TURN_S`."""

TURN_S: Final = 4.0
"""How long one waits for it: shorter than a program takes for our death."""

MAX_FRIENDS: Final = 10_000
"""Clients that were right before: more than ever come to one room."""

MS_PER_S: Final = 1000

_LOOK_S: Final = 0.2
"""How often whoever waits looks whether the server stops."""


class Hashing:
    """The turns, shared by all secrets. `condition` guards everything here and in them."""

    def __init__(self) -> None:
        self.condition = Condition(Lock())
        self.running = 0
        self.waiting = 0


class Guard:
    """Recognises one secret. `kind` is what the log calls it, `wrong` what is said of a wrong answer."""

    def __init__(
        self,
        kind: Kind,
        secret: Secret,
        wrong: str,
        hashing: Hashing,
        *,
        is_limited: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kind = kind
        self._secret = secret
        self._wrong = wrong
        self._hashing = hashing
        self._is_limited = is_limited
        self._clock = clock
        self._tries = Tries()
        self._hashed_for: dict[str, int] = {}
        """Answers that are looked at now, by whose tries they are: an address, or a friend's `uid`."""
        self._friends: dict[str, None] = {}
        """The `uid` of clients that were right, the newest last. Nobody can pretend to be one: it takes the client's own secret."""
        self._memory_key = secrets.token_bytes(32)
        self._known = b""
        """Recognises the answer that was right, once one was."""

    def check(self, given: Password | None, peer: Peer, stopping: Wakeup, uid: str = "") -> None:
        """Raises Refusal AUTH_FAILED, TOO_MANY_TRIES, SERVER_FULL; Gone when the server stops meanwhile. May take a while.

        Saying nothing is no try. `uid` is the client's, if it has shown its secret.
        """
        if not given:
            raise Refusal(Code.AUTH_FAILED, self._wrong)
        with self._hashing.condition:
            key = uid if uid in self._friends else peer.key
        if not self._is_right(given, key, stopping):
            logger.warning("%s was wrong about the %s", peer.address, self._kind.value)
            raise Refusal(Code.AUTH_FAILED, self._wrong)
        if uid:
            self._remember_friend(uid)

    def _remember_friend(self, uid: str) -> None:
        with self._hashing.condition:
            self._friends.pop(uid, None)
            self._friends[uid] = None
            if len(self._friends) > MAX_FRIENDS:
                del self._friends[next(iter(self._friends))]

    def _is_right(self, given: Password, key: str, stopping: Wakeup) -> bool:
        with self._hashing.condition:
            self._await_turn_locked(key, stopping)
            if self._known:  # what isn't that is wrong, and needs no hash
                is_right = hmac.compare_digest(self._remembered(given), self._known)
                self._note_locked(key, is_right=is_right)
                return is_right
            self._hashing.running += 1
            self._hashed_for[key] = self._hashed_for.get(key, 0) + 1
        is_right = False
        try:
            is_right = self._secret.matches(given)
        finally:
            self._end_turn(given, key, is_right=is_right)
        return is_right

    def _remembered(self, given: Password) -> bytes:
        return hmac.digest(self._memory_key, given.encode(), hashlib.sha256)

    def _await_turn_locked(self, key: str, stopping: Wakeup) -> None:
        """As many of one address are looked at as may still be wrong: the others wait, and are not refused for what was right."""
        hashing, until_s = self._hashing, self._clock() + TURN_S
        while not self._has_turn_locked(key):
            if hashing.waiting >= MAX_WAITING or self._clock() >= until_s:
                raise Refusal(Code.SERVER_FULL, phrases.HASHING_BUSY)
            hashing.waiting += 1
            hashing.condition.wait(_LOOK_S)
            hashing.waiting -= 1
            if stopping.is_set():
                raise Gone(LOST)

    def _has_turn_locked(self, key: str) -> bool:
        """Raises Refusal TOO_MANY_TRIES."""
        now_s = self._clock()
        wait_s = self._tries.wait_s(key, now_s)
        if wait_s:
            raise Refusal(Code.TOO_MANY_TRIES, phrases.too_many_secrets(ceil(wait_s)), retry_ms=ceil(wait_s * MS_PER_S))
        if self._known:
            return True
        may_be_wrong = self._tries.count(key, now_s) + self._hashed_for.get(key, 0) < self._tries.most
        return self._hashing.running < MAX_AT_ONCE and (may_be_wrong or not self._is_limited)

    def _end_turn(self, given: Password, key: str, *, is_right: bool) -> None:
        with self._hashing.condition:
            self._hashing.running -= 1
            self._hashed_for[key] -= 1
            if not self._hashed_for[key]:
                del self._hashed_for[key]
            if is_right:
                self._known = self._remembered(given)
            self._note_locked(key, is_right=is_right)
            self._hashing.condition.notify_all()

    def _note_locked(self, key: str, *, is_right: bool) -> None:
        if self._is_limited and not is_right:
            self._tries.note_wrong(key, self._clock())


OperatorKey = Guard
RoomPassword = Guard


@dataclass(frozen=True, slots=True)
class Guards:
    """The secrets of one server; None: there is none. `warnings` are Korean sentences about their files."""

    password: RoomPassword | None = None
    operator_key: OperatorKey | None = None
    warnings: tuple[str, ...] = ()


def guards_for(config: Config) -> Guards:
    """Those whose files are given. Guesses are counted also of those on this machine: guessing is no matter of how much there is to do.

    Raises SecretFileError.
    """
    hashing, is_limited = Hashing(), config.per_address is not None
    guards: list[Guard | None] = []
    warnings: list[str] = []
    for kind, path, wrong in (
        (Kind.PASSWORD, config.password_file, phrases.AUTH_FAILED),
        (Kind.OPERATOR_KEY, config.operator_key_file, phrases.OPERATOR_KEY_WRONG),
    ):
        if path is None:
            guards.append(None)
            continue
        secret, about_file = read_secret(path, kind.how_to_make(path))
        warnings.extend(about_file)
        guards.append(Guard(kind, secret, wrong, hashing, is_limited=is_limited))
    password, operator_key = guards
    return Guards(password, operator_key, tuple(warnings))
