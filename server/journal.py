"""What a round changed, and how that is undone: the last change first, so that each finds what it left behind.

Pure state, owned by the sequencer's thread. A dict comes back with what stood in it, not in its order.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Journal:
    """The changes since `begin`. Whoever changes something notes it here, or has it changed here."""

    def __init__(self) -> None:
        self._undoing: list[Callable[[], object]] = []

    def begin(self) -> None:
        """What was changed before stays."""
        self._undoing.clear()

    def undo(self) -> None:
        """Let everything be as it was at the last `begin`."""
        while self._undoing:
            self._undoing.pop()()

    def note(self, undo: Callable[[], object]) -> None:
        """Something was changed, or is about to be, that `undo` makes as it was."""
        self._undoing.append(undo)

    def put(self, into: dict[_Key, _Value], key: _Key, value: _Value) -> None:
        """`into[key] = value`."""
        self._note_entry(into, key)
        into[key] = value

    def drop(self, out_of: dict[_Key, _Value], key: _Key) -> None:
        """`out_of.pop(key, None)`."""
        self._note_entry(out_of, key)
        out_of.pop(key, None)

    def _note_entry(self, entries: dict[_Key, _Value], key: _Key) -> None:
        if key in entries:
            self.note(partial(entries.__setitem__, key, entries[key]))
        else:
            self.note(partial(entries.pop, key, None))
