"""Whether one client may become an operator. Runs on the client's own thread, and may take a while; what comes of it is the room's."""

from server.channel import Wakeup
from server.guards import OperatorKey
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import BecomeOperator
from server.rounds import Promote


def check_operator(
    command: BecomeOperator, peer: Peer, key: OperatorKey | None, stopping: Wakeup, uid: str, *, is_sealed: bool
) -> Promote:
    """What is to be asked of the room, if `command` shows the right key. Raises Refusal AUTH_FAILED, TOO_MANY_TRIES, BAD_STATE; Gone.

    `uid` is the client's: whoever was right before is not kept from it by those who guess at the same address. On the way from another
    machine in plain text, anybody could have read the key.
    """
    if not (is_sealed or peer.is_loopback):
        raise Refusal(Code.BAD_STATE, phrases.OPERATOR_NEEDS_TLS)
    if key is None:
        raise Refusal(Code.AUTH_FAILED, phrases.NO_OPERATOR_KEY)
    key.check(command.key, peer, stopping, uid)
    return Promote(command.id)
