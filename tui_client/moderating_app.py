"""What its user does about others: as an operator for all, and on their own screen alone. UI thread."""

from collections.abc import Iterator, Sequence
from functools import partial

from server.protocol import phrases
from server.protocol.errors import Code
from server.protocol.events import Done, Refused, SanctionList
from server.protocol.password import Password
from server.protocol.plain import BAN_WORDS, COMMAND_SIGN, UNBAN_WORDS, UNMUTE_WORDS
from server.protocol.text import excerpt
from tui_client import intents, strings
from tui_client.choices import Choice
from tui_client.completion import resolve_member
from tui_client.conversation import MAX_SENTENCE
from tui_client.intents import NotDone
from tui_client.operating import MAX_TARGET, Operating, order_of
from tui_client.partners import Partner
from tui_client.roster import clean_nick
from tui_client.unsent_app import UnsentApp
from tui_client.until import local_time
from tui_client.widgets.composer import Composer
from tui_client.widgets.secret_screen import SecretPrompt, SecretScreen


class ModeratingApp(UnsentApp):
    """An app that helps against those who disturb."""

    _list_asked = 0
    _submitted: Composer.Submitted | None = None
    """What was typed that is carried out now."""
    _key_screen: SecretScreen | None = None
    """Where the key is typed, while it is open."""

    def on_mount(self) -> None:  # besides those of the other classes, which Textual calls, too
        self._operating = Operating(self._timeline.new_page_id)
        self._orders: dict[int, Composer.Submitted] = {}
        """What was typed to have something done, until the server answers."""

    def _new_order_id(self, *, is_rename: bool = False) -> int:
        """Raises NotDone without a connection: what the server is to do doesn't wait for one."""
        if not self._link.is_online:
            raise NotDone(strings.NOT_CONNECTED)
        number = self._timeline.new_order_id(is_rename=is_rename)
        if self._submitted is not None:
            self._orders[number] = self._submitted
        return number

    def order_settled(self, number: int, *, is_done: bool) -> None:
        """What was refused comes back to be mended, unless something is being typed."""
        typed = self._orders.pop(number, None)
        composer = self._chat.composer
        if typed is not None and not is_done and not composer.whole_text and composer.partner == typed.partner:
            composer.restore(typed.text, typed.partner)

    def _who_is_called(self, typed: str) -> Partner:
        """Who has a nickname now; nobody's `uid` is empty."""
        meant = resolve_member(typed, self._chat.members.nicks, self._timeline.names_seen)
        return self._timeline.find_partner(meant or typed)

    # --- being an operator --------------------------------------------------------------------------------------------

    def become_operator(self, *, was_typed: bool = False) -> None:
        """Ask for the key; `was_typed`: perhaps it was, where it must not be. Raises NotDone where others could read it."""
        if not self._link.is_online:
            raise NotDone(strings.NOT_CONNECTED)
        if not self._link.is_private:
            raise NotDone(phrases.OPERATOR_NEEDS_TLS)
        reason = strings.OPERATOR_KEY_BEHIND if was_typed else ""
        prompt = SecretPrompt(strings.OPERATOR_TITLE, strings.OPERATOR_QUESTION, strings.OPERATOR_KEYS, reason)
        self._key_screen = SecretScreen(prompt, self._show_key)
        self.push_screen(self._key_screen, self._forget_key_screen)

    def _show_key(self, key: Password) -> None:
        other_end = self._link.other_end  # looked at first: who comes after this one has no connection that is online
        if self._link.is_online:
            self._link.send(self._operating.show_key(key, other_end))
        elif self._key_screen is not None:
            self._key_screen.refuse(strings.NOT_CONNECTED)

    def _forget_key_screen(self, _: Password | None) -> None:
        self._key_screen = None

    def _take_answer(self, answer: Done | Refused) -> None:
        """Whether the key is right; a wrong one can be typed again at once, where nobody sees it."""
        told = self._operating.take(answer)
        self._show_role()
        if isinstance(answer, Done):
            self._tell(told)
            if self._key_screen is not None:
                self._key_screen.accept()
        elif self._key_screen is not None:
            self._key_screen.refuse(strings.OPERATOR_WRONG if answer.code == Code.AUTH_FAILED else told)
        else:
            self._complain(told)

    def _show_role(self) -> None:
        is_operator = self._operating.is_operator and self._link.is_online
        self._chat.title_bar.role = strings.OPERATOR_MARK if is_operator else ""

    def online_changed(self) -> None:
        super().online_changed()
        self._show_role()
        if self._key_screen is not None and not self._link.is_online:
            self._key_screen.refuse(strings.NOT_CONNECTED)

    def _welcome(self) -> None:
        super()._welcome()
        self._orders.clear()
        if self._list_asked:
            self._list_asked = 0
            self._complain(strings.SANCTIONS_LOST)
        had_key = self._operating.has_key
        if (frame := self._operating.come_in(self._link.other_end)) is not None:
            self._link.send(frame)
        elif had_key:
            self._complain(strings.KEY_NOT_SHOWN)
        self._show_role()

    def moderate(self, meant: intents.OperatorIntent) -> None:
        """Have the server do it. Raises NotDone."""
        if not self._operating.has_key:
            raise NotDone(phrases.NOT_OPERATOR)
        if not self._link.is_online:
            raise NotDone(strings.NOT_CONNECTED)
        meant = self._about_members(meant)
        if isinstance(meant, intents.ShowSanctions):
            number = self._list_asked = self._timeline.new_page_id()
        else:
            number = self._new_order_id()
        self._link.send(order_of(meant, number))

    def _about_members(self, meant: intents.OperatorIntent) -> intents.OperatorIntent:
        """With the nickname that somebody has whose name was typed in the keyboard's other mode. Raises NotDone for oneself."""
        match meant:
            case intents.Kick(nick):
                return intents.Kick(self._other(nick))
            case intents.Mute(nick, for_s):
                return intents.Mute(self._other(nick), for_s)
            case intents.Ban(target, for_s) if not set(target) & set(".:/"):
                return intents.Ban(self._other(target), for_s)
            case _:
                return meant

    def _other(self, typed: str) -> str:
        who = self._who_is_called(typed)
        if who.uid and who.uid == self._timeline.uid:
            raise NotDone(phrases.NOT_ONESELF)
        return who.nick

    def done(self, answer: Done | SanctionList) -> None:
        if isinstance(answer, SanctionList):
            if answer.id == self._list_asked:
                self._list_asked = 0
                self._show_sanctions(answer)
        elif self._operating.is_asked(answer.id):
            self._take_answer(answer)

    def refused(self, refused: Refused) -> None:
        if self._operating.is_asked(refused.id):
            self._take_answer(refused)
        elif self._list_asked and refused.id == self._list_asked:
            self._list_asked = 0
            self._complain(excerpt(refused.text, MAX_SENTENCE))
        else:
            super().refused(refused)

    def _show_sanctions(self, answer: SanctionList) -> None:
        if not self.is_in_front:
            return
        self.offer(
            list(self._sanction_choices(answer)),
            title=strings.SANCTIONS_TITLE,
            placeholder=strings.SANCTIONS_PLACEHOLDER,
            keys=strings.SANCTIONS_KEYS,
        )

    def _sanction_choices(self, answer: SanctionList) -> Iterator[Choice]:
        for entry in answer.entries:
            target = excerpt(entry.target, MAX_TARGET)
            words = UNBAN_WORDS if entry.kind == "ban" else UNMUTE_WORDS
            about = strings.sanction_about(clean_nick(entry.by), local_time(entry.until))
            yield self._choice(f"{strings.SANCTION_KINDS.get(entry.kind, '')} {target}", about, words, target)
        my_addresses = {member.address for member in answer.members if member.uid == self._timeline.uid}
        for member in answer.members:
            nick, address = clean_nick(member.nick), excerpt(member.address, MAX_TARGET)
            about = address or strings.AWAY_SINCE_START
            if member.uid == self._timeline.uid:
                yield Choice(f"{nick} {strings.MEMBER_ME}", about, lambda: None)
            elif not address or member.address in my_addresses:
                yield self._choice(nick, about, BAN_WORDS, nick)
            else:
                yield self._choice(nick, about, BAN_WORDS, address)

    def _choice(self, title: str, about: str, words: Sequence[str], target: str) -> Choice:
        command = f"{COMMAND_SIGN}{words[0]} {target}"
        return Choice(title, about, partial(self._offer_command, command), keys=command, words=(target,))

    def _offer_command(self, command: str) -> None:
        """To be looked at, and sent with Enter: one key too many must not put anybody out."""
        composer = self._chat.composer
        if composer.whole_text:
            self._chat.show_hint(strings.COMPOSER_IS_FULL)
        else:
            composer.show_text(command)

    # --- one's own screen ---------------------------------------------------------------------------------------------

    def ignore(self, typed: str) -> None:
        """Show nothing more of who is called so, or all again; without a name, say who is ignored. Raises NotDone."""
        ignoring = self._timeline.ignoring
        told = ignoring.change(self._who_is_called(typed), self._timeline.uid) if typed else ignoring.told()
        for log in (self._chat.room, self._chat.whispers):
            log.leave_out(lambda entry: entry.uid in ignoring.nicks and not entry.mine)
        self._tell(told)
