"""What a typed line can mean: one frozen value for each. `commands.parse` makes them, the app carries them out."""

from msgspec import Struct

from tui_client.partners import Partner
from tui_client.settings import Notify


class NotDone(Exception):
    """What was typed can't be carried out. `text` is a Korean sentence that says why; what was typed is given back."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Say(Struct, frozen=True):
    """Say `text` to everyone."""

    text: str


class Whisper(Struct, frozen=True):
    """Say `text` to whoever has the nickname `to` now, and to nobody else; whether anybody has is not known here."""

    to: str
    text: str


class WhisperOn(Struct, frozen=True):
    """Say `text` to the partner of whisper mode alone: to that person, whatever they or others are called by now."""

    partner: Partner
    text: str


class StickyWhisper(Struct, frozen=True):
    """From now on say everything to `to` alone."""

    to: str


class Reply(Struct, frozen=True):
    """Say `text` to the partner of the last whisper alone; without text, everything from now on."""

    text: str


class Search(Struct, frozen=True):
    """Look for `query` in what was said, by `nick` if one is given. Without either, ask what to look for."""

    query: str
    nick: str | None

    @property
    def line(self) -> str:
        """As it is typed where one searches."""
        from tui_client.searching import line_of  # 2 ms, which only those spend who search

        return line_of(self.query, self.nick)


class SetTheme(Struct, frozen=True):
    """Take the theme with the name `name`, which exists; show which there are if it is empty."""

    name: str


class SetNotify(Struct, frozen=True):
    """Notify of `which` from now on."""

    which: Notify


class Rename(Struct, frozen=True):
    """Take the nickname `nick`, which is allowed but may be in use."""

    nick: str


class KeepNick(Struct, frozen=True):
    """Keep the nickname that one has for oneself, also while away."""


class GiveUpNick(Struct, frozen=True):
    """Keep `nick` no longer; the one that one has, if it is empty."""

    nick: str


class BecomeOperator(Struct, frozen=True):
    """Show the operator key, which is asked for. `was_typed`: something stood behind the command that may be the key."""

    was_typed: bool = False


class Kick(Struct, frozen=True):
    """Show `nick` out."""

    nick: str


class Ban(Struct, frozen=True):
    """Let `target`, a nickname or an address, in no more; for so many seconds, or for good."""

    target: str
    for_s: int | None


class Unban(Struct, frozen=True):
    """Let `target` in again."""

    target: str


class Mute(Struct, frozen=True):
    """Let `nick` say nothing; for so many seconds, or for good."""

    nick: str
    for_s: int | None


class Unmute(Struct, frozen=True):
    """Let `nick` speak again."""

    nick: str


class Announce(Struct, frozen=True):
    """Say `text` to everyone so that nobody overlooks it."""

    text: str


class ShowSanctions(Struct, frozen=True):
    """Show who is banned or muted, and who comes from where."""


OperatorIntent = Kick | Ban | Unban | Mute | Unmute | Announce | ShowSanctions
"""What only an operator may do."""


class Ignore(Struct, frozen=True):
    """Show nothing any more that `nick` says, or all of it again; without one, say who is ignored."""

    nick: str


class Quit(Struct, frozen=True):
    """Leave."""


class ListMembers(Struct, frozen=True):
    """Show who is here."""


class Help(Struct, frozen=True):
    """Show what can be typed."""


class OpenLinks(Struct, frozen=True):
    """Show the links in the conversation, to open one."""


class CopyLast(Struct, frozen=True):
    """Copy the last message."""


class OpenSettings(Struct, frozen=True):
    """Show what can be set."""


class Reconnect(Struct, frozen=True):
    """Try to connect now."""


class SendAgain(Struct, frozen=True):
    """Send what has failed once more."""


class ThrowAway(Struct, frozen=True):
    """Forget what has failed."""


class Mistake(Struct, frozen=True):
    """Nothing that can be done. `text` is a Korean sentence that says why; what was typed should stay where it is."""

    text: str


Command = (
    Say
    | Whisper
    | WhisperOn
    | StickyWhisper
    | Reply
    | Search
    | SetTheme
    | SetNotify
    | Rename
    | KeepNick
    | GiveUpNick
    | BecomeOperator
    | OperatorIntent
    | Ignore
    | Quit
    | ListMembers
    | Help
    | OpenLinks
    | CopyLast
    | OpenSettings
    | Reconnect
    | SendAgain
    | ThrowAway
)
