"""Every default, limit and timeout of the server, frozen, each with its reason. Read nowhere but where it is handed in."""

from dataclasses import dataclass
from pathlib import Path

from server.protocol.address import HOST, PORT
from server.rate import Rate


@dataclass(frozen=True, slots=True)
class Timeouts:
    """All in seconds, all on the monotonic clock."""

    prompt_s: float = 0.5
    """Silence after which a newcomer is asked for a nickname. A program speaks at once, a person waits to be asked."""

    tls_handshake_s: float = 10.0
    """For all of TLS's handshake, from the connection's first moment on, however busily it goes on; then the others begin."""

    json_handshake_s: float = 10.0
    """A program needs no longer for its `hello`; whoever holds a connection open without one is up to no good."""

    typed_handshake_s: float = 60.0
    """Time for a person to think of a nickname."""

    full_handshake_s: float = 2.0
    """When there is no seat anyway: just long enough to learn in which dialect to say so."""

    slow_reader_s: float = 30.0
    """No byte accepted for so long: the peer is gone or asleep, and must come back by its cursor."""

    farewell_s: float = 1.0
    """How long a last sentence may take on its way out; long enough for any network, short enough to stop quickly."""

    ping_s: float = 19.0
    """Silence after which a JSON client is asked whether it is there, and again as long for its answer. Shorter than what NATs and
    phones forget a connection after, and a second short of PROTOCOL's 20, so that a dead one is noticed within its 40."""

    grace_s: float = 30.0
    """How long the seat of a JSON client that was cut off is kept: a changed network, a restarted server, a lid closed and opened."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How much one member may send: two buckets, and how fast they fill up again. One at a keyboard never meets either."""

    messages: int = 10
    messages_per_s: float = 3.0

    bytes: int = 16 * 1024
    """Two of the longest messages that there are."""
    bytes_per_s: float = 4 * 1024.0


@dataclass(frozen=True, slots=True)
class PerAddress:
    """How much all who come from one address may have together. Who shares an address with many, as behind a NAT, needs more."""

    connections: int = 16
    """At a time: a household, and several windows for each in it."""

    new: Rate = Rate(30, 0.5)  # noqa: RUF009 -- frozen
    """New connections, 30 a minute: who comes back after every break of a bad network makes fewer."""

    reading: Rate = Rate(20_000, 2_000)  # noqa: RUF009 -- frozen
    """Events of the past that are read for them, by page, by search or on coming back; then their own threads wait. At once, as much as a
    busy room says in a night; then a few percent of what a core can read."""

    registering: Rate = Rate(20, 1 / 600)  # noqa: RUF009 -- frozen
    """Nicknames that are kept for them: a classroom's at once, then one in ten minutes. Each asked for counts."""


@dataclass(frozen=True, slots=True)
class Config:
    """What one server is run with. `db` None keeps the log in memory; `exit_when_idle_s` None never ends by itself."""

    host: str = HOST
    port: int = PORT
    db: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    """PEM files. Both or none; without them a server that others can reach makes its own."""

    certificate_folder: Path | None = None
    """Where its own are kept; None: nowhere, and they are others at the next start."""

    allow_plaintext: bool = False
    """Whether other machines, too, may do without TLS. This machine always may: who can listen there can read memory as well."""

    password_file: Path | None = None
    """What recognises the room's password; None: anybody may come in."""

    operator_key_file: Path | None = None
    """What recognises an operator's key; None: nobody becomes one."""

    plain_history: int = 0
    exit_when_idle_s: float | None = None

    max_clients: int = 500
    """A thread each: 500 cost 9 MiB."""

    spare_connections: int = 64
    """Beyond `max_clients`: those who are told, in their dialect, why there is no seat for them; and as many who are about to go."""

    replay_events: int = 50
    """What a JSON client sees of the past when it joins: a screenful."""

    max_pending_bytes: int = 256 * 1024
    """Received but not yet decided: where readers wait. More only adds latency."""

    request_bytes: int = 128
    """What a request counts besides its text: a thousand messages of one letter are as much work as a thousand others."""

    max_backlog_bytes: int = 256 * 1024
    """Answers to one client that it has not read yet: where we stop reading from it."""

    tail_events: int = 8192
    """How many of the newest events are kept encoded in memory for those who lag: a minute of a very busy room."""

    tail_bytes: int = 8 * 1024 * 1024
    """And how much they may take, whatever their size."""

    keep_events: int | None = None
    """How many of the newest events a database keeps; None: all."""

    keep_days: int | None = None
    """For how many days it keeps them."""

    nick_lapse_days: int = 90
    """How long a registered nickname is kept for somebody who is not seen: a term, or a long leave."""

    memory_events: int = 100_000
    """What a log without a database holds before it forgets its oldest part."""

    memory_bytes: int = 64 * 1024 * 1024
    """And how much these may take, whatever their size."""

    sending: Sending | None = Sending()
    """None: as much as they like."""

    requests: Rate | None = Rate(30, 20)  # noqa: RUF009 -- frozen
    """How much of what a connection sends is looked at, whatever it is: a line counts 1, and so does a KiB. The rest waits in the
    network. So whoever asks, errs or is refused as fast as they can costs a few thousandths of a core. None: as it comes."""

    requests_of_all: Rate = Rate(100, 2000)  # noqa: RUF009 -- frozen
    """The same of all together who send more than that: a fifth of a core, and one after the other, so that they never want to run all
    at once. Nobody else waits for them."""

    arrivals: Rate = Rate(1, 100)  # noqa: RUF009 -- frozen
    """How many begin to come in, all together: each costs as much as some twenty messages, and those who are here should not notice when
    hundreds come at once, or back after a restart. One at a time: who begins together with others does all that it does every so
    often, be it to ask or to speak as fast as it may, together with them, for as long as they stay."""

    per_address: PerAddress | None = PerAddress()
    """None: nobody is limited."""

    limit_loopback: bool = False
    """Whether that is so for those on this machine, too. All of them share one address, and who can run programs here has other ways."""

    timeouts: Timeouts = Timeouts()


THREAD_STACK_BYTES = 256 * 1024
"""A client's thread costs 17 KiB resident with it. 128 KiB or less crash the interpreter on deeply nested JSON."""

SWITCH_INTERVAL_S = 50e-6
"""How long a busy thread may keep others waiting; the interpreter's 5 ms would be the latency of every message."""

CROWDED_SWITCH_INTERVAL_S = 5e-3
"""In a crowded room it is the interpreter's own again. Every thread that waits for its turn wakes up so often, in vain: ten thousand who
answer a ping would keep two cores busy for a minute."""

CROWDED_MEMBERS = 1000
"""So many make a room crowded."""

BUSY_ROUND = 128
"""So many messages in one round make a room busy (`doorkeeper`): ten times what a round has when five hundred people chat."""

MAX_ROUND_PAUSE_S = 0.002
"""The longest pause between rounds: see `log.sequencer`."""

MAX_HEARING_S = 0.005
"""And so much longer while somebody comes in (`doorkeeper`): with five hundred who talk, rounds are four times as large."""

HEARING_LOOK_S = 0.001
"""How often is looked whether somebody still does."""

LISTEN_BACKLOG = 1024
"""Connections that may wait to be accepted, so that a classroom that comes at once is not refused."""
