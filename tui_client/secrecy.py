"""What may be told to a server, of what should stay between it and us. The link lets nothing out that has not come past here.

Pure values; no sockets. Knows not how a connection is sealed, only whether it is.
"""

import hashlib
import hmac
from ipaddress import ip_address
from typing import Final

import msgspec

from server.protocol.events import BecomeOperator, Hello, JsonCommand
from tui_client.wire import Address

_LABEL: Final = b"soksak: who I am where others listen\0"
_SECRET_DIGITS: Final = 32


def is_private(numeric_host: str, *, is_sealed: bool) -> bool:
    """Whether nobody listens on the way to `numeric_host`: it is sealed by TLS, or leads nowhere but to this machine."""
    return is_sealed or ip_address(numeric_host).is_loopback


def for_everyones_ears(hello: Hello, address: Address) -> Hello:
    """The same greeting where others may listen: no password, and in place of this client's secret one that opens nothing elsewhere."""
    key = hello.client.lower().encode("ascii")
    where = f"{address.host.casefold()}\0{address.port}".encode("utf-8", "surrogatepass")
    only_here = hmac.new(key, _LABEL + where, hashlib.sha256).hexdigest()[:_SECRET_DIGITS]
    return msgspec.structs.replace(hello, client=only_here, password=None)


def is_secret(command: JsonCommand) -> bool:
    """Whether `command` may only be said where nobody listens."""
    return isinstance(command, BecomeOperator)
