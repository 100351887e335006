"""The chat screen: title, the room beside members and whispers, composer, keys; and how one moves between them. UI thread.

Shows what it is given. It knows neither the timeline nor the link: the app puts the three together.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static, TextArea

from tui_client import strings
from tui_client.entry import Entry
from tui_client.widgets.composer import Composer
from tui_client.widgets.key_bar import KeyBar
from tui_client.widgets.members import MemberList
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.title_bar import LinkState, TitleBar
from tui_client.widgets.whisper_pane import WhisperPane

WIDE_COLUMNS = 120
"""From here on whispers stand beside the room, below it otherwise: the room keeps 80 columns beside them."""

SHORT_ROWS, TALL_ROWS = 10, 16
"""Below `TALL_ROWS` rows the room comes first: no member list, no empty whisper pane, no keys. Below `SHORT_ROWS` nothing is left
but the room and the composer, without frames."""


class ChatScreen(Screen[None]):
    """Everything one needs to see at once. Its widgets are public: the app fills them."""

    AUTO_FOCUS = "Composer"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE_COLUMNS, "-wide")]  # noqa: RUF012 -- Textual's own declaration

    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (SHORT_ROWS, "-short"), (TALL_ROWS, "-tall")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "top", show=False),
        Binding("end", "bottom", show=False),
        Binding("escape", "compose", show=False),
    ]

    def __init__(self, address: str) -> None:
        super().__init__()
        self._hint_is_about = ""
        self.title_bar = TitleBar(strings.APP_NAME)
        self.title_bar.address = address
        self.room = MessageLog(id="room", placeholder=strings.EMPTY_ROOM, failed_mark=strings.FAILED_MARK)
        self.members = MemberList(id="members")
        self.whispers = WhisperPane(id="whispers", placeholder=strings.NO_WHISPERS, failed_mark=strings.FAILED_MARK)
        self.whispers.border_title = strings.WHISPERS_TITLE
        self.composer = Composer(id="composer", placeholder=strings.COMPOSER_PLACEHOLDER)
        self.hint = Static(id="hint")
        self.hint.display = False
        self.key_bar = KeyBar(id="keys")

    def compose(self) -> ComposeResult:
        yield self.title_bar
        with Container(id="panes"):
            yield self.room
            yield self.members
            yield self.whispers
        yield self.hint
        yield self.composer
        yield self.key_bar

    def show_state(self, state: LinkState, text: str, *, can_retry: bool) -> None:
        """How the connection stands, and whether there is a key to do something about it."""
        self.title_bar.show_state(state, text)
        self.key_bar.keys = (*strings.KEYS_OFFLINE, *strings.KEYS) if can_retry else strings.KEYS

    def show_pending(self, room: Sequence[Entry], whispers: Sequence[Entry]) -> None:
        """What was sent and is not settled, in each pane."""
        self.room.set_pending(room)
        self.whispers.set_pending(whispers)

    def show_hint(self, text: str) -> None:
        """Say something about what stands in the composer, right above it, until that is changed."""
        self._hint_is_about = self.composer.text
        self.hint.update(Content(text))
        self.hint.display = True

    @on(TextArea.Changed)
    def forget_hint(self) -> None:
        if self.composer.text != self._hint_is_about:
            self.hint.display = False

    # --- what the user does -------------------------------------------------------------------------------------------

    @on(MessageLog.UnreadBelow)
    def show_unread(self, unread: MessageLog.UnreadBelow) -> None:
        unread.log.border_subtitle = Content(strings.unread_below(unread.count)) if unread.count else ""

    @on(MemberList.Chosen)
    def start_whisper(self, chosen: MemberList.Chosen) -> None:
        self.composer.address(chosen.nick)
        self.composer.focus()

    def action_page_up(self) -> None:
        self.room.action_page_up()

    def action_page_down(self) -> None:
        self.room.action_page_down()

    def action_top(self) -> None:
        self.room.action_scroll_home()

    def action_bottom(self) -> None:
        self.room.action_scroll_end()

    def action_compose(self) -> None:
        self.composer.focus()
