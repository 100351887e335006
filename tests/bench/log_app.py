"""One message log alone on a terminal, put through its paces: our `MessageLog` or Textual's `RichLog`, with the same text.

`python -m tests.bench.log_app SUBJECT MESSAGES PAGES FILE` writes what it cost to FILE. Costs are processor time of the whole
program, drawing included, so that what other programs do meanwhile hardly changes them. It goes at the pace of the app: one batch
per drain, one page per repeat of a key.
"""

import asyncio
import fcntl
import gc
import os
import signal
import statistics
import struct
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

import msgspec
from rich.text import Text
from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import RichLog

import tui_client
from tests.bench.conversation import SPEAKERS, conversation
from tests.bench.log_cost import LogCost, Subject
from tests.bench.processes import ROWS, resident_mib
from tui_client.connected_app import DRAIN_EVENTS, DRAIN_INTERVAL_S
from tui_client.entry import Entry, Kind, State
from tui_client.themes import THEMES, speaker_variables, use_themes
from tui_client.widgets.message_log import WINDOW, MessageLog

UNBOUNDED = 1_000_000_000

WIDTHS = (100, 80, 110, 90, 120)
"""Columns of the terminal, one resize each."""

TERMINAL = 2
"""The descriptor that Textual draws on."""

SETTLED_S = 0.1
"""Long enough after a resize for every frame that comes of it."""

_START_MS = 1_700_000_000_000
_APART_MS = 20_000
"""Between two messages: so there are minutes to group, and days to divide."""

_COLOURS = dict(zip(SPEAKERS, ("cyan", "green", "magenta", "yellow"), strict=True))


class Log(Protocol):
    """The two behind one face."""

    @property
    def widget(self) -> Widget: ...

    @property
    def held(self) -> int: ...

    def append(self, entries: Sequence[Entry]) -> None: ...

    def page_up(self) -> None: ...


class OurLog:
    """`MessageLog` as the app has it."""

    def __init__(self, window: int) -> None:
        self.widget = MessageLog(window=window)

    def append(self, entries: Sequence[Entry]) -> None:
        self.widget.extend(entries)

    def page_up(self) -> None:
        self.widget.action_page_up()

    @property
    def held(self) -> int:
        return len(self.widget.entries)


class TheirLog:
    """`RichLog` as one would use it for a chat: time, coloured name, text, wrapped, nothing read as markup."""

    def __init__(self, max_lines: int | None) -> None:
        self.widget = RichLog(max_lines=max_lines, wrap=True, markup=False)

    def append(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            clock = time.strftime("%H:%M ", time.localtime(entry.at_ms / 1000))
            text = Text.assemble((clock, "dim"), (entry.label, _COLOURS[entry.speaker]), entry.text)
            self.widget.write(text)

    def page_up(self) -> None:
        self.widget.action_page_up()

    @property
    def held(self) -> int:
        return len(self.widget.lines)


def log_of(subject: Subject) -> Log:
    """A fresh one, yet without a screen."""
    match subject:
        case Subject.OURS:
            return OurLog(WINDOW)
        case Subject.OURS_UNBOUNDED:
            return OurLog(UNBOUNDED)
        case Subject.RICH_LOG:
            return TheirLog(None)
        case Subject.RICH_LOG_BOUNDED:
            return TheirLog(WINDOW)


def entries_of_a_room() -> Iterator[Entry]:
    """What the timeline would make of a conversation."""
    for number, line in enumerate(conversation(7), 1):
        at_ms = _START_MS + number * _APART_MS
        yield Entry(number, Kind.SAID, State.SETTLED, at_ms, f"{line.speaker}> ", line.speaker, line.text, seq=number)


class LogApp(App[LogCost]):
    """One log on the whole screen; leaves with what it cost."""

    CSS_PATH = Path(tui_client.__file__).with_name("chat.tcss")

    def __init__(self, log: Log, messages: int, pages: int) -> None:
        super().__init__()
        use_themes(self, THEMES[0].name, {})
        self.animation_level = "none"  # a RichLog would draw every page a dozen times
        self._subject = log
        self._messages = messages
        self._pages = pages

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return speaker_variables(dark=self.current_theme.dark)

    def compose(self) -> ComposeResult:
        yield self._subject.widget

    def on_ready(self) -> None:
        self.run_worker(self._measure())

    async def _measure(self) -> None:
        await asyncio.sleep(SETTLED_S)
        gc.collect()
        before_mib = resident_mib(os.getpid())
        append_us = await self._append_us()
        gc.collect()
        grown_mib, held = resident_mib(os.getpid()) - before_mib, self._subject.held
        self.exit(LogCost(append_us, await self._page_ms(), await self._resize_ms(), grown_mib, held))

    async def _append_us(self) -> float:
        entries, cost_s = entries_of_a_room(), 0.0
        for first in range(0, self._messages, DRAIN_EVENTS):
            batch = list(islice(entries, min(DRAIN_EVENTS, self._messages - first)))
            started_s = time.process_time()
            with self.batch_update():
                self._subject.append(batch)
            await asyncio.sleep(DRAIN_INTERVAL_S)
            cost_s += time.process_time() - started_s
        return cost_s / self._messages * 1e6

    async def _page_ms(self) -> float:
        started_s = time.process_time()
        for _ in range(self._pages):
            self._subject.page_up()
            await asyncio.sleep(DRAIN_INTERVAL_S)
        return (time.process_time() - started_s) / self._pages * 1000

    async def _resize_ms(self) -> float:
        """The reader is some pages up, where a resize has to find the place again."""
        costs_s = []
        for columns in WIDTHS:
            started_s = time.process_time()
            fcntl.ioctl(TERMINAL, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
            os.kill(os.getpid(), signal.SIGWINCH)
            while self._subject.widget.outer_size.width != columns:
                await asyncio.sleep(DRAIN_INTERVAL_S)
            await asyncio.sleep(SETTLED_S)
            costs_s.append(time.process_time() - started_s)
        return statistics.median(costs_s) * 1000


def main(subject: str, messages: int, pages: int, report: Path) -> None:
    """Measure one log, once."""
    cost = LogApp(log_of(Subject(subject)), messages, pages).run()
    report.write_bytes(msgspec.json.encode(cost))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
