"""The keyboard of a POSIX terminal, key by key and without echo, for as long as it is ours. Nothing is drawn from here."""

import sys
from collections.abc import Callable
from contextlib import suppress

if sys.platform != "win32":
    import termios

_INPUT_MODES, _LOCAL_MODES, _CONTROL_CHARACTERS = 0, 3, 6
"""Places in what `tcgetattr` gives."""

_PASTES_MARKED, _PASTES_PLAIN = "\x1b[?2004h", "\x1b[?2004l"
"""Whether the terminal says where a paste begins and ends; one that can't ignores it."""


class Keyboard:
    """`write` reaches the terminal whose input is `descriptor`. Ctrl+C and Ctrl+Z stay signals."""

    def __init__(self, descriptor: int, write: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._write = write
        self._found: list[int | list[bytes | int]] | None = None

    def take(self) -> None:
        """Have every key at once; also after somebody else has had the terminal. Does nothing where there is none."""
        try:
            if self._found is None:
                self._found = termios.tcgetattr(self._descriptor)
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, key_by_key(self._descriptor))
            self._write(_PASTES_MARKED)
        except (termios.error, OSError):
            """The terminal has gone; whoever reads or writes will notice."""

    def release(self) -> None:
        """Leave the terminal as it was found. May be called twice."""
        found, self._found = self._found, None
        if found is None:
            return
        try:
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, found)
            self._write(_PASTES_PLAIN)
        except (termios.error, OSError):
            """As above."""


class Echo:
    """Whether a POSIX terminal that edits lines by itself shows what is typed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._found: list[int | list[bytes | int]] | None = None

    def hide(self) -> bool:
        """Let what is typed be unseen, but for the end of the line; whether that can be done."""
        try:
            found = termios.tcgetattr(self._descriptor)
            modes = list(found)
            modes[_LOCAL_MODES] = (found[_LOCAL_MODES] & ~termios.ECHO) | termios.ECHONL
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, modes)
        except (termios.error, OSError):
            return False
        self._found = self._found or found
        return True

    def release(self) -> None:
        """Leave the terminal as it was found. May be called twice."""
        found, self._found = self._found, None
        if found is not None:
            with suppress(termios.error, OSError):  # the terminal has gone
                termios.tcsetattr(self._descriptor, termios.TCSADRAIN, found)


def key_by_key(descriptor: int) -> list[int | list[bytes | int]]:
    """The terminal's modes, with each key given at once and not shown. Raises termios.error."""
    modes = termios.tcgetattr(descriptor)
    modes[_LOCAL_MODES] &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
    modes[_INPUT_MODES] |= termios.ICRNL
    controls = list(modes[_CONTROL_CHARACTERS])
    controls[termios.VMIN], controls[termios.VTIME] = 1, 0
    modes[_CONTROL_CHARACTERS] = controls
    return modes
