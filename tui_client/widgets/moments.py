"""When something was said, day and time in as many columns as there is room for. Pure functions."""

from collections.abc import Callable
from datetime import date

from rich.cells import cell_len

from tui_client import strings
from tui_client.widgets.local_time import LocalTime
from tui_client.wrapping import pad

LONG_COLUMNS, SHORT_COLUMNS = 16, 11
"""`11월 23일 09:05` (`2024년 11월 23일`), and `11/23 09:05`."""

_LONG_DAY, _SHORT_DAY = 10, 6
"""The day's columns, and a blank; another year's day takes the time's room too."""


def long_moment(at_ms: int, local: LocalTime) -> str:
    """Day and time, of another year the day alone; nothing of a time that another program made up."""
    return _moment(at_ms, local, strings.day_of_hit, _LONG_DAY)


def short_moment(at_ms: int, local: LocalTime) -> str:
    """The same in fewer columns."""
    return _moment(at_ms, local, strings.short_day_of_hit, _SHORT_DAY)


def _moment(at_ms: int, local: LocalTime, words: Callable[[date, date], str], day_columns: int) -> str:
    at = local.day(at_ms)
    if at is None:
        return ""
    day = words(at, local.today())
    return pad(day, day_columns) + local.clock_text(at_ms) if cell_len(day) < day_columns else day
