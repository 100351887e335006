"""Bytes that arrive, kept as lines that a test can wait for. Filled by a reader's thread, read by the test's."""

import threading
from collections.abc import Callable

from tests.support.waiting import DEADLINE_S


class ReceivedLines:
    """All complete lines so far. A line ends with `\\n`; one `\\r` before it is dropped."""

    def __init__(self, on_line: Callable[[str], None] = lambda _line: None) -> None:
        self._on_line = on_line
        self._changed = threading.Condition()
        self._lines: list[str] = []
        self._rest = b""
        self._pieces: list[bytes] = []
        self._ended = False

    @property
    def lines(self) -> list[str]:
        with self._changed:
            return list(self._lines)

    @property
    def rest(self) -> bytes:
        """What arrived after the last `\\n`."""
        with self._changed:
            return self._rest

    @property
    def data(self) -> bytes:
        """All that has arrived, as it came."""
        with self._changed:
            return b"".join(self._pieces)

    @property
    def ended(self) -> bool:
        with self._changed:
            return self._ended

    def feed(self, data: bytes) -> None:
        """Called by the thread that reads."""
        with self._changed:
            self._pieces.append(data)
            *complete, self._rest = (self._rest + data).split(b"\n")
            for raw in complete:
                line = raw.removesuffix(b"\r").decode("utf-8", "backslashreplace")
                self._lines.append(line)
                self._on_line(line)
            self._changed.notify_all()

    def end(self) -> None:
        """Called by the thread that reads, when nothing will follow."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for(self, wanted: str | Callable[[str], bool], timeout_s: float = DEADLINE_S, *, after: int = 0) -> str:
        """The first line from index `after` on that equals `wanted`, or for which it holds."""
        matches = (lambda line: line == wanted) if isinstance(wanted, str) else wanted
        seen = after
        found: str | None = None

        def arrived() -> bool:
            nonlocal seen, found
            found = next((line for line in self._lines[seen:] if matches(line)), None)
            seen = max(seen, len(self._lines))
            return found is not None or self._ended

        with self._changed:
            self._changed.wait_for(arrived, timeout_s)
            if found is None:
                state = "ended" if self._ended else f"nothing within {timeout_s} s"
                raise AssertionError(f"{wanted!r} did not come ({state}); the last lines: {self._lines[-20:]}")
            return found

    def wait_until_ended(self, timeout_s: float = DEADLINE_S) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._ended, timeout_s):
                raise AssertionError(f"still open after {timeout_s} s; the last lines: {self._lines[-20:]}")
