"""How an entry is set because of what stands above it: under a divider, as one of a group, folded into a row. No drawing.

Each entry is looked at once, with nothing but the one before it in mind, so that it costs the same in a flood.
"""

from datetime import date, timedelta
from typing import NamedTuple

from server.protocol.nickname import nickname_key
from tui_client.entry import Entry, Kind
from tui_client.widgets.local_time import LocalTime

MAX_FOLDED = 200
"""Comings and goings in one row: what a row has to tell is told anew whenever another one joins it."""

_MINUTE_MS = 60_000
MAX_RUN_MS = 10 * _MINUTE_MS
"""From the first to the last of one row, which stands under the first one's time: who left in the evening isn't looked for in the morning,
and people who come and go within ten minutes of each other mostly have to do with each other."""

_QUARTER_MS = 15 * _MINUTE_MS
"""Every clock on earth is set whole quarters of an hour apart from UTC, so within one of them no day begins."""


class Setting(NamedTuple):
    """What an entry owes to its place."""

    new_day: date | None = None
    """The day it begins, which stands above it."""
    is_first_unread: bool = False
    """Whether what was read ends above it."""
    same_speaker: bool = False
    same_minute: bool = False
    """Whether, besides, the same speaker spoke in the same minute."""
    folded: bool = False
    """Whether it is one of the comings and goings that the first of them tells in one row."""
    is_open: bool = False
    """Whether its reader wanted to see those one by one."""

    @property
    def dividers(self) -> int:
        """How many rows stand above it that are no text."""
        return (self.new_day is not None) + self.is_first_unread


PLAIN = Setting()
SAME_SPEAKER = Setting(same_speaker=True)
SAME_MINUTE = Setting(same_speaker=True, same_minute=True)
_FOLDED = (Setting(folded=True), Setting(folded=True, is_open=True))


class Run(NamedTuple):
    """Comings and goings that fold into one row: how many, and when the first of them was."""

    length: int = 0
    began_ms: int = 0

    def takes(self, count: int, last_ms: int) -> bool:
        """Whether so many more, the last of them at `last_ms`, can be told in the same row."""
        return 0 < self.length <= MAX_FOLDED - count and abs(last_ms - self.began_ms) <= MAX_RUN_MS


class Flow:
    """What the next entry follows."""

    def __init__(self, local_time: LocalTime) -> None:
        self._local_time = local_time
        self._previous: Entry | None = None
        self._day: date | None = None
        self._quarter: int | None = None
        self.run = Run()
        """The one that ends here; without any, what was said ends it."""
        self.is_open = False
        """Whether its reader wanted to see it one by one."""

    def set(self, entry: Entry, *, first_unread: bool = False) -> Setting:
        """How `entry` is set as the next one."""
        previous, self._previous = self._previous, entry
        new_day = self._begin_day(entry.at_ms)
        is_parted = new_day is not None or first_unread
        if entry.change is not None:
            return self._fold(entry.at_ms, new_day, is_parted=is_parted, first_unread=first_unread)
        self.run = Run()
        if is_parted:
            return Setting(new_day, first_unread)
        return group(previous, entry)

    def resume(self, last: Entry, run: Run, *, is_open: bool) -> None:
        """Go on behind `last`, with which `run` ends."""
        self._previous, self.run, self.is_open = last, run, is_open
        self._quarter, self._day = None, self._local_time.day(last.at_ms)

    def _fold(self, at_ms: int, new_day: date | None, *, is_parted: bool, first_unread: bool) -> Setting:
        if self.run.takes(1, at_ms) and not is_parted:
            self.run = Run(self.run.length + 1, self.run.began_ms)
            return _FOLDED[self.is_open]
        self.run, self.is_open = Run(1, at_ms), False
        return Setting(new_day, first_unread) if is_parted else PLAIN

    def _begin_day(self, at_ms: int) -> date | None:
        """The day that begins with a time, if one does.

        What is a day late begins none: two clocks that don't quite agree would otherwise have midnight come and go. Where the
        clock was set back by more, it does.
        """
        quarter = at_ms // _QUARTER_MS
        if quarter == self._quarter:
            return None
        self._quarter = quarter
        day = self._local_time.day(at_ms)
        if day is None or (self._day is not None and timedelta(0) <= self._day - day <= timedelta(days=1)):
            return None
        self._day = day
        return day


def group(previous: Entry | None, entry: Entry) -> Setting:
    """How `entry` is set right below `previous`."""
    if previous is None or not _is_of_one_speaker(previous, entry):
        return PLAIN
    return SAME_MINUTE if previous.at_ms // _MINUTE_MS == entry.at_ms // _MINUTE_MS else SAME_SPEAKER


def _is_of_one_speaker(one: Entry, other: Entry) -> bool:
    if not (one.is_spoken and one.kind is other.kind and one.mine == other.mine) or one.kind is Kind.ANNOUNCEMENT:
        return False
    return one.speaker == other.speaker or nickname_key(one.speaker) == nickname_key(other.speaker)
