"""Searching the room's past: what a typed line means, and the hits that came back.

Pure state, owned by the screen's thread: no widgets, no sockets, no clock. Whatever frame a method returns is to be sent. One
question is on its way at a time, and of those that come up meanwhile only the newest is ever asked: whoever types fast costs the
server no more than it has time for.
"""

import re
from collections.abc import Callable, Collection, Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from msgspec import Struct

from server.protocol.errors import Refusal
from server.protocol.events import Event, HistoryPage, Refused, Search
from server.protocol.nickname import check_nickname, nickname_key
from server.protocol.search import SearchPattern, Span
from server.protocol.text import excerpt
from tui_client.conversation import MAX_SENTENCE

HITS_PAGE: Final = 100
"""Hits that are wanted at a time: more than a screen shows, and soon there."""

MAX_SEQ: Final = 2**53
"""No event has a greater number, nor this one."""

_AT_SIGNS: Final = ("@", "＠", "﹫")
_PERSON: Final = re.compile(r"[@＠﹫](?P<nick>\S+)(?:\s+(?P<words>.*))?", re.DOTALL)
_SPEAKER: Final = re.compile(r"(?P<nick>[^\s:>]+)[:>]\s+(?P<words>.*)", re.DOTALL)
"""`철수: 회의` and, as it stands in the log, `철수> 회의`."""


# --- what is asked ----------------------------------------------------------------------------------------------------


class Question(Struct, frozen=True):
    """Messages that contain `words`; if there is a `nick`, only those of that person, and without words all of theirs."""

    words: str
    nick: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.words or self.nick)

    def find(self, text: str) -> Sequence[Span]:
        """Where the words stand in `text`."""
        return _pattern(self.words).find_all(text) if self.words else ()


_NO_QUESTION: Final = Question("")


@lru_cache(maxsize=8)
def _pattern(words: str) -> SearchPattern:
    return SearchPattern(words)


def read_question(text: str, nicks: Collection[str] = ()) -> Question:
    """What is meant by a typed line: `회의`, `@철수`, `@철수 회의`, and `철수: 회의` if 철수 is one of `nicks`.

    A doubled `@` stands for itself, as everywhere, and what can be no nickname is looked for as it stands (`@example.com`). Raises
    Refusal if the words are too many.
    """
    text = text.strip()
    if text.startswith(_AT_SIGNS) and text[1:].startswith(_AT_SIGNS):
        return Question(_checked(text[1:]))
    known = {nickname_key(nick) for nick in nicks}
    if (person := _PERSON.fullmatch(text)) and _can_be_nick(person["nick"]):
        return Question(_checked(person["words"] or ""), person["nick"])
    if (speaker := _SPEAKER.fullmatch(text)) and nickname_key(speaker["nick"]) in known:
        return Question(_checked(speaker["words"]), speaker["nick"])
    return Question(_checked(text))


def line_of(words: str, nick: str | None) -> str:
    """The line in which `read_question` reads these words, and whose they are if there is a `nick`."""
    if nick:
        return f"@{nick} {words}"
    return f"@{words}" if words.startswith(_AT_SIGNS) else words


def _can_be_nick(text: str) -> bool:
    try:
        check_nickname(text)
    except Refusal:
        return False
    return True


def _checked(words: str) -> str:
    return SearchPattern(words).query if words.strip() else ""


# --- the hits ---------------------------------------------------------------------------------------------------------


class _Aim(Enum):
    FIRST = auto()
    OLDER = auto()
    OTHER_LAYOUT = auto()
    """Whether there would be a hit, had it been typed in the other layout."""


class _Asked(Struct, frozen=True):
    frame: Search
    question: Question
    aim: _Aim


