"""What was typed before, walked with Up and Down. Pure."""

MOST_REMEMBERED = 200


class Recall:
    """Texts sent, oldest first, and behind them the draft.

    A text that is changed while walking stays changed until the next one is sent: walking on loses nothing.
    """

    def __init__(self) -> None:
        self._sent: list[str] = []
        self._shown = [""]
        """Copies to walk through, the draft last."""
        self._index = 0

    def add(self, text: str) -> None:
        """Remember a text that was sent, once if it is the same as the last, and begin a new draft."""
        if self._sent[-1:] != [text]:
            self._sent = [*self._sent, text][-MOST_REMEMBERED:]
        self._rewind()

    def forget(self, text: str) -> None:
        """Take back `add`: the last text was not sent after all."""
        if self._sent[-1:] == [text]:
            self._sent.pop()
        self._rewind()

    def _rewind(self) -> None:
        self._shown = [*self._sent, ""]
        self._index = len(self._sent)

    def older(self, current: str) -> str | None:
        """What to show in place of `current` one step back, or nothing if there is nothing older."""
        return self._walk(current, -1)

    def newer(self, current: str) -> str | None:
        """What to show in place of `current` one step forward, or nothing at the draft."""
        return self._walk(current, 1)

    def _walk(self, current: str, step: int) -> str | None:
        if not 0 <= self._index + step < len(self._shown):
            return None
        self._shown[self._index] = current
        self._index += step
        return self._shown[self._index]
