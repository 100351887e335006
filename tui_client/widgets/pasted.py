"""Pastes too large to be laid out, and the short labels that stand for them in the composer. Pure."""

import re
from collections.abc import Callable

from tui_client import strings


class Pasted:
    """Texts by their labels. One label never stands for two texts."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._texts)

    def shorten(self, text: str) -> str:
        """Keep `text`, and give the label that stands for it."""
        number = 1
        while self._texts.setdefault(label := _label(text, number), text) != text:
            number += 1
        return label

    def expand(self, shown: str) -> str:
        """`shown` with every label replaced by its text."""
        return self._labels.sub(lambda label: self._texts[label[0]], shown) if self else shown

    def change_around(self, shown: str, change: Callable[[str], str]) -> str:
        """`shown` with everything but the labels changed."""
        if not self:
            return change(shown)
        parts = re.split(f"({self._labels.pattern})", shown)
        return "".join(part if part in self._texts else change(part) for part in parts)

    def label_around(self, line: str, column: int) -> tuple[int, int] | None:
        """Where the label begins and ends that `column` of `line` is inside of; its edges are outside."""
        if not self:
            return None
        spans = (label.span() for label in self._labels.finditer(line))
        return next(((start, end) for start, end in spans if start < column < end), None)

    def clear(self) -> None:
        """Forget all; labels that still stand somewhere are plain text from now on."""
        self._texts.clear()

    @property
    def _labels(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self._texts)))


def _label(text: str, number: int) -> str:
    return strings.pasted(len(text), text.count("\n") + 1, number)
