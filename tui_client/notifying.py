"""When its user is called back to the terminal: what rings, what is said on the desktop, what is counted in the title.

Pure policy: it is told what arrived and where its user looks, the time is handed in, and it writes nothing itself. UI thread.
"""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from msgspec import Struct

from server.protocol.text import excerpt
from tui_client import strings
from tui_client.settings import Desktop, Focus, Notify, Settings
from tui_client.wrapping import cut

BELL_PAUSE_S: Final = 2.0
NOTE_PAUSE_S: Final = 3.0
"""The shortest time between two of them: a busy room is one reason to look, not fifty."""

BODY_COLUMNS: Final = 100
"""Two lines of the notifications of today's desktops."""


class Kind(Enum):
    """What has arrived, as far as it matters here."""

    WHISPER = auto()
    MENTION = auto()
    """A message to everyone that names me."""
    ANNOUNCEMENT = auto()
    """An operator wants everybody to know."""
    MESSAGE = auto()


class News(Struct, frozen=True):
    """One message that has arrived: `nick` said `text`."""

    kind: Kind
    nick: str
    text: str
    is_mine: bool = False


class Note(Struct, frozen=True):
    """What the desktop shows. Nothing in it is anything that a terminal would obey."""

    title: str
    body: str


class Alert(Struct, frozen=True):
    """What is to be done now, and after how many seconds `Notifier.due` is to be asked again (None: not at all)."""

    ring: bool = False
    note: Note | None = None
    again_in_s: float | None = None


class Notifier:
    """One terminal's notifications. Its user is taken to be looking until told otherwise."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        """Replaced as a whole when its user changes something."""
        self.unread = 0
        """How many worth a notification have come since its user last looked."""
        self._is_focused = True
        self._owes_bell = False
        self._held: list[News] = []
        """What the desktop has not been told yet."""
        self._bell_free_at_s = self._note_free_at_s = float("-inf")

    def look(self) -> None:
        """Its user is here: the terminal has got the focus, or a key was pressed. What was unread is seen."""
        self._is_focused = True
        self.unread = 0
        self._owes_bell = False
        self._held.clear()

    def look_away(self) -> None:
        """The terminal has lost the focus."""
        self._is_focused = False

    def hear(self, news: Sequence[News], now_s: float) -> Alert:
        """What to do about what has arrived together. `now_s` is monotonic."""
        worth = [one for one in news if self._is_worth(one)] if self._is_away else []
        if worth:
            self.unread += len(worth)
            self._owes_bell |= self.settings.bell
            if self.settings.desktop is not Desktop.OFF:
                self._held += worth
        return self.due(now_s)

    def due(self, now_s: float) -> Alert:
        """What has had to wait, if its time has come."""
        ring, note = self._ring(now_s), self._note(now_s)
        waits = [self._bell_free_at_s - now_s] * self._owes_bell + [self._note_free_at_s - now_s] * bool(self._held)
        return Alert(ring, note, min(waits, default=None))

    def window_title(self, nick: str) -> str:
        """What the terminal's window is called while `nick` chats in it."""
        return strings.window_title(excerpt(nick), self.unread)

    @property
    def _is_away(self) -> bool:
        return not self._is_focused or self.settings.focus is Focus.ALWAYS_AWAY

    def _is_worth(self, news: News) -> bool:
        if news.is_mine or self.settings.notify is Notify.NONE:
            return False
        return self.settings.notify is Notify.ALL or news.kind is not Kind.MESSAGE

    def _ring(self, now_s: float) -> bool:
        if not self._owes_bell or now_s < self._bell_free_at_s:
            return False
        self._owes_bell = False
        self._bell_free_at_s = now_s + BELL_PAUSE_S
        return True

    def _note(self, now_s: float) -> Note | None:
        if not self._held or now_s < self._note_free_at_s:
            return None
        note = _about(self._held)
        self._held.clear()
        self._note_free_at_s = now_s + NOTE_PAUSE_S
        return note


def _about(news: Sequence[News]) -> Note:
    """One message as it is; several only by their number."""
    if len(news) > 1:
        whispers = sum(one.kind is Kind.WHISPER for one in news)
        return Note(strings.APP_NAME, strings.note_of_many(len(news), whispers))
    [one] = news
    nick, body = excerpt(one.nick), cut(excerpt(one.text, 2 * BODY_COLUMNS), BODY_COLUMNS)
    match one.kind:
        case Kind.WHISPER:
            return Note(strings.note_of_whisper(nick), body)
        case Kind.MENTION:
            return Note(strings.note_of_mention(nick), body)
        case Kind.ANNOUNCEMENT:
            return Note(strings.NOTE_OF_ANNOUNCEMENT, body)
        case Kind.MESSAGE:
            return Note(nick, body)
