"""How long something is to last, as it is typed: `30초`, `10분`, `2시간`, `1일 12시간`, `90m`. Pure functions."""

import re
import unicodedata
from typing import Final

from server.protocol.events import MAX_DURATION_S
from tui_client.korean.hangul import is_typed_alike

_UNITS: Final = (
    (1, ("초", "s", "sec")),
    (60, ("분", "m", "min")),
    (60 * 60, ("시간", "h", "hour")),
    (24 * 60 * 60, ("일", "d", "day")),
    (7 * 24 * 60 * 60, ("주", "주일", "w", "week")),
)
"""Seconds, and by what they are called, in whichever layout of the keyboard."""

_PART: Final = re.compile(r"\s*(\d{1,9})\s*([^\s\d]{1,8})")


def read_duration(typed: str) -> int | None:
    """Seconds; None if `typed` is no such time, none at all, or longer than anything is kept."""
    text = unicodedata.normalize("NFC", typed).strip()  # not NFKC: that takes jamo of the wrong layout apart
    seconds, place = 0, 0
    while found := _PART.match(text, place):
        size = _size_of(found[2])
        if size is None:
            return None
        seconds, place = seconds + int(found[1]) * size, found.end()
    return seconds if place == len(text) and 0 < seconds <= MAX_DURATION_S else None


def _size_of(unit: str) -> int | None:
    return next((size for size, names in _UNITS if any(is_typed_alike(unit, name) for name in names)), None)
