"""Line mode for a person: what is typed is said, and what others say appears above the place where one types.

An own line is seen once on a terminal that can erase it: as its echo. Until then it is pending, as in the full-screen app.
"""

from collections.abc import Iterable
from typing import Final, assert_never

from server.protocol import phrases
from server.protocol.errors import Refusal
from server.protocol.events import HistoryPage, Refused, Register, Rename, Search, Unregister
from server.protocol.nickname import check_nickname
from server.protocol.password import Password
from server.protocol.plain import COMMAND_SIGN, OPERATOR_WORDS
from server.protocol.text import excerpt
from tui_client import commands, strings, unsent
from tui_client.conversation import HelloRefused
from tui_client.entry import Entry, State
from tui_client.ignoring import Ignoring
from tui_client.intents import NotDone
from tui_client.korean.hangul import convert
from tui_client.line.chat import BY_SIGNAL, DELIVERED, NOT_LET_IN, UNDELIVERED, LineChat, Setting, now_ms
from tui_client.line.editor import Closed, Entered
from tui_client.line.finding import Finding
from tui_client.line.input import InputReader
from tui_client.line.moderating import LineModerating
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
from tui_client.line.row import Desk, Spoilt
from tui_client.mailbox import GaveUp, PasswordWanted, TrustWanted
from tui_client.partners import Partner, Unreachable, reach
from tui_client.profile import Profile
from tui_client.timeline import TooManyPending

_GOODBYE_S: Final = 2.0
"""How long leaving waits for the echo of what was said last."""

_EXCERPT_CHARS: Final = 60
_PROMPT: Final = "> "
"""No nickname in it: it would look like a message."""


