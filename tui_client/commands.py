"""What a typed line means, and the table of all commands. Pure: a line in, one frozen value out; nothing is sent from here.

The rules are those of PROTOCOL's plain dialect, so that fingers need not know which of the two they are in. What was
meant as a whisper or a command and is not quite one is a `Mistake`: it never becomes a public message. A command typed in
the wrong keyboard layout is that command (`/whdfy` is `/종료`), since nothing else is typed with those keys.
"""

import unicodedata
from collections.abc import Callable
from enum import Enum, auto
from typing import Final, TypeVar

from msgspec import Struct

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import MAX_DURATION_S
from server.protocol.nickname import check_nickname
from server.protocol.plain import (
    ANNOUNCE_WORDS,
    BAN_WORDS,
    COMMAND_SIGN,
    HELP_WORDS,
    IGNORE_WORDS,
    KICK_WORDS,
    LIST_WORDS,
    MUTE_WORDS,
    NICK_WORDS,
    OPERATOR_WORDS,
    QUIT_WORDS,
    REGISTER_WORDS,
    SANCTIONS_WORDS,
    UNBAN_WORDS,
    UNMUTE_WORDS,
    UNREGISTER_WORDS,
    WHISPER_SIGN,
    split_sign,
)
from server.protocol.text import MAX_TEXT_CHARS, MAX_TEXT_LINES, check_text, clean_text, excerpt
from tui_client import strings
from tui_client.intents import (
    Announce,
    Ban,
    BecomeOperator,
    Command,
    CopyLast,
    GiveUpNick,
    Help,
    Ignore,
    KeepNick,
    Kick,
    ListMembers,
    Mistake,
    Mute,
    OpenLinks,
    OpenSettings,
    Quit,
    Reconnect,
    Rename,
    Reply,
    Say,
    Search,
    SendAgain,
    SetNotify,
    SetTheme,
    ShowSanctions,
    StickyWhisper,
    ThrowAway,
    Unban,
    Unmute,
    Whisper,
    WhisperOn,
)
from tui_client.korean import hangul, typos
from tui_client.korean.durations import DAY_S, read_duration
from tui_client.partners import Partner
from tui_client.settings import Notify

__all__ = [
    "Announce",
    "Ban",
    "BecomeOperator",
    "Command",
    "CopyLast",
    "GiveUpNick",
    "Help",
    "Ignore",
    "KeepNick",
    "Kick",
    "ListMembers",
    "Mistake",
    "Mute",
    "OpenLinks",
    "OpenSettings",
    "Quit",
    "Reconnect",
    "Rename",
    "Reply",
    "Say",
    "Search",
    "SendAgain",
    "SetNotify",
    "SetTheme",
    "ShowSanctions",
    "StickyWhisper",
    "ThrowAway",
    "Unban",
    "Unmute",
    "Whisper",
    "WhisperOn",
]

_Timed = TypeVar("_Timed", Ban, Mute)

_MAX_WORD: Final = 24
"""Characters of a command that are looked at and shown; the longest known one has 9."""


# --- what a line means ------------------------------------------------------------------------------------------------


def parse(line: str, partner: Partner | None = None) -> Command | Mistake:
    """What `line`, which may have several lines, asks for. Cleaned before it is understood.

    With a `partner`, what would be said to everyone is whispered to them. A name in the line (`@철수`) is only a name, also if it is
    the partner's: it means whoever has it when the line is carried out.
    """
    sign, rest = split_sign(clean_text(line))
    match sign:
        case "@":
            return _addressed(rest)
        case "/":
            return _slash_command(rest)
        case _:
            return _said(rest, partner)


def _said(text: str, partner: Partner | None) -> Say | WhisperOn | Mistake:
    checked = _checked_text(text)
    if isinstance(checked, Mistake):
        return checked
    return WhisperOn(partner, checked) if partner else Say(checked)


def _whispered(to: str, text: str) -> Whisper | Mistake:
    checked = _checked_text(text)
    return checked if isinstance(checked, Mistake) else Whisper(to, checked)


