"""Every attack that our limits are made against, over real sockets: `python -m tests.bench.attacks [--only NAME] [--quick]`.

Bystanders chat before, during and after each, on a server with its default limits: whether all of it was heard, in order, how soon, and
what the server came to hold. Two are controls: nobody attacks, and another server is attacked, which shows what is the machine's.
All of it takes twenty minutes (quick: six). Linux only, loopback only; everything that it
starts is its own and ends with it.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from server.log.sqlite import SqliteStore
from server.protocol.password import Password
from server.secret_file import Secret
from tests.bench.attackers import Attack, Report
from tests.bench.bystanders import PASSWORD, Bystanders, Chatting, Connection, connect, hello, receive
from tests.bench.machine import describe_machine
from tests.bench.processes import cpu_s, resident_mib
from tests.bench.table import Figure, figures_table, table
from tests.faults.figures import at_most, exactly, p99
from tests.support.certificates import issue
from tests.support.samples import records, said
from tests.support.server_process import ServerProcess

MEMORY_MIB: Final = 64.0
"""What an attack may add to what the server holds: a tenth of a MiB for each connection that there can be."""

HASHES_MIB: Final = 64.0
"""Besides, what two passwords at a time take to be looked at."""

NEWCOMER_S: Final = 15.0
"""How long it may take until somebody else gets in, though the attackers take whatever place there is."""

MOST_TIMES: Final = 2.0
"""A p99 under attack is less than so many times the quiet one. That of the controls is about once."""

QUIET_MS: Final = 2.0
"""A quiet p99 above this is not quiet: the machine was busy with something else, and twice that would forgive anything."""

_KEPT_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Plan:
    """One attack, and how long the bystanders chat before and after it (each `quiet_s`), and during it."""

    manner: str
    connections: int
    past_events: int = 0
    """What is in the log before."""
    past_chars: int = 10
    """How long each of it is."""
    quiet_s: float = 8.0
    attack_s: float = 16.0
    has_password: bool = False
    has_tls: bool = False
    """Whether the server speaks TLS, and the bystanders with it; the attackers do what they do."""
    memory_mib: float = MEMORY_MIB
    """What it may add to what the server holds."""
    is_elsewhere: bool = False
    """Whether not this server is attacked but another one like it on the same machine."""

    def shorter(self, quiet_s: float, attack_s: float) -> "Plan":
        return replace(self, quiet_s=quiet_s, attack_s=attack_s, past_events=min(self.past_events, 20_000))


ATTACKS: Final[Mapping[str, Plan]] = {
    "control: nobody attacks": Plan("silent", 0),
    "control: 1,000 never finish, elsewhere": Plan("silent", 1000, is_elsewhere=True),
    "control: 150 come and go, elsewhere": Plan("coming and going", 150, is_elsewhere=True),
    "1,000 never finish a handshake": Plan("silent", 1000),
    "1,000 of one address never finish one": Plan("silent, one address", 1000),
    "500 drip a byte a second": Plan("dripping", 500),
    "500 drip half a frame": Plan("dripping json", 500),
    "one address knocks as fast as it can": Plan("knocking", 1000),
    "150 come in and go": Plan("coming and going", 150),
    "one floods 100,000 lines": Plan("lines", 1),
    "15 of one address flood lines": Plan("lines", 15),
    "15 of one address flood frames": Plan("says", 15),
    "15 of one address flood nonsense": Plan("nonsense", 15),
    "15 of one address flood long lines": Plan("long lines", 15),
    "150 flood nonsense": Plan("nonsense", 150),
    "one never reads": Plan("never reading", 1, 20_000),
    "150 never read": Plan("never reading", 150, 20_000),
    "150 never read what is long": Plan("never reading", 150, 20_000, past_chars=2000),
    "resume from 0 in a loop": Plan("resume", 15, 100_000),
    "resume from 0 in a loop, ten addresses": Plan("resume", 150, 100_000),
    "150 resume from 0 and read all": Plan("resume, reading all", 150, 100_000),
    "15 read the past in a loop": Plan("history", 15, 100_000),
    "15 search in a loop": Plan("search", 15, 100_000),
    "one address guesses the password": Plan("guessing", 15, has_password=True, memory_mib=MEMORY_MIB + HASHES_MIB),
    "ten addresses guess the password": Plan("guessing", 150, has_password=True, memory_mib=MEMORY_MIB + HASHES_MIB),
    "TLS: 1,000 speak none": Plan("silent", 1000, has_tls=True),
    "TLS: 1,000 send half a ClientHello": Plan("half a greeting", 1000, has_tls=True),
    "TLS: 500 drip a ClientHello": Plan("dripping a greeting", 500, has_tls=True),
    "TLS: 150 send nonsense for a ClientHello": Plan("garbled greeting", 150, has_tls=True),
    "TLS: 1,000 never finish the handshake": Plan("greeting", 1000, has_tls=True),
    "TLS: 1,000 shake hands and say no name": Plan("sealed, silent", 1000, has_tls=True),
    "TLS: 1,000 addresses shake hands in a loop": Plan("sealed, again and again", 1000, has_tls=True),
    "TLS: 150 flood nonsense": Plan("sealed nonsense", 150, has_tls=True),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attack."""

    plan: Plan
    before: Chatting
    during: Chatting
    after: Chatting
    report: Report
    memory_mib: float
    """The most that the server came to hold, more than before."""
    cpu_percent: float
    """Of one core, during the attack."""
    newcomer_s: float
    """Until somebody else was let in."""

    @property
    def quiet_p99_ms(self) -> float:
        return p99([*self.before.latencies_ms, *self.after.latencies_ms])

    @property
    def attack_p99_ms(self) -> float:
        return p99(self.during.latencies_ms)

    @property
    def counts(self) -> Sequence[Figure]:
        """What must hold on any machine, however busy."""
        chats = (self.before, self.during, self.after)
        return [
            exactly("messages that were not heard", sum(one.missing for one in chats), 0),
            exactly("times not in order", sum(not one.is_in_order for one in chats), 0),
            at_most("memory, more than before", self.memory_mib, self.plan.memory_mib, "MiB"),
        ]

    @property
    def figures(self) -> Sequence[Figure]:
        """These, and how soon the bystanders heard each other."""
        quiet, attacked = self.quiet_p99_ms, self.attack_p99_ms
        is_met = attacked < MOST_TIMES * quiet
        return [
            at_most("quiet p99, or nothing is shown", quiet, QUIET_MS, "ms"),
            Figure("p99, quiet → attacked", f"{quiet:.2f} → {attacked:.2f} ms", f"< {MOST_TIMES:.0f} ×", is_met),
            at_most("somebody else comes in", self.newcomer_s, NEWCOMER_S, "s"),
            *self.counts,
        ]


