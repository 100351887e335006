"""What might be meant by what stands before the caret: members after `@`, commands after `/`, what may follow them. Pure.

Nothing is ever taken or sent here, and nothing is offered in the middle of a word.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from server.protocol.nickname import nickname_key
from server.protocol.plain import COMMAND_SIGN, WHISPER_SIGN, split_sign
from tui_client import strings
from tui_client.commands import CATALOGUE, NOTIFY_WORDS, Argument, CommandHelp, find_command
from tui_client.korean import hangul
from tui_client.korean.matching import Fit, Rank, fit
from tui_client.names_seen import NamesSeen

_MAX_TYPED: Final = 40
"""Characters; nothing that is offered is as long, so what is longer is not looked for."""

_AS_WRITTEN: Final = (Rank.EXACT, Rank.PREFIX, Rank.OPEN)

_MENTION: Final = re.compile(r"(?<!\S)[@＠﹫](\S*)\Z")


class Known(Struct, frozen=True):
    """Who can be offered, by nickname."""

    members: Sequence[str] = ()
    """Everyone here, in the order in which they are offered."""
    partners: Sequence[str] = ()
    """With whom one whispered, the last first; also such as have left."""
    me: str = ""
    """Never offered."""


class Suggestion(Struct, frozen=True):
    """One row: what is shown, and what stands in the text once it is taken."""

    insert: str
    label: str
    matched: tuple[int, int]
    """What of the label was typed already."""
    note: str


class Offer(Struct, frozen=True):
    """What is offered in place of `text[start:end]`."""

    start: int
    end: int
    typed: str
    """What is being completed, without its sign."""
    items: tuple[Suggestion, ...]
    """The best first; never empty."""
    is_complete: bool
    """Whether what is typed is already the first of them, and can be sent as it is."""
    is_order: bool
    """Whether it is part of a command or an address, which mean something else, or nothing, while they are incomplete."""


def suggest(text: str, caret: int, known: Known) -> Offer | None:
    """What is offered while the caret stands at index `caret` of `text`: only behind what it would complete."""
    if text[caret : caret + 1].strip():
        return None
    before = text[:caret]
    sign, rest = split_sign(before)
    is_first_word = bool(sign) and not any(map(str.isspace, rest))
    if is_first_word:
        choices = _commands() if sign == COMMAND_SIGN else _members(known)
        return _offer(text, caret, sign, rest, choices, is_order=True)
    if sign == COMMAND_SIGN and (offer := _offer_argument(text, caret, rest, known)):
        return offer
    if mention := _MENTION.search(before):
        return _offer(text, caret, WHISPER_SIGN, mention[1], _members(known), is_order=False)
    return None


def resolve_member(typed: str, members: Sequence[str], names_seen: NamesSeen) -> str | None:
    """The member with the nickname `typed`; if there is none, the only one whose nickname is typed with the same keys.

    A name that somebody was seen under means them, also when they have left: what is meant for them reaches nobody else.
    """
    exact = next((nick for nick in members if nickname_key(nick) == nickname_key(typed)), None)
    if exact is None and typed in names_seen:
        return None
    alike = [nick for nick in members if hangul.is_typed_alike(nick, typed)]
    return exact or (alike[0] if len(alike) == 1 else None)


# --- what there is to choose from -------------------------------------------------------------------------------------


class _Choice(Struct, frozen=True):
    """`words` mean the same: one is shown first, another beside it, and the one that was begun is taken."""

    words: tuple[str, ...]
    note: str
    tail: str = " "
    """What is added when it is taken: a blank where something follows."""


def _commands() -> Iterator[_Choice]:
    for entry in CATALOGUE:
        yield _Choice(entry.words, entry.does, tail="" if entry.argument is Argument.NONE else " ")


def _members(known: Known) -> Iterator[_Choice]:
    """The most recent partner first."""
    recent = {nickname_key(nick): place for place, nick in enumerate(known.partners)}
    me = nickname_key(known.me)
    others = [nick for nick in known.members if nickname_key(nick) != me]
    for nick in sorted(others, key=lambda nick: recent.get(nickname_key(nick), len(recent))):
        yield _Choice((nick,), strings.RECENT_PARTNER if nickname_key(nick) in recent else "")


def _themes() -> Iterator[_Choice]:
    about = dict(strings.THEME_ABOUT)
    for name, title in strings.THEME_TITLES:
        yield _Choice((title, name), about[name], tail="")


def _notify_words() -> Iterator[_Choice]:
    notes = (strings.NOTIFY_MENTIONS, strings.NOTIFY_ALL, strings.NOTIFY_NONE)
    for (_, words), note in zip(NOTIFY_WORDS, notes, strict=True):
        yield _Choice(words, note, tail="")


def _offer_argument(text: str, caret: int, rest: str, known: Known) -> Offer | None:
    word, argument = [*rest.split(maxsplit=1), "", ""][:2]
    command = find_command(word)
    if command is None or any(map(str.isspace, argument)) or rest[:1].isspace():
        return None
    sign, nick = split_sign(argument)
    if command.argument is Argument.SEARCH and sign == WHISPER_SIGN:
        return _offer(text, caret, sign, nick, _members(known), is_order=True)
    return _offer(text, caret, "", argument, _choices_after(command, known), is_order=True)


def _choices_after(command: CommandHelp, known: Known) -> Iterable[_Choice]:
    match command.argument:
        case Argument.MEMBER:
            return _members(known)
        case Argument.THEME:
            return _themes()
        case Argument.NOTIFY:
            return _notify_words()
        case Argument.SEARCH | Argument.TEXT | Argument.NICKNAME | Argument.NONE:
            return ()


# --- what fits --------------------------------------------------------------------------------------------------------


def _offer(text: str, caret: int, sign: str, typed: str, choices: Iterable[_Choice], *, is_order: bool) -> Offer | None:
    """What of `choices` fits `typed`, which ends at the caret and has `sign` before it."""
    if len(typed) > _MAX_TYPED:
        return None
    fitting: list[tuple[Rank, Suggestion]] = []
    for choice in choices:
        if fits := [(found, word) for word in choice.words if (found := fit(typed, word))]:
            best = min(fits, key=lambda one: one[0].rank)
            # Of words that are written like this the first: `/귓` becomes 귓속말, though it would do by itself.
            shown, word = next((one for one in fits if one[0].rank in _AS_WRITTEN), best)
            fitting.append((best[0].rank, _suggestion(choice, sign, word, shown)))
    if not fitting:
        return None
    fitting.sort(key=lambda one: one[0])
    return Offer(
        start=caret - len(sign + typed),
        end=caret + (text[caret : caret + 1] == " "),
        typed=typed,
        items=tuple(suggestion for _, suggestion in fitting),
        is_complete=fitting[0][0] <= Rank.SAME_KEYS,
        is_order=is_order,
    )


def _suggestion(choice: _Choice, sign: str, word: str, found: Fit) -> Suggestion:
    first, *others = choice.words
    beside = word if word != first else "".join(others[:1])
    shown = [sign + one for one in (first, beside) if one]
    offset = len(sign) + (0 if word == first else len(shown[0]) + 1)
    return Suggestion(
        insert=sign + word + choice.tail,
        label=" ".join(shown),
        matched=(offset + found.start, offset + found.end),
        note=choice.note,
    )
