"""Until when something is so, by the clock on the wall of whoever reads it. Pure functions but for where that is."""

from datetime import datetime, tzinfo

from tui_client import strings


def local_time(at_ms: int | None, timezone: tzinfo | None = None) -> datetime | None:
    """In `timezone`, or the computer's own; nothing of what no clock shows, as other programs may make it up."""
    if at_ms is None:
        return None
    try:
        return datetime.fromtimestamp(at_ms / 1000, timezone)
    except (OverflowError, ValueError, OSError):
        return None


def with_end(text: str, until_ms: int | None, timezone: tzinfo | None = None) -> str:
    """`text`, and until when that is so, if that is known."""
    until = local_time(until_ms, timezone)
    return text if until is None else strings.until(text, until)
