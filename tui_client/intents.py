"""What a typed line can mean: one frozen value for each. `commands.parse` makes them, the app carries them out."""

from dataclasses import dataclass

from tui_client.partners import Partner
from tui_client.searching import line_of
from tui_client.settings import Notify


class NotDone(Exception):
    """What was typed can't be carried out. `text` is a Korean sentence that says why; what was typed is given back."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Say:
    """Say `text` to everyone."""

    text: str


@dataclass(frozen=True, slots=True)
class Whisper:
    """Say `text` to whoever has the nickname `to` now, and to nobody else; whether anybody has is not known here."""

    to: str
    text: str


@dataclass(frozen=True, slots=True)
class WhisperOn:
    """Say `text` to the partner of whisper mode alone: to that person, whatever they or others are called by now."""

    partner: Partner
    text: str


@dataclass(frozen=True, slots=True)
class StickyWhisper:
    """From now on say everything to `to` alone."""

    to: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Say `text` to the partner of the last whisper alone; without text, everything from now on."""

    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """Look for `query` in what was said, by `nick` if one is given. Without either, ask what to look for."""

    query: str
    nick: str | None

    @property
    def line(self) -> str:
        """As it is typed where one searches."""
        return line_of(self.query, self.nick)


@dataclass(frozen=True, slots=True)
class SetTheme:
    """Take the theme with the name `name`, which exists; show which there are if it is empty."""

    name: str


@dataclass(frozen=True, slots=True)
class SetNotify:
    """Notify of `which` from now on."""

    which: Notify


@dataclass(frozen=True, slots=True)
class Rename:
    """Take the nickname `nick`, which is allowed but may be in use."""

    nick: str


@dataclass(frozen=True, slots=True)
class KeepNick:
    """Keep the nickname that one has for oneself, also while away."""


@dataclass(frozen=True, slots=True)
class GiveUpNick:
    """Keep `nick` no longer; the one that one has, if it is empty."""

    nick: str


@dataclass(frozen=True, slots=True)
class BecomeOperator:
    """Show the operator key, which is asked for. `was_typed`: something stood behind the command that may be the key."""

    was_typed: bool = False


@dataclass(frozen=True, slots=True)
class Kick:
    """Show `nick` out."""

    nick: str


@dataclass(frozen=True, slots=True)
class Ban:
    """Let `target`, a nickname or an address, in no more; for so many seconds, or for good."""

    target: str
    for_s: int | None


@dataclass(frozen=True, slots=True)
class Unban:
    """Let `target` in again."""

    target: str


@dataclass(frozen=True, slots=True)
class Mute:
    """Let `nick` say nothing; for so many seconds, or for good."""

    nick: str
    for_s: int | None


@dataclass(frozen=True, slots=True)
class Unmute:
    """Let `nick` speak again."""

    nick: str


@dataclass(frozen=True, slots=True)
class Announce:
    """Say `text` to everyone so that nobody overlooks it."""

    text: str


@dataclass(frozen=True, slots=True)
class ShowSanctions:
    """Show who is banned or muted, and who comes from where."""


OperatorIntent = Kick | Ban | Unban | Mute | Unmute | Announce | ShowSanctions
"""What only an operator may do."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """Show nothing any more that `nick` says, or all of it again; without one, say who is ignored."""

    nick: str


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave."""


@dataclass(frozen=True, slots=True)
class ListMembers:
    """Show who is here."""


@dataclass(frozen=True, slots=True)
class Help:
    """Show what can be typed."""


@dataclass(frozen=True, slots=True)
class OpenLinks:
    """Show the links in the conversation, to open one."""


@dataclass(frozen=True, slots=True)
class CopyLast:
    """Copy the last message."""


@dataclass(frozen=True, slots=True)
class OpenSettings:
    """Show what can be set."""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Try to connect now."""


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Send what has failed once more."""


@dataclass(frozen=True, slots=True)
class ThrowAway:
    """Forget what has failed."""


@dataclass(frozen=True, slots=True)
class Mistake:
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
