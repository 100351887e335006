"""What becomes of own messages that are not sent: sent again, revised or thrown away, and none left behind unsaid. UI thread."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType

from server.protocol.plain import WHISPER_SIGN, split_sign
from tui_client import strings, unsent
from tui_client.browsing_app import BrowsingApp
from tui_client.choices import Choice
from tui_client.connected_app import now_ms
from tui_client.intents import NotDone
from tui_client.outbox import Letter
from tui_client.partners import Partner
from tui_client.timeline import Timeline
from tui_client.widgets.message_log import PENDING_MARK, MessageLog
from tui_client.wrapping import cut, pad

FAREWELL_S: Final = 0.5
"""How long leaving waits for the echo of what was said last; nobody notices it, and every network that works is quicker."""

_EXCERPT_CHARS: Final = 60

_MARK_COLUMNS: Final = 6
_BOX_COLUMNS, _FRAME_COLUMNS, _ROOMY_COLUMNS = 78, 9, 50
"""How wide a list is at most, what of it is no text, and from how much text on there is room for a reason beside a message."""


class UnsentApp(BrowsingApp):
    """An app that leaves nothing unsaid."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f8", "unsent", show=False)]

    _is_leaving = False

    # --- what failed, and what waits ----------------------------------------------------------------------------------

    @on(MessageLog.FailedChosen)
    def action_unsent(self) -> None:
        """Choose a message, and what is to become of it; of the only one at once."""
        if not self.is_in_front:
            return
        match self._unsent:
            case []:
                self._chat.show_hint(strings.NOTHING_UNSENT)
            case [letter]:
                self._ask_about(letter.cid)
            case letters:
                self._offer([*map(self._choice_of, letters), self._all_of_them], self._unsent_title)

    @property
    def _unsent(self) -> Sequence[Letter]:
        return [*self._timeline.failed, *self._timeline.pending]

    @property
    def _unsent_title(self) -> str:
        return strings.unsent_title(len(self._timeline.failed), len(self._timeline.pending))

    def _offer(self, choices: Sequence[Choice], title: str) -> None:
        self.offer(choices, title=title, placeholder=strings.UNSENT_PLACEHOLDER, keys=strings.UNSENT_KEYS)

    def _choice_of(self, letter: Letter) -> Choice:
        mark = strings.FAILED_MARK if letter.code else PENDING_MARK
        about = letter.reason or (strings.IS_SENT if letter.sent else strings.WAITS)
        return self._row(mark, unsent.line_of(letter, _EXCERPT_CHARS), about, partial(self._ask_about, letter.cid))

    @property
    def _all_of_them(self) -> Choice:
        return self._row(strings.ALL_MARK, strings.ALL_AT_ONCE, "", self._ask_about_all)

    def _row(self, mark: str, text: str, about: str, run: Callable[[], None]) -> Choice:
        columns = min(self.size.width, _BOX_COLUMNS) - _FRAME_COLUMNS
        text_columns = (columns // 2 if columns >= _ROOMY_COLUMNS else columns) - _MARK_COLUMNS
        return Choice(pad(mark, _MARK_COLUMNS) + cut(text, text_columns), about, run)

    def _ask_about(self, cid: str) -> None:
        """One message: it may have been sent while its user was choosing."""
        letter = unsent.find(self._unsent, cid)
        if letter is None:
            self._chat.show_hint(strings.STANDS)
        elif letter.sent and not letter.code:
            self._chat.show_hint(strings.MAY_STAND)
        else:
            self._offer(list(self._choices_about(letter)), unsent.line_of(letter, _EXCERPT_CHARS))

    def _choices_about(self, letter: Letter) -> Iterator[Choice]:
        """What helps most comes first; what can't be undone, last."""
        again = Choice(strings.SEND_AGAIN, strings.SEND_AGAIN_ABOUT, partial(self._send_again, letter))
        revise = Choice(strings.REVISE, strings.REVISE_ABOUT, partial(self._revise, letter))
        if not letter.code:
            yield Choice(strings.KEEP, strings.KEEP_ABOUT, _do_nothing)
            yield revise
        elif unsent.should_be_revised(letter) and not self._has_new_nick(letter):
            yield from (revise, again)
        else:
            yield from (again, revise)
        yield Choice(strings.THROW_AWAY, strings.THROW_AWAY_ABOUT, partial(self._throw_away, letter))

    def _has_new_nick(self, letter: Letter) -> bool:
        """Whether it is to somebody who is here under another nickname: sent again, it goes there."""
        nick = self._timeline.nick_of(Partner(letter.to, letter.to_uid)) if letter.to_uid else ""
        return nick not in ("", letter.to)

    def _ask_about_all(self) -> None:
        """Which of them: that is asked before anything is thrown away, and Enter alone throws nothing away."""
        failed, waiting = len(self._timeline.failed), len(self._timeline.retractable)
        choices = [
            Choice(strings.send_all_again(failed), "", self.send_all_again)
            if failed
            else Choice(strings.KEEP, strings.KEEP_ABOUT, _do_nothing)
        ]
        if failed:
            choices.append(Choice(strings.throw_all_away(failed), "", partial(self._report, unsent.throw_away_failed)))
        if waiting:
            choices.append(Choice(strings.take_all_back(waiting), "", partial(self._report, unsent.take_back)))
        self._offer(choices, self._unsent_title)

    def send_all_again(self) -> None:
        """Let everything that failed wait for its turn once more, in the order in which it was written. Raises NotDone."""
        unsent.send_all_again(self._timeline, now_ms(), is_online=self._link.is_online)
        self.send_pending()

    def throw_away(self) -> None:
        """Forget what failed, or else what waits. Raises NotDone."""
        told = unsent.throw_away(self._timeline)
        self.send_pending()
        self._chat.show_hint(told)

    def _report(self, settle: Callable[[Timeline], str]) -> None:
        try:
            told = settle(self._timeline)
        except NotDone as problem:
            told = problem.text
        self.send_pending()
        self._chat.show_hint(told)

    def _send_again(self, letter: Letter) -> None:
        self._timeline.send_again(letter.cid, now_ms())
        self.send_pending()

    def _throw_away(self, letter: Letter) -> None:
        if not self._timeline.throw_away(letter.cid):
            self._ask_about(letter.cid)  # which says why not
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
        else:
            self._ask_about(letter.cid)

    def _as_typed(self, letter: Letter) -> tuple[str, Partner | None]:
        """What means this message when it is entered, in whose whisper mode: to nobody else who has the nickname by then."""
        if not letter.to:
            return _escaped(letter.text), None
        partner = Partner(letter.to, letter.to_uid)
        if partner.uid and not self._timeline.nick_of(partner):
            return _escaped(letter.text), partner
        return f"{WHISPER_SIGN}{self._timeline.nick_of(partner) or letter.to} {letter.text}", None

    def pending_shown(self) -> None:
        has_failed = bool(self._timeline.failed)
        self._chat.show_unsent(has_failed=has_failed, has_waiting=self.holds_back)
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


def _do_nothing() -> None:
    """It is as it should be."""