class HitSearch:
    """Hits of the newest question, newest first; the old ones stay until the new ones are there.

    `next_id` gives numbers that nobody else uses for pages, and `page_hits` is how many hits are wanted at a time. What `shows` is false
    of is none.
    """

    def __init__(
        self,
        next_id: Callable[[], int],
        *,
        page_hits: int = HITS_PAGE,
        shows: Callable[[Event], bool] = lambda _: True,
    ) -> None:
        self._next_id = next_id
        self._shows = shows
        self._page_hits = page_hits
        self._asked: _Asked | None = None
        self._wanted = self._otherwise = _NO_QUESTION
        self._is_online = True
        self._missing = 0
        """How many more hits of the same question are wanted."""
        self._before = 0
        """Everything from this event on has been looked at."""
        self._alternative_tried = True
        self._is_stale = False
        """Whether what was answered is to be asked anew."""
        self.answers = 0
        """How often the hits have begun anew."""
        self.answered = _NO_QUESTION
        """The question that `hits` are the answer to."""
        self.hits: Sequence[Event] = ()
        self.has_more = False
        """Whether there are, or may be, older hits."""
        self.has_alternative = False
        """There is no hit, but there would be some in the other layout."""
        self.refusal = ""
        """Why the newest question has no answer, if the server refused it."""

    @property
    def is_answered(self) -> bool:
        """Whether `hits` are those of what was asked last."""
        return self._wanted == self.answered and not self._is_stale

    @property
    def is_asking(self) -> bool:
        """Whether a question is on its way."""
        return self._asked is not None

    @property
    def is_waiting(self) -> bool:
        """Whether hits, the first or older ones, are on their way or will be asked for."""
        return not self._wanted.is_empty and not self.refusal and (self._missing > 0 or not self.is_answered)

    def ask(self, question: Question, otherwise: Question = _NO_QUESTION, *, anew: bool = False) -> Search | None:
        """Look for something else; `otherwise` is what was perhaps meant, had it been typed in the other layout.

        With `anew` also for the same once more: something may have been said since.
        """
        self._wanted, self._otherwise, self.refusal = question, otherwise, ""
        self._is_stale |= anew
        if question.is_empty:
            self._begin(question)
        return self._next()

    def ask_older(self) -> Search | None:
        """Look for the next page of hits, if there may be one."""
        if self.has_more and self.is_answered and not self._missing:
            self._missing, self.refusal = self._page_hits, ""
        return self._next()

    def take(self, page: HistoryPage) -> Search | None:
        """Take in an answer; what answers no question of ours, or one that is no longer asked, changes nothing."""
        if self._asked is None or page.id != self._asked.frame.id:
            return None
        asked, self._asked = self._asked, None
        if asked.question == self._wanted and (asked.aim is _Aim.FIRST or self.is_answered):
            self._take_answer(asked.aim, page)
        return self._next()

    def take_refusal(self, refused: Refused) -> Search | None:
        """A question is refused, perhaps one of ours."""
        if self._asked is None or refused.id != self._asked.frame.id:
            return None
        asked, self._asked = self._asked, None
        if asked.question == self._wanted and asked.aim is not _Aim.OTHER_LAYOUT:
            self._missing, self.refusal = 0, excerpt(refused.text, MAX_SENTENCE)
        return self._next()

    def set_online(self, *, online: bool) -> Search | None:
        """The connection is there, or lost, and with it what was on its way: it is asked once more."""
        if online != self._is_online:
            self._is_online, self._asked = online, None
        return self._next()

    def _take_answer(self, aim: _Aim, page: HistoryPage) -> None:
        if aim is _Aim.OTHER_LAYOUT:
            self.has_alternative = any(map(self._shows, page.events))
            return
        if aim is _Aim.FIRST:
            self._begin(self._wanted)
            self._missing, self._before = self._page_hits, MAX_SEQ
        older = tuple(event for event in reversed(page.events) if event.seq < self._before)
        before = page.before or (older[-1].seq if older else 0)
        shown = tuple(filter(self._shows, older))
        self.hits = (*self.hits, *shown)
        self.has_more = page.more and 0 < before < self._before  # a server must not lead us round in circles
        self._before = before
        # A server looks at so much at a time; what it has not looked at yet may be where the hits are.
        is_cut_short = self.has_more and (page.before is not None or len(shown) < len(older))
        self._missing = max(0, self._missing - len(shown)) if is_cut_short else 0

    def _begin(self, question: Question) -> None:
        self.answered, self.hits, self.has_more = question, (), False
        self.has_alternative = self._alternative_tried = self._is_stale = False
        self.answers += 1

    def _next(self) -> Search | None:
        """What is to be asked now, if anything."""
        if self._asked is not None or not self._is_online or self._wanted.is_empty or self.refusal:
            return None
        if not self.is_answered:
            return self._send(self._wanted, _Aim.FIRST)
        if self._missing:
            return self._send(self._wanted, _Aim.OLDER, before=self._before)
        if self.hits or self._alternative_tried or self._otherwise in (self._wanted, _NO_QUESTION):
            return None
        self._alternative_tried = True
        return self._send(self._otherwise, _Aim.OTHER_LAYOUT, limit=1)

    def _send(self, question: Question, aim: _Aim, *, before: int | None = None, limit: int = 0) -> Search:
        frame = Search(self._next_id(), question.words, question.nick or None, before, limit or self._page_hits)
        self._asked = _Asked(frame, self._wanted, aim)
        return frame
