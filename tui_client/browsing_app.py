"""What its user opens over the chat: search, links, palette, themes, settings, help. UI thread.

One thing at a time: nothing is opened on top of something else.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from server.protocol.events import HistoryPage, Refused
from tui_client import strings
from tui_client.choices import Choice, setting_choices
from tui_client.connected_app import ConnectedApp
from tui_client.opening import open_link
from tui_client.widgets.help_screen import HelpScreen
from tui_client.widgets.link_list import shared_links
from tui_client.widgets.link_screen import LinkScreen
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.palette import Palette, carry_out
from tui_client.widgets.search_screen import SearchScreen
from tui_client.widgets.theme_picker import ThemePicker


class BrowsingApp(ConnectedApp):
    """An app in whose past one can look around."""

    CSS_PATH = Path(__file__).with_name("chat.tcss")
    TITLE = strings.APP_NAME
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before any widget has a look: what is typed right behind them belongs into what they open.
        Binding("ctrl+f", "search", show=False, priority=True),
        Binding("ctrl+o", "links", show=False, priority=True),
        Binding("ctrl+p", "palette", show=False, priority=True),
        Binding("ctrl+y", "copy_last", show=False),
        Binding("f1", "help", show=False),
        Binding("f5", "reconnect", show=False),
    ]

    _last_search = ""

    @property
    def is_in_front(self) -> bool:
        """Whether the chat itself is what its user sees: nothing is opened on top of something else."""
        return self.screen_stack[-1:] == [self._chat]

    # --- reading ------------------------------------------------------------------------------------------------------

    @on(MessageLog.TopReached)
    def load_older(self, reached: MessageLog.TopReached) -> None:
        if self._link.is_online and (request := self._timeline.older(reached.log.holds_from)) is not None:
            self._link.send(request)

    def action_search(self) -> None:
        self._must_be_in_front()
        self.search_for(self._last_search)

    def _must_be_in_front(self) -> None:
        """What lies over the chat has its own meaning for the key, or none."""
        if not self.is_in_front:
            raise SkipAction

    def search_for(self, text: str) -> None:
        if not self.is_in_front:
            return
        screen = SearchScreen(
            text,
            next_id=self._timeline.new_page_id,
            newest_seq=lambda: self._timeline.newest_seq,
            draw=self._timeline.draw,
            nicks=self._chat.members.nicks,
            is_online=self._link.is_online,
        )
        self.push_screen(screen, self._end_search)

    def _end_search(self, text: str | None) -> None:
        self._last_search = text or ""

    @on(SearchScreen.Asked)
    def ask(self, asked: SearchScreen.Asked) -> None:
        self._link.send(asked.frame)

    @property
    def _search(self) -> SearchScreen | None:
        top = self.screen_stack[-1] if self.screen_stack else None
        return top if isinstance(top, SearchScreen) else None

    def answered(self, page: HistoryPage) -> None:
        if (search := self._search) is not None:
            search.take_page(page)

    def refused(self, refused: Refused) -> None:
        if (search := self._search) is not None:
            search.take_refusal(refused)

    def online_changed(self) -> None:
        if (search := self._search) is not None:
            search.set_online(online=self._link.is_online)

    def action_links(self) -> None:
        self._must_be_in_front()
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
            self.copy_to_clipboard(url)
            self.remark(strings.link_copied(url))

    def remark(self, text: str) -> None:
        """Say what was done: above the composer, or over whatever lies over the chat."""
        if self.is_in_front:
            self._chat.show_hint(text)
        else:
            self.notify(text, markup=False)

    def action_copy_last(self) -> None:
        text = self._chat.newest_message()
        if text is None:
            self._chat.show_hint(strings.NOTHING_TO_COPY)
            return
        self.copy_to_clipboard(text)
        self._chat.show_hint(strings.copied(text))

    # --- around it ----------------------------------------------------------------------------------------------------

    def action_palette(self) -> None:
        self._must_be_in_front()
        self.push_screen(Palette(self._choices()), carry_out)

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
        if self.is_in_front:
            picker = ThemePicker(self.theme, wear=self.wear_theme, keep=self.keep_theme)
            self.push_screen(picker, carry_out)

    def action_settings(self) -> None:
        if self.is_in_front:
            settings = Palette(
                setting_choices(self.settings, self.change_setting),
                title=strings.SETTINGS_TITLE,
                placeholder=strings.SETTINGS_PLACEHOLDER,
                keys=strings.SETTINGS_KEYS,
            )
            self.push_screen(settings, carry_out)

    def action_help(self) -> None:
        if self.is_in_front:
            self.push_screen(HelpScreen())

    def action_reconnect(self) -> None:
        if not self._link.is_online:
            self._link.retry_now()
