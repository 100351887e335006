"""One row in which a line is typed: keys in, lines out, and what of the row is to be drawn. Pure; knows no terminal.

Long lines are scrolled sideways, so that the row is always one row and can be erased and drawn again whatever comes in between.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from server.protocol.text import column_width
from server.protocol.unicode_data import INVISIBLE
from tui_client.carets import clusters, first_cluster, last_cluster
from tui_client.recall import Recall

MAX_CHARS: Final = 1_000_000
"""What is pasted beyond that is not kept: five hundred times what a message may have."""

_MARGIN_COLUMNS: Final = 4
"""Left free at the right: some terminals draw emoji wider than they are counted, and the row must not wrap."""

_LINE_END_SHOWN: Final = "↵"
_BLANKS: Final = {"\r": "\n", "\n": "\n", "\t": "    "}
"""What a paste may hold of keys that otherwise do something; the terminal sends its line ends as Enter."""

_PASTE_BEGINS, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"

_KEY = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI …: cursor keys, pastes, reports
    r"|\x1bO[ -~]"  # cursor keys in application mode
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS …: a terminal's late answers
    r"|[^\x00-\x1f\x7f]+"  # a run of text
    r"|[\x00-\x1a\x1c-\x1f\x7f]"
)
_NOT_SHOWN = re.compile(f"[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff{INVISIBLE}]")
"""What the row can't have: controls and whatever is invisible, but what emoji are joined with, and tomorrow's emoji."""

_UNFINISHED_KEY = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O|[\]PX^_][^\x07\x1b]*\x1b?)?\Z")
_MAX_UNFINISHED_KEY: Final = 256
"""Characters after which an escape sequence that doesn't end is none."""


class Entered(Struct, frozen=True):
    """A line was finished with Enter; pasted text may have several lines."""

    text: str


class Closed(Struct, frozen=True):
    """Ctrl+D on an empty row: nothing more will be typed."""


