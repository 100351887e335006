"""The app: what its user does, carried out. `connected_app` is the other half, which follows the server.

Glue between the screen, the timeline and the link; it holds nothing of its own but what is on the screen. UI thread.
"""

from pathlib import Path
from typing import ClassVar, assert_never

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from server.protocol import phrases
from server.protocol.events import Rename as RenameFrame
from server.protocol.events import Say, Whisper
from tui_client import commands, strings
from tui_client.connected_app import ConnectedApp, now_ms
from tui_client.themes import speaker_variables
from tui_client.timeline import TooManyPending
from tui_client.widgets.composer import Composer
from tui_client.widgets.help_screen import HelpScreen
from tui_client.widgets.message_log import MessageLog


class ChatApp(ConnectedApp):
    """One client of one room."""

    CSS_PATH = Path(__file__).with_name("chat.tcss")
    TITLE = strings.APP_NAME
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False),
        Binding("ctrl+c", "help_quit", show=False, system=True),
        Binding("f1", "help", show=False),
        Binding("f5", "reconnect", show=False),
    ]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return speaker_variables(dark=self.current_theme.dark)

    @property
    def typing_target(self) -> Widget | None:
        """The composer also while another pane has the focus: whoever types there means it."""
        return self._chat.composer if self.screen is self._chat else self.focused

    def prepare_typing(self, event: events.Event) -> None:
        """Who types or pastes while another pane has the focus means the composer, and loses no letter."""
        is_typing = isinstance(event, events.Paste) or (isinstance(event, events.Key) and event.is_printable)
        if is_typing and self.screen is self._chat and self._chat.focused is not self._chat.composer:
            self._chat.set_focus(self._chat.composer)

    # --- the terminal's focus -----------------------------------------------------------------------------------------

    def watch_app_focus(self) -> None:
        self._chat.settle_unread()

    # --- what the user does -------------------------------------------------------------------------------------------

    @on(Composer.Submitted)
    def submit(self, submitted: Composer.Submitted) -> None:
        meant = commands.parse(submitted.text)
        match meant:
            case commands.Mistake(text):
                self._refuse(submitted, text)
            case commands.Say() | commands.Whisper():
                self._speak(meant, submitted)
            case commands.Rename(nick):
                self._rename(nick, submitted)
            case commands.ListMembers():
                self._tell(phrases.member_list(self._chat.members.nicks))
            case commands.Help():
                self.action_help()
            case commands.Quit():
                self.exit(0)
            case _:
                assert_never(meant)

    def _refuse(self, submitted: Composer.Submitted, reason: str) -> None:
        """Nothing is sent, and nothing that was typed is lost."""
        submitted.composer.restore(submitted.text)
        self._chat.show_hint(reason)

    def _speak(self, meant: commands.Say | commands.Whisper, submitted: Composer.Submitted) -> None:
        timeline = self._timeline
        if isinstance(meant, commands.Say) and self._chat.shows_whispers_only:
            self._refuse(submitted, strings.NOT_TO_ALL)
            return
        try:
            frame: Say | Whisper = (
                timeline.whisper(meant.to, meant.text, now_ms())
                if isinstance(meant, commands.Whisper)
                else timeline.say(meant.text, now_ms())
            )
        except TooManyPending:
            self._refuse(submitted, strings.TOO_MANY_PENDING)
            return
        self._show_pending()
        self._link.send(frame)
        self._chat.room.action_scroll_end()

    def _rename(self, nick: str, submitted: Composer.Submitted) -> None:
        if self._link.is_online:
            self._link.send(RenameFrame(nick))
        elif self._nick_is_needed:
            self._take_nickname(nick)
        else:
            self._refuse(submitted, strings.NOT_CONNECTED)

    @on(MessageLog.TopReached)
    def load_older(self, reached: MessageLog.TopReached) -> None:
        if self._link.is_online and (request := self._timeline.older(reached.log.holds_from)) is not None:
            self._link.send(request)

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_reconnect(self) -> None:
        if not self._link.is_online:
            self._link.retry_now()

    def action_help_quit(self) -> None:
        """Ctrl+C copies a selection, as everywhere in Textual; without one it says how to leave."""
        self._chat.show_hint(strings.HOW_TO_QUIT)

    async def action_quit(self) -> None:
        """In the composer's turn: the Enter that was pressed right before may still wait there to be looked at."""
        self._chat.composer.call_later(self._leave)

    def _leave(self) -> None:
        """What Enter was pressed on is still sent, though its wait for a late syllable isn't over."""
        self._chat.composer.hurry()
        self.call_later(self.exit, 0)
