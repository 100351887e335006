"""Searching the room's past: what a typed line means, and the hits that came back.

Pure state, owned by the screen's thread: no widgets, no sockets, no clock. Whatever frame a method returns is to be sent. One
question is on its way at a time, and of those that come up meanwhile only the newest is ever asked: whoever types fast costs the
server no more than it has time for.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Final

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

_PERSON: Final = re.compile(r"[@＠](?P<nick>\S+)(?:\s+(?P<words>.*))?", re.DOTALL)
_SPEAKER: Final = re.compile(r"(?P<nick>[^\s:>]+)[:>]\s+(?P<words>.*)", re.DOTALL)
"""`철수: 회의` and, as it stands in the log, `철수> 회의`."""


# --- what is asked ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """Messages that contain `words`; if there is a `nick`, only those of that person. Without words nothing is asked."""

    words: str
    nick: str = ""

    def find(self, text: str) -> Sequence[Span]:
        """Where the words stand in `text`."""
        return _pattern(self.words).find_all(text) if self.words else ()


@lru_cache(maxsize=8)
def _pattern(words: str) -> SearchPattern:
    return SearchPattern(words)


def read_question(text: str, nicks: Collection[str] = ()) -> Question:
    """What is meant by a typed line: `회의`, `@철수 회의`, and `철수: 회의` if 철수 is one of `nicks`.

    What can be no nickname is looked for as it stands (`@example.com`). Raises Refusal if the words are too many.
    """
    text = text.strip()
    known = {nickname_key(nick) for nick in nicks}
    if (person := _PERSON.fullmatch(text)) and _can_be_nick(person["nick"]):
        return Question(_checked(person["words"] or ""), person["nick"])
    if (speaker := _SPEAKER.fullmatch(text)) and nickname_key(speaker["nick"]) in known:
        return Question(_checked(speaker["words"]), speaker["nick"])
    return Question(_checked(text))


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


@dataclass(frozen=True, slots=True)
class _Asked:
    frame: Search
    question: Question
    aim: _Aim


class HitSearch:
    """Hits of the newest question, newest first; the old ones stay until the new ones are there.

    `next_id` gives numbers that nobody else uses for pages.
    """

    def __init__(self, next_id: Callable[[], int]) -> None:
        self._next_id = next_id
        self._asked: _Asked | None = None
        self._wanted = self._otherwise = Question("")
        self._is_online = True
        self._missing = 0
        """How many more hits of the same question are wanted."""
        self._before = 0
        """Everything from this event on has been looked at."""
        self._alternative_tried = True
        self.answered = Question("")
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
        return self._wanted == self.answered

    @property
    def is_waiting(self) -> bool:
        """Whether hits, the first or older ones, are on their way or will be asked for."""
        return bool(self._wanted.words) and not self.refusal and (self._missing > 0 or not self.is_answered)

    def ask(self, question: Question, otherwise: Question = Question("")) -> Search | None:
        """Look for something else; `otherwise` is what was perhaps meant, had it been typed in the other layout.

        Without words there is nothing to be found.
        """
        self._wanted, self._otherwise, self.refusal = question, otherwise, ""
        if not question.words:
            self._begin(question)
        return self._next()

    def ask_older(self) -> Search | None:
        """Look for the next page of hits, if there may be one."""
        if self.has_more and self.is_answered and not self._missing:
            self._missing, self.refusal = HITS_PAGE, ""
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
            self.has_alternative = bool(page.events)
            return
        if aim is _Aim.FIRST:
            self._begin(self._wanted)
            self._missing, self._before = HITS_PAGE, MAX_SEQ
        older = tuple(event for event in reversed(page.events) if event.seq < self._before)
        before = page.before or (older[-1].seq if older else 0)
        self.hits = (*self.hits, *older)
        self.has_more = page.more and 0 < before < self._before  # a server must not lead us round in circles
        self._before = before
        # A server looks at so much at a time; what it has not looked at yet may be where the hits are.
        is_cut_short = self.has_more and page.before is not None
        self._missing = max(0, self._missing - len(older)) if is_cut_short else 0

    def _begin(self, question: Question) -> None:
        self.answered, self.hits, self.has_more = question, (), False
        self.has_alternative = self._alternative_tried = False

    def _next(self) -> Search | None:
        """What is to be asked now, if anything."""
        if self._asked is not None or not self._is_online or not self._wanted.words or self.refusal:
            return None
        if not self.is_answered:
            return self._send(self._wanted, _Aim.FIRST)
        if self._missing:
            return self._send(self._wanted, _Aim.OLDER, before=self._before)
        if self.hits or self._alternative_tried or self._otherwise in (self._wanted, Question("")):
            return None
        self._alternative_tried = True
        return self._send(self._otherwise, _Aim.OTHER_LAYOUT, limit=1)

    def _send(self, question: Question, aim: _Aim, *, before: int | None = None, limit: int = HITS_PAGE) -> Search:
        frame = Search(self._next_id(), question.words, question.nick or None, before, limit)
        self._asked = _Asked(frame, self._wanted, aim)
        return frame
