"""Whether a connection is encrypted, and what makes the one at its other end the right one. Pure policy: no files, no sockets.

On this machine nobody listens in, so the loopback does without. Everywhere else it is TLS, always, whatever the other end says it
can: who stands in between would say so, too. Only the user can do without, and then no secret is told (see `secrecy`).
"""

import ipaddress
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

LOCALHOST: Final = "localhost"

VERIFIED: Final = "verified"
"""What is remembered of a server whose certificate was good in the ordinary way, in place of a fingerprint."""


UNREADABLE: Final = "unreadable"
"""What is remembered of a server about which something is remembered that nobody can read: that is not a server never seen."""


class TlsOptions(Struct, frozen=True):
    """What the user has said about it: at most one of `plaintext`, `ca` and `fingerprint`."""

    tls: bool = False
    """Also where nobody listens in."""
    plaintext: bool = False
    """Do without."""
    ca: Path | None = None
    """Whom to believe instead of those whom the system believes."""
    fingerprint: str = ""
    """The certificate that it must be."""


NO_OPTIONS: Final = TlsOptions()


class Plaintext(Struct, frozen=True):
    """No TLS."""


class Nothing(Struct, frozen=True):
    """No connection: what it has to be like is not known any more, and whoever was there before might not be asked about."""


class Verify(Struct, frozen=True):
    """TLS with a certificate that is good in the ordinary way. `is_remembered`: it was before, so nothing less will do."""

    ca: Path | None = None
    is_remembered: bool = False

    @property
    def may_ask(self) -> bool:
        """Whether the user may be asked about one for which nobody vouches."""
        return self.ca is None and not self.is_remembered


class Pin(Struct, frozen=True):
    """TLS with this very certificate. `is_remembered`: from an earlier time, and not just given."""

    fingerprint: str
    is_remembered: bool = True


Plan = Plaintext | Nothing | Verify | Pin


def plan_for(host: str, options: TlsOptions, remembered: str) -> Plan:
    """`remembered` is a fingerprint, `VERIFIED`, `UNREADABLE`, or nothing. What the user says now counts more than what was."""
    if options.plaintext:
        return Plaintext()
    if options.fingerprint:
        return Pin(options.fingerprint, is_remembered=False)
    if options.ca is not None:
        return Verify(options.ca)
    if remembered == UNREADABLE:
        return Nothing()
    if remembered:
        return Verify(is_remembered=True) if remembered == VERIFIED else Pin(remembered)
    return Verify() if options.tls or not is_loopback(host) else Plaintext()


def is_exposed(host: str, options: TlsOptions) -> bool:
    """Whether others can read what is said."""
    return options.plaintext and not is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, and what is said to it doesn't leave it."""
    if host.lower() == LOCALHOST:
        return True
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


class Memory(Protocol):
    """What is remembered of servers, by `host:port`. Called on the link's thread."""

    def find(self, server: str, /) -> str:
        """A fingerprint, `VERIFIED`, `UNREADABLE`, or nothing."""

    def remember(self, server: str, what: str, /) -> None:
        """From now on, in place of anything else."""

    def take_notices(self) -> list[str]:
        """What the user should be told, once. Any thread."""


class Forgetful:
    """A memory of nothing, for who is connected to once."""

    def find(self, _server: str, /) -> str:
        return ""

    def remember(self, _server: str, _what: str, /) -> None: ...

    def take_notices(self) -> list[str]:
        return []


NO_MEMORY: Final = Forgetful()


class Trust:
    """What makes the server at `host:port` the right one, now and the next time."""

    def __init__(self, host: str, port: int, options: TlsOptions = NO_OPTIONS, memory: Memory = NO_MEMORY) -> None:
        self.options = options
        self._host = host
        self._server = f"{host}:{port}"
        self._memory = memory

    @property
    def is_exposed(self) -> bool:
        """Whether others can read what is said."""
        return is_exposed(self._host, self.options)

    def take_notices(self) -> list[str]:
        """What the user should be told of what is remembered, once."""
        return self._memory.take_notices()

    def plan(self) -> Plan:
        """For the next connection."""
        return plan_for(self._host, self.options, self._memory.find(self._server))

    def accept(self, fingerprint: str) -> None:
        """The user has said that it is the right one."""
        self._memory.remember(self._server, fingerprint)

    def note_verified(self, plan: Verify) -> None:
        """The certificate was good. If the system says so, it has to be from now on: or whoever stands in between could
        have the user asked about another one.
        """
        if plan.may_ask:
            self._memory.remember(self._server, VERIFIED)