class _Watch:
    """Looks at the server's memory, and comes in as somebody else, while the others chat."""

    def __init__(self, server: ServerProcess, *, is_sealed: bool) -> None:
        self._server = server
        self._is_sealed = is_sealed
        self._over = threading.Event()
        self.peak_mib = resident_mib(server.pid)
        self.newcomer_s = float("inf")
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._measure, self._come_in)]
        self._began_at_s = time.monotonic()
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _measure(self) -> None:
        while not self._over.wait(0.05):
            self.peak_mib = max(self.peak_mib, resident_mib(self._server.pid))

    def _come_in(self) -> None:
        """Tries as a person would: twice a second, until it works."""
        while not self._over.wait(0.5):
            with suppress(OSError), closing(self._knock()) as newcomer:
                if _is_let_in(newcomer):
                    self.newcomer_s = time.monotonic() - self._began_at_s
                    return

    def _knock(self) -> Connection:
        return connect(self._server.port, "127.0.4.1", is_sealed=self._is_sealed, timeout_s=5.0)


def _is_let_in(newcomer: Connection) -> bool:
    newcomer.sendall(hello("새사람"))
    heard = b""
    while data := receive(newcomer):
        heard += data
        if b'"t":"welcome"' in heard:
            newcomer.sendall(b'{"t":"bye"}\n')
            return True
    return False


def _write_past(database: Path, plan: Plan) -> None:
    """What the attackers want to read."""
    store = SqliteStore(database)
    for first in range(1, plan.past_events, _KEPT_AT_ONCE):
        last = min(first + _KEPT_AT_ONCE - 1, plan.past_events)
        store.append(records(*(said(seq, "가" * plan.past_chars) for seq in range(first, last + 1))))
    store.close()


def _write_password(path: Path) -> Path:
    path.write_text(Secret.of(Password(PASSWORD), b"0123456789abcdef").encoded(), encoding="ascii")
    path.chmod(0o600)
    return path