def _addressed(rest: str) -> Whisper | Mistake:
    words = rest.split(maxsplit=1)
    if len(words) < 2 or rest[0].isspace():
        return Mistake(phrases.WHISPER_USAGE)
    return _whispered(*words)


def _checked_text(text: str) -> str | Mistake:
    try:
        return check_text(text)
    except Refusal as refusal:
        if refusal.code is Code.TOO_LONG:
            lines = text.count("\n") + 1
            return Mistake(strings.text_too_long(len(text), lines, MAX_TEXT_CHARS, MAX_TEXT_LINES))
        return Mistake(refusal.text)


def _slash_command(rest: str) -> Command | Mistake:
    word, argument = [*rest.split(maxsplit=1), "", ""][:2]
    shown = COMMAND_SIGN + excerpt(word, _MAX_WORD)
    known = find_command(word)
    if known is None:
        return Mistake(strings.unknown_command(shown, nearest_command(word)))
    if rest[:1].isspace():  # `/ 종료` may be a slip and may be a message: it is carried out as neither
        return Mistake(strings.blank_in_command(shown))
    return known.understand(argument.rstrip())


def nearest_command(word: str) -> str:
    """The known command, with its `/`, that `word` was perhaps meant to be; nothing if none is near."""
    near = typos.nearest(word[:_MAX_WORD], COMMAND_WORDS)
    return COMMAND_SIGN + near if near else ""


# --- what follows the words -------------------------------------------------------------------------------------------


def _whisper_to(argument: str) -> Whisper | StickyWhisper | Mistake:
    nick, text = [*argument.split(maxsplit=1), "", ""][:2]
    nick = _without_sign(nick)
    if not nick:
        return Mistake(strings.WHISPER_COMMAND_USAGE)
    return _whispered(nick, text) if text else StickyWhisper(nick)


def _reply(argument: str) -> Reply | Mistake:
    checked = _checked_text(argument) if argument else ""
    return checked if isinstance(checked, Mistake) else Reply(checked)


def _search(argument: str) -> Search:
    """A doubled `@` stands for itself, as everywhere."""
    if _folded(argument[:1]) != WHISPER_SIGN:
        return Search(argument, None)
    if _folded(argument[1:2]) == WHISPER_SIGN:
        return Search(argument[1:], None)
    nick, query = [*argument[1:].split(maxsplit=1), "", ""][:2]
    return Search(query, nick or None)


def _set_theme(argument: str) -> SetTheme | Mistake:
    for name, title in strings.THEME_TITLES:
        if not argument or hangul.is_typed_alike(argument, name) or hangul.is_typed_alike(argument, title):
            return SetTheme(name if argument else "")
    return Mistake(strings.unknown_theme(excerpt(argument)))


def _set_notify(argument: str) -> SetNotify | Mistake:
    for which, words in NOTIFY_WORDS:
        if any(hangul.is_typed_alike(argument, word) for word in words):
            return SetNotify(which)
    return Mistake(strings.NOTIFY_USAGE)


def _rename(argument: str) -> Rename | Mistake:
    if not argument:
        return Mistake(phrases.RENAME_USAGE)
    try:
        return Rename(check_nickname(argument))
    except Refusal as refusal:
        return Mistake(refusal.text)


def _keep_nick(argument: str) -> KeepNick | Mistake:
    """Of another nickname it is not known yet whether one can have it."""
    return Mistake(strings.register_usage(excerpt(argument))) if argument else KeepNick()


def _give_up_nick(argument: str) -> GiveUpNick:
    return GiveUpNick(_without_sign(argument))


def _kick(argument: str) -> Kick | Mistake:
    nick = _one_name(argument)
    return Kick(nick) if nick else Mistake(strings.KICK_USAGE)


def _ban(argument: str) -> Ban | Mistake:
    return _for_a_while(argument, Ban, strings.BAN_USAGE)


def _unban(argument: str) -> Unban | Mistake:
    target = _one_name(argument)
    return Unban(target) if target else Mistake(strings.UNBAN_USAGE)


