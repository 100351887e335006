"""A server, a client on a terminal, and people who talk: what latency, memory and idling are measured on."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import msgspec

from server.protocol import phrases
from tests.bench.conversation import READER
from tests.bench.flood import Flood, Report
from tests.bench.gate import Gate
from tests.bench.processes import Terminal, cpu_s, module, queued_s
from tests.bench.tally import BEATING, TALLY, Tally
from tests.support.server_process import ServerProcess

SERVER_OPTIONS = ("--memory", "--log-level", "warning")
"""A server that limits how much one client may say must be told here not to."""

_markers = count(1)


def new_marker() -> str:
    """Something that nobody has said yet."""
    return f"=={next(_markers)}=="


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor time of both, since their start or between two moments; and how long the screen's thread waited for a core."""

    seconds: float
    client_s: float
    server_s: float
    queued_s: float

    def __sub__(self, before: "Usage") -> "Usage":
        return Usage(
            self.seconds - before.seconds,
            self.client_s - before.client_s,
            self.server_s - before.server_s,
            self.queued_s - before.queued_s,
        )

    @property
    def client_percent(self) -> float:
        """Of one core."""
        return self.client_s / self.seconds * 100

    @property
    def server_percent(self) -> float:
        return self.server_s / self.seconds * 100

    @property
    def queued_percent(self) -> float:
        return self.queued_s / self.seconds * 100


@dataclass(frozen=True, slots=True)
class Scene:
    """All three, the client in the room."""

    server: ServerProcess
    client: Terminal
    flood: Flood
    home: Path

    def usage(self) -> Usage:
        client, server = self.client.pid, self.server.pid
        return Usage(time.monotonic(), cpu_s(client), cpu_s(server), queued_s(client))

    def stop_talking(self) -> tuple[Report, float]:
        """What was offered, and how long after its last message the client showed that."""
        marker = new_marker()
        self.flood.stop(marker)
        return self._finish(marker)

    def burst(self, messages: int) -> tuple[Report, float]:
        """The same for so many at once."""
        marker = new_marker()
        self.flood.burst(messages, marker)
        return self._finish(marker)

    def _finish(self, marker: str) -> tuple[Report, float]:
        shown_at_s = self.client.wait_for(marker)
        report = self.flood.report()
        return report, shown_at_s - report.marker_at_s

    def leave(self) -> Tally:
        """Leave the room, and what the client has shown."""
        self.client.type("\x11")  # Ctrl+Q
        self.client.wait_until_ended()
        return msgspec.json.decode((self.home / TALLY).read_bytes(), type=Tally)


@contextmanager
def open_scene(
    home: Path, options: Sequence[str] = SERVER_OPTIONS, *, gate: Gate | None = None, beats: bool = False
) -> Iterator[Scene]:
    """Everything freshly started, below `home`, the server with `options`, the client beyond the `gate` and, if wanted, with a heart
    that beats."""
    client_home = home / "client"
    with ServerProcess(home / "server", *options) as server:
        if gate is not None:
            gate.leads_to = server.port
        port = server.port if gate is None else gate.port
        command = module("tests.bench.counting_client", str(port), str(client_home), *([BEATING] * beats))
        with Terminal(command, client_home) as client:
            client.wait_for(phrases.joined(READER))
            with Flood(server.port, home / "flood") as flood:
                yield Scene(server, client, flood, client_home)
