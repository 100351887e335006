"""A message log alone on the screen, what is put into it, and what is seen of it."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from msgspec.structs import replace
from rich.style import Style
from textual.app import App, ComposeResult
from textual.pilot import Pilot

import tui_client
from server.protocol import phrases
from tui_client.entry import Entry, Kind, Move, Presence, State
from tui_client.themes import speaker_variables
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.measuring import Measure
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.painter import Painter

KST = timezone(timedelta(hours=9))
NOON_MS = int(datetime(2026, 11, 23, 3, 4, tzinfo=UTC).timestamp() * 1000)
"""12:04 in Korea, a Monday."""

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
TODAY = date(2026, 11, 23)
DIVIDER = "11월 23일 월요일"
TIME_COLUMNS = 6


def said(
    number: int,
    text: str,
    nick: str = "영희",
    state: State = State.SETTLED,
    *,
    mine: bool = False,
    at_ms: int = NOON_MS,
) -> Entry:
    return Entry(number, Kind.SAID, state, at_ms, f"{nick}> ", nick, text, mine)


def numbered(first: int, last: int) -> list[Entry]:
    """One person's messages, all in one minute."""
    return [said(number, f"{number}번째 메시지") for number in range(first, last + 1)]


def events(first: int, last: int) -> list[Entry]:
    """The same, as events of the room's log."""
    return [replace(entry, seq=entry.id) for entry in numbered(first, last)]


def whispered(number: int, text: str, nick: str = "철수", at_ms: int = NOON_MS) -> Entry:
    label = phrases.whisper_received(nick, "")
    return Entry(number, Kind.WHISPER_RECEIVED, State.SETTLED, at_ms, label, nick, text)


def came(number: int, nick: str, at_ms: int = NOON_MS) -> Entry:
    return _presence(number, Presence(Move.JOINED, nick), phrases.joined(nick), at_ms)


def went(number: int, nick: str, at_ms: int = NOON_MS) -> Entry:
    return _presence(number, Presence(Move.LEFT, nick), phrases.left(nick), at_ms)


def renamed(number: int, was: str, nick: str, at_ms: int = NOON_MS) -> Entry:
    return _presence(number, Presence(Move.RENAMED, nick, was), phrases.renamed(was, nick), at_ms)


def _presence(number: int, change: Presence, text: str, at_ms: int) -> Entry:
    return Entry(number, Kind.PRESENCE, State.SETTLED, at_ms, "", "", text, seq=number, change=change)


class LogApp(App[None]):
    """One log on the whole screen, and what it says."""

    CSS = "MessageLog { overflow-y: scroll; overflow-x: hidden; scrollbar-size-vertical: 1; }"

    def __init__(self, log: MessageLog) -> None:
        super().__init__()
        self.log_widget = log
        self.unread: list[int] = []
        self.urls: list[str] = []
        self.wants_older = 0
        self.wants_newer = 0

    def compose(self) -> ComposeResult:
        yield self.log_widget

    def on_mount(self) -> None:
        self.log_widget.focus()

    def on_message_log_unread_below(self, message: MessageLog.UnreadBelow) -> None:
        self.unread.append(message.count)

    def on_message_log_top_reached(self) -> None:
        self.wants_older += 1

    def on_message_log_bottom_reached(self) -> None:
        self.wants_newer += 1

    def on_message_log_link_chosen(self, message: MessageLog.LinkChosen) -> None:
        self.urls.append(message.url)


class StyledLog(LogApp):
    """With the colours of the app."""

    CSS = ""
    CSS_PATH = Path(tui_client.__file__).with_name("chat.tcss")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return speaker_variables(dark=self.current_theme.dark)


def make_log(window: int = 1000, placeholder: str = "", *, follow: bool = True) -> MessageLog:
    return MessageLog(timezone=KST, today=lambda: TODAY, window=window, placeholder=placeholder, follow=follow)


def log_app(window: int = 1000, placeholder: str = "", *, follow: bool = True) -> LogApp:
    return LogApp(make_log(window, placeholder, follow=follow))


def painter(columns: int) -> Painter:
    """One that knows no style sheet."""
    return Painter(Measure(columns), lambda *_: Style(), LocalTime(KST, lambda: TODAY), "!", "…")


def screen(log: MessageLog) -> list[str]:
    """The rows as they are seen, without blanks on the right; of a divider its text."""
    rows = [log.render_line(y).text.rstrip() for y in range(log.size.height)]
    return [row.strip(" ─") if "─" in row else row for row in rows]


def words(log: MessageLog) -> list[str]:
    """The rows as they are seen, without the time."""
    rows = [log.render_line(y).text.rstrip() for y in range(log.size.height)]
    return [row.strip(" ─") if "─" in row else row[TIME_COLUMNS:] for row in rows]


def style_at(log: MessageLog, y: int, column: int) -> Style:
    """The style of the cell in a row under a column."""
    left = 0
    for segment in log.render_line(y):
        left += segment.cell_length
        if column < left:
            assert segment.style is not None
            return segment.style
    raise AssertionError(f"row {y} has no column {column}")


async def drag(pilot: Pilot[None], log: MessageLog, start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(log, offset=start)
    await pilot.hover(log, offset=end)
    await pilot.mouse_up(log, offset=end)


def row_with(log: MessageLog, text: str) -> int:
    """The row of the screen in which `text` is seen."""
    return next(y for y, row in enumerate(screen(log)) if text in row)
