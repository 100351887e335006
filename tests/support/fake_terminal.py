"""A terminal that answers questions about itself as a test tells it to, or stays silent. A pty, with a thread on the far side."""

import contextlib
import os
import re
import select
import termios
import threading
import tty
import unicodedata
from collections.abc import Mapping
from types import TracebackType
from typing import Self

_ASKED = re.compile(rb"\x1b\[\?\d+\$p|\x1b\[\?u|\x1b\[>q|\x1bP\+q4d73\x1b\\|\x1b\[c|\x1b\[6n")
_DRAWN = re.compile(r"([^\r\x1b]*)\Z")

CURSOR = b"\x1b[6n"
ATTRIBUTES = b"\x1b[c"


class FakeTerminal:
    """`answers` maps questions to answers; the place of the cursor is worked out from what was written, `wide` columns for Hangul.

    It takes `slow_s` before it answers what was asked together.
    """

    def __init__(self, answers: Mapping[bytes, bytes], *, wide: int | None = 2, slow_s: float = 0.0) -> None:
        self.written = b""
        self._answers = answers
        self._wide = wide
        self._slow_s = slow_s
        self.outer, self.inner = os.openpty()
        self.modes = termios.tcgetattr(self.inner)
        self._ended, self._end = os.pipe()
        self._thread = threading.Thread(target=self._run, name="test-terminal", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._end)
        self._thread.join()
        for descriptor in (self._ended, self.outer, self.inner):
            os.close(descriptor)

    def write(self, text: str) -> None:
        """What the program draws."""
        os.write(self.inner, text.encode())

    @property
    def unread(self) -> bytes:
        """What a shell that reads from it next would get, key by key."""
        tty.setraw(self.inner)
        ready, _, _ = select.select([self.inner], [], [], 0.3)
        return os.read(self.inner, 4096) if ready else b""

    def _run(self) -> None:
        place = 0
        with contextlib.suppress(OSError):
            while self._ended not in select.select([self.outer, self._ended], [], [])[0]:
                self.written += os.read(self.outer, 65536)
                select.select([self._ended], [], [], self._slow_s)
                for asked in _ASKED.finditer(self.written, place):
                    place = asked.end()
                    os.write(self.outer, self._answer(asked[0], self.written[: asked.start()]))

    def _answer(self, question: bytes, before: bytes) -> bytes:
        if question != CURSOR or self._wide is None:
            return self._answers.get(question, b"")
        drawn = _DRAWN.search(before.decode().replace("\x1b[K", ""))
        assert drawn is not None
        return b"\x1b[5;%dR" % (1 + self._columns(drawn[1]))

    def _columns(self, text: str) -> int:
        """As an honest but simple terminal: emoji that are joined count once."""
        assert self._wide is not None
        if "\u200d" in text:
            return 2
        is_flag = len(text) == 2 and unicodedata.name(text[0]).startswith("REGIONAL")
        wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
        return 2 if is_flag else len(text) + wide * (self._wide - 1)