class LineEditor:
    """The row's text, as what stands before the caret and what stands behind it; always NFC."""

    def __init__(self) -> None:
        self._before = ""
        self._behind = ""
        self._unread = ""
        self._is_pasting = False
        self._pasted: list[str] = []
        """Pieces of a paste that aren't in the row yet: it is not copied for each of ten thousand lines."""
        self._recall = Recall()

    @property
    def text(self) -> str:
        return self._before + self._behind

    def type(self, typed: str) -> Iterator[Entered | Closed]:
        """Take what the terminal sent. Half an escape sequence waits for its other half; an Esc that begins none is dropped."""
        unread, place = self._unread + typed, 0
        while place < len(unread):
            if found := _KEY.match(unread, place):
                place = found.end()
                for done in self._press(found[0]):
                    self._unread = unread[place:]
                    yield done
                    unread, place = self._unread, 0
            elif _UNFINISHED_KEY.match(unread, place) and len(unread) - place < _MAX_UNFINISHED_KEY:
                break
            else:
                place += 1
        self._unread = unread[place:]
        self._insert_pasted()

    def hand_over(self) -> str:
        """What came behind that which `type` gave last, for somebody else to take."""
        unread, self._unread = self._unread, ""
        return unread

    def restore(self, text: str) -> None:
        """Put back what was entered and could not be done, in front of what has been typed since."""
        self._before = text + self._before

    def forget(self, text: str) -> None:
        """What was entered last is not to be recalled."""
        self._recall.forget(text)

    def view(self, columns: int) -> tuple[str, str]:
        """What to draw before the caret and behind it, together at most `columns` columns."""
        room = max(1, columns - _MARGIN_COLUMNS)
        near = 8 * room  # characters; more never fit, and cutting a long paste into clusters would take its time
        before, behind = (text.replace("\n", _LINE_END_SHOWN) for text in (self._before[-near:], self._behind[:near]))
        shown_before = "".join(reversed(list(_fitting(reversed(clusters(before)), room))))
        return shown_before, "".join(_fitting(clusters(behind), room - column_width(shown_before)))

    # --- keys ---------------------------------------------------------------------------------------------------------

    def _press(self, key: str) -> Iterator[Entered | Closed]:
        if self._is_pasting and (pasted := _BLANKS.get(key) or _shown(key)):
            self._pasted.append(pasted)
            return
        self._insert_pasted()
        if key in (_PASTE_BEGINS, _PASTE_ENDS):
            self._is_pasting = key == _PASTE_BEGINS
        elif key in "\r\n":
            yield Entered(self._take())
        elif key == "\x04" and not self.text:
            yield Closed()
        elif (act := _ACTIONS.get(key)) is not None:
            act(self)
        else:
            self._insert(_shown(key))

    def _insert_pasted(self) -> None:
        if self._pasted:
            self._insert("".join(self._pasted))
            self._pasted.clear()

    def _insert(self, text: str) -> None:
        """NFC with what stands before the caret: an input method may send a syllable in pieces."""
        text = text[: MAX_CHARS - len(self.text)]
        last = last_cluster(self._before)
        head = self._before[: len(self._before) - len(last)]
        self._before = head + unicodedata.normalize("NFC", last + text)

    def _take(self) -> str:
        text = self.text
        self._before = self._behind = ""
        self._recall.add(text)
        return text

    def _left(self) -> None:
        last = last_cluster(self._before)
        self._before, self._behind = self._before[: len(self._before) - len(last)], last + self._behind

    def _right(self) -> None:
        first = first_cluster(self._behind)
        self._before, self._behind = self._before + first, self._behind[len(first) :]

    def _home(self) -> None:
        self._before, self._behind = "", self.text

    def _end(self) -> None:
        self._before, self._behind = self.text, ""

    def _erase_left(self) -> None:
        self._before = self._before[: len(self._before) - len(last_cluster(self._before))]

    def _erase_right(self) -> None:
        self._behind = self._behind[len(first_cluster(self._behind)) :]

    def _erase_word(self) -> None:
        kept = self._before.rstrip()
        word = "".join(kept.rsplit(maxsplit=1)[-1:])
        self._before = kept.removesuffix(word)

    def _erase_to_start(self) -> None:
        self._before = ""

    def _erase_to_end(self) -> None:
        self._behind = ""

    def _older(self) -> None:
        self._show(self._recall.older(self.text))

    def _newer(self) -> None:
        self._show(self._recall.newer(self.text))

    def _show(self, recalled: str | None) -> None:
        if recalled is not None:
            self._before, self._behind = recalled, ""


_ACTIONS: Final[Mapping[str, Callable[[LineEditor], None]]] = {
    key: act
    for keys, act in (
        (("\x02", "\x1b[D", "\x1bOD"), LineEditor._left),  # noqa: SLF001 - a table of its own keys
        (("\x06", "\x1b[C", "\x1bOC"), LineEditor._right),  # noqa: SLF001
        (("\x01", "\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"), LineEditor._home),  # noqa: SLF001
        (("\x05", "\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"), LineEditor._end),  # noqa: SLF001
        (("\x7f", "\x08"), LineEditor._erase_left),  # noqa: SLF001
        (("\x04", "\x1b[3~"), LineEditor._erase_right),  # noqa: SLF001
        (("\x17",), LineEditor._erase_word),  # noqa: SLF001
        (("\x15",), LineEditor._erase_to_start),  # noqa: SLF001
        (("\x0b",), LineEditor._erase_to_end),  # noqa: SLF001
        (("\x10", "\x1b[A", "\x1bOA"), LineEditor._older),  # noqa: SLF001
        (("\x0e", "\x1b[B", "\x1bOB"), LineEditor._newer),  # noqa: SLF001
    )
    for key in keys
}
"""The keys of every shell, and those with arrows on them."""


def _shown(key: str) -> str:
    """What the row gets of a key; nothing, unless it is a run of text."""
    return _NOT_SHOWN.sub("", key) if key >= " " and key[0] != "\x7f" else ""


def _fitting(pieces: Iterable[str], columns: int) -> Iterator[str]:
    """As many of `pieces` as fit."""
    for piece in pieces:
        columns -= column_width(piece)
        if columns < 0:
            return
        yield piece
