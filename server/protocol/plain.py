"""The plain dialect: a typed line → one command, one event → the sentences everybody knows. Sans I/O, no state.

Every line says what it is by how it begins: `닉네임> ` is a message, `[` something private or a notice, anything else is a
coming or going. A nickname holds no `>`, no `[` and no blank, so none of them can be forged.
"""

import unicodedata
from collections.abc import Sequence
from typing import assert_never

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Announced,
    Bye,
    Event,
    Joined,
    Left,
    ListMembers,
    Moderated,
    PlainCommand,
    Rename,
    Renamed,
    Said,
    Say,
    ShowHelp,
    Whisper,
    Whispered,
)
from server.protocol.text import clean_text, excerpt

QUIT_WORDS = ("종료", "quit", "exit")
LIST_WORDS = ("목록", "list", "who")
NICK_WORDS = ("닉", "nick")
HELP_WORDS = ("도움말", "help")
REGISTER_WORDS = ("등록", "register")
UNREGISTER_WORDS = ("등록해제", "unregister")
OPERATOR_WORDS = ("운영자", "operator")
KICK_WORDS = ("추방", "kick")
BAN_WORDS = ("차단", "ban")
UNBAN_WORDS = ("차단해제", "unban")
MUTE_WORDS = ("조용히", "mute")
UNMUTE_WORDS = ("조용히해제", "unmute")
ANNOUNCE_WORDS = ("공지", "announce")
SANCTIONS_WORDS = ("제재", "sanctions")
IGNORE_WORDS = ("무시", "ignore")

_ONLY_ELSEWHERE = frozenset(
    word
    for words in (
        *(OPERATOR_WORDS, KICK_WORDS, BAN_WORDS, UNBAN_WORDS, MUTE_WORDS, UNMUTE_WORDS),
        *(ANNOUNCE_WORDS, SANCTIONS_WORDS, IGNORE_WORDS),
    )
    for word in words
)
"""What chat-tui knows, and this dialect can't do."""

WHISPER_SIGN = "@"
COMMAND_SIGN = "/"

_CONTROL_PICTURES = range(0x2400, 0x2440)
"""What control characters have become once cleaned."""


def split_sign(text: str) -> tuple[str, str]:
    """The sign that cleaned `text` begins with, `@` or `/`, and what follows it; or no sign and all of `text`.

    Blanks, marks and control characters before the sign don't count, and neither does its width: a slip of the finger must not
    make a whisper public. A doubled sign is none; it stands for itself.
    """
    typed = _without_invisible_head(text)
    sign = _folded(typed[:1])
    if sign not in (WHISPER_SIGN, COMMAND_SIGN):
        return "", text
    if _folded(typed[1:2]) == sign:
        return "", typed[1:]
    return sign, typed[1:]


def _folded(character: str) -> str:
    return unicodedata.normalize("NFKC", character)


def _without_invisible_head(text: str) -> str:
    for index, character in enumerate(text):
        if unicodedata.category(character)[0] not in "MZC" and ord(character) not in _CONTROL_PICTURES:
            return text[index:]
    return ""


def decode_text(line: bytes) -> str:
    """`line` as text. Raises Refusal: BAD_UTF8."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(Code.BAD_UTF8, phrases.BAD_UTF8) from None


def decode_command(line: bytes) -> PlainCommand:
    """What somebody who is in the room means by `line`. Raises Refusal: BAD_UTF8, EMPTY or UNKNOWN_COMMAND.

    Cleaned before it is understood: an invisible character before the `@` must not make a whisper public.
    """
    sign, rest = split_sign(clean_text(decode_text(line)))
    match sign:
        case "@":
            return _whisper(rest)
        case "/":
            return _slash_command(rest)
        case _:
            return Say(None, rest)


def _whisper(rest: str) -> Whisper:
    words = rest.split(maxsplit=1)
    if len(words) < 2 or rest[0].isspace():
        raise Refusal(Code.EMPTY, phrases.WHISPER_USAGE)
    return Whisper(None, to=words[0], text=words[1])


def _slash_command(rest: str) -> PlainCommand:
    word, argument = [*rest.split(maxsplit=1), "", ""][:2]
    name = "" if rest[:1].isspace() else _folded(word).casefold()
    if name in QUIT_WORDS:
        return Bye()
    if name in LIST_WORDS:
        return ListMembers()
    if name in HELP_WORDS:
        return ShowHelp()
    if name in NICK_WORDS:
        if not argument:
            raise Refusal(Code.EMPTY, phrases.RENAME_USAGE)
        return Rename(argument)
    if name in (*REGISTER_WORDS, *UNREGISTER_WORDS):
        raise Refusal(Code.BAD_STATE, phrases.REGISTERING_NEEDS_CLIENT)
    if name in _ONLY_ELSEWHERE:
        raise Refusal(Code.BAD_STATE, phrases.MODERATING_NEEDS_CLIENT)
    raise Refusal(Code.UNKNOWN_COMMAND, phrases.unknown_command(COMMAND_SIGN + excerpt(word)))


def encode_line(text: str) -> bytes:
    """One sentence as one line."""
    return f"{text}\n".encode()


def encode_notice(text: str) -> bytes:
    """What the server tells one client: every line of `text` marked, so that no nickname or message can look like it."""
    return "".join(f"{phrases.NOTICE}{line}\n" for line in text.split("\n")).encode()


def encode_event(event: Event, viewer: str) -> bytes:
    """`event` as the client with the uid `viewer` sees it. Raises nothing for an event that `viewer` may see."""
    match event:
        case Said():
            lines = [phrases.said(event.nick, line) for line in event.text.split("\n")]
        case Whispered():
            lines = _whisper_lines(event, viewer)
        case Joined():
            lines = [phrases.joined(event.nick)]
        case Left():
            lines = [phrases.left(event.nick)]
        case Renamed():
            lines = [phrases.NOTICE + phrases.renamed(event.was, event.nick)]
        case Announced():
            lines = [phrases.announced(line) for line in event.text.split("\n")]
        case Moderated():
            lines = [phrases.NOTICE + moderated(event)]
        case _:
            assert_never(event)
    return ("\n".join(lines) + "\n").encode()


def encode_events(events: Sequence[Event]) -> bytes:
    """All of `events`, none of which is private, as everybody sees them. Most are what somebody said on one line."""
    return b"".join(
        [
            f"{event.nick}> {event.text}\n".encode()
            if isinstance(event, Said) and "\n" not in event.text
            else encode_event(event, "")
            for event in events
        ]
    )


def moderated(event: Moderated) -> str:
    """The sentence for `event`."""
    seconds = None if event.until is None else -((event.at - event.until) // 1000)
    return phrases.moderated(event.nick, event.action, event.target, seconds)


def _whisper_lines(event: Whispered, viewer: str) -> list[str]:
    """Both sentences for somebody who whispers to themselves."""
    texts = event.text.split("\n")
    received = [phrases.whisper_received(event.nick, text) for text in texts] if viewer == event.to_uid else []
    sent = [phrases.whisper_sent(event.to, text) for text in texts] if viewer == event.uid else []
    return received + sent
