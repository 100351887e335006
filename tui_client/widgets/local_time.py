"""What the reader's own clock and calendar say of a time in milliseconds since the Unix epoch, UTC. Knows no clock: it is handed in."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIME = "--:--"


class LocalTime:
    """Times in `timezone`, by default the computer's own; `today` says which day it is there, by default the computer's."""

    def __init__(self, timezone: tzinfo | None = None, today: Callable[[], date] | None = None) -> None:
        self._timezone = timezone
        self.today = today or (lambda: datetime.now(timezone).date())

    def clock_text(self, at_ms: int) -> str:
        """`HH:MM`, or five columns that say that the time was made up by another program."""
        local = self._local(at_ms)
        return f"{local:%H:%M}" if local else _NO_TIME

    def day(self, at_ms: int) -> date | None:
        """Nothing if the time was made up."""
        local = self._local(at_ms)
        return local.date() if local else None

    def _local(self, at_ms: int) -> datetime | None:
        try:
            return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(self._timezone)
        except (OverflowError, ValueError, OSError):
            return None
