"""The file in which our own faults are noted, for whoever mends them. Only its user may read it.

A fault may have to do with what a server sent; whoever looks at the file looks at it in a terminal.
"""

import logging
import os
from io import TextIOWrapper
from pathlib import Path

from server.protocol.text import as_log_entry


class LogFile(logging.FileHandler):
    """Appends to the file at `path`, which is made when it isn't there. Raises OSError where that can't be."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace")

    def _open(self) -> TextIOWrapper:
        # `Path.open` knows no opener.
        return open(self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=_for_its_user)

    def format(self, record: logging.LogRecord) -> str:
        return as_log_entry(super().format(record))


def _for_its_user(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
