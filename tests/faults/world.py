"""A server that is killed and started again, recording clients in processes of their own, and at the end the checker's word.

Everything lies below one folder and ends with the `with` block.
"""

import itertools
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.faults.checker import Log, Report, check
from tests.faults.final_log import read_log, soundness
from tests.faults.history import (
    SUFFIX,
    Acknowledged,
    Entered,
    Entry,
    Kept,
    Reader,
    Refused,
    Shown,
    read_people,
)
from tests.support.server_process import REPOSITORY, ServerProcess, private_environment
from tests.support.waiting import until

PATIENCE_S: Final = 90.0
"""How long everything together may take to come to rest: a client that was away for long waits 15 s between attempts."""


class Actor:
    """A process of recording clients. Its own pid is killed at the end if it still runs."""

    def __init__(self, world: "World", nicks: Sequence[str], port: int, window: int) -> None:
        self.nicks = nicks
        self._world = world
        self._stderr = world.folder / f"{nicks[0]}-{time.monotonic_ns()}.stderr"
        self._paths = [world.next_history(nick) for nick in nicks]
        self._readers: list[Reader] = []
        with self._stderr.open("wb") as stderr:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.faults.client"),
                    *(str(port), str(world.folder / "homes" / nicks[0]), str(world.histories)),
                    *("--window", str(window), *nicks),
                ],
                cwd=REPOSITORY,
                env=private_environment(world.folder),
                stdin=subprocess.PIPE,
                stderr=stderr,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    # --- what it has written ------------------------------------------------------------------------------------------

    def read(self) -> Sequence[Reader]:
        """The histories of this run, of each who lives here, as far as they are written."""
        if not self._readers:
            until(lambda: all(path.exists() for path in self._paths), what=self.complaint)
            self._readers = [Reader(path) for path in self._paths]
        for reader in self._readers:
            reader.read()
        return self._readers

    def entries(self) -> Iterator[Entry]:
        """All that is noted, of one after the other."""
        return itertools.chain.from_iterable(reader.entries for reader in self.read())

    def count(self, kind: type[Entry]) -> int:
        """How many of these have been noted."""
        return sum(reader.counts[kind] for reader in self.read())

    def newest_shown(self) -> int:
        """What everybody here has seen, at least: the newest event of the one who is furthest behind."""
        return min(reader.newest_shown for reader in self.read())

    def newest_of_all(self) -> int:
        """What at least one here has seen."""
        return max(reader.newest_shown for reader in self.read())

    def wait(self, condition: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
        """Until `condition` holds; at once no more, if the process has failed."""

        def holds() -> bool:
            assert self._process.poll() in (None, 0), self.complaint()
            return condition()

        until(holds, timeout_s, what=lambda: f"{self.nicks[0]}: {what}\n{self.complaint()}")

    def wait_until_entered(self, times: int = 1) -> None:
        """Until each has come in so often."""
        self.wait(lambda: self.count(Entered) >= times * len(self.nicks), "has not come in")

    def wait_until_settled(self, messages: int) -> None:
        """Until so many messages, of all together, stand in the log."""
        self.wait(lambda: self.count(Acknowledged) >= messages, f"{messages} messages are not settled")

    def complaint(self) -> str:
        return self._stderr.read_text(encoding="utf-8", errors="replace")

    # --- what is done to it -------------------------------------------------------------------------------------------

    def say(self, count: int, pace_s: float = 0.0, *, to: str = "", padding: int = 0) -> None:
        """Each who lives here says so many messages."""
        self._order(f"say {count} {pace_s} {padding} {to}")

    def leave(self) -> None:
        """Once all stands in the log."""
        self._order("leave")

    def wait_until_gone(self) -> None:
        assert self._process.wait(PATIENCE_S) == 0, self.complaint()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """It does nothing at all any more."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def _order(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()


class World:
    """One server at one port with one log, and everybody who was ever there."""

    def __init__(self, folder: Path, *options: str, module: str = "server", db: Path | None = None) -> None:
        self.folder = folder
        self.histories = folder / "histories"
        self.db = db or folder / "chat.db"
        self.histories.mkdir(parents=True)
        self.older_logs: list[Log] = []
        """What stood before the log was replaced."""
        self.starts = 1
        self._options = options
        self._module = module
        self._runs: dict[str, int] = {}
        self._stack = ExitStack()
        self.server = self._start_server(0)
        self.port = self.server.port

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # --- the server ---------------------------------------------------------------------------------------------------

    def _start_server(self, port: int) -> ServerProcess:
        options = ("--db", str(self.db), "--port", str(port), *self._options)
        return self._stack.enter_context(ServerProcess(self.folder / "server", *options, module=self._module))

    def kill_server(self) -> None:
        """kill -9; what is left of the log must be sound."""
        self.server.stop(signal.SIGKILL)
        found = soundness(self.db)
        assert found == "ok", found

    def start_server(self) -> None:
        """Again, at the same port."""
        self.starts += 1
        self.server = self._start_server(self.port)

    def replace_log(self, other: Path) -> None:
        """While no server runs: put `other` in its place."""
        self.older_logs.append(read_log(self.db))
        for part in ("-wal", "-shm"):
            self.db.with_name(self.db.name + part).unlink(missing_ok=True)
        other.replace(self.db)

    # --- the clients --------------------------------------------------------------------------------------------------

    def actor(self, *nicks: str, port: int | None = None, window: int = 1) -> Actor:
        """A process of these people, who are on their way in."""
        one = Actor(self, nicks, port or self.port, window)
        self._stack.callback(one.close)
        return one

    def next_history(self, nick: str) -> Path:
        run = self._runs[nick] = self._runs.get(nick, -1) + 1
        return self.histories / f"{nick}.{run:03}{SUFFIX}"

    def unsettled(self, nick: str) -> frozenset[str]:
        """The messages of all runs of this person that were kept, and neither came back nor were refused since.

        Who is killed right after an echo was taken in may not have noted that it was the acknowledgement; the next run sees it as the past.
        """
        entries = [one for person in read_people(self.histories, nick) for one in person.entries]
        settled = {one.cid for one in entries if isinstance(one, Acknowledged | Refused | Shown)}
        return frozenset(one.cid for one in entries if isinstance(one, Kept)) - settled

    # --- the end ------------------------------------------------------------------------------------------------------

    def come_to_rest(self, speaker: Actor, *hearers: Actor, timeout_s: float = PATIENCE_S) -> int:
        """Let `speaker`, who has said all, say one thing more, and wait until everybody has seen it; its number in the log."""
        before = speaker.count(Acknowledged)
        speaker.say(1)
        speaker.wait(lambda: speaker.count(Acknowledged) > before, "the last word does not stand", timeout_s)
        rest = speaker.newest_shown()
        for hearer in hearers:
            hearer.wait(lambda: hearer.newest_shown() >= rest, f"has not seen {rest}", timeout_s)  # noqa: B023 -- at once
        return rest

    def report(self, rest_seq: int | None = None) -> Report:
        """The checker's word on all that has happened so far."""
        return check(read_people(self.histories), [*self.older_logs, read_log(self.db)], rest_seq=rest_seq)


def assert_clean(report: Report) -> None:
    assert report.is_clean, f"{dict(report.faults.counts)}\n{report.faults.in_words}"
