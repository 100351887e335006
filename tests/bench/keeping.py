"""What a long log costs besides: looking at every page of it, and forgetting most of it, while somebody speaks.

    python -m tests.bench.keeping [--messages N] [--seconds S]

Prints tables, asserts nothing.
"""

import argparse
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec

from server.log.backup import back_up
from server.log.checking import find_damage
from server.log.export import export_lines
from server.log.keeping import Keep
from server.log.sqlite import SqliteStore
from server.log.store import Record
from server.protocol.events import Event
from tests.bench.machine import describe_machine
from tests.bench.table import table
from tests.support.korean_chat import SmallTalk, batches

BATCH = 1000
SPOKEN_AT_ONCE = 5
PAUSE_S = 0.005

_encoder = msgspec.json.Encoder()


def records_of(events: list[Event]) -> list[Record]:
    return [Record(event, _encoder.encode(event)) for event in events]


def leave_without_index(path: Path) -> None:
    """Put a folder where the search index of this log would be: making it would be measured along."""
    path.with_name(f"{path.name}.search").mkdir()


def write(path: Path, messages: int) -> None:
    """A log without an index."""
    leave_without_index(path)
    with closing(SqliteStore(path)) as store:
        store.hurry()
        for batch in batches(SmallTalk().events(1, messages), BATCH):
            store.append(records_of(batch))


def commits(path: Path, keep: Keep, seconds: float) -> tuple[list[float], int]:
    """How long each commit takes while a few things are said again and again, sorted, in ms; how many events were forgotten."""
    with closing(SqliteStore(path, keep)) as store:
        was, ends_at, taken = store.reaches_back_to, time.monotonic() + seconds, list[float]()
        for batch in batches(SmallTalk(store.head).events(store.head + 1, 10**9), SPOKEN_AT_ONCE):
            records, began = records_of(batch), time.perf_counter()
            store.append(records)
            taken.append((time.perf_counter() - began) * 1000)
            if time.monotonic() > ends_at:
                break
            time.sleep(PAUSE_S)
        store.hurry()
        return sorted(taken), store.reaches_back_to - was


def commit_row(title: str, path: Path, keep: Keep, seconds: float) -> tuple[str, ...]:
    taken, forgotten = commits(path, keep, seconds)
    at = [taken[int(len(taken) * part)] for part in (0.5, 0.9, 0.99)]
    return title, *(f"{ms:.2f}" for ms in (*at, taken[-1])), f"{forgotten / seconds:,.0f}"


def seconds_of(work: Callable[[], object]) -> str:
    began = time.perf_counter()
    work()
    return f"{time.perf_counter() - began:.2f}"


def look_at_all(path: Path) -> None:
    with closing(sqlite3.connect(path)) as log:
        find_damage(log)


def whole_rows(path: Path) -> list[tuple[str, str]]:
    """What concerns the whole file."""
    rows = [
        ("every page is looked at, file in memory", seconds_of(lambda: look_at_all(path))),
        ("opened", seconds_of(lambda: SqliteStore(path).close())),
        ("exported", seconds_of(lambda: sum(map(len, export_lines(path))))),
        ("backed up and looked at", seconds_of(lambda: back_up(path, path.with_name("copy.db")))),
    ]
    if forget_cached(path):
        rows.insert(1, ("every page is looked at, from the disk", seconds_of(lambda: look_at_all(path))))
        forget_cached(path)
        rows.insert(3, ("opened, from the disk", seconds_of(lambda: SqliteStore(path).close())))
    return rows


def forget_cached(path: Path) -> bool:
    """Let the system forget what it knows of the file; whether it can be asked to."""
    if not hasattr(os, "posix_fadvise"):
        return False
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    print(f"{describe_machine('msgspec')} · SQLite {sqlite3.sqlite_version}\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        write(path, options.messages)
        print(f"A log of {options.messages:,} events, {path.stat().st_size / 1e6:.0f} MB.\n")
        print(table(("the whole of it", "s"), whole_rows(path)), end="\n\n")
        rows = [
            commit_row("nothing is forgotten", path, Keep(), options.seconds),
            commit_row("all but 10,000 are forgotten", path, Keep(events=10_000), options.seconds),
        ]
        print(table(("a commit, ms", "p50", "p90", "p99", "max", "forgotten/s"), rows))


if __name__ == "__main__":
    main()
