"""What was typed before, walked with Up and Down. Pure."""

from typing import Final

MOST_REMEMBERED: Final = 200


class Recall:
    """Texts sent, oldest first; behind them what is being typed, and behind that whatever was begun and left for something else.

    A text that is changed while walking stays changed until the next one is sent: walking on loses nothing. What was begun is
    nearer the later it was, and is there until it is sent itself.
    """

    def __init__(self) -> None:
        self._sent: list[str] = []
        self._shown = [""]
        """Copies to walk through, of what was sent and of what was begun."""
        self._index = 0

    def add(self, text: str) -> None:
        """Remember a text that was sent, once if it is the same as the last, and begin a new one. A blank one isn't remembered."""
        begun = self._begun
        if text.strip() and self._sent[-1:] != [text]:
            self._sent = [*self._sent, text][-MOST_REMEMBERED:]
        self._rewind(begun)

    def forget(self, text: str) -> None:
        """Take back `add`: the last text was not sent after all."""
        begun = self._begun
        if self._sent[-1:] == [text]:
            self._sent.pop()
        self._rewind(begun)

    @property
    def _begun(self) -> list[str]:
        """What was begun and is not what is shown now."""
        first = len(self._sent)
        left = [text for place, text in enumerate(self._shown[first:], first) if place != self._index and text.strip()]
        return left[:MOST_REMEMBERED]

    def _rewind(self, begun: list[str]) -> None:
        self._shown = [*self._sent, "", *begun]
        self._index = len(self._sent)

    def older(self, current: str) -> str | None:
        """What to show in place of `current` one step back, or nothing if there is nothing older."""
        return self._walk(current, -1)

    def newer(self, current: str) -> str | None:
        """What to show in place of `current` one step forward, or nothing if there is nothing behind it."""
        return self._walk(current, 1)

    def _walk(self, current: str, step: int) -> str | None:
        if not 0 <= self._index + step < len(self._shown):
            return None
        self._shown[self._index] = current
        self._index += step
        return self._shown[self._index]
