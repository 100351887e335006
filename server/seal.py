"""What TLS is to a channel: something between what is sent and what the kernel gets. See `server.tls`."""

from typing import Protocol


class Seal(Protocol):
    """Bytes in, bytes out; never waits. A channel calls it under its lock."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing can come any more: the peer has said so, or broken the rules."""

    def shake_hands(self, received: bytes, /) -> bool:
        """Take what has come; whether both sides are ready now."""

    def open(self, received: bytes, /) -> bytes:
        """What the peer says in `received`, as far as it is complete; the rest is kept for the next time."""

    def seal(self, data: bytes, /) -> bytes:
        """What is to be sent for `data`; nothing when the connection is not good for that (any more)."""

    def take_outgoing(self) -> bytes:
        """What the seal itself has to tell the peer, to be sent in this order with what is sealed."""

    def say_goodbye(self) -> None:
        """Let that be, that nothing more comes from us, so that the peer knows the end for the end."""
