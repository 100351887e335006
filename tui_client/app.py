"""The app: what its user types, carried out. UI thread.

The top of a pile, each of which knows only those below: `moderating_app` (those who disturb), `unsent_app` (what is not sent),
`browsing_app` (what is opened over the chat), `trusting_app` (who is at the other end), `private_app` (secrets that are asked for),
`connected_app` (what comes from the server), `personal_app` (settings and notifications), `terminal_app` (the terminal). It holds
nothing of its own. What can't be carried out is given back, with the reason above it: nothing typed is lost, and no whisper reaches
anybody but whom it was typed for.
"""

from typing import ClassVar, assert_never

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from server.protocol import phrases
from server.protocol.events import Register, Unregister
from server.protocol.events import Rename as RenameFrame
from server.protocol.nickname import guises, nickname_key
from server.protocol.plain import COMMAND_SIGN, OPERATOR_WORDS
from server.protocol.skeleton import skeleton
from tui_client import commands, intents, strings
from tui_client.completion import Known
from tui_client.connected_app import now_ms
from tui_client.intents import NotDone
from tui_client.moderating_app import ModeratingApp
from tui_client.partners import Partner, Unreachable, reach
from tui_client.timeline import TooManyPending
from tui_client.widgets.composer import Composer
from tui_client.widgets.key_order import catch_up, knows


