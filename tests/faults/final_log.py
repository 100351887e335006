"""The log as a server's database has it, for the checker; and whether the file is sound, told without touching it."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import msgspec

from server.log.export import export_lines
from server.protocol.events import Event
from tests.faults.checker import Epoch, Log

_decoder = msgspec.json.Decoder(Event)


def read_log(path: Path) -> Log:
    """The whole log at `path`, whether a server runs on it or not."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT epoch, first_seq FROM epochs ORDER BY number").fetchall()
    return Log([_decoder.decode(line) for line in export_lines(path)], [Epoch(*row) for row in rows])


def soundness(path: Path) -> str:
    """What SQLite's own check says of a copy, the write-ahead log included: opening the files themselves would already mend them."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("", "-wal"):
            source = path.with_name(path.name + part)
            if source.exists():
                shutil.copy(source, Path(folder) / source.name)
        with closing(sqlite3.connect(Path(folder) / path.name)) as connection:
            return "\n".join(str(row[0]) for row in connection.execute("PRAGMA integrity_check"))