def _mute(argument: str) -> Mute | Mistake:
    return _for_a_while(argument, Mute, strings.MUTE_USAGE)


def _unmute(argument: str) -> Unmute | Mistake:
    nick = _one_name(argument)
    return Unmute(nick) if nick else Mistake(strings.UNMUTE_USAGE)


def _for_a_while(argument: str, make: Callable[[str, int | None], _Timed], usage: str) -> _Timed | Mistake:
    """Somebody, and for how long, if not for good."""
    whom, time = [*argument.split(maxsplit=1), "", ""][:2]
    whom, for_s = _without_sign(whom), read_duration(time)
    if not whom:
        return Mistake(usage)
    if time and for_s is None:
        return Mistake(strings.no_duration(excerpt(time, _MAX_WORD)))
    if for_s is not None and not 0 < for_s <= MAX_DURATION_S:
        return Mistake(strings.duration_beyond(excerpt(time, _MAX_WORD), MAX_DURATION_S // DAY_S))
    return make(whom, for_s)


def _announce(argument: str) -> Announce | Mistake:
    if not argument:
        return Mistake(strings.ANNOUNCE_USAGE)
    checked = _checked_text(argument)
    return checked if isinstance(checked, Mistake) else Announce(checked)


def _ignore(argument: str) -> Ignore | Mistake:
    nick = _one_name(argument)
    return Mistake(strings.IGNORE_USAGE) if argument and not nick else Ignore(nick)


def _one_name(argument: str) -> str:
    """Nothing if there is none, or more than one."""
    names = argument.split()
    return _without_sign(names[0]) if len(names) == 1 else ""


def _without_sign(nick: str) -> str:
    return nick[1:] if _folded(nick[:1]) == WHISPER_SIGN else nick


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()


# --- the table --------------------------------------------------------------------------------------------------------


class Argument(Enum):
    """What may follow a command's word."""

    NONE = auto()
    TEXT = auto()
    MEMBER = auto()
    """A nickname of somebody here, and then text."""
    SEARCH = auto()
    """Words to look for; `@` and a nickname before them narrows it down."""
    NICKNAME = auto()
    THEME = auto()
    NOTIFY = auto()


class CommandHelp(Struct, frozen=True):
    """One command, for parsing, completing, explaining and offering it."""

    words: tuple[str, ...]
    """Without `/`: the Korean word, the English one, and synonyms."""
    argument: Argument
    shape: str
    """What follows, in short and in Korean; optional parts in brackets."""
    does: str
    """What it does, as a short Korean phrase."""
    understand: Callable[[str], Command | Mistake]
    """What it means with this argument, which has no blanks around it."""

    @property
    def usage(self) -> str:
        """How it is typed: `/귓속말 닉네임 [메시지]`."""
        return f"{COMMAND_SIGN}{self.words[0]} {self.shape}".rstrip()


def _just(command: Command) -> Callable[[str], Command]:
    """For a command that needs nothing: what follows it doesn't matter."""
    return lambda _: command


EVERYBODYS: Final = (
    CommandHelp(HELP_WORDS, Argument.NONE, *strings.COMMAND_HELP, _just(Help())),
    CommandHelp(
        ("귓속말", "whisper", "w", "dm", "msg", "tell", "귓말", "귓"),
        *(Argument.MEMBER, *strings.COMMAND_WHISPER, _whisper_to),
    ),
    CommandHelp(("답장", "reply", "r"), Argument.TEXT, *strings.COMMAND_REPLY, _reply),
    CommandHelp(("찾기", "search", "find"), Argument.SEARCH, *strings.COMMAND_SEARCH, _search),
    CommandHelp(LIST_WORDS, Argument.NONE, *strings.COMMAND_LIST, _just(ListMembers())),
    CommandHelp(NICK_WORDS, Argument.NICKNAME, *strings.COMMAND_NICK, _rename),
    CommandHelp(REGISTER_WORDS, Argument.NONE, *strings.COMMAND_REGISTER, _keep_nick),
    CommandHelp(UNREGISTER_WORDS, Argument.NICKNAME, *strings.COMMAND_UNREGISTER, _give_up_nick),
    CommandHelp(IGNORE_WORDS, Argument.MEMBER, *strings.COMMAND_IGNORE, _ignore),
    CommandHelp(("알림", "notify"), Argument.NOTIFY, *strings.COMMAND_NOTIFY, _set_notify),
    CommandHelp(("테마", "theme"), Argument.THEME, *strings.COMMAND_THEME, _set_theme),
    CommandHelp(("설정", "settings"), Argument.NONE, *strings.COMMAND_SETTINGS, _just(OpenSettings())),
    CommandHelp(("링크", "links"), Argument.NONE, *strings.COMMAND_LINKS, _just(OpenLinks())),
    CommandHelp(("복사", "copy"), Argument.NONE, *strings.COMMAND_COPY, _just(CopyLast())),
    CommandHelp(("연결", "reconnect"), Argument.NONE, *strings.COMMAND_RECONNECT, _just(Reconnect())),
    CommandHelp(("다시", "retry", "resend"), Argument.NONE, *strings.COMMAND_SEND_AGAIN, _just(SendAgain())),
    CommandHelp(("버리기", "discard"), Argument.NONE, *strings.COMMAND_THROW_AWAY, _just(ThrowAway())),
    CommandHelp(QUIT_WORDS, Argument.NONE, *strings.COMMAND_QUIT, _just(Quit())),
)
"""The most needed first."""

OPERATORS: Final = (
    CommandHelp(
        OPERATOR_WORDS, Argument.NONE, *strings.COMMAND_OPERATOR, lambda argument: BecomeOperator(bool(argument))
    ),
    CommandHelp(KICK_WORDS, Argument.MEMBER, *strings.COMMAND_KICK, _kick),
    CommandHelp(MUTE_WORDS, Argument.MEMBER, *strings.COMMAND_MUTE, _mute),
    CommandHelp(UNMUTE_WORDS, Argument.MEMBER, *strings.COMMAND_UNMUTE, _unmute),
    CommandHelp(BAN_WORDS, Argument.MEMBER, *strings.COMMAND_BAN, _ban),
    CommandHelp(UNBAN_WORDS, Argument.NICKNAME, *strings.COMMAND_UNBAN, _unban),
    CommandHelp(ANNOUNCE_WORDS, Argument.TEXT, *strings.COMMAND_ANNOUNCE, _announce),
    CommandHelp(SANCTIONS_WORDS, Argument.NONE, *strings.COMMAND_SANCTIONS, _just(ShowSanctions())),
)
"""What only operators can do, and how one becomes one."""

CATALOGUE: Final = (*EVERYBODYS, *OPERATORS)
"""Every command."""

NOTIFY_WORDS: Final = (
    (Notify.MENTIONS, ("멘션", "mention", "mentions")),
    (Notify.ALL, ("모두", "all")),
    (Notify.NONE, ("끄기", "off", "none")),
)
"""What may follow `/알림`: the Korean word, the English one, and synonyms."""

COMMAND_WORDS: Final = tuple(word for entry in CATALOGUE for word in entry.words)
"""Every word that may follow `/`, in the order in which they are offered."""

_BY_KEYS: Final = {hangul.keystrokes(word): entry for entry in CATALOGUE for word in entry.words}
"""The commands by the keys with which their words are typed, in whichever layout."""


def find_command(word: str) -> CommandHelp | None:
    """The command that `word`, without its `/`, is in either layout, however wide or tall its letters."""
    if len(word) > _MAX_WORD:
        return None
    # NFKC makes full-width letters plain, and takes the jamo of the wrong layout apart: one of the two readings fits.
    readings = (hangul.keystrokes(reading).casefold() for reading in (word, _folded(word)))
    return next((_BY_KEYS[keys] for keys in readings if keys in _BY_KEYS), None)
