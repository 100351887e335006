"""The app: what its user types, carried out. UI thread.

The top of a pile, each of which knows only those below: `browsing_app` (what is opened over the chat), `connected_app` (what comes
from the server), `personal_app` (settings and notifications), `terminal_app` (the terminal). It holds nothing of its own but whom
one whispers to.
"""

from typing import ClassVar, assert_never

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from server.protocol import phrases
from server.protocol.events import Rename as RenameFrame
from tui_client import commands, intents, strings
from tui_client.completion import Known, resolve_member
from tui_client.connected_app import now_ms
from tui_client.partners import Partner
from tui_client.timeline import TooManyPending
from tui_client.unsent_app import UnsentApp
from tui_client.widgets.composer import Composer


class ChatApp(UnsentApp):
    """One client of one room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False),
        Binding("ctrl+c", "help_quit", show=False, system=True),
        Binding("ctrl+r", "reply", show=False),
    ]

    _partner: Partner | None = None
    """Whom the composer whispers to: the nickname is the composer's, the `uid` is bound when the mode is entered."""

    @property
    def typing_target(self) -> Widget | None:
        """The composer also while another pane has the focus: whoever types there means it."""
        if self.is_in_front:
            return self._chat.composer
        target = getattr(self.screen, "typing_target", None)
        return target if isinstance(target, Widget) else self.focused

    def prepare_typing(self, event: events.Event) -> None:
        """Who types or pastes while another pane has the focus means the composer, or the line of what lies over it."""
        is_typing = isinstance(event, events.Paste) or (isinstance(event, events.Key) and event.is_printable)
        if isinstance(event, events.Key):
            self.look()
        target = self.typing_target if is_typing and self.screen_stack else None
        if target is not None and target.screen.focused is not target:
            target.screen.set_focus(target)

    # --- what is typed ------------------------------------------------------------------------------------------------

    @on(Composer.Submitted)
    def submit(self, submitted: Composer.Submitted) -> None:
        meant = commands.parse(submitted.text, submitted.partner)
        if isinstance(meant, intents.Mistake):
            self._refuse(submitted, meant.text)
        else:
            self._carry_out(meant, submitted)

    def _carry_out(self, meant: intents.Command, submitted: Composer.Submitted) -> None:
        match meant:
            case intents.Say(text):
                self._say(text, submitted)
            case intents.Whisper(to, text):
                self._whisper(self._addressee(to), text, submitted)
            case intents.Reply(text):
                self._reply(text, submitted)
            case intents.StickyWhisper(to):
                self._whisper_from_now_on(self._addressee(to))
            case intents.Rename(nick):
                self._rename(nick, submitted)
            case intents.ListMembers():
                self._tell(phrases.member_list(self._chat.members.nicks))
            case intents.Search(query, nick):
                self.search_for(f"@{nick} {query}" if nick else query)
            case intents.SetTheme(name):
                self.keep_theme(name) if name else self.action_themes()
            case intents.SetNotify(which):
                self.change_setting("notify", which)
                self._tell(strings.notify_set(which))
            case intents.Help():
                self.action_help()
            case intents.OpenLinks():
                self.run_later("app.links")
            case intents.CopyLast():
                self.action_copy_last()
            case intents.OpenSettings():
                self.action_settings()
            case intents.Reconnect():
                self.action_reconnect()
            case intents.SendAgain():
                self.send_all_again()
            case intents.ThrowAway():
                self.throw_all_away()
            case intents.Quit():
                self.leave()
            case _:
                assert_never(meant)

    def _refuse(self, submitted: Composer.Submitted, reason: str) -> None:
        """Nothing is sent, and nothing that was typed is lost."""
        submitted.composer.restore(submitted.text, submitted.partner)
        self._chat.show_hint(reason)

    def _say(self, text: str, submitted: Composer.Submitted) -> None:
        if self._chat.shows_whispers_only:
            self._refuse(submitted, strings.NOT_TO_ALL)
            return
        try:
            self._timeline.say(text, now_ms())
        except TooManyPending:
            self._refuse(submitted, strings.TOO_MANY_PENDING)
            return
        self.send_pending()
        self._chat.room.clear_unread_mark()
        self._chat.room.action_scroll_end()

    def _whisper(self, partner: Partner, text: str, submitted: Composer.Submitted) -> None:
        try:
            self._timeline.whisper_to(partner, text, now_ms())
        except TooManyPending:
            self._refuse(submitted, strings.TOO_MANY_PENDING)
            return
        self.send_pending()
        self._chat.whispers.action_scroll_end()

    def _rename(self, nick: str, submitted: Composer.Submitted) -> None:
        if self._link.is_online:
            self._link.send(RenameFrame(nick))
        elif self._nick_is_needed:
            self._take_nickname(nick)
        else:
            self._refuse(submitted, strings.NOT_CONNECTED)

    # --- whispering ---------------------------------------------------------------------------------------------------

    def _addressee(self, typed: str) -> Partner:
        """Who is meant by a nickname. The partner of whisper mode stays who they are, whoever has the nickname now."""
        if self._partner is not None and typed == self._partner.nick:
            return self._partner
        return self._timeline.find_partner(resolve_member(typed, self._chat.members.nicks) or typed)

    def _whisper_from_now_on(self, partner: Partner) -> None:
        if not partner.uid:
            self._chat.show_hint(phrases.no_such_nick(partner.nick))
            return
        self._partner = partner
        self._chat.composer.partner = partner.nick
        self._chat.composer.focus()

    def _reply(self, text: str, submitted: Composer.Submitted) -> None:
        partner = self._timeline.to_answer
        if partner is None:
            self._refuse(submitted, strings.NOBODY_TO_ANSWER)
        elif text:
            self._whisper(partner, text, submitted)
        else:
            self._whisper_from_now_on(partner)

    def action_reply(self) -> None:
        """Answer the last whisper: from now on everything typed goes there, until Esc."""
        if not self.is_in_front:
            return
        partner = self._timeline.to_answer
        if partner is None:
            self._chat.show_hint(strings.NOBODY_TO_ANSWER)
        else:
            self._whisper_from_now_on(partner)

    @on(Composer.PartnerChanged)
    def follow_partner(self, changed: Composer.PartnerChanged) -> None:
        """The mode was left, or a refused whisper has brought it back."""
        if not self._chat.composer.partner:
            self._partner = None
            if changed.text and changed.before:
                self._chat.show_hint(strings.to_everyone_again(changed.before))
        elif self._partner is None or self._partner.nick != changed.partner:
            self._partner = self._timeline.find_partner(changed.partner)

    def members_shown(self) -> None:
        """A partner who has a new nickname stays the partner."""
        nicks = self._chat.members.nicks
        partners = [partner.nick for partner in self._timeline.partners]
        self._chat.composer.known = Known(nicks, partners, self._timeline.nick)
        if self._partner is not None and (renamed := self._timeline.nick_of(self._partner)):
            self._partner = Partner(renamed, self._partner.uid)
            self._chat.composer.partner = renamed

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
