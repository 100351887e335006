"""What a person in line mode does about others: as an operator for all, and on their own screen alone. Main thread.

The key is asked for where nothing of it is seen. What the server answers comes here first.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import assert_never

from server.protocol import phrases
from server.protocol.errors import Code
from server.protocol.events import Done, HistoryPage, Refused, SanctionList
from server.protocol.password import Password
from server.protocol.text import excerpt
from tui_client import intents, strings
from tui_client.conversation import MAX_SENTENCE
from tui_client.intents import NotDone
from tui_client.line.output import Paper
from tui_client.line.row import Desk
from tui_client.link import Link
from tui_client.operating import MAX_TARGET, Operating, order_of
from tui_client.roster import clean_nick
from tui_client.timeline import Timeline
from tui_client.until import local_time


class LineModerating:
    """`prompt` is what stands where one types when no key is asked for. `new_order_id` gives a number for what is to be done, and
    raises NotDone if nothing can be.
    """

    def __init__(
        self,
        timeline: Timeline,
        link: Link,
        desk: Desk,
        paper: Paper,
        prompt: Callable[[], str],
        new_order_id: Callable[[], int],
    ) -> None:
        self.is_asking = False
        """Whether the next line is the key, or typed while it is looked at."""
        self._typed_ahead: list[str] | None = None
        """What was typed unseen while the server looks at the key; None when it doesn't."""
        self._timeline = timeline
        self._link = link
        self._desk = desk
        self._paper = paper
        self._prompt = prompt
        self._new_order_id = new_order_id
        self._operating = Operating(timeline.new_page_id)
        self._list_asked = 0

    # --- the key ------------------------------------------------------------------------------------------------------

    def ask_key(self, *, was_typed: bool) -> None:
        """`was_typed`: perhaps it was, where it must not be. Raises NotDone where others could read it."""
        if not self._link.is_online:
            raise NotDone(strings.NOT_CONNECTED)
        if not self._link.is_private:
            raise NotDone(phrases.OPERATOR_NEEDS_TLS)
        self.is_asking = self._desk.hide(strings.LINE_OPERATOR_PROMPT)
        if not self.is_asking:
            raise NotDone(strings.LINE_KEY_WOULD_BE_SEEN)
        if was_typed:
            self._paper.tell(strings.OPERATOR_KEY_BEHIND)
        self._paper.tell(strings.LINE_OPERATOR_QUESTION)

    def take_key(self, line: str) -> None:
        """What was typed; nothing if its user thought better of it. It stays unseen until the key is known to be right: whoever thinks
        that it was wrong types it again.
        """
        if self._typed_ahead is not None:
            self._typed_ahead.append(line)
        elif key := Password(line):
            self._typed_ahead = []
            other_end = self._link.other_end
            self._link.send(self._operating.show_key(key, other_end))
        else:
            self._end_asking()

    def take_ahead(self) -> Sequence[str]:
        """What was typed while the key was looked at, once that is over: the next key if that one was wrong, else what is no key."""
        if self._typed_ahead is None or self._operating.is_asking:
            return ()
        typed, self._typed_ahead = self._typed_ahead, None
        return [line for line in typed if self.is_asking or not self._operating.is_key(line)]

    def disconnect(self) -> None:
        """There is no connection: the key is shown on the next one, and meanwhile its user types on. What was typed unseen may be a key."""
        if self._typed_ahead is not None:
            self._operating.give_up_asking()
            self._typed_ahead = None
            self._end_asking()

    def _end_asking(self) -> None:
        self.is_asking = False
        self._desk.show()
        self._desk.ask(self._prompt())

    def come_in(self) -> None:
        """There is a new connection."""
        if self._list_asked:
            self._list_asked = 0
            self._paper.tell(strings.SANCTIONS_LOST)
        had_key = self._operating.has_key
        if (frame := self._operating.come_in(self._link.other_end)) is not None:
            self._link.send(frame)
        elif had_key:
            self._paper.tell(strings.KEY_NOT_SHOWN)

    def _take_answer(self, answer: Done | Refused) -> None:
        """Whether the key is right; a wrong one can be typed again at once, where nobody sees it."""
        told = self._operating.take(answer)
        if not self.is_asking:
            self._paper.tell(told)
        elif isinstance(answer, Refused) and answer.code == Code.AUTH_FAILED:
            self._paper.tell(strings.LINE_OPERATOR_WRONG)
        else:
            if isinstance(answer, Refused):
                self._typed_ahead = None  # perhaps another key, which nobody may read
            self._end_asking()
            self._paper.tell(told)

    # --- what is typed ------------------------------------------------------------------------------------------------

    def carry_out(self, meant: intents.OperatorIntent) -> None:
        """Have the server do it. Raises NotDone."""
        if not self._operating.has_key:
            raise NotDone(phrases.NOT_OPERATOR)
        if not self._link.is_online:
            raise NotDone(strings.NOT_CONNECTED)
        if isinstance(meant, intents.ShowSanctions):
            number = self._list_asked = self._timeline.new_page_id()
        else:
            number = self._new_order_id()
        self._link.send(order_of(meant, number))

    def ignore(self, nick: str) -> None:
        """Raises NotDone."""
        ignoring = self._timeline.ignoring
        who = self._timeline.find_partner(nick)
        self._paper.tell(ignoring.change(who, self._timeline.uid) if nick else ignoring.told())

    # --- what the server says -----------------------------------------------------------------------------------------

    def take(self, answer: HistoryPage | Refused | Done | SanctionList) -> bool:
        """Take in an answer, if it is to a question from here; whether it was."""
        match answer:
            case SanctionList():
                if answer.id == self._list_asked:
                    self._list_asked = 0
                    self._paper.answer("\n".join(_lines(answer)))
            case Done() | Refused() if self._operating.is_asked(answer.id):
                self._take_answer(answer)
            case Refused() if self._list_asked and answer.id == self._list_asked:
                self._list_asked = 0
                self._paper.tell(excerpt(answer.text, MAX_SENTENCE))
            case Done():
                """Of an order that was given on another connection."""
            case HistoryPage() | Refused():
                return False
            case _:
                assert_never(answer)
        return True


def _lines(answer: SanctionList) -> Iterator[str]:
    for entry in answer.entries:
        kind, target = strings.SANCTION_KINDS.get(entry.kind, ""), excerpt(entry.target, MAX_TARGET)
        about = strings.sanction_about(clean_nick(entry.by), local_time(entry.until))
        yield strings.line_sanction(kind, target, about)
    for member in answer.members:
        address = excerpt(member.address, MAX_TARGET) or strings.AWAY_SINCE_START
        yield strings.line_address(clean_nick(member.nick), address)
