"""What every connection shares: made once by whoever starts the server, handed to each client's thread."""

import time
from collections.abc import Callable
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
from server.log.tail import Tail
from server.protocol import phrases
from server.protocol.errors import Code
from server.rate import Queue
from server.registry import Registry
from server.room import Room, Rules
from server.sanctions import Sanctions
from server.subscriber import Subscriber
from server.tls import CurrentTls, Tls
from server.vestibule import Vestibule


@dataclass(frozen=True, slots=True, kw_only=True)
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


def services_for(
    config: Config,
    store: Store,
    tls: Tls | None,
    guards: Guards,
    now_ms: Callable[[], int],
    on_failure: Callable[[], None],
) -> Services:
    """All of them for one server, not yet started. `on_failure` is called, on any thread, when one of them can't go on."""
    tail = Tail(head=store.head, max_events=config.tail_events, max_bytes=config.tail_bytes)
    broadcaster = Broadcaster(tail, store, config.timeouts.slow_reader_s, on_failure)
    room = _room(config, store, now_ms)
    stopping = Wakeup()
    doorkeeper = Doorkeeper(stopping)
    sequencer = Sequencer(room, store, tail, broadcaster, doorkeeper, config.max_pending_bytes, on_failure)
    return Services(
        config=config,
        store=store,
        room=room,
        sequencer=sequencer,
        vestibule=Vestibule(sequencer),
        broadcaster=broadcaster,
        stopping=stopping,
        tls=None if tls is None else CurrentTls(tls),
        addresses=Addresses(config.per_address, also_loopback=config.limit_loopback),
        arriving=Queue(config.arrivals),
        insatiable=Queue(config.requests_of_all),
        guards=guards,
        doorkeeper=doorkeeper,
    )


def _room(config: Config, store: Store, now_ms: Callable[[], int]) -> Room[Subscriber]:
    """The room as `store` left it."""
    return Room(
        store.find,
        now_ms,
        time.monotonic,
        Rules(config.timeouts.grace_s, config.max_clients, config.sending),
        seated=store.seated(),
        lapsed=store.lapsed(),
        registry=Registry(store.registered(), config.nick_lapse_days),
        sanctions=Sanctions(store.sanctions()),
    )
