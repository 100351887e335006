"""What a search finds: one rule for the server, which looks for messages, and the client, which highlights the hits.

Pure functions, no state. Words are compared as nicknames are, by casefold(NFKC), but character by character, so that every hit can
be shown in the text as it stands; and jamo remain those that people type, which NFKC would take for parts of syllables.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.syllables import CLUSTERS, CONJOINING, INITIALS, grown_from, is_open, with_initial
from server.protocol.text import clean_text

MAX_QUERY_CHARS: Final = 100

_ODD: Final = re.compile(
    r"([^\n -~\xa1-\xa7\xab\xad\xb0\xb1\xb7\xbb\xd7\xe0-\xff\u2012-\u2015\u2018-\u2023\u203b\u2190-\u222b\u2500-\u27bf"
    r"\u3001-\u3035\u3041-\u3096\u30a1-\u30fe\u3131-\u3163\u4e00-\u9fff\uac00-\ud7a3\U0001f300-\U0001faff]+)"
)
"""All but the characters of which folding changes nothing but the case of ASCII letters: nearly every message has none of these."""

Span = tuple[int, int]
"""Where something stands in a text: from the first character to behind the last."""


def fold(text: str) -> str:
    """`text` as it is compared. Not always of the same length: `ﬁ` and `㎏` become two characters."""
    parts = _ODD.split(text.replace("…", "..."))  # as NFKC has it; the one odd character that stands everywhere
    if len(parts) == 1:
        return parts[0].lower()
    parts[::2] = [usual.lower() for usual in parts[::2]]
    parts[1::2] = ["".join(map(_fold_character, odd)) for odd in parts[1::2]]
    return "".join(parts)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
    return folded.translate(CONJOINING)


class SearchPattern:
    """What was searched for: every word of it must occur, in any order. Raises Refusal: TOO_LONG, and EMPTY unless it `may_be_empty`,
    as where everything that somebody said is looked for: then every text is a hit, with nothing in it to be shown as one.

    An initial consonant also stands for every syllable that begins with it (`ㅎㅇ` finds 회의), and a syllable without a final at
    the very end for every one that it may still become (`회으` finds 회의): what is
    being typed is found before it is finished.
    """

    def __init__(self, query: str, *, may_be_empty: bool = False) -> None:
        self.query = clean_text(query).strip()
        """As it is understood; may be shown."""
        if len(self.query) > MAX_QUERY_CHARS:
            raise Refusal(Code.TOO_LONG, phrases.query_too_long(MAX_QUERY_CHARS))
        self.words = tuple(map(fold, self.query.split()))
        """Folded."""
        if not self.words and not may_be_empty:
            raise Refusal(Code.EMPTY, phrases.QUERY_EMPTY)
        regexes = [*map(_regex, self.words[:-1]), *(_regex(word, is_last=True) for word in self.words[-1:])]
        self._words = [re.compile(regex) for regex in dict.fromkeys(regexes)]

    def matches(self, text: str) -> bool:
        """Whether `text` is a hit."""
        folded = fold(text)
        return all(word.search(folded) for word in self._words)

    def find_all(self, text: str) -> list[Span]:
        """Where the words stand in `text`, in order and without overlap; nothing if one of them is missing."""
        folded = fold(text)
        by_word = [[found.span() for found in word.finditer(folded)] for word in self._words]
        if not by_word or not all(by_word):
            return []
        spans = [span for of_word in by_word for span in of_word]
        return list(_joined(spans if len(folded) == len(text) else _in_original(text, spans)))


def _regex(word: str, *, is_last: bool = False) -> str:
    last = word[-1]
    if is_last and is_open(last):
        return "".join(map(_alternatives, word[:-1])) + "[{}-{}]".format(*grown_from(last))
    return "".join(map(_alternatives, word))


def _alternatives(character: str) -> str:
    if character in INITIALS:
        return "[{}{}-{}]".format(character, *with_initial(character))
    if character in CLUSTERS:
        return f"(?:{character}|{''.join(map(_alternatives, CLUSTERS[character]))})"
    return re.escape(character)


def _in_original(text: str, spans: list[Span]) -> list[Span]:
    """`spans` of the folded text as those of `text`, where a hit on a part of what a character became is one on all of it."""
    owners = [index for index, character in enumerate(text) for _ in fold(character)]
    return [(owners[start], owners[end - 1] + 1) for start, end in spans]


def _joined(spans: list[Span]) -> Iterator[Span]:
    start, end = min(spans)
    for next_start, next_end in sorted(spans):
        if next_start >= end:
            yield start, end
            start = next_start
        end = max(end, next_end)
    yield start, end
