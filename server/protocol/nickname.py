"""What a nickname may be, and when two of them are the same. Pure functions, safe on any thread.

A nickname has two forms: the one people see (NFC) and its key (`nickname_key`), by which it is compared. Both must keep
the rules, since a character may hide another: `ﷺ` has blanks in its key. Letters are told by their category, scripts by
the first word of their Unicode name, as the standard library knows no Script property. A character that this Python's
Unicode does not know yet is refused.

Two that are not the same may still be taken for each other. A nickname is seen as somebody chose to write it, and may be
written in several ways that are the same nickname; so what counts is how it looks as it is (`skeleton`), compared with all
looks that the other may have (`guises`): `M1N1` is taken for `mini`, since that may be written `MINI`; `min1` is not.

Where the contract is silent:
- full-width and other compatibility letters are fine, because the key is compared;
- a number that is not a digit (`Ⅳ`, `①`) and a modifier letter that is only a sign (`ʼ`) are not letters;
- a mark must follow a letter of its own script; those that Unicode calls COMBINING, a Latin, Greek or Cyrillic one;
- digits come from one number system;
- archaic Hangul must be whole syllables;
- a reserved word is refused only where the whole key is equal, or the whole looks like it: `관리자2` is somebody's nickname.
"""

import re
import unicodedata
from functools import lru_cache

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.skeleton import skeleton
from server.protocol.text import clean_text, column_width

MAX_NICK_CHARS = 20
MAX_NICK_COLUMNS = 24
"""Twelve Hangul syllables: what fits beside a message on a terminal of 80 columns."""

_MAX_RAW_CHARS = 4 * MAX_NICK_CHARS
"""NFC makes one character of at most four (U+1F82), so what is longer is no nickname. It is not even normalised:
sorting the marks of 16 KiB takes 80 ms in which no other thread runs."""

_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo"})
_MARKS = frozenset({"Mn", "Mc"})
_DIGIT = "Nd"
_PUNCTUATION = frozenset("_-")

_TOGETHER = (
    frozenset({"LATIN", "HANGUL", "CJK"}),
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
)
_ANY_SCRIPT = ""
_COMBINING = "COMBINING"
_TAKES_COMBINING = frozenset({"LATIN", "GREEK", "CYRILLIC"})
_NOT_LETTERS = frozenset({"MODIFIER", "CARON"})
_SAME_SCRIPT = {"IDEOGRAPHIC": "CJK", "EXTENDED": "ARABIC"}
"""First words that hide their script: `々` is an IDEOGRAPHIC ITERATION MARK, `۱` an EXTENDED ARABIC-INDIC DIGIT ONE."""

_INITIALS, _VOWELS, _FINALS = "\u1100-\u115e\ua960-\ua97c", "\u1161-\u11a7\ud7b0-\ud7c6", "\u11a8-\u11ff\ud7cb-\ud7fb"
_OLD_SYLLABLE = re.compile(f"[{_INITIALS}][{_VOWELS}][{_FINALS}]?|[가-힣][{_FINALS}]")
_CONJOINING_JAMO = re.compile(f"[{_INITIALS}{_VOWELS}{_FINALS}]")


def nickname_key(nick: str) -> str:
    """What makes two nicknames the same: casefold(NFKC), normalised again so that the key of a key is itself.

    Total: any `str` has a key, so that a peer's words can be looked up without being checked first. What is too long
    for a nickname is its own key, and nobody's.
    """
    if len(nick) > _MAX_RAW_CHARS:
        return nick
    folded = unicodedata.normalize("NFKC", nick).casefold()
    key = unicodedata.normalize("NFKC", folded)
    return nick if key == nick else key  # for nearly everybody: nobody keeps the same string twice


_RESERVED_WORDS = (
    *("서버", "시스템", "관리자", "운영자", "공지", "알림", "귓속말", "전체", "모두", "나"),
    *("server", "system", "admin", "everyone", "all"),
)
_RESERVED = frozenset(map(nickname_key, _RESERVED_WORDS))


