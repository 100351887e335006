"""What a terminal sends, read so that a paste stays one piece. Runs on the thread that reads the terminal.

Textual's parser looks for escape sequences also inside a paste: one with an ESC in it (a log with colours, a binary file) arrives
as letters before the text, and the paste may never end. It also takes half a second for a megabyte, character by character. Here
only what stands around a paste goes through it. And an Esc right before Hangul is an Esc. Imported by `terminal_driver` alone.
"""

import re
from collections.abc import Iterator

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

_ESC_BEFORE_TEXT = re.compile(r"(\x1b+)(?=[^\x00-\x7f])")
"""tmux waits half a second behind Esc (its `escape-time`), and sends it with the next key as one. With a Latin letter that is what
Alt sends, too, and is left to Textual, which takes it for that; no key has Alt and Hangul on it."""


class PasteParser(XTermParser):
    """Gives one `Paste` for each bracketed paste, whatever it contains."""

    def __init__(self, debug: bool = False) -> None:  # noqa: FBT001, FBT002 -- Textual's signature
        super().__init__(debug)
        self._tail = ""
        """The last characters read, which may be the beginning of a mark: it can come in two reads."""
        self._pieces: list[str] | None = None
        """What has come of the paste that is arriving, if one is."""

    def feed(self, data: str) -> Iterator[Message]:
        if not data:
            yield from super().feed(data)
        while data:
            piece, data, is_marked = self._up_to_mark(data)
            if self._pieces is None:
                yield from self._keys(piece)
                self._pieces = [] if is_marked else None
                continue
            self._pieces.append(piece)
            if is_marked:
                yield self._pasted(self._pieces)
                self._pieces = None
                yield from self._keys(BRACKETED_PASTE_END)

    def tick(self) -> Iterator[Message]:
        for event in super().tick():
            self._tail = ""  # an Esc that stood alone begins no mark
            yield event

    def _up_to_mark(self, data: str) -> tuple[str, str, bool]:
        """`data` up to the end of the mark that is waited for, the rest, and whether the mark was there."""
        mark = BRACKETED_PASTE_START if self._pieces is None else BRACKETED_PASTE_END
        seen = self._tail + data
        found = seen.find(mark)
        if found < 0:
            self._tail = seen[1 - len(mark) :]
            return data, "", False
        end = found + len(mark) - len(self._tail)
        self._tail = ""
        return data[:end], data[end:], True

    def _pasted(self, pieces: list[str]) -> events.Paste:
        text = "".join(pieces).removesuffix(BRACKETED_PASTE_END)
        return events.Paste(text.replace("\0", ""))

    def _keys(self, data: str) -> Iterator[Message]:
        """What Textual finds around pastes; it sees the marks, and nothing between them."""
        for number, piece in enumerate(_ESC_BEFORE_TEXT.split(data)):
            if number % 2:
                yield from (events.Key("escape", character) for character in piece)
            elif piece:
                yield from (event for event in super().feed(piece) if not isinstance(event, events.Paste))
