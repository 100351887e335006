"""One search under way: what has been looked at, newest first, and what was found. No storage, no threads."""

from typing import Final

from server.protocol.nickname import nickname_key
from server.protocol.search import SearchPattern

MAX_LOOKS: Final = 25_000
"""Messages at which one search looks before it is to be continued with another: 50 ms, while nothing is indexed."""

CHARS_A_LOOK: Final = 100
"""A longer text counts as several messages, since it takes as long."""


class Hunt:
    """What `pattern` finds below `before`, of what `nick` said if one is given: at most `limit` events.

    Only what the asking client may see is shown to it and counts, so that nothing can be concluded from where it stops.
    """

    def __init__(self, pattern: SearchPattern, nick: str | None, before: int, limit: int) -> None:
        self._pattern = pattern
        self._nick_key = None if nick is None else nickname_key(nick)
        self.before = before
        """Everything from here on has been looked at."""
        self.limit = limit
        self.hits: list[tuple[int, bytes]] = []
        """(seq, line), newest first; sometimes more than `limit`."""
        self._looks_left = MAX_LOOKS

    @property
    def looks(self) -> int:
        """At how much it has looked, a long text counted as several messages."""
        return MAX_LOOKS - self._looks_left

    @property
    def is_tired(self) -> bool:
        """Whether it looked at as much as one search may."""
        return self._looks_left <= 0

    @property
    def is_over(self) -> bool:
        """Whether there is no need to look further now: one hit more than asked for tells that there are more."""
        return self.is_tired or len(self.hits) > self.limit

    def look_at(self, seq: int, nick: str, text: str | None, line: bytes) -> None:
        """Look at one event, older than the last."""
        self.before = seq
        self._looks_left -= 1 + len(text or "") // CHARS_A_LOOK
        if text is not None and self._pattern.matches(text) and self._nick_key in (None, nickname_key(nick)):
            self.hits.append((seq, line))
