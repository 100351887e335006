"""The whole server inside the test's process, on a free port: every part is real, the timeouts are short."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from server.channel import Channel
from server.config import Config, Sending, Timeouts
from server.listener import Server, start_server
from server.log.store import Store
from server.rate import Rate
from tests.support.json_client import JsonClient
from tests.support.line_client import LineClient
from tests.support.plain_client import PlainClient
from tests.support.seams import Memory
from tests.support.waiting import until

SHORT = Timeouts(
    prompt_s=0.1,
    tls_handshake_s=0.6,
    json_handshake_s=0.6,
    typed_handshake_s=1.2,
    full_handshake_s=0.3,
    slow_reader_s=1.0,
    farewell_s=0.5,
    grace_s=0,
)
PATIENT = Timeouts()


class InProcess:
    """A running server and the clients of one test."""

    def __init__(self, server: Server, clients: ExitStack) -> None:
        self.server = server
        self.host, self.port = server.address
        self._clients = clients
        self._is_stopped = False

    def stranger(self, *, reading: bool = True) -> LineClient:
        """A connection that has said nothing yet."""
        return self._clients.enter_context(LineClient(self.port, reading=reading))

    def plain_stranger(self) -> PlainClient:
        return self._clients.enter_context(PlainClient(self.port))

    def json_stranger(
        self, *, secret: str | None = None, device: str | None = None, reading: bool = True
    ) -> JsonClient:
        return self._clients.enter_context(JsonClient(self.port, secret=secret, device=device, reading=reading))

    def plain(self, nick: str) -> PlainClient:
        """A plain member who has come in."""
        return self.plain_stranger().enter(nick)

    def json(self, nick: str, *, secret: str | None = None, device: str | None = None) -> JsonClient:
        """A JSON member who has come in."""
        return self.json_stranger(secret=secret, device=device).enter(nick)

    @property
    def channels(self) -> list[Channel]:
        """The server's ends of the connections."""
        return [place.channel for place in self.server._clients.served]

    def stop(self) -> None:
        """Stop the server, once."""
        if not self._is_stopped:
            self._is_stopped = True
            self.server.stop()

    def wait_until_alone(self) -> None:
        """Until the server has let go of every connection."""
        until(lambda: not self.channels)


@contextmanager
def in_process(
    *,
    store: Store | None = None,
    config: Config | None = None,
    timeouts: Timeouts = PATIENT,
    sending: Sending | None = None,
    requests: Rate | None = None,
    on_failure: Callable[[], None] = lambda: None,
) -> Iterator[InProcess]:
    """Serve, and stop at the end. What a server sets for its whole process is set back."""
    config = replace(config or Config(), port=0, timeouts=timeouts, sending=sending, requests=requests)
    stack_size, switch_interval = threading.stack_size(), sys.getswitchinterval()
    server = start_server(config, lambda given: store or Memory(given.memory_events), on_failure)
    try:
        with ExitStack() as clients:
            room = InProcess(server, clients)
            clients.callback(room.stop)
            yield room
    finally:
        threading.stack_size(stack_size)
        sys.setswitchinterval(switch_interval)
