"""What its user is asked for and nobody else may see: the room's password, and whatever other secrets. UI thread.

A secret is kept in memory alone, for as long as the program runs, so that a connection that broke comes back by itself.
"""

from collections.abc import Callable

from server.protocol.password import Password
from tui_client import strings
from tui_client.connected_app import ConnectedApp
from tui_client.mailbox import PasswordWanted
from tui_client.widgets.secret_screen import SecretPrompt, SecretScreen
from tui_client.widgets.title_bar import LinkState


class PrivateApp(ConnectedApp):
    """An app that can keep a secret."""

    _asked: PasswordWanted | None = None
    """What the server waits for, until it is given."""

    def ask_secret(self, prompt: SecretPrompt, then: Callable[[Password | None], None]) -> None:
        """Have a secret typed over whatever is on the screen, and do `then` with it; with nothing, if its user doesn't want to say it."""
        self.push_screen(SecretScreen(prompt), then)

    def password_wanted(self, wanted: PasswordWanted) -> None:
        """In a dialog at the start; later in the room, since a dialog would take the keys from whoever is typing."""
        self._password, self._asked = None, wanted
        if not self._is_typing:
            self._ask_password(wanted)
        else:
            self._say_once(strings.PASSWORD_WANTED_AGAIN if wanted.is_again else strings.PASSWORD_WANTED)
        self._show_state(LinkState.OFFLINE, strings.STATE_PASSWORD_NEEDED)

    @property
    def _is_typing(self) -> bool:
        """Whether there is something that a dialog would interrupt."""
        return bool(self._timeline.uid or self._chat.composer.whole_text or self.screen is not self._chat)

    def _ask_password(self, wanted: PasswordWanted) -> None:
        reason = strings.PASSWORD_WRONG if wanted.is_again else ""
        prompt = SecretPrompt(strings.PASSWORD_TITLE, strings.PASSWORD_QUESTION, strings.PASSWORD_KEYS, reason)
        self.ask_secret(prompt, self._take_password)

    def _take_password(self, password: Password | None) -> None:
        if password is None:
            self._say_once(strings.PASSWORD_LATER)
            self._show_state(LinkState.OFFLINE, strings.STATE_PASSWORD_NEEDED)
            return
        self._password, self._asked = password, None
        self._link.retry_now()

    def go_online(self) -> None:
        """Connect now; if the server waits for a password, ask for that first."""
        if self._asked is None:
            self._link.retry_now()
        elif not isinstance(self.screen, SecretScreen):
            self._ask_password(self._asked)
