"""What a nickname looks like: two that have the same skeleton are easily taken for each other. Pure functions, safe on any thread.

The skeleton is that of UTS #39, Unicode Security Mechanisms (unicode.org/reports/tr39/#Confusable_Detection): each character becomes the
simplest one that looks like it. It is for comparing only, never shown. Ours differs where nicknames do:
- small and capital letters are the same, after each was looked at as it is drawn: `I` is an `l`, `i` is none;
- so are full-width and other compatibility forms;
- a Hangul syllable is one character and looks like itself: the standard takes it apart, and `각` would be `가ㄱ`, `까` be `ㄱ가`;
- jamo that are typed by themselves look like what has the same strokes (`_TYPED`): the standard compares them with Hangul only.
"""

import unicodedata
from functools import lru_cache
from typing import Final

from server.protocol.confusables import CONFUSABLES

_TYPED_JAMO: Final = range(0x3131, 0x318F)
_HALF_WIDTH_JAMO: Final = range(0xFFA1, 0xFFDD)

_TYPED: Final = dict(zip("ㅇㆁㅣㅁㅏㅜㅗㅅㅈㄱㄷㄹ", "ool口卜丁丄人スフ匚己", strict=True))
"""Of Latin only what looks like them small and capital: `ㅌ` is no `e`, though it may be taken for an `E`, and `ㄴ` is no `l`."""

_OLD: Final = dict(
    zip(
        "\u114c\u11f0\u113c\u113e\u114e\u1150\u1154\u1155",
        "\u110b\u11bc\u1109\u1109\u110c\u110c\u110e\u110e",
        strict=True,
    )
)
"""Parts of syllables that are no longer written and differ by a stroke from those that are: `\u110b\u1167\u11f0` looks like `영`."""

_HANGUL: Final = _TYPED | _OLD


def skeleton(text: str) -> str:
    """How `text` looks. Total, and the skeleton of a skeleton is itself; linear in the length of `text`, so bound that first."""
    return unicodedata.normalize("NFC", "".join(map(_look, unicodedata.normalize("NFD", text))))


@lru_cache(maxsize=4096)
def _look(char: str) -> str:
    return "".join(_HANGUL.get(each, each) for each in _standard_look(char))


def _standard_look(char: str) -> str:
    look = _looks().get(char)
    if look is not None:
        return look
    simpler = plain(char)
    return char if simpler == char else "".join(map(_standard_look, simpler))


@lru_cache(maxsize=1)
def _looks() -> dict[str, str]:
    """Made when it is needed: a client that is started mostly does without."""
    entries = (line.split(" ") for line in CONFUSABLES.splitlines())
    return {char: look for look, chars in entries for char in chars}


def plain(char: str) -> str:
    """The next simpler form of `char`: without compatibility forms, or else in small letters; itself if there is none.

    Jamo that are typed are no forms of those that syllables are made of.
    """
    if ord(char) in _TYPED_JAMO:
        return char
    if ord(char) in _HALF_WIDTH_JAMO:
        return chr(int(unicodedata.decomposition(char).split()[1], 16)) if unicodedata.decomposition(char) else char
    simpler = unicodedata.normalize("NFKD", char)
    return simpler if simpler != char else unicodedata.normalize("NFD", char.casefold())
