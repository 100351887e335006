"""Where in the log a newcomer begins to read, and what it is told first. Runs on the client's own thread.

History, resuming and live are one thing: a cursor that is put somewhere and read on from there.
"""

from typing import Final

from server.handshake import Entrance
from server.protocol import jsonlines
from server.protocol.events import PROTOCOL_VERSION, Limits, Welcome
from server.protocol.framing import MAX_JSON_LINE, Dialect
from server.protocol.text import MAX_TEXT_CHARS, MAX_TEXT_LINES
from server.reading import PacedReading, wait_until_taken
from server.services import Services
from server.subscriber import Subscriber

SERVER_NAME: Final = "soksak"


def begin_reading(entrance: Entrance, services: Services, reading: PacedReading) -> None:
    """Welcome the newcomer, put its cursor, and let it read. Raises StoreError, Gone.

    What is no longer in the tail its own thread reads for it, as fast as its address may have it; the rest is for those who serve all.
    """
    subscriber = entrance.subscriber
    cursor = _cursor_of(entrance, services)
    if subscriber.dialect is Dialect.JSON:
        welcome = _welcome(entrance, cursor, services)
        # What it takes for a long list is at hand again for the next one: else each of many who are idle held 0.7 KiB more.
        with reading.turnstile:
            subscriber.welcome(jsonlines.encode_welcome(welcome, entrance.admission.members.encoded()))
    subscriber.start_after(cursor, entrance.admission.presences)
    reading.wait_turn()
    while passed := _replay_some(subscriber, services, reading):
        reading.charge(passed)
        cursor += passed
        wait_until_taken(subscriber.channel, 0, services.config.timeouts.slow_reader_s)
        reading.wait_turn()
    reading.charge(max(0, entrance.admission.seq - cursor))
    services.broadcaster.add(subscriber)


def _replay_some(subscriber: Subscriber, services: Services, reading: PacedReading) -> int:
    with reading.turnstile:
        return services.broadcaster.replay_stored(subscriber)


def _cursor_of(entrance: Entrance, services: Services) -> int:
    """The last event that is not shown: where the client was, if it was in this log, or where the log begins now, if it was before
    that; else as far back as its dialect gets to see."""
    store, config, seq = services.store, services.config, entrance.admission.seq
    resume, uid = entrance.resume, entrance.subscriber.uid
    if resume is not None and _resumes(entrance, services):
        return max(resume.seq, store.reaches_back_to)
    if entrance.subscriber.dialect is Dialect.JSON:
        return services.broadcaster.start_of_last(config.replay_events, seq, uid) - 1
    # A plain client sees its own coming in, and what the server was told to show before it.
    if config.plain_history:
        return services.broadcaster.start_of_last(config.plain_history, seq - 1, uid) - 1
    return seq - 1


def _resumes(entrance: Entrance, services: Services) -> bool:
    """Whether the client was in this log, and asks to go on from there."""
    resume = entrance.resume
    return resume is not None and services.store.holds(resume.epoch, resume.seq)


def _welcome(entrance: Entrance, cursor: int, services: Services) -> Welcome:
    """All of it but the members."""
    admission = entrance.admission
    return Welcome(
        v=PROTOCOL_VERSION,
        server=SERVER_NAME,
        uid=admission.seat.uid,
        nick=admission.seat.nick,
        epoch=services.store.epoch,
        seq=admission.seq,
        replay_from=cursor + 1,
        members=(),
        limits=Limits(MAX_TEXT_CHARS, MAX_TEXT_LINES, MAX_JSON_LINE),
        ping_s=services.config.timeouts.ping_s,
        grace_s=services.config.timeouts.grace_s,
        fresh=entrance.resume is not None and not _resumes(entrance, services),
    )