class TypedChat(LineChat):
    """`shows_past` says whether what was said before is shown at the beginning."""

    def __init__(
        self, setting: Setting, reader: InputReader, profile: Profile, desk: Desk, *, shows_past: bool
    ) -> None:
        outbox = profile.outbox(str(setting.address))
        super().__init__(setting, outbox, ignoring=Ignoring(profile.ignored(), profile.note_ignored))
        self._reader = reader
        self._profile = profile
        self._outbox = outbox
        self._desk = desk
        self._shows_past = shows_past
        self._past_was_shown = False
        self._was_greeted = False
        self._default_nick = ""
        self._is_asking = False
        """Whether the next line is a nickname."""
        self._nick_is_needed = False
        """Whether the server waits for another nickname, in the middle of the chat."""
        self._unsure_of = ""
        """The fingerprint of which the next line says whether it is the right one."""
        self._awaited: PasswordWanted | None = None
        """What the server waits for, until it is given."""
        self._is_hidden = False
        """Whether the next line is the password."""
        self._partner: Partner | None = None
        """To whom alone everything goes, until an empty line."""
        self._finding = Finding(self.timeline.new_page_id, self.timeline.draw, shows=self.timeline.shows)
        self._moderating = LineModerating(
            *(self.timeline, self.link, desk, self.paper, lambda: self._prompt, self._new_order_id)
        )
        self._obeyed = ""
        """What was typed that is carried out now."""
        self._orders: dict[int, str] = {}
        """What was typed to have something done, until the server answers."""
        self._silent_until_s = float("inf")
        """When one who was muted may speak again."""
        self._leaves_at_s = float("inf")
        """When to go although an own message is still without its echo."""

    def begin(self) -> None:
        self._desk.begin()
        self._desk.ask(_PROMPT)
        if self._profile.notice:
            self.paper.tell(self._profile.notice)
        if self.identity:
            self._become(self.identity)
            self.link.start()
        else:
            default = self._profile.last_nickname()
            self._ask_nickname(strings.line_ask_nickname(default), default)
        self._reader.want_more()

    def take_signal(self, number: int) -> None:
        if not self._desk.take_signal(number):
            self.exit_code = BY_SIGNAL + number

    def take_input(self, data: bytes) -> None:
        for typed in self._desk.read(data):
            match typed:
                case Entered(line):
                    self._enter(line)
                case Spoilt(reason):
                    self.paper.tell(reason)
                case Closed():
                    self._quit()
        if data:
            self._reader.want_more()

    # --- what was typed -----------------------------------------------------------------------------------------------

    def _enter(self, line: str) -> None:
        if self._is_leaving:
            return  # what follows a goodbye is not said
        if self._is_hidden:
            self._take_password(Password(line))
        elif self._moderating.is_asking:
            self._moderating.take_key(line)
        elif self._unsure_of:
            self._take_trust(line)
        elif self._is_asking:
            self._take_nickname(line.strip() or self._default_nick)
        elif line.strip():
            try:
                self._obey(line)
            except NotDone as problem:
                self._refuse(line, problem.text)
        elif self._partner is not None:
            self._whisper_to(None)
        elif not self.link.is_online:
            self._go_online()

    def _enter_typed_ahead(self) -> None:
        for line in self._moderating.take_ahead():
            self._enter(line)

    def _obey(self, line: str) -> None:
        """Raises NotDone, having done nothing."""
        meant = commands.parse(line, self._partner)
        self._obeyed = line
        match meant:
            case commands.Say(text):
                self._speak(line, text)
            case commands.Whisper(to, text):
                self._speak(line, text, self.timeline.find_partner(to))
            case commands.WhisperOn(partner, text):
                self._speak(line, text, partner)
            case commands.Reply(text):
                self._reply(line, text)
            case commands.StickyWhisper(to):
                self._whisper_from_now_on(self.timeline.find_partner(to))
            case commands.Search():
                self._search(meant.line)
            case commands.Rename(nick):
                self._rename(nick)
            case commands.KeepNick():
                self.link.send(Register(self._new_order_id()))
            case commands.GiveUpNick(nick):
                self.link.send(Unregister(self._new_order_id(), nick or None))
            case commands.BecomeOperator(was_typed):
                self._desk.forget(line)  # the key may stand behind it
                self._moderating.ask_key(was_typed=was_typed)
            case commands.Kick() | commands.Ban() | commands.Unban() | commands.Mute() | commands.Unmute():
                self._moderating.carry_out(meant)
            case commands.Announce() | commands.ShowSanctions():
                self._moderating.carry_out(meant)
            case commands.Ignore(nick):
                self._moderating.ignore(nick)
            case commands.ListMembers():
                self._list_members()
            case commands.Help():
                self.paper.answer("\n".join(strings.LINE_HELP))
            case commands.Reconnect():
                self._go_online()
            case commands.SendAgain():
                unsent.send_all_again(self.timeline, now_ms(), is_online=self.link.is_online)
                self.send_pending()
            case commands.ThrowAway():
                self.paper.tell(unsent.throw_away(self.timeline))
                self._tell_all(self._outbox.take_notices())
            case commands.Quit():
                self._quit()
            case commands.Mistake(text):
                raise NotDone(text)
            case _:
                raise NotDone(strings.ONLY_ON_SCREEN)

    def _speak(self, line: str, text: str, partner: Partner | None = None) -> None:
        try:
            if partner:
                to = self.timeline.whisper_to(self._reached(partner), text, now_ms()).to
                if self.link.is_online and self.timeline.is_away_now(to):
                    self.paper.tell(strings.partner_is_away(to))
            else:
                self.timeline.say(text, now_ms())
        except TooManyPending:
            raise NotDone(strings.TOO_MANY_PENDING) from None
        if not self.link.is_online:
            self.paper.tell(strings.line_will_send(excerpt(line, _EXCERPT_CHARS)))
        self.send_pending()

    def send_pending(self) -> None:
        super().send_pending()
        if not self.link.is_online:
            self._outbox.sync()
        self._tell_all(self._outbox.take_notices())

    def _tell_all(self, texts: Iterable[str]) -> None:
        for text in filter(None, texts):
            self.paper.tell(text)

    def _reply(self, line: str, text: str) -> None:
        partner = self.timeline.to_answer
        if partner is None:
            raise NotDone(strings.LINE_NOBODY_TO_ANSWER)
        if text:
            self._speak(line, text, partner)
        else:
            self._whisper_from_now_on(partner)

    def _reached(self, partner: Partner) -> Partner:
        """`partner` as they are called now. Whom only the server knows, it refuses: without a `uid`, or without a connection."""
        if not (partner.uid and self.link.is_online):
            return partner
        try:
            return reach(partner, self.timeline.members)
        except Unreachable as problem:
            raise NotDone(problem.text) from None

    def _whisper_from_now_on(self, partner: Partner) -> None:
        """Only to somebody who is known: to a mere nickname, whoever takes it next would hear what was meant for another."""
        if not partner.uid:
            raise NotDone(phrases.absent(partner.nick))
        self._whisper_to(self._reached(partner))

    def _whisper_to(self, partner: Partner | None) -> None:
        """Everything goes to `partner` alone from now on; to everyone again, if there is none."""
        self._partner = partner
        self._desk.ask(self._prompt)
        self.paper.tell(strings.line_whispering_to(partner.nick) if partner else strings.LINE_TO_ALL_AGAIN)

    def _search(self, typed: str) -> None:
        """Look for what was typed; without anything, for older hits of what was looked for last."""
        nicks = [member.nick for member in self.timeline.members]
        self._look_up(self._finding.ask(typed, nicks) if typed else self._finding.ask_older())
        if not self.link.is_online:
            self.paper.tell(strings.SEARCH_OFFLINE)

    def _look_up(self, question: Search | None) -> None:
        """Send what is to be asked next, or show what was found, if that is all of it."""
        if question is not None:
            self.link.send(question)
        if (found := self._finding.take_found()) is not None:
            self.paper.say(found.lines)
            self.paper.answer(found.told)

    def _follow_partner(self) -> None:
        """A partner who has a new nickname stays the partner."""
        partner = self._partner
        if partner is not None and (nick := self.timeline.nick_of(partner)) not in ("", partner.nick):
            self._partner = Partner(nick, partner.uid)
            self._desk.ask(strings.line_whisper_prompt(nick))

    def _rename(self, nick: str) -> None:
        if self.link.is_online:
            self.link.send(Rename(nick, self._new_order_id(is_rename=True)))
        elif self._nick_is_needed:
            self._nick_is_needed = False
            self.timeline.nick = nick
            self.link.greet()
        else:
            raise NotDone(strings.NOT_CONNECTED)

    def _new_order_id(self, *, is_rename: bool = False) -> int:
        """Raises NotDone without a connection: what the server is to do doesn't wait for one."""
        if not self.link.is_online:
            raise NotDone(strings.NOT_CONNECTED)
        number = self.timeline.new_order_id(is_rename=is_rename)
        self._orders[number] = self._obeyed
        return number

    def _settle_order(self, number: int, *, is_done: bool) -> None:
        """What was refused comes back to be mended, unless something is being typed."""
        typed = self._orders.pop(number, "")
        if not is_done and not self._desk.has_text:
            self._desk.put_back(typed)

    def _refuse(self, line: str, reason: str) -> None:
        """Nothing is sent, and nothing that was typed is lost."""
        self.paper.tell(reason)
        is_secret = isinstance(commands.parse(line), commands.BecomeOperator)  # the key may stand behind it
        self._desk.put_back(COMMAND_SIGN + OPERATOR_WORDS[0] if is_secret else line)

    def _list_members(self) -> None:
        """Who is here; without a connection, who was."""
        nicks = [member.nick for member in self.timeline.members]
        if self.link.is_online:
            self.paper.answer(phrases.member_list(nicks))
        else:
            self.paper.answer(strings.members_then(nicks) if nicks else strings.NOBODY_KNOWN)

    # --- who one is ---------------------------------------------------------------------------------------------------

    def _ask_nickname(self, question: str, default: str) -> None:
        self._is_asking = True
        self._default_nick = default
        self._desk.ask(strings.LINE_NICK_PROMPT)
        self.paper.tell(question)

    def _take_nickname(self, typed: str) -> None:
        try:
            nick = check_nickname(typed)
        except Refusal as refusal:
            self.paper.tell(refusal.text)
            return
        is_first = not self.identity
        self._is_asking = False
        self._desk.ask(_PROMPT)
        self.timeline.nick = nick
        self._become(nick)
        if is_first:
            self.link.start()
        else:
            self.link.greet()

    def _become(self, nick: str) -> None:
        """Be whoever chats here under this nickname, with what they left unsent."""
        self.identity = self._profile.identity_of(nick)
        self.timeline.take_up(self._outbox.take_up(self.identity), now_ms())
        waiting, failed = len(self.timeline.pending), len(self.timeline.failed)
        left_elsewhere = strings.left_elsewhere(self._outbox.elsewhere, self._outbox.failed_elsewhere)
        self._tell_all((strings.left_over_offline(waiting, failed), left_elsewhere))
        for entry in (*self.timeline.pending_room, *self.timeline.pending_whispers):
            if entry.is_spoken:
                self._report(entry)
        self._tell_all(self._outbox.take_notices())

    def _ask_again(self, reason: str) -> None:
        """Later in the room it is a notice, since a question would take the line that is being typed."""
        if self.timeline.uid:
            self._nick_is_needed = True
            self.paper.tell(strings.nick_lost(reason))
        else:
            self._ask_nickname(reason, "")

    # --- the room's password ------------------------------------------------------------------------------------------

    def _want_password(self, wanted: PasswordWanted) -> None:
        """Later it is a notice, since a question would take the line that is being typed."""
        self._awaited = wanted
        if self.timeline.uid or self._desk.has_text:
            self.paper.tell(strings.LINE_PASSWORD_WANTED_AGAIN if wanted.is_again else strings.LINE_PASSWORD_WANTED)
        else:
            self._ask_password(wanted)

    def _ask_password(self, wanted: PasswordWanted) -> None:
        self._is_hidden = self._desk.hide(strings.LINE_PASSWORD_PROMPT)
        if self._is_hidden:
            self.paper.tell(strings.LINE_PASSWORD_WRONG if wanted.is_again else strings.LINE_PASSWORD_QUESTION)
        else:
            self.paper.tell(strings.LINE_PASSWORD_NEEDED)
            self.exit_code = NOT_LET_IN

    def _take_password(self, password: Password) -> None:
        self._is_hidden = False
        self._desk.show()
        self._desk.ask(self._prompt)
        if password:
            self.password, self._awaited = password, None
            self.link.retry_now()
        else:
            self.paper.tell(strings.LINE_PASSWORD_LATER)

    def _go_online(self) -> None:
        """Connect now; if the server waits for a password, ask for that first."""
        if self._awaited is None:
            self.link.retry_now()
        else:
            self._ask_password(self._awaited)

    # --- who the server is --------------------------------------------------------------------------------------------

    def _ask_whether_right(self, fingerprint: str) -> None:
        self._unsure_of = fingerprint
        self._desk.ask(strings.LINE_TRUST_PROMPT)
        self.paper.tell(strings.line_trust(str(self._address), fingerprint))

    def _take_trust(self, line: str) -> None:
        """Only a whole word is an answer. Anything else can be recalled with a key, and does not stand in the next answer's way."""
        words = {line.strip(), convert(line.strip())}
        if words.isdisjoint((*strings.LINE_TRUST_YES, *strings.LINE_TRUST_NO)):
            self.paper.tell(strings.LINE_TRUST_AGAIN)
            return
        fingerprint, self._unsure_of = self._unsure_of, ""
        self._desk.ask(self._prompt)
        self.link.answer_trust(fingerprint, is_right=not words.isdisjoint(strings.LINE_TRUST_YES))

    @property
    def _prompt(self) -> str:
        if self._is_asking:
            return strings.LINE_NICK_PROMPT
        return strings.line_whisper_prompt(self._partner.nick) if self._partner else _PROMPT

    # --- what the link brings -----------------------------------------------------------------------------------------

    def show(self, lines: list[str], *, is_past: bool) -> None:
        if not is_past or self._shows_past:
            self._mark_past(is_past=is_past)
            self.paper.say(lines)

    def _mark_past(self, *, is_past: bool) -> None:
        """Say once where the past ends."""
        if self._past_was_shown and not is_past:
            self.paper.tell(strings.LINE_PAST_ENDS)
        self._past_was_shown = is_past

    def hear(self, news: News) -> None:
        match news:
            case CameIn():
                self._orders.clear()
                self._moderating.come_in()
                self._look_up(self._finding.set_online(online=True))
            case Named():
                self._profile.remember_nickname(self.timeline.nick, self.identity)
            case Answered(answer):
                if not self._moderating.take(answer) and isinstance(answer, HistoryPage | Refused):
                    self._look_up(self._finding.take(answer))
                self._enter_typed_ahead()
            case Interrupted():
                self._finding.set_online(online=False)
                self._moderating.disconnect()
                if count := len(self.timeline.pending):
                    self.paper.tell(strings.line_still_pending(count))
            case Delayed(_, told):
                if told:
                    self.complain_once(told)
            case NotTaken(reason, _, entry):
                if entry is not None:
                    self._report(entry)
                self.paper.tell(strings.line_not_taken(reason) if entry else reason)
            case HelloRefused(_, reason):
                self._ask_again(reason)
            case GaveUp(reason, says_all):
                self._finding.set_online(online=False)
                self._moderating.disconnect()
                self.paper.tell(reason if says_all else strings.line_stopped(reason))
            case PasswordWanted():
                self._want_password(news)
            case TrustWanted(fingerprint):
                self._ask_whether_right(fingerprint)
            case Ordered(number, is_done):
                self._settle_order(number, is_done=is_done)
            case Silenced(until_s):
                self._silent_until_s = float("inf") if until_s is None else until_s
            case Settled():
                """Its echo is what shows it."""
            case _:
                assert_never(news)

    # --- the end ------------------------------------------------------------------------------------------------------

    @property
    def _is_leaving(self) -> bool:
        return self._leaves_at_s != float("inf")

    @property
    def due_s(self) -> float:
        return min(self._leaves_at_s, self._silent_until_s)

    def _quit(self) -> None:
        if not self._is_leaving:
            self._leaves_at_s = self.clock() + _GOODBYE_S

    def advance(self) -> None:
        self._follow_partner()
        if self.timeline.is_current and not self._was_greeted:
            self._greet()
        if self.clock() >= self._silent_until_s:
            self._silent_until_s = float("inf")
            self.paper.tell(strings.MUTE_IS_OVER)
        if not self._is_leaving or self.exit_code is not None:
            return
        is_hopeless = not self.link.is_online or self.clock() >= self._leaves_at_s
        if is_hopeless or not self.timeline.pending:
            self.exit_code = UNDELIVERED if self.timeline.pending or self.timeline.failed else DELIVERED

    def _greet(self) -> None:
        self._was_greeted = True
        self._mark_past(is_past=False)
        self.paper.tell(phrases.member_list([member.nick for member in self.timeline.members]))
        self.paper.tell(strings.LINE_HOW_TO_LEAVE)

    def report_undelivered(self) -> None:
        for entry in (*self.timeline.pending_room, *self.timeline.pending_whispers):
            if entry.is_spoken:
                self._report(entry)
        self._outbox.sync()
        waiting, failed = len(self.timeline.pending), len(self.timeline.failed)
        if self._outbox.outlives:
            self._tell_all([strings.left_unsent(waiting, failed, self.timeline.nick)])
        else:
            self.paper.tell(strings.left_unkept(waiting + failed))
        self._desk.end()

    def put_away(self) -> None:
        self._outbox.close()

    def _report(self, entry: Entry) -> None:
        told = strings.line_waits if entry.state is State.PENDING else strings.line_undelivered
        self.paper.tell(told(entry.label, entry.text.replace("\n", " ")))
