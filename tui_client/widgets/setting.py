"""How an entry is set because of what stands above it: under a divider, as one of a group, folded into a row. No drawing.

Each entry is looked at once, with nothing but the one before it in mind, so that it costs the same in a flood.
"""

from datetime import date, timedelta
from typing import NamedTuple

from server.protocol.nickname import nickname_key
from tui_client.entry import Entry
from tui_client.widgets.local_time import LocalTime

MAX_FOLDED = 200
"""Comings and goings in one row: what a row has to tell is told anew whenever another one joins it."""

_MINUTE_MS = 60_000
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


class Flow:
    """What the next entry follows."""

    def __init__(self, local_time: LocalTime) -> None:
        self._local_time = local_time
        self._previous: Entry | None = None
        self._day: date | None = None
        self._quarter: int | None = None
        self.folded = 0
        """How many comings and goings end here that fold into one row."""
        self.is_open = False
        """Whether their reader wanted to see them one by one."""

    def set(self, entry: Entry, *, first_unread: bool = False) -> Setting:
        """How `entry` is set as the next one."""
        previous, self._previous = self._previous, entry
        new_day = self._begin_day(entry.at_ms)
        is_parted = new_day is not None or first_unread
        if entry.change is not None:
            return self._fold(new_day, is_parted=is_parted, first_unread=first_unread)
        self.folded = 0
        if is_parted:
            return Setting(new_day, first_unread)
        return group(previous, entry)

    def resume(self, last: Entry, folded: int, *, is_open: bool) -> None:
        """Go on behind `last`, with which so many comings and goings end."""
        self._previous, self.folded, self.is_open = last, folded, is_open
        self._quarter, self._day = None, self._local_time.day(last.at_ms)

    def _fold(self, new_day: date | None, *, is_parted: bool, first_unread: bool) -> Setting:
        if 0 < self.folded < MAX_FOLDED and not is_parted:
            self.folded += 1
            return _FOLDED[self.is_open]
        self.folded, self.is_open = 1, False
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
    if not (one.is_spoken and one.kind is other.kind and one.mine == other.mine):
        return False
    return one.speaker == other.speaker or nickname_key(one.speaker) == nickname_key(other.speaker)
