"""Line mode at a pipe or a file: each line of standard input is sent, in order, and known to stand in the log before it ends.

Lines are taken only as answers come, so that an input of any length costs no memory and its writer waits. What is not sent is said
on standard error with its line's number; the exit code tells whether there was any. So nothing is kept for another run: whoever runs the
script knows whether to run it again, and then it says everything anew.
"""

from typing import Final, assert_never

from server.protocol import phrases
from server.protocol.errors import Code
from server.protocol.events import Rename, Say, Whisper
from server.protocol.text import excerpt
from tui_client import commands, strings
from tui_client.conversation import HelloRefused
from tui_client.line.chat import BY_SIGNAL, DELIVERED, NOT_LET_IN, UNDELIVERED, LineChat, Setting, now_ms
from tui_client.line.input import InputReader
from tui_client.line.news import (
    Answered,
    CameIn,
    Delayed,
    Interrupted,
    Named,
    News,
    NotTaken,
    Ordered,
    Settled,
    Silenced,
)
from tui_client.line.source import NumberedLines, WrongLine
from tui_client.mailbox import GaveUp, PasswordWanted, TrustWanted
from tui_client.timeline import MAX_PENDING

_SEAT_PATIENCE_S: Final = 3.0
"""How long to wait for the nickname when somebody has it: another run of the same script is over in less."""

_ASK_AGAIN_S: Final = 0.3
_EXCERPT_CHARS: Final = 60