def _server(plan: Plan, home: Path) -> ServerProcess:
    home.mkdir(parents=True, exist_ok=True)
    database = home / "log.db"
    if plan.past_events:
        _write_past(database, plan)
    options = ["--db", str(database), "--limit-loopback", "--log-level", "warning"]
    if plan.has_password:
        options += ["--password-file", str(_write_password(home / "password"))]
    if plan.has_tls:
        cert, key = issue(home)
        options += ["--cert", str(cert), "--key", str(key)]
    return ServerProcess(home, *options, limited=True)


def run(plan: Plan, home: Path) -> Outcome:
    """One attack on a server of its own, below `home`."""
    with ExitStack() as opened:
        server = opened.enter_context(_server(plan, home))
        attacked = opened.enter_context(_server(plan, home / "elsewhere")) if plan.is_elsewhere else server
        bystanders = opened.enter_context(Bystanders(server.port, is_sealed=plan.has_tls))
        bystanders.chat(min(1.0, plan.quiet_s))
        before = bystanders.chat(plan.quiet_s)
        held_mib = resident_mib(server.pid)
        with Attack(attacked.port, plan.manner, plan.connections, bystanders.epoch) as attack:
            watch, used_s, began_s = _Watch(server, is_sealed=plan.has_tls), cpu_s(server.pid), time.monotonic()
            during = bystanders.chat(plan.attack_s)
            percent = 100 * (cpu_s(server.pid) - used_s) / (time.monotonic() - began_s)
            watch.finish()
            report = attack.stop()
        bystanders.chat(min(1.0, plan.quiet_s))
        after = bystanders.chat(plan.quiet_s)
        return Outcome(plan, before, during, after, report, watch.peak_mib - held_mib, percent, watch.newcomer_s)


HEADINGS: Final = (
    *("attack", "p50 quiet", "p99 quiet", "p50 attacked", "p99 attacked ms", "×", "not heard", "memory MiB", "CPU %"),
    *("newcomer s", "opened", "thrown out", "sent MiB", "received MiB", "verdict"),
)


def row(name: str, outcome: Outcome) -> Sequence[str]:
    """One outcome as a line of the table."""
    quiet_ms = sorted([*outcome.before.latencies_ms, *outcome.after.latencies_ms])
    attacked_ms = sorted(outcome.during.latencies_ms)
    report = outcome.report
    missed = [figure.name for figure in outcome.figures if figure.is_met is False]
    return [
        name,
        f"{quiet_ms[len(quiet_ms) // 2]:.2f}",
        f"{outcome.quiet_p99_ms:.2f}",
        f"{attacked_ms[len(attacked_ms) // 2]:.2f}",
        f"{outcome.attack_p99_ms:.2f}",
        f"{outcome.attack_p99_ms / outcome.quiet_p99_ms:.1f}",
        f"{sum(one.missing for one in (outcome.before, outcome.during, outcome.after))}",
        f"{outcome.memory_mib:.1f}",
        f"{outcome.cpu_percent:.0f}",
        f"{outcome.newcomer_s:.1f}",
        f"{report.opened:,}",
        f"{report.thrown_out:,}",
        f"{report.sent_bytes / 2**20:.1f}",
        f"{report.received_bytes / 2**20:.1f}",
        f"MISSED: {', '.join(missed)}" if missed else "met",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=ATTACKS, help="only this one; several times for several")
    parser.add_argument("--quick", action="store_true", help="a third of the time; less exact")
    options = parser.parse_args(arguments)
    machine = describe_machine("msgspec")
    rows, is_missed = [], False
    for name in options.only or ATTACKS:
        print(f"{time.strftime('%H:%M:%S')}  {name}", file=sys.stderr, flush=True)
        plan = ATTACKS[name].shorter(2.0, 4.0) if options.quick else ATTACKS[name]
        with tempfile.TemporaryDirectory(prefix="soksak-attacks-") as folder:
            outcome = run(plan, Path(folder) / "home")
        rows.append(row(name, outcome))
        is_missed |= any(figure.is_met is False for figure in outcome.figures)
        print(figures_table(outcome.figures), outcome.report.codes, sep="\n", file=sys.stderr)
    print(machine, table(HEADINGS, rows), sep="\n\n")
    return is_missed


if __name__ == "__main__":
    sys.exit(main())
