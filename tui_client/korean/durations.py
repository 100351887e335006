"""How long something is to last, as it is typed: `30초`, `10분`, `2시간`, `1일 12시간`, `90m`. Pure functions."""

import re
import unicodedata
from typing import Final

from tui_client.korean.hangul import is_typed_alike

DAY_S: Final = 24 * 60 * 60

_UNITS: Final = (
    (1, ("초", "s", "sec")),
    (60, ("분", "m", "min")),
    (60 * 60, ("시간", "h", "hour")),
    (DAY_S, ("일", "d", "day")),
    (7 * DAY_S, ("주", "주일", "w", "week")),
)
"""Seconds, and by what they are called, in whichever layout of the keyboard."""

_PART: Final = re.compile(r"\s*(\d{1,100})\s*([^\s\d]{1,8})")


def read_duration(typed: str) -> int | None:
    """Seconds, perhaps none, or more than anything is kept; None if `typed` is no such time."""
    text = unicodedata.normalize("NFC", typed).strip()  # not NFKC: that takes jamo of the wrong layout apart
    seconds, place = 0, 0
    while found := _PART.match(text, place):
        size = _size_of(found[2])
        if size is None:
            return None
        seconds, place = seconds + int(found[1]) * size, found.end()
    return seconds if text and place == len(text) else None


def _size_of(unit: str) -> int | None:
    return next((size for size, names in _UNITS if any(is_typed_alike(unit, name) for name in names)), None)
