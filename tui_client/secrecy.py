"""What may be told to a server, of what should stay between it and us. The link lets nothing out that has not come past here.

Pure values; no sockets. Knows not how a connection is sealed, only whether it is.
"""

import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import msgspec

from server.protocol.events import BecomeOperator, Hello, JsonCommand
from server.protocol.password import Password
from tui_client.wire import Address

_SEALED: Final = b"soksak: who I am for this server\0"
_EXPOSED: Final = b"soksak: who I am where others listen\0"
_SECRET_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Confided:
    """A secret that was typed, and what the one was known by to whom it was said (see `Link.other_end`)."""

    secret: Password | None = None
    other_end: str = ""

    def may_hear(self, secret: Password | None, other_end: str) -> bool:
        """Whether `secret` may be said to that one: not if it was said to another who was at this address before.

        Typed once more it is another one, though it reads the same.
        """
        return secret is not self.secret or other_end == self.other_end


def is_private(numeric_host: str, *, is_sealed: bool) -> bool:
    """Whether nobody listens on the way to `numeric_host`: it is sealed by TLS, or leads nowhere but to this machine."""
    return is_sealed or ip_address(numeric_host).is_loopback


def greeting_for(hello: Hello, address: Address, numeric_host: str, *, is_sealed: bool) -> Hello:
    """`hello` as the server at `address` may hear it.

    On this machine as it is. Elsewhere with secrets that open nothing at any other server: whoever runs one could else go to the others in
    our place. Where others may listen with yet others, and without the password.
    """
    if ip_address(numeric_host).is_loopback:
        return hello
    if is_sealed:
        return _only_for(address, hello, _SEALED)
    return msgspec.structs.replace(_only_for(address, hello, _EXPOSED), password=None)


def _only_for(address: Address, hello: Hello, label: bytes) -> Hello:
    device = None if hello.device is None else _derived(hello.device, address, label)
    return msgspec.structs.replace(hello, client=_derived(hello.client, address, label), device=device)


def _derived(secret: str, address: Address, label: bytes) -> str:
    """What stands for `secret` there, and tells nothing of it."""
    where = f"{address.host.casefold()}\0{address.port}".encode("utf-8", "surrogatepass")
    return hmac.new(secret.lower().encode("ascii"), label + where, hashlib.sha256).hexdigest()[:_SECRET_DIGITS]


def is_secret(command: JsonCommand) -> bool:
    """Whether `command` may only be said where nobody listens."""
    return isinstance(command, BecomeOperator)
