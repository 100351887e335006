"""What is its user's own: settings, the theme worn, and being called back to the terminal. UI thread.

Knows messages only as news that may be worth a notification; nothing of rooms, links or screens.
"""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from textual.app import ReturnType
from textual.timer import Timer

from tui_client.notifying import Alert, News, Notifier
from tui_client.settings import NotSaved, Settings, Value, save_change
from tui_client.terminal_app import TerminalApp
from tui_client.themes import speaker_variables, use_themes


class PersonalApp(TerminalApp[ReturnType]):
    """An app that is as its user has set it. The settings are kept in `settings_folder`."""

    def __init__(self, settings_folder: Path, environ: Mapping[str, str] = os.environ) -> None:
        super().__init__(environ)
        self._settings_folder = settings_folder
        self.settings, self.settings_notice = Settings.load(settings_folder)
        self._notifier = Notifier(self.settings)
        self._alert_timer: Timer | None = None
        use_themes(self, self.settings.theme, environ)

    def settings_changed(self) -> None:
        """Something is set another way now; called on the other half's behalf, for what it shows."""

    def complain(self, text: str) -> None:
        """Tell the user that something failed, and what to do."""
        raise NotImplementedError

    def change_setting(self, key: str, value: Value) -> None:
        """Set `key` from now on, and remember it; a change that can't be written holds all the same."""
        self.settings = msgspec.convert({**msgspec.to_builtins(self.settings), key: value}, Settings)
        self._notifier.settings = self.settings
        self.settings_changed()
        try:
            save_change(self._settings_folder, **{key: value})
        except NotSaved as problem:
            self.complain(problem.text)

    # --- the looks ----------------------------------------------------------------------------------------------------

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return speaker_variables(dark=self.current_theme.dark)

    def wear_theme(self, name: str) -> None:
        """Show the screen in a theme, without remembering it."""
        self.theme = name

    def keep_theme(self, name: str) -> None:
        """Show the screen in a theme from now on."""
        self.wear_theme(name)
        self.change_setting("theme", name)

    # --- being called back --------------------------------------------------------------------------------------------

    @property
    def nick_in_title(self) -> str:
        """As whom the terminal's title says that one chats."""
        raise NotImplementedError

    def watch_app_focus(self, focused: bool) -> None:  # noqa: FBT001 -- Textual's signature
        """The terminal has got the focus, or lost it."""
        if focused:
            self.look()
        else:
            self._notifier.look_away()

    def look(self) -> None:
        """The user is here: nothing needs to call them any more."""
        self._notifier.look()
        self.show_title()

    def show_title(self) -> None:
        """Name the terminal's window by who chats in it and what is unread."""
        self.set_terminal_title(self._notifier.window_title(self.nick_in_title))

    def notify_of(self, news: Sequence[News]) -> None:
        """Call the user back, if what has arrived is worth it and they aren't looking."""
        self._follow_alert(self._notifier.hear(news, time.monotonic()))
        self.show_title()

    def _follow_alert(self, alert: Alert) -> None:
        if alert.ring:
            self.ring()
        if alert.note is not None:
            self.notify_desktop(alert.note.title, alert.note.body, self.settings.desktop)
        if alert.again_in_s is not None:
            self._ask_again_in(alert.again_in_s)

    def _ask_again_in(self, delay_s: float) -> None:
        if self._alert_timer is not None:
            self._alert_timer.stop()
        self._alert_timer = self.set_timer(delay_s, self._alert_again)

    def _alert_again(self) -> None:
        self._alert_timer = None
        self._follow_alert(self._notifier.due(time.monotonic()))
