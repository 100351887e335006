"""What chat-server does with a log instead of serving it: JSON lines of it, and copies. From the file of a server that may be running.

Knows files and sentences; what is in a log is `log.export`'s, what a copy is `log.backup`'s.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from server.log.backup import back_up
from server.log.export import export_lines
from server.log.store import StoreError
from server.log.whole_file import whole_file
from server.protocol import phrases


def export_to(database: Path, out: BinaryIO) -> int:
    """Write every event to `out`, one line each; how many they are. Raises StoreError, OSError if `out` takes no more."""
    count = 0
    for line in export_lines(database):
        out.write(line)
        count += 1
    out.flush()
    return count


def export_to_file(database: Path, target: Path) -> str:
    """The same into a new file; what to say then. Raises StoreError."""
    with _new_file(target) as part, part.open("wb") as out:
        count = export_to(database, out)
    return phrases.exported(count, str(target))


def back_up_to_file(database: Path, target: Path) -> str:
    """Copy the log into a new file; what to say then. Raises StoreError."""
    with _new_file(target) as part:
        back_up(database, part)
    return phrases.backed_up(str(target))


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    try:
        with whole_file(target) as part:
            yield part
    except FileExistsError as error:
        raise StoreError(phrases.file_exists(str(target))) from error
    except OSError as error:
        raise StoreError(phrases.file_unwritable(str(target))) from error