class ChatApp(ModeratingApp):
    """One client of one room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False),
        Binding("ctrl+c", "help_quit", show=False, system=True),
        Binding("ctrl+r", "reply", show=False),
    ]

    @property
    def typing_target(self) -> Widget | None:
        """The composer also while another pane has the focus: whoever types there means it."""
        if self.is_in_front:
            return self._chat.composer
        target = getattr(self.screen, "typing_target", None)
        return target if isinstance(target, Widget) else self.focused

    async def prepare_typing(self, event: events.Event) -> None:
        """Who types, edits or pastes while another pane has the focus means the composer, or the line of what lies over it.

        The pane does first what it was told before: whoever chose a member there, and types on, types to them.
        """
        if isinstance(event, events.Key):
            self.look()
            self._chat.stay()
        if self.screen_stack and self.focused is not self.typing_target and self._is_typed(event):
            await catch_up(self.screen)
            if (target := self.typing_target) is not None:
                target.screen.set_focus(target)

    def _is_typed(self, event: events.Event) -> bool:
        """Whether an event is for where one types: text, and keys that edit it if nobody else has a use for them."""
        if not isinstance(event, events.Key) or event.is_printable:
            return isinstance(event, events.Key | events.Paste)
        others = (self, self.screen, self.focused)
        target = self.typing_target
        return (
            target is not None
            and knows(target, event.key)
            and not any(knows(one, event.key) for one in others if one is not None)
        )

    # --- what is typed ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:  # besides those of the classes below, which Textual calls, too
        self._chat.composer.deliver = self.submit

    def submit(self, submitted: Composer.Submitted) -> None:
        meant, text = commands.parse(submitted.text, submitted.partner), submitted.text
        if isinstance(meant, intents.BecomeOperator):  # the key may stand behind it
            submitted.composer.forget(text, submitted.partner)
            text = COMMAND_SIGN + OPERATOR_WORDS[0]
        self._submitted = submitted
        try:
            self._carry_out(meant)
        except NotDone as problem:
            submitted.composer.restore(text, submitted.partner)
            self._follow_partner()
            self._chat.show_hint(problem.text)
        finally:
            self._submitted = None

    def _carry_out(self, meant: intents.Command | intents.Mistake) -> None:
        """Do what was typed. Raises NotDone, having done nothing."""
        match meant:
            case intents.Mistake(text):
                raise NotDone(text)
            case intents.Say(text):
                self._say(text)
            case intents.Whisper(to, text):
                self._whisper(self._who_is_called(to), text)
            case intents.WhisperOn(partner, text):
                self._whisper(partner, text)
            case intents.Reply(text):
                self._reply(text)
            case intents.StickyWhisper(to):
                self._whisper_from_now_on(self._who_is_called(to))
            case intents.Rename(nick):
                self._rename(nick)
            case intents.KeepNick():
                self._link.send(Register(self._new_order_id()))
            case intents.GiveUpNick(nick):
                self._link.send(Unregister(self._new_order_id(), nick or None))
            case intents.ListMembers():
                self._list_members()
            case intents.Search():
                self.search_for(meant.line)
            case intents.SetTheme(name):
                self.keep_theme(name) if name else self.action_themes()
            case intents.SetNotify(which):
                self.change_setting("notify", which)
                self._tell(strings.notify_set(which))
            case intents.Help():
                self.run_later("app.help")
            case intents.OpenLinks():
                self.run_later("app.links")
            case intents.CopyLast():
                self.copy_last()
            case intents.OpenSettings():
                self.action_settings()
            case intents.Reconnect():
                self.reconnect()
            case intents.SendAgain():
                self.send_all_again()
            case intents.ThrowAway():
                self.throw_away()
            case intents.BecomeOperator(was_typed):
                self.become_operator(was_typed=was_typed)
            case intents.Ignore(nick):
                self.ignore(nick)
            case intents.Quit():
                self.leave()
            case intents.Kick() | intents.Ban() | intents.Unban() | intents.Mute() | intents.Unmute():
                self.moderate(meant)
            case intents.Announce() | intents.ShowSanctions():
                self.moderate(meant)
            case _:
                assert_never(meant)

    def _list_members(self) -> None:
        """Who is here; without a connection, who was."""
        nicks = self._chat.members.nicks
        if self._link.is_online:
            self._tell(phrases.member_list(nicks))
        else:
            self._tell(strings.members_then(nicks) if nicks else strings.NOBODY_KNOWN)

    def _say(self, text: str) -> None:
        if self._chat.shows_whispers_only:
            raise NotDone(strings.NOT_TO_ALL)
        try:
            self._timeline.say(text, now_ms())
        except TooManyPending:
            raise NotDone(strings.TOO_MANY_PENDING) from None
        self.send_pending()
        self._chat.room.clear_unread_mark()
        self._chat.room.action_scroll_end()

    def _whisper(self, partner: Partner, text: str) -> None:
        try:
            whisper = self._timeline.whisper_to(self._reached(partner), text, now_ms())
        except TooManyPending:
            raise NotDone(strings.TOO_MANY_PENDING) from None
        self.send_pending()
        self._chat.whispers.action_scroll_end()
        if self._link.is_online and self._timeline.is_away_now(whisper.to):
            self._chat.show_hint(strings.partner_is_away(whisper.to))

    def _rename(self, nick: str) -> None:
        if self._link.is_online:
            self._check_free(nick)
            self._link.send(RenameFrame(nick, self._new_order_id(is_rename=True)))
        elif self._nick_is_needed:
            self._take_nickname(nick)
        else:
            raise NotDone(strings.NOT_CONNECTED)

    def _check_free(self, nick: str) -> None:
        """What the server would say, while what was typed can still be given back."""
        me = self._timeline.nick
        if nick == me:
            raise NotDone(phrases.NICK_UNCHANGED)
        if nickname_key(nick) != nickname_key(me) and self._timeline.find_partner(nick).uid:
            raise NotDone(phrases.nick_in_use(nick))
        look = skeleton(nick)
        for member in self._timeline.members:
            if member.uid != self._timeline.uid and look in guises(member.nick):
                raise NotDone(phrases.nick_look_alike(nick, member.nick))

    # --- whispering ---------------------------------------------------------------------------------------------------

    def _reached(self, partner: Partner) -> Partner:
        """`partner` as they are called now.

        Who was never known to be here is the server's to refuse, and so is whoever has left while there was no connection: what was
        said to them is shown as failed then.
        """
        if not (partner.uid and self._link.is_online):
            return partner
        try:
            return reach(partner, self._timeline.members)
        except Unreachable as problem:
            raise NotDone(problem.text) from None

    def _whisper_from_now_on(self, partner: Partner) -> None:
        if not partner.uid:
            raise NotDone(phrases.absent(partner.nick))
        self._chat.composer.partner = self._reached(partner)
        self._chat.composer.focus()

    def _reply(self, text: str) -> None:
        partner = self._timeline.to_answer
        if partner is None:
            raise NotDone(strings.NOBODY_TO_ANSWER)
        if text:
            self._whisper(partner, text)
        else:
            self._whisper_from_now_on(partner)

    def action_reply(self) -> None:
        """Answer the last whisper: from now on everything typed goes there, until Esc."""
        if not self.is_in_front:
            return
        try:
            self._reply("")
        except NotDone as problem:
            self._chat.show_hint(problem.text)

    @on(Composer.PartnerChanged)
    def tell_whom_it_is_for(self, changed: Composer.PartnerChanged) -> None:
        """The mode was left with something in the composer."""
        if changed.partner is None and changed.before is not None and changed.text:
            self._chat.show_hint(strings.to_everyone_again(changed.before.nick))

    @on(Composer.PutAway)
    def tell_where_it_is(self, put_away: Composer.PutAway) -> None:
        self._chat.show_hint(strings.whisper_put_away(put_away.partner.nick))

    def members_shown(self) -> None:
        nicks = self._chat.members.nicks
        partners = [partner.nick for partner in self._timeline.partners]
        self._chat.composer.known = Known(nicks, partners, self._timeline.nick)
        self._follow_partner()

    def _follow_partner(self) -> None:
        """A partner who has a new nickname stays the partner."""
        composer = self._chat.composer
        if composer.partner is not None and (nick := self._timeline.nick_of(composer.partner)):
            composer.partner = Partner(nick, composer.partner.uid)

    # --- leaving ------------------------------------------------------------------------------------------------------

    def action_help_quit(self) -> None:
        """Ctrl+C copies a selection, as everywhere in Textual; without one it says how to leave."""
        self._chat.show_hint(strings.HOW_TO_QUIT)

    async def action_quit(self) -> None:
        """In the composer's turn: the Enter that was pressed right before may still wait there to be looked at."""
        self._chat.composer.call_later(self._leave)

    def _leave(self) -> None:
        """What Enter was pressed on is still sent, though its wait for a late syllable isn't over."""
        self._chat.composer.hurry()
        self.call_later(self.leave)
