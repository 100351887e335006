"""Whether one client may become an operator. Runs on the client's own thread, and may take a while; what comes of it is the room's."""

from server.channel import Wakeup
from server.guards import OperatorKey
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import BecomeOperator
from server.rounds import Promote


def check_operator(
    command: BecomeOperator, peer: Peer, key: OperatorKey | None, stopping: Wakeup, *, is_sealed: bool
) -> Promote:
    """What is to be asked of the room, if `command` shows the right key. Raises Refusal AUTH_FAILED, TOO_MANY_TRIES, BAD_STATE; Gone.

    On the way from another machine in plain text, anybody could have read it.
    """
    if not (is_sealed or peer.is_loopback):
        raise Refusal(Code.BAD_STATE, phrases.OPERATOR_NEEDS_TLS)
    if key is None:
        raise Refusal(Code.AUTH_FAILED, phrases.NO_OPERATOR_KEY)
    key.check(command.key, peer, stopping)
    return Promote(command.id)
