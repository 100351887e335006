"""The chat screen: title, the room beside members and whispers, composer, keys; and how one moves between them. UI thread.

Shows what it is given. It knows neither the timeline nor the link: the app puts the three together.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import ScreenResume, ScreenSuspend
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static, TextArea

from tui_client import strings
from tui_client.entry import Entry
from tui_client.settings import Settings
from tui_client.widgets.composer import Composer
from tui_client.widgets.key_bar import KeyBar
from tui_client.widgets.key_order import catch_up
from tui_client.widgets.members import MemberList
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.overlaying import OverlaidCompositor
from tui_client.widgets.suggestions import Suggestions
from tui_client.widgets.tab_strip import Pane, TabStrip
from tui_client.widgets.title_bar import LinkState, TitleBar
from tui_client.widgets.whisper_pane import WhisperPane

MEDIUM_COLUMNS, WIDE_COLUMNS = 72, 120
"""From `WIDE_COLUMNS` on whispers stand beside the room, which keeps 80 columns; from `MEDIUM_COLUMNS` on below it; else the panes
are tabs."""

SHORT_ROWS, TALL_ROWS = 10, 16
"""Below `TALL_ROWS` rows the panes are tabs, and there are no keys. Below `SHORT_ROWS` nothing is left but tabs, a pane and the
composer, without frames."""


class ChatScreen(Screen[None]):
    """Everything one needs to see at once. Its widgets are public: the app fills them."""

    AUTO_FOCUS = "Composer"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "top", show=False),
        Binding("end", "bottom", show=False),
        Binding("f6", "unfold", show=False),
        # Whatever moves the focus comes before what is typed behind it.
        Binding("tab", "tab", show=False, priority=True),
        Binding("f2", "next_pane(1)", show=False, priority=True),
        Binding("shift+tab", "next_pane(-1)", show=False, priority=True),
        Binding("escape", "compose", show=False, priority=True),
    ]

    def __init__(self, address: str) -> None:
        super().__init__()
        self._hint_is_about = self._hint_text = self._standing_text = ""
        self._can_retry = False
        self._urgent: tuple[tuple[str, str, str], ...] = ()
        self.counts_unread = False
        """Whether what comes in is news: the past that is shown on joining is not."""
        self._unread = {Pane.ROOM: 0, Pane.WHISPERS: 0}
        self._was_read = True
        """Whether somebody looked here when that was last asked."""
        self.title_bar = TitleBar(strings.APP_NAME)
        self.tabs = TabStrip()
        self.title_bar.address = address
        self.room = MessageLog(
            id="room", classes="-shown", placeholder=strings.EMPTY_ROOM, failed_mark=strings.FAILED_MARK
        )
        self.members = MemberList(id="members")
        self.whispers = WhisperPane(id="whispers", placeholder=strings.NO_WHISPERS, failed_mark=strings.FAILED_MARK)
        self.whispers.border_title = strings.WHISPERS_TITLE
        self.composer = Composer(id="composer", placeholder=strings.COMPOSER_PLACEHOLDER)
        self.standing = Static(id="standing")
        self.standing.display = False
        self.hint = Static(id="hint")
        self.hint.display = False
        self.suggestions = Suggestions(self.composer, id="suggestions")
        self._compositor = OverlaidCompositor(self.suggestions)
        self.key_bar = KeyBar(id="keys")

    def compose(self) -> ComposeResult:
        # Textual tells of the size after the first picture, in which the panes would stand as on a narrow terminal.
        self._fit(self.app.size)
        yield self.title_bar
        yield self.tabs
        with Container(id="panes"):
            yield self.room
            yield self.members
            yield self.whispers
        yield self.standing
        yield self.hint
        yield self.composer
        yield self.suggestions
        yield self.key_bar

    def show_state(self, state: LinkState, text: str, short: str = "", *, can_retry: bool) -> None:
        """How the connection stands, in many words and in few, and whether there is a key to do something about it."""
        is_online = state in (LinkState.ONLINE, LinkState.STUCK)
        self.title_bar.show_state(state, text, short)
        self.members.is_stale = not is_online
        self._can_retry = can_retry
        if not is_online:
            self.stay()
        self.show_keys()

    def show_waiting(self, count: int, standing: str) -> None:
        """How many own messages can't be sent for now, and above the composer what becomes of them, as long as that is so."""
        self.title_bar.waiting_text, self.title_bar.waiting_short = strings.waiting(count), strings.waiting_short(count)
        if standing != self._standing_text:
            self._standing_text = standing
            self.standing.update(Content(standing))
            self.standing.display = bool(standing)

    def show_unsent(self, *, has_failed: bool, has_waiting: bool) -> None:
        """Whether there is a key to do something about what is not sent."""
        self._urgent = strings.KEYS_FAILED if has_failed else strings.KEYS_WAITING if has_waiting else ()
        self.show_keys()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def show_keys(self) -> None:
        """What the keys do where the focus is."""
        urgent = (
            *(strings.KEYS_OFFLINE if self._can_retry else ()),
            *self._urgent,
        )
        if self.focused is self.members:
            self.key_bar.keys = (*urgent, *strings.KEYS_MEMBERS)
        elif self.focused in (self.room, self.whispers):
            self.key_bar.keys = (*urgent, *strings.KEYS_READING)
        else:
            self.key_bar.keys = (*urgent, *strings.KEYS)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """What has never been laid out was styled a moment ago, as it was made: Textual would do all of that again."""
        if not self.outer_size:
            event.refresh_styles = False

    def on_resize(self, event: events.Resize) -> None:
        self._fit(event.size)
        self.call_after_refresh(self.settle_unread)

    def _fit(self, size: Size) -> None:
        """Have the style sheet place the panes: side by side only where both directions have room for it."""
        columns, rows = size
        classes = {
            "-wide": columns >= WIDE_COLUMNS,
            "-tabs": columns < MEDIUM_COLUMNS or rows < TALL_ROWS,
            "-short": SHORT_ROWS <= rows < TALL_ROWS,
            "-tiny": rows < SHORT_ROWS,
        }
        self.update_classes(classes, animate=False)

    # --- what is shown ------------------------------------------------------------------------------------------------

    def extend(self, room: Sequence[Entry], whispers: Sequence[Entry]) -> None:
        """Append settled entries to each pane, and count what nobody sees."""
        for pane, log, entries in ((Pane.ROOM, self.room, room), (Pane.WHISPERS, self.whispers, whispers)):
            if not entries:
                continue
            log.extend(entries)
            if self.counts_unread and not self._is_seen(pane):
                self._unread[pane] += sum(entry.is_spoken and not entry.mine for entry in entries)
        self._show_unread()

    def set_members(self, nicks: Sequence[str], me: str, away: frozenset[str]) -> None:
        """Show who is here, and whose connection is being restored."""
        self.members.set_members(nicks, me, away)
        self._show_unread()

    @property
    def unread(self) -> int:
        """How many messages of others have not been seen in either pane."""
        return sum(self._unread.values())

    def _is_seen(self, pane: Pane) -> bool:
        log = self.whispers if pane is Pane.WHISPERS else self.room
        return self._has_reader and log.is_following and self._is_shown(pane)

    @property
    def _has_reader(self) -> bool:
        """Whether the terminal has the focus, and nothing lies over the chat."""
        return self.app.app_focus and self.is_active

    def _is_shown(self, pane: Pane) -> bool:
        return not self.is_tabbed or self.tabs.shown is pane

    def settle_unread(self) -> None:
        """What can be seen now is no longer unread."""
        for pane in self._unread:
            if self._is_seen(pane):
                self._unread[pane] = 0
        self._show_unread()

    def _show_unread(self) -> None:
        self.title_bar.unread_text, self.title_bar.unread_short = (
            strings.unread(self.unread),
            strings.unread_short(self.unread),
        )
        self.tabs.counts = (*self._unread.items(), (Pane.MEMBERS, len(self.members.nicks)))

    @property
    def is_tabbed(self) -> bool:
        """Whether only one pane is shown at a time."""
        return self.has_class("-tabs")

    def shows(self, entry: Entry) -> bool:
        """Whether the pane of an entry is one that is seen."""
        return self._is_shown(Pane.WHISPERS if entry.is_whisper else Pane.ROOM)

    @property
    def shows_whispers_only(self) -> bool:
        """Whether who types now looks at whispers and not at the room."""
        return self.is_tabbed and self.tabs.shown is Pane.WHISPERS

    def _show_tab(self, pane: Pane) -> None:
        self.tabs.shown = pane
        for other in Pane:
            self.query_one(f"#{other}").set_class(other is pane, "-shown")
        if self.is_tabbed:
            self._give_focus(self.members if pane is Pane.MEMBERS else self.composer)
        self.call_after_refresh(self.settle_unread)

    def show_pending(self, room: Sequence[Entry], whispers: Sequence[Entry]) -> None:
        """What was sent and is not settled, in each pane."""
        self.room.set_pending(room)
        self.whispers.set_pending(whispers)

    def show_hint(self, text: str) -> None:
        """Say something about what stands in the composer, right above it, until that is no longer there."""
        self._hint_is_about = self.composer.text
        self._hint_text = text
        self.hint.update(Content(text))
        self.hint.display = True

    def take_back_hint(self, text: str) -> None:
        """What was said is not so any more."""
        if text and self._hint_text == text:
            self.hint.display = False

    @on(TextArea.Changed)
    def forget_hint(self) -> None:
        """Not while its reader goes on typing behind what was refused: they may not have seen it yet."""
        about = self._hint_is_about
        if not (about and self.composer.text.startswith(about)) and self.composer.text != about:
            self.hint.display = False

    # --- what the user does -------------------------------------------------------------------------------------------

    @on(MessageLog.UnreadBelow)
    @on(MessageLog.Moved)
    def show_places(self) -> None:
        """Where the reader of each log is, and what waits for them below."""
        for log in (self.room, self.whispers):
            log.border_subtitle = Content(_place_in(log))
            log.set_class(bool(log.unread_below), "-unread-below")
        self.settle_unread()

    def stay(self) -> None:
        """Whoever does anything else wants no log to go on to its beginning."""
        self.room.stay()
        self.whispers.stay()

    @on(ScreenSuspend)
    @on(ScreenResume)
    def follow_reader(self) -> None:
        """Whoever looks elsewhere reads nothing from there on, until they look here again."""
        if self._has_reader:
            self.settle_unread()
        if self._has_reader != self._was_read:
            self._was_read = self._has_reader
            for log in (self.room, self.whispers):
                log.read_on() if self._was_read else log.mark_unread()

    @on(TabStrip.Chosen)
    def choose_tab(self, chosen: TabStrip.Chosen) -> None:
        self._show_tab(chosen.pane)

    @on(MemberList.Chosen)
    def start_whisper(self, chosen: MemberList.Chosen) -> None:
        if self.is_tabbed:
            self._show_tab(Pane.WHISPERS)
        self.composer.address(chosen.nick)
        self._give_focus(self.composer)

    def newest_message(self) -> str | None:
        """The words of the newest message in what is being read, without who said them."""
        return self._log.last_message()

    def follow_settings(self, settings: Settings) -> None:
        """Look as its user wants it."""
        self.room.unfolded = not settings.fold_presence
        self.set_class(not settings.show_members, "-no-members")

    def action_unfold(self) -> None:
        """Who came and went in full sentences, or folded again."""
        self.room.unfolded = not self.room.unfolded

    async def action_tab(self) -> None:
        """Tab takes what the composer offers; else it goes on to the next pane."""
        await self._catch_up()
        if self.focused is self.composer and self.composer.offer is not None:
            raise SkipAction
        await self.action_next_pane(1)

    async def action_next_pane(self, step: int) -> None:
        """The next tab, or the next pane where all of them are shown."""
        await self._catch_up()
        if self.is_tabbed:
            panes = list(Pane)
            self._show_tab(panes[(panes.index(self.tabs.shown) + step) % len(panes)])
        elif step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    @property
    def _log(self) -> MessageLog:
        """The log that the keys for turning pages mean."""
        is_whispers = self.shows_whispers_only or self.focused is self.whispers
        return self.whispers if is_whispers else self.room

    def action_page_up(self) -> None:
        self._log.action_page_up()

    def action_page_down(self) -> None:
        self._log.action_page_down()

    def action_top(self) -> None:
        self._log.action_scroll_home()

    def action_bottom(self) -> None:
        self._log.action_scroll_end()

    async def action_compose(self) -> None:
        """Back to the composer, which has a use of its own for the key."""
        if self.focused is self.composer:
            raise SkipAction
        await self._catch_up()
        self.clear_selection()
        self._give_focus(self.composer)

    async def _catch_up(self) -> None:
        """What was typed before now has been done, where it was typed."""
        await catch_up(self)
        self.composer.split_at_end()

    def _give_focus(self, widget: Widget) -> None:
        """Now, and not after the next picture, for the sake of the next key."""
        self.set_focus(widget, scroll_visible=False)


def _place_in(log: MessageLog) -> str:
    if log.is_going_home:
        return strings.GOING_HOME
    if log.unread_below:
        return strings.unread_below(log.unread_below)
    return "" if log.is_following else strings.BELOW