class PipedChat(LineChat):
    """Sends what `reader` gives, if there is one, and shows what is said meanwhile."""

    def __init__(self, setting: Setting, reader: InputReader | None, patience_s: float) -> None:
        super().__init__(setting, most_on_their_way=MAX_PENDING)
        self._reader = reader
        self._patience_s = patience_s
        self._lines = NumberedLines()
        self._wants_more = False
        self._sent: dict[str, tuple[int, str]] = {}
        """Messages that were handed over and not settled, by `cid`: the line's number and its text; in order."""
        self._renaming: tuple[int, str] | None = None
        """The line that asked for another nickname, and which; what came before is settled first, what comes after waits."""
        self._rename_is_sent = False
        self._has_failed = False
        self._answered_at_s = self.clock()
        self._put_off_for = ""
        """Why the server has taken nothing since its last answer, if it has said so."""
        self._seat_wanted_until_s = 0.0
        self._greet_at_s = float("inf")

    def begin(self) -> None:
        self.link.start()
        self._ask_for_more()

    def take_signal(self, number: int) -> None:
        self.exit_code = BY_SIGNAL + number

    # --- from the input to the link -----------------------------------------------------------------------------------

    def take_input(self, data: bytes) -> None:
        self._wants_more = False
        if not self._is_waiting:
            self._answered_at_s = self.clock()  # the patience begins when there is something to wait for
        self._lines.feed(data)

    def advance(self) -> None:
        self._follow_rename()
        if self.clock() >= self._greet_at_s:
            self._greet_at_s = float("inf")
            self.link.greet()
        if self.link.is_online:
            self._pump()
        if not self._lines:
            self._ask_for_more()
        self._look_for_the_end()

    @property
    def due_s(self) -> float:
        return min(self._gives_up_at_s, self._greet_at_s) if self._is_waiting else self._greet_at_s

    @property
    def _is_waiting(self) -> bool:
        """Whether something is to be sent, or an answer outstanding."""
        return bool(self._sent or self._lines or self._renaming)

    @property
    def _gives_up_at_s(self) -> float:
        return self._answered_at_s + self._patience_s

    def _ask_for_more(self) -> None:
        if self._reader is None:
            self._lines.close()
        elif not (self._lines.has_ended or self._wants_more):
            self._wants_more = True
            self._reader.want_more()

    def _pump(self) -> None:
        """Send what there is room for, taking new lines as long as nothing older waits for its turn."""
        while self._lines and self.timeline.has_room and self._renaming is None and self.exit_code is None:
            self._take_line()
        self.send_pending()
        if self._renaming is not None and not (self._sent or self._rename_is_sent):
            self._rename_is_sent = True
            self.link.send(Rename(self._renaming[1]))

    def _take_line(self) -> None:
        """The next line is noted as a message if it is one, else it is done, or said to be wrong, here."""
        number, line = self._lines.take()
        if isinstance(line, WrongLine):
            self._fail(number, line.reason)
        elif line.strip():
            self._obey(number, line)

    def _obey(self, number: int, line: str) -> None:
        meant = commands.parse(line)
        match meant:
            case commands.Say(text):
                self._note(number, line, self.timeline.say(text, now_ms()))
            case commands.Whisper(to, text):
                self._note(number, line, self.timeline.whisper(to, text, now_ms()))
            case commands.Rename(nick):
                self._renaming = (number, nick)
            case commands.ListMembers():
                self.paper.answer(phrases.member_list([member.nick for member in self.timeline.members]))
            case commands.Help():
                self.paper.answer("\n".join(strings.LINE_HELP))
            case commands.Quit():
                self._lines.close()
            case commands.Mistake(text):
                self._fail(number, text)
            case commands.Reply() | commands.StickyWhisper():
                self._fail(number, strings.LINE_NAME_THE_PARTNER)
            case _:
                self._fail(number, strings.ONLY_ON_SCREEN)

    def _note(self, number: int, line: str, command: Say | Whisper) -> None:
        assert command.cid is not None
        self._sent[command.cid] = (number, excerpt(line, _EXCERPT_CHARS))

    def _fail(self, number: int, reason: str, text: str = "") -> None:
        self._has_failed = True
        self.paper.tell(strings.line_failed(number, reason, text))

    # --- what the server says -----------------------------------------------------------------------------------------

    def show(self, lines: list[str], *, is_past: bool) -> None:
        """A script's log holds what comes while it is there."""
        if not is_past:
            self.paper.say(lines)

    def hear(self, news: News) -> None:
        match news:
            case CameIn():
                self._rename_is_sent = False
                self._seat_wanted_until_s = 0.0
            case Settled(cid):
                self._forget(cid)
            case Delayed(reason, _, until_s):
                self._note_delay(reason, until_s)
            case NotTaken():
                self._note_refusal(news)
            case HelloRefused(code, reason):
                self._want_seat(code, reason)
            case GaveUp(reason):
                self._leave_unwelcome(reason)
            case PasswordWanted(is_again):
                self.paper.tell(strings.LINE_PASSWORD_REFUSED if is_again else strings.LINE_PASSWORD_NEEDED)
                self.exit_code = NOT_LET_IN
            case TrustWanted(fingerprint):
                self.paper.tell(strings.nobody_to_ask(fingerprint))
                self.link.answer_trust(fingerprint, is_right=False)
            case Interrupted():
                """What is pending is sent again by itself; the patience goes on."""
            case Answered() | Named() | Ordered():
                """Nothing was asked, and nothing is remembered."""
            case Silenced():
                """Each line that is not heard is told."""
            case _:
                assert_never(news)

    def _note_refusal(self, news: NotTaken) -> None:
        if news.cid in self._sent:
            number, text = self._sent[news.cid]
            self._fail(number, strings.not_sent(news.reason), text)
            self._forget(news.cid)
            self.timeline.throw_away(news.cid)
        elif self._renaming is not None:
            self._fail(self._renaming[0], news.reason)
            self._settle_rename()
        else:
            self.paper.tell(news.reason)

    def _note_delay(self, reason: str, until_s: float) -> None:
        """The patience begins when the time is over that was asked for; asked for again and again, it doesn't begin anew."""
        if not self._put_off_for:
            self._answered_at_s = until_s
        self._put_off_for = reason

    def _forget(self, cid: str) -> None:
        self._sent.pop(cid, None)
        self._answered_at_s = self.clock()
        self._put_off_for = ""

    def _follow_rename(self) -> None:
        if self._renaming is not None and self.timeline.nick == self._renaming[1]:
            self._settle_rename()

    def _settle_rename(self) -> None:
        self._renaming = None
        self._rename_is_sent = False
        self._answered_at_s = self.clock()

    def _want_seat(self, code: str, reason: str) -> None:
        now_s = self.clock()
        if not self._seat_wanted_until_s:
            self._seat_wanted_until_s = now_s + min(_SEAT_PATIENCE_S, self._patience_s)
        if code == Code.NICK_IN_USE and now_s + _ASK_AGAIN_S < self._seat_wanted_until_s:
            self._greet_at_s = now_s + _ASK_AGAIN_S
        else:
            self._leave_unwelcome(reason)

    def _leave_unwelcome(self, reason: str) -> None:
        """An input with nothing to be sent in it is no failure."""
        self.paper.tell(reason)
        self.exit_code = (
            DELIVERED if self._lines.has_ended and not self._is_waiting and not self._has_failed else UNDELIVERED
        )

    # --- the end ------------------------------------------------------------------------------------------------------

    def _look_for_the_end(self) -> None:
        if self.exit_code is not None:
            return
        if not self._is_waiting:
            if self._lines.has_ended:
                self.exit_code = UNDELIVERED if self._has_failed else DELIVERED
        elif self.clock() >= self._gives_up_at_s:
            self.paper.tell(
                strings.line_put_off(self._put_off_for, self._patience_s)
                if self._put_off_for
                else strings.line_no_answer(self._patience_s)
            )
            self.exit_code = UNDELIVERED

    def report_undelivered(self) -> None:
        for number, text in self._sent.values():
            self.paper.tell(strings.line_unanswered(number, text))
        if self._renaming is not None:
            self.paper.tell(strings.line_unanswered(*self._renaming))
        if self._lines:
            self.paper.tell(strings.line_never_sent(self._lines.next_number))

    def put_away(self) -> None:
        """A script keeps nothing."""
