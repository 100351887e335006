"""Log lines, written on a thread of their own.

Writing to a terminal that is held (Ctrl+S, or a selection on Windows) or to a pipe that nobody reads takes for ever; the chat must not
wait for it. So a line that finds the queue full is dropped, and the thread, which owns nothing, is a daemon: it may be left behind.

Whoever reads a log reads it in a terminal, and believes what each line says. So nothing in one can be obeyed or be invisible, and
what a record has beyond its first line (a traceback) is indented: no text, wherever it comes from, can pass for an entry of its own.
"""

import logging
import os
from contextlib import suppress
from queue import Full, Queue
from threading import Thread
from typing import Final

from server.protocol.text import as_log_entry

MAX_WAITING_LINES: Final = 2_000
DRAIN_S: Final = 0.3
"""How long the end of the program waits for the last lines."""


class LineHandler(logging.Handler):
    """Writes records to the descriptor `file`, each as UTF-8 with a line end. Never blocks whoever logs."""

    def __init__(self, file: int) -> None:
        super().__init__()
        self._file = file
        self._lines: Queue[bytes | None] = Queue(MAX_WAITING_LINES)
        self._thread = Thread(target=self._write_all, name="log", daemon=True)
        with suppress(
            RuntimeError
        ):  # no more threads: nothing is logged, and the server says itself that it can't start
            self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the record over. A fault of ours in it is printed by logging itself, as usual."""
        try:
            line = f"{as_log_entry(self.format(record))}\n".encode("utf-8", "backslashreplace")
        except Exception:  # noqa: BLE001 -- as every handler of the standard library does
            self.handleError(record)
            return
        with suppress(Full):
            self._lines.put_nowait(line)

    def close(self) -> None:
        """Write what waits, as far as that goes quickly."""
        with suppress(Full):
            self._lines.put_nowait(None)
        if self._thread.is_alive():
            self._thread.join(DRAIN_S)
        super().close()

    def _write_all(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                while line:
                    line = line[os.write(self._file, line) :]
            except OSError:
                return  # nobody is there any more
