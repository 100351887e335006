"""The log as a server's database has it, for the checker; and whether the file is sound, told without touching it."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import msgspec

from server.protocol.events import Event
from tests.faults.logs import Epoch, Log

_decoder = msgspec.json.Decoder(Event)


def read_log(path: Path) -> Log:
    """The whole log at `path` as it is at one moment, whether a server runs on it or not."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")  # all of it is from here
        epochs = connection.execute("SELECT epoch, first_seq FROM epochs ORDER BY number").fetchall()
        lines = connection.execute("SELECT CAST(line AS BLOB) FROM events ORDER BY seq").fetchall()
    events = [_decoder.decode(line) for (line,) in lines]
    return Log(events, [Epoch(*row) for row in epochs], events[0].seq if events else 1)


def soundness(path: Path) -> str:
    """What SQLite's own check says of a copy, the write-ahead log included: opening the files themselves would already mend them."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("", "-wal"):
            source = path.with_name(path.name + part)
            if source.exists():
                shutil.copy(source, Path(folder) / source.name)
        with closing(sqlite3.connect(Path(folder) / path.name)) as connection:
            return "\n".join(str(row[0]) for row in connection.execute("PRAGMA integrity_check"))
