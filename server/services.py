"""What every connection shares: made once by the listener, handed to each client's thread."""

from dataclasses import dataclass, field

from server.addresses import Addresses
from server.broadcast import Broadcaster
from server.channel import Wakeup
from server.config import Config
from server.door_log import DoorLog
from server.doorkeeper import Doorkeeper
from server.guards import Guards
from server.log.sequencer import Sequencer
from server.log.store import Store
from server.protocol import phrases
from server.protocol.errors import Code
from server.rate import Queue
from server.room import Room
from server.subscriber import Subscriber
from server.tls import CurrentTls
from server.vestibule import Vestibule


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the server that a connection needs."""

    config: Config
    store: Store
    room: Room[Subscriber]
    """For its `members` alone; everything else is the sequencer's."""
    sequencer: Sequencer[Subscriber]
    vestibule: Vestibule[Subscriber]
    broadcaster: Broadcaster
    stopping: Wakeup
    """Set when the server stops: wakes all who wait for their client."""
    tls: CurrentTls | None
    """None: this server doesn't speak it, since nobody else can reach it."""
    addresses: Addresses
    arriving: Queue
    """Where those wait who come in when many do."""
    insatiable: Queue
    """Where those wait who have sent more than is looked at."""
    guards: Guards
    doorkeeper: Doorkeeper
    door_log: DoorLog = field(default_factory=DoorLog)

    @property
    def ended(self) -> bool:
        """Whether the server stops, as asked or by itself."""
        return self.stopping.is_set() or self.sequencer.failed

    def why_stopped(self) -> tuple[Code, str]:
        """What clients are told when the server stops."""
        if self.sequencer.storage_failure is not None:
            return Code.STORAGE_ERROR, phrases.STORAGE_ERROR
        return Code.SHUTDOWN, phrases.SHUTDOWN
