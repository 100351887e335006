"""Who is at the other end: asks about a server that was never seen, and warns of one that is another now. UI thread.

Nearly every start has neither to ask nor to warn: the screens are imported when one of them is needed.
"""

from typing import assert_never

from tui_client import strings
from tui_client.dialing import Secured
from tui_client.mailbox import CertificateChanged, SecurityNews, TrustWanted
from tui_client.private_app import PrivateApp


class TrustingApp(PrivateApp):
    """An app that tells nothing to anybody whom its user doesn't trust."""

    def on_mount(self) -> None:  # besides those of the other classes, which Textual calls, too
        if self._trust.is_exposed:
            self._chat.title_bar.show_security(strings.EXPOSED, is_exposed=True)

    def security_told(self, news: SecurityNews) -> None:
        match news:
            case Secured():
                self._chat.title_bar.show_security(strings.SECURED, is_exposed=False)
            case TrustWanted(fingerprint):
                self._ask_whether_right(fingerprint)
            case CertificateChanged():
                from tui_client.widgets.changed_screen import ChangedScreen

                self.push_screen(ChangedScreen(str(self._address), news))
            case _:
                assert_never(news)

    def _ask_whether_right(self, fingerprint: str) -> None:
        from tui_client.widgets.trust_screen import TrustScreen

        def answer(is_right: bool | None) -> None:  # noqa: FBT001 -- a screen's result
            self._link.answer_trust(fingerprint, is_right=bool(is_right))

        self.push_screen(TrustScreen(str(self._address), fingerprint), answer)