def guises(nick: str) -> frozenset[str]:
    """How the nickname `nick` may look: the skeletons of itself and of what is the same nickname, in small letters, in capitals, and
    with the first letter one."""
    key = nickname_key(nick)
    return frozenset(map(skeleton, (nick, key, key.upper(), key.capitalize())))


@lru_cache(maxsize=1)
def _reserved_guises() -> frozenset[str]:
    """Made when it is needed, like the table behind it."""
    return frozenset().union(*map(guises, _RESERVED_WORDS))


def check_nickname(raw: str) -> str:
    """The nickname that `raw` asks for: NFC, without the blanks around it. A `Refusal` says what is wrong with it.

    Only the reserved words are quoted in a refusal, so its text is safe to show whatever `raw` was.
    """
    stripped = raw.strip()
    if not stripped:
        raise Refusal(Code.NICK_INVALID, phrases.NICK_EMPTY)
    if len(stripped) > _MAX_RAW_CHARS:
        raise _too_long()
    nick = unicodedata.normalize("NFC", stripped)
    if len(nick) > MAX_NICK_CHARS or column_width(nick) > MAX_NICK_COLUMNS:
        raise _too_long()
    key = nickname_key(nick)
    if not (_is_well_formed(nick) and _is_well_formed(key) and _has_whole_syllables(nick)):
        raise Refusal(Code.NICK_INVALID, phrases.NICK_CHARACTERS)
    if not (_scripts_belong_together(key) and _digits_belong_together(key)):
        raise Refusal(Code.NICK_INVALID, phrases.NICK_SCRIPTS)
    if key in _RESERVED:
        raise Refusal(Code.NICK_RESERVED, phrases.nick_reserved(nick))
    if skeleton(nick) in _reserved_guises():
        raise Refusal(Code.NICK_RESERVED, phrases.nick_like_reserved(nick))
    return nick


def _too_long() -> Refusal:
    return Refusal(Code.NICK_INVALID, phrases.nick_too_long(MAX_NICK_CHARS, MAX_NICK_COLUMNS))


def _is_well_formed(form: str) -> bool:
    """Whether `form` has only letters, digits, `_`, `-`, and marks on letters of their script.

    Fillers, controls, invisible characters and a fifth mark on one letter are what cleaning would change.
    """
    return clean_text(form) == form and all(map(_is_allowed_after, form, f" {form}"))


def _is_allowed_after(char: str, before: str) -> bool:
    if char in _PUNCTUATION:
        return True
    category = unicodedata.category(char)
    if category in _MARKS:
        return _goes_with(_script(char), before)
    return category == _DIGIT or (category in _LETTERS and _script(char) not in _NOT_LETTERS)


def _goes_with(mark_script: str, before: str) -> bool:
    """Whether a mark of `mark_script` may follow `before`: a letter, or the mark before it on the same letter."""
    if unicodedata.category(before) not in _LETTERS | _MARKS:
        return False
    base_script = _script(before)
    if mark_script == _COMBINING:
        return base_script in _TAKES_COMBINING or base_script == _COMBINING
    return base_script in (mark_script, _COMBINING)


def _has_whole_syllables(nick: str) -> bool:
    """Whether no conjoining jamo stands alone; the jamo that people type (`ㅋㅋ`) are other characters."""
    return _CONJOINING_JAMO.search(_OLD_SYLLABLE.sub("", nick)) is None


def _scripts_belong_together(key: str) -> bool:
    scripts = frozenset(map(_script, key)) - {_ANY_SCRIPT, _COMBINING}
    return len(scripts) <= 1 or any(scripts <= group for group in _TOGETHER)


def _digits_belong_together(key: str) -> bool:
    zeros = {ord(char) - unicodedata.decimal(char) for char in key if unicodedata.category(char) == _DIGIT}
    return len(zeros) <= 1


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    """The first word of the name of `char` as a stand-in for its script; none for ASCII digits, `_` and `-`."""
    if char.isascii() and not char.isalpha():
        return _ANY_SCRIPT
    shown = unicodedata.normalize("NFKC", char)[0]
    first = re.split("[ -]", unicodedata.name(shown, "UNKNOWN"), maxsplit=1)[0]
    return _SAME_SCRIPT.get(first, first)
