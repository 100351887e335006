"""What becomes of own messages that are not sent: sent again, revised or thrown away, and none left behind unsaid. UI thread."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType

from server.protocol.plain import WHISPER_SIGN, split_sign
from server.protocol.text import excerpt
from tui_client import strings
from tui_client.browsing_app import BrowsingApp
from tui_client.choices import Choice
from tui_client.connected_app import now_ms
from tui_client.outbox import Letter
from tui_client.partners import Partner
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.palette import Palette, carry_out

FAREWELL_S: Final = 0.5
"""How long leaving waits for the echo of what was said last; nobody notices it, and every network that works is quicker."""

_EXCERPT_CHARS: Final = 40


class UnsentApp(BrowsingApp):
    """An app that leaves nothing unsaid."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f8", "unsent", show=False)]

    _is_leaving = False

    # --- what failed --------------------------------------------------------------------------------------------------

    @on(MessageLog.FailedChosen)
    def action_unsent(self) -> None:
        """Choose what is to become of which message."""
        if not self.is_in_front:
            return
        if not self._timeline.failed:
            self._chat.show_hint(strings.NOTHING_FAILED)
            return
        unsent = Palette(
            list(self._unsent_choices(self._timeline.failed)),
            title=strings.UNSENT_TITLE,
            placeholder=strings.UNSENT_PLACEHOLDER,
            keys=strings.UNSENT_KEYS,
        )
        self.push_screen(unsent, carry_out)

    def _unsent_choices(self, failed: Sequence[Letter]) -> Iterator[Choice]:
        for letter in failed:
            for title, act in (
                (strings.SEND_AGAIN, self._send_again),
                (strings.REVISE, self._revise),
                (strings.THROW_AWAY, self._throw_away),
            ):
                yield Choice(title, _named(letter), partial(act, letter))
        if len(failed) > 1:
            yield Choice(strings.SEND_ALL_AGAIN, "", self.send_all_again)
            yield Choice(strings.THROW_ALL_AWAY, "", self.throw_all_away)

    def send_all_again(self) -> None:
        """Let everything that failed wait for its turn once more, in the order in which it was written."""
        self._settle_all(lambda cid: self._timeline.send_again(cid, now_ms()))

    def throw_all_away(self) -> None:
        """Forget everything that failed."""
        count = self._settle_all(self._timeline.throw_away)
        if count:
            self._chat.show_hint(strings.thrown_away(count))

    def _settle_all(self, settle: Callable[[str], bool]) -> int:
        count = sum(settle(letter.cid) for letter in self._timeline.failed)
        if not count:
            self._chat.show_hint(strings.NOTHING_FAILED)
        self.send_pending()
        return count

    def _send_again(self, letter: Letter) -> None:
        self._timeline.send_again(letter.cid, now_ms())
        self.send_pending()

    def _throw_away(self, letter: Letter) -> None:
        self._timeline.throw_away(letter.cid)
        self.send_pending()

    def _revise(self, letter: Letter) -> None:
        """Give it back to be written anew: only where nothing else stands, so that neither becomes a part of the other."""
        composer = self._chat.composer
        if composer.whole_text or composer.partner:
            self._chat.show_hint(strings.REVISE_ELSEWHERE)
        elif self._timeline.throw_away(letter.cid):
            composer.restore(*self._as_typed(letter))
            composer.focus()
            self.send_pending()

    def _as_typed(self, letter: Letter) -> tuple[str, Partner | None]:
        """What means this message when it is entered, in whose whisper mode: to nobody else who has the nickname by then."""
        if not letter.to:
            return _escaped(letter.text), None
        partner = Partner(letter.to, letter.to_uid)
        if partner.uid and not self._timeline.nick_of(partner):
            return _escaped(letter.text), partner
        return f"{WHISPER_SIGN}{self._timeline.nick_of(partner) or letter.to} {letter.text}", None

    def pending_shown(self) -> None:
        self._chat.has_failed = bool(self._timeline.failed)
        if self._is_leaving and not self._timeline.pending:
            self._go()

    # --- leaving ------------------------------------------------------------------------------------------------------

    def leave(self) -> None:
        """End, once what was said last is known to stand; if that takes too long, it is kept for the next time."""
        self._is_leaving = True
        if self._timeline.pending and self._link.is_online:
            self.set_timer(FAREWELL_S, self._go)
        else:
            self._go()

    def _go(self) -> None:
        self.exit(0)

    @property
    def left_unsent(self) -> str:
        """What is to be told on the terminal once the screen is gone; perhaps nothing. What is not kept can still be copied there."""
        waiting, failed = len(self._timeline.pending), len(self._timeline.failed)
        if self._outbox.outlives:
            return strings.left_unsent(waiting, failed, self._timeline.nick)
        own = (*self._timeline.pending_room, *self._timeline.pending_whispers)
        return "\n".join([strings.left_unkept(waiting + failed), *(e.label + e.text for e in own if e.is_spoken)])


def _escaped(text: str) -> str:
    """What is entered to say `text`, also where it looks like a command or a whisper."""
    sign, rest = split_sign(text)
    stands_for_itself = not sign and rest == text
    return text if stands_for_itself else (sign or rest[:1]) + text


def _named(letter: Letter) -> str:
    """Enough of a message to be recognised, and whom it is to."""
    return excerpt(f"{WHISPER_SIGN}{letter.to} {letter.text}" if letter.to else letter.text, _EXCERPT_CHARS)
