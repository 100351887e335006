"""`/찾기` by lines: what is to be asked, and what was found as lines, the oldest first. Pure state of the chat's thread.

The hits themselves, and the questions that lead to them, are those of the screen's search. A few at a time: whoever listens to a
screen reader has no page to glance at, and asks for older ones with the command alone.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from typing import Final

from msgspec import Struct

from server.protocol.errors import Refusal
from server.protocol.events import Event, HistoryPage, Refused, Search
from tui_client import strings
from tui_client.entry import Entry
from tui_client.intents import NotDone
from tui_client.korean.hangul import convert
from tui_client.searching import HitSearch, Question, read_question

HITS_AT_A_TIME: Final = 20


class Found(Struct, frozen=True):
    """`lines` as they were said, each with its time, and `told`, what there is to say about them."""

    lines: Sequence[str]
    told: str


class Finding:
    """One search at a time, without a connection at first. What a method returns is to be sent; `take_found` has what came of it.

    `next_id` gives numbers that nobody else uses for pages, `draw` makes entries of events, and `shows` says which of these are for its
    user's eyes. Times are those of `timezone`, by
    default the computer's own.
    """

    def __init__(
        self,
        next_id: Callable[[], int],
        draw: Callable[[Iterable[Event]], Sequence[Entry]],
        timezone: tzinfo | None = None,
        today: Callable[[], date] | None = None,
        *,
        shows: Callable[[Event], bool] = lambda _: True,
    ) -> None:
        self._search = HitSearch(next_id, page_hits=HITS_AT_A_TIME, shows=shows)
        self._draw = draw
        self._timezone = timezone
        self._today = today or (lambda: datetime.now(timezone).date())
        self._typed = ""
        self._shown = 0
        self._owes_answer = False
        self._search.set_online(online=False)

    def ask(self, typed: str, nicks: Collection[str]) -> Search | None:
        """Look for what was typed, as in the screen's line; for the same also once more. Raises NotDone."""
        try:
            question = read_question(typed, nicks)
        except Refusal as refusal:
            raise NotDone(refusal.text) from None
        if question.is_empty:
            raise NotDone(strings.LINE_SEARCH_USAGE)
        self._typed, self._shown, self._owes_answer = typed, 0, True
        return self._search.ask(question, self._in_other_layout(nicks), anew=True)

    def ask_older(self) -> Search | None:
        """Look for older hits of the same, unless they are on their way. Raises NotDone."""
        if not self._typed:
            raise NotDone(strings.LINE_SEARCH_USAGE)
        if self._owes_answer:
            return None
        self._owes_answer = True
        return self._search.ask_older()

    def take(self, answer: HistoryPage | Refused) -> Search | None:
        """An answer has come, to whichever question."""
        return self._search.take_refusal(answer) if isinstance(answer, Refused) else self._search.take(answer)

    def set_online(self, *, online: bool) -> Search | None:
        """The connection is there, or lost, and with it what was on its way; also a new one whose predecessor's end nobody told."""
        self._search.set_online(online=False)
        return self._search.set_online(online=online)

    def take_found(self) -> Found | None:
        """What was found, once, as soon as all of it is there."""
        search = self._search
        if not self._owes_answer or search.is_asking or search.is_waiting:
            return None
        self._owes_answer = False
        if search.refusal:
            return Found((), search.refusal)
        new, self._shown = search.hits[self._shown :], len(search.hits)
        lines = [line for event in reversed(new) for line in self._lines(event)]
        return Found(lines, self._told(len(new)))

    def _told(self, shown: int) -> str:
        search, question = self._search, self._search.answered
        if search.hits and not shown:
            return strings.LINE_NO_OLDER_HITS
        if search.hits:
            total = len(search.hits)
            return strings.line_hits(question.words, question.nick, shown, total, has_more=search.has_more)
        nothing = strings.no_hits(question.words, question.nick)
        return f"{nothing}\n{strings.line_search_instead(convert(self._typed))}" if search.has_alternative else nothing

    def _in_other_layout(self, nicks: Collection[str]) -> Question:
        """What would be looked for, had it been typed in the keyboard's other mode."""
        try:
            return read_question(convert(self._typed), nicks)
        except Refusal:  # it is longer there
            return Question("")

    def _lines(self, event: Event) -> Iterator[str]:
        """The label before each line, as everywhere; of a whisper to oneself only one of its two sides."""
        for entry in self._draw((event,))[:1]:
            begin = f"{self._moment(entry.at_ms)} {entry.label}".lstrip()
            yield from (f"{begin}{line}" for line in entry.text.split("\n"))

    def _moment(self, at_ms: int) -> str:
        """Nothing of a time that another program made up."""
        try:
            at = datetime.fromtimestamp(at_ms / 1000, self._timezone)
        except (OverflowError, ValueError, OSError):
            return ""
        return strings.line_moment(at, self._today())
