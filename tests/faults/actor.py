"""Processes of recording clients: what is asked of them, what is done to them, and what they have written so far."""

import itertools
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.faults.history import Acknowledged, Entered, Entry, Reader
from tests.support.server_process import REPOSITORY, private_environment
from tests.support.waiting import until

PATIENCE_S: Final = 90.0
"""How long everything together may take to come to rest: a client that was away for long waits 15 s between attempts."""


class Actor:
    """A process of recording clients. Its own pid is killed at the end if it still runs."""

    def __init__(self, folder: Path, histories: Mapping[str, Path], port: int, window: int) -> None:
        """`histories` are those that will be written, by nickname; all of them in one folder."""
        self.nicks = list(histories)
        self._paths = list(histories.values())
        self._stderr = folder / f"{self.nicks[0]}-{time.monotonic_ns()}.stderr"
        self._readers: list[Reader] = []
        with self._stderr.open("wb") as stderr:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.faults.client"),
                    *(str(port), str(folder / "homes" / self.nicks[0]), str(self._paths[0].parent)),
                    *("--window", str(window), *self.nicks),
                ],
                cwd=REPOSITORY,
                env=private_environment(folder),
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


def crowd(count: int, name: str) -> Sequence[str]:
    """So many nicknames."""
    return [f"{name}{number}" for number in range(count)]


def all_leave(*actors: Actor) -> None:
    """Once all that they said stands in the log; returns when they are gone."""
    for actor in actors:
        actor.leave()
    for actor in actors:
        actor.wait_until_gone()
