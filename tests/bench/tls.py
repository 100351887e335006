"""What TLS costs a room: the same crowd with it and without it, one after the other.

`python -m tests.bench.tls [MEMBERS LINES]`: each member says so many lines as fast as the server takes them, and gets everybody's.
The crowd is one process and opens what the server seals, so on two cores the rate is as much its own; the server's processor time
for each line delivered is the server's alone.
"""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.machine import describe_machine
from tests.bench.processes import cpu_s
from tests.bench.table import table
from tests.support.certificates import issue
from tests.support.crowd import Crowd
from tests.support.server_process import ServerProcess
from tests.support.tls import trusting

TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one crowd."""

    name: str
    came_in_s: float
    delivered: int
    took_s: float
    server_s: float
    kib_each: float

    @property
    def row(self) -> tuple[str, ...]:
        return (
            self.name,
            f"{self.came_in_s:.2f} s",
            f"{self.delivered / self.took_s / 1e6:.2f} M/s",
            f"{self.server_s / self.delivered * 1e9:.0f} ns",
            f"{self.kib_each:.0f} KiB",
        )


def measure(server: ServerProcess, members: int, lines: int, *, is_secured: bool) -> Cost:
    before_kib, began_at = server.resident_kib, time.monotonic()
    with Crowd(("127.0.0.1", server.port), members, trusting() if is_secured else None) as crowd:
        came_in_s = time.monotonic() - began_at
        kib_each = (server.resident_kib - before_kib) / members
        used_s = cpu_s(server.pid)
        took_s = crowd.talk(lines, TIMEOUT_S)
        used_s = cpu_s(server.pid) - used_s
    name = "TLS 1.3" if is_secured else "plaintext"
    return Cost(name, came_in_s, members * members * lines, took_s, used_s, kib_each)


def main(members: int = 150, lines: int = 300) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as name:
        cert, key = issue(Path(name))
        options = ("--memory", "--log-level", "warning", "--cert", str(cert), "--key", str(key))
        for number, is_secured in enumerate((False, True) * 2):
            with ServerProcess(Path(name) / str(number), *options) as server:
                rows.append(measure(server, members, lines, is_secured=is_secured).row)
    print(describe_machine())
    print(table(("", f"{members} came in", "delivered", "server's CPU each", "memory each"), rows))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
