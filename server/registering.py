"""Whether one client may ask for its nickname to be kept. Runs on the client's own thread; what comes of it is the room's."""

from server.addresses import Addresses
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Code, Refusal


def check_registering(peer: Peer, addresses: Addresses, now_s: float, *, is_sealed: bool) -> None:
    """Counts it, too. Raises Refusal BAD_STATE, RATE_LIMITED.

    On the way from another machine in plain text, anybody could have read by which secret its owner is known.
    """
    if not (is_sealed or peer.is_loopback):
        raise Refusal(Code.BAD_STATE, phrases.REGISTERING_NEEDS_TLS)
    if not addresses.register(peer, now_s):
        raise Refusal(Code.RATE_LIMITED, phrases.REGISTERING_TOO_OFTEN)
