"""What may be told to a server, of what should stay between it and us. The link lets nothing out that has not come past here.

Pure values; no sockets. Knows not how a connection is sealed, only whether it is.
"""

from ipaddress import ip_address

import msgspec
from msgspec import Struct

from server.protocol.address import PORT
from server.protocol.events import BecomeOperator, Hello, JsonCommand
from server.protocol.password import Password
from tui_client.wire import Address


class Confided(Struct, frozen=True):
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


def place_of(address: Address, numeric_host: str, *, is_sealed: bool) -> str:
    """The place at which a server of ours may be met: who we are there opens nothing at any other, or whoever runs one could go to the
    others in our place. The one that this machine starts by itself has none (empty).

    Where others may listen it is another place than where it is sealed. On this machine a port is one, by whatever name: what is
    behind another may be somebody else's, or the end of a tunnel.
    """
    if ip_address(numeric_host).is_loopback:
        return "" if address.port == PORT else f"here\0{address.port}"
    return f"{'sealed' if is_sealed else 'exposed'}\0{address.host.casefold()}\0{address.port}"


def greeting_for(hello: Hello, numeric_host: str, *, is_sealed: bool) -> Hello:
    """`hello`, in which is who we are at that place, without the password where others may listen."""
    if is_private(numeric_host, is_sealed=is_sealed):
        return hello
    return msgspec.structs.replace(hello, password=None)


def is_secret(command: JsonCommand) -> bool:
    """Whether `command` may only be said where nobody listens."""
    return isinstance(command, BecomeOperator)
