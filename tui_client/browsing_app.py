"""What its user opens over the chat: search, links, palette, themes, settings, help. UI thread.

One thing at a time: what is opened takes the place of a search, and help alone lies on top of something else. The keys that open
and Esc are looked at before any widget sees them, so that what is typed right behind them goes where it belongs by then.

The module of a screen is imported when that is opened: all of them would take 10 ms of every start, and each takes 1 to 4 of the first
key that asks for it.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from server.protocol.events import HistoryPage, Refused
from tui_client import strings
from tui_client.choices import Choice, setting_choices
from tui_client.intents import NotDone
from tui_client.notifying import News
from tui_client.opening import open_link
from tui_client.trusting_app import TrustingApp
from tui_client.widgets.key_order import act, catch_up
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.sheets import CHAT, OVER
from tui_client.widgets.topmost import TopmostScreen

if TYPE_CHECKING:
    from tui_client.widgets.search_screen import SearchScreen


class BrowsingApp(TrustingApp):
    """An app in whose past one can look around."""

    CSS_PATH = CHAT
    TITLE = strings.APP_NAME
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "search", show=False, priority=True),
        Binding("ctrl+o", "links", show=False, priority=True),
        Binding("ctrl+p", "palette", show=False, priority=True),
        Binding("f1", "help", show=False, priority=True),
        Binding("escape", "uncover", show=False, priority=True),
        Binding("ctrl+y", "copy_last", show=False),
        Binding("f5", "reconnect", show=False),
    ]

    _last_search = ""
    _search_screen: "SearchScreen | None" = None
    """The newest one; perhaps it is left already."""

    def on_mount(self) -> None:  # besides those of the other classes, which Textual calls, too
        self.call_after_refresh(self._read_other_sheet)

    def _read_other_sheet(self) -> None:
        """Now, or what is opened first would have it read, and all that there is styled anew: 40 ms instead of 8."""
        self.stylesheet.read(OVER)
        self.stylesheet.parse()

    @property
    def is_in_front(self) -> bool:
        """Whether the chat itself is what its user sees."""
        return self.screen_stack[-1:] == [self._chat]

    async def action_uncover(self) -> None:
        """Esc over what lies over the chat, in its turn: what was typed before it is for that, what is typed behind it is not."""
        self._must_be_covered()
        top = self.screen
        await catch_up(top)
        if self.screen is not top or not await act(top, events.Key("escape", None)):
            raise SkipAction

    def _must_be_covered(self) -> None:
        if self.is_in_front:
            raise SkipAction

    # --- reading ------------------------------------------------------------------------------------------------------

    @on(MessageLog.TopReached)
    def load_older(self, reached: MessageLog.TopReached) -> None:
        if not self._link.is_online:
            reached.log.stay()
        else:
            only_whispers = reached.log is self._chat.whispers
            request = self._timeline.older(reached.log.holds_from, whispers_only=only_whispers)
            if request is not None:
                self._link.send(request)

    def action_search(self) -> None:
        self._must_be_in_front()
        self.search_for(self._last_search)

    def _make_way(self) -> None:
        """A search is left; anything else that lies over the chat has its own meaning for the key, or none."""
        search = self._search
        if search is not None and search is self.screen:
            search.leave()
        self._must_be_in_front()

    def _must_be_in_front(self) -> None:
        if not self.is_in_front:
            raise SkipAction

    def search_for(self, text: str) -> None:
        from tui_client.widgets.search_screen import SearchScreen

        if not self.is_in_front:
            return
        self._search_screen = SearchScreen(
            text,
            next_id=self._timeline.new_page_id,
            newest_seq=lambda: self._timeline.newest_seq,
            draw=self._timeline.draw,
            shows=self._timeline.shows,
            nicks=self._chat.members.nicks,
            is_online=self._link.is_online,
        )
        self.push_screen(self._search_screen, self._end_search)

    def _end_search(self, text: str | None) -> None:
        self._last_search = text or ""
        if self._search is None:
            self._search_screen = None  # it holds all that it has found

    def on_search_screen_asked(self, asked: "SearchScreen.Asked") -> None:
        self._link.send(asked.frame)

    @property
    def _search(self) -> "SearchScreen | None":
        """The search that goes on, also below the help."""
        return self._search_screen if self._search_screen in self.screen_stack else None

    def answered(self, page: HistoryPage) -> None:
        if (search := self._search) is not None:
            search.take_page(page)

    def refused(self, refused: Refused) -> None:
        if (search := self._search) is not None:
            search.take_refusal(refused)

    def online_changed(self) -> None:
        if (search := self._search) is not None:
            search.set_online(online=self._link.is_online)

    def notify_of(self, news: Sequence[News]) -> None:
        super().notify_of(news)
        if (search := self._search) is not None:
            search.count_missed(news)

    def action_links(self) -> None:
        from tui_client.widgets.link_list import shared_links
        from tui_client.widgets.link_screen import LinkScreen

        self._make_way()
        entries = sorted([*self._chat.room.entries, *self._chat.whispers.entries], key=lambda entry: entry.at_ms)
        self.push_screen(LinkScreen(shared_links(entries)), self._open_link)

    @on(MessageLog.LinkChosen)
    def open_clicked_link(self, chosen: MessageLog.LinkChosen) -> None:
        self._open_link(chosen.url)

    def _open_link(self, url: str | None) -> None:
        """In a browser; where there is none, as through ssh, onto the clipboard, which reaches the machine one sits at."""
        if url is None:
            return
        if open_link(url, self._environ):
            self.remark(strings.link_opened(url))
        else:
            super().copy_to_clipboard(url)
            self.remark(strings.link_copied(url))

    def remark(self, text: str) -> None:
        """Say what was done: above the composer, or over whatever lies over the chat."""
        if self.is_in_front:
            self._chat.show_hint(text)
        else:
            self.notify(text, markup=False)

    def action_copy_last(self) -> None:
        try:
            self.copy_last()
        except NotDone as problem:
            self.remark(problem.text)

    def copy_last(self) -> None:
        """Copy the newest message, or the one that was found. Raises NotDone if there is none."""
        text = self._chat.newest_message() if self._search is None else self._search.chosen_text
        if text is None:
            raise NotDone(strings.NOTHING_TO_COPY)
        self.copy_to_clipboard(text)

    def copy_to_clipboard(self, text: str) -> None:
        """Whatever copies, its user sees what there is to be pasted now."""
        super().copy_to_clipboard(text)
        self.remark(strings.copied(text))

    # --- around it ----------------------------------------------------------------------------------------------------

    def action_palette(self) -> None:
        self._make_way()
        self.offer(self._choices())

    def offer(
        self,
        choices: Sequence[Choice],
        *,
        title: str = strings.PALETTE_TITLE,
        placeholder: str = strings.PALETTE_PLACEHOLDER,
        keys: str = strings.PALETTE_KEYS,
    ) -> None:
        """Have one of `choices` chosen, and carry it out."""
        from tui_client.widgets.palette import Palette, carry_out

        self.push_screen(Palette(choices, title=title, placeholder=placeholder, keys=keys), carry_out)

    def _choices(self) -> Sequence[Choice]:
        return [
            Choice(title, about, partial(self.run_later, f"app.{action}"), keys, words)
            for action, title, about, keys, words in strings.PALETTE_ACTIONS
        ] + list(setting_choices(self.settings, self.change_setting))

    def run_later(self, action: str) -> None:
        """Once what is in the way is gone, as the palette is that asked for it."""
        self.call_later(self.run_action, action)

    def action_unfold(self) -> None:
        self._chat.action_unfold()

    def action_themes(self) -> None:
        from tui_client.widgets.palette import carry_out
        from tui_client.widgets.theme_picker import ThemePicker

        if self.is_in_front:
            picker = ThemePicker(self.theme, wear=self.wear_theme, keep=self.keep_theme)
            self.push_screen(picker, carry_out)

    def action_settings(self) -> None:
        if self.is_in_front:
            self.offer(
                setting_choices(self.settings, self.change_setting),
                title=strings.SETTINGS_TITLE,
                placeholder=strings.SETTINGS_PLACEHOLDER,
                keys=strings.SETTINGS_KEYS,
            )

    def action_help(self) -> None:
        """Over whatever is there, but for what must be answered first."""
        from tui_client.widgets.help_screen import HelpScreen

        if isinstance(self.screen, TopmostScreen):
            raise SkipAction
        self.push_screen(HelpScreen())

    def action_reconnect(self) -> None:
        if not self._link.is_online:
            self.go_online()

    def reconnect(self) -> None:
        """Connect now. Raises NotDone if there is a connection."""
        if self._link.is_online:
            raise NotDone(strings.ALREADY_CONNECTED)
        self.go_online()
