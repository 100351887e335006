"""Searching the room's past: a line to type in, the hits, and the conversation around the chosen one. Runs on the UI thread.

It lies over the chat and touches nothing of it. What is to be asked it posts as `Asked`, and it is handed what comes back:
it knows neither the timeline nor the link.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import ClassVar

from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from server.protocol.errors import Refusal
from server.protocol.events import Event, HistoryPage, ReadHistory, Refused, Search
from tui_client import strings
from tui_client.entry import Entry
from tui_client.korean.hangul import convert
from tui_client.notifying import News
from tui_client.searching import HitSearch, Question, read_question
from tui_client.surroundings import Surroundings
from tui_client.widgets.choice_list import ChoiceList
from tui_client.widgets.hit_list import HitList
from tui_client.widgets.key_bar import KeyBar
from tui_client.widgets.key_order import act, consume
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.past_log import PastLog
from tui_client.widgets.search_field import SearchField
from tui_client.widgets.search_guide import SearchGuide
from tui_client.widgets.search_line import SearchLine
from tui_client.widgets.sheets import OVER

SLIM_COLUMNS, WIDE_COLUMNS = 40, 120
"""Narrower than the one, the line has no room for a count. From the other on, the conversation stands beside the hits, below them
otherwise."""

SHORT_ROWS, TALL_ROWS = 10, 16
"""As in the chat: frames and keys where there is room for them."""


class SearchScreen(Screen[str]):
    """Ends with what stands in the line, so that the next search can begin there."""

    CSS_PATH = OVER
    AUTO_FOCUS = "SearchField"
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (SLIM_COLUMNS, "-narrow"), (WIDE_COLUMNS, "-wide")]  # noqa: RUF012 -- Textual's own
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (SHORT_ROWS, "-short"), (TALL_ROWS, "-tall")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "next_hit(-1)", show=False),
        Binding("down", "next_hit(1)", show=False),
        Binding("f3", "next_hit(1)", show=False),
        # Terminals without a keyboard protocol report Shift+F3 as F15.
        Binding("shift+f3,f15", "next_hit(-1)", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("enter", "read", show=False),
        Binding("escape", "back", show=False),
        Binding("ctrl+t", "convert", show=False),
        Binding("ctrl+f", "again", show=False),
        Binding("f5", "ask_again", show=False),
    ]

    @dataclass
    class Asked(Message):
        """`frame` is to be sent; the answer belongs to `take_page`, a refusal to `take_refusal`."""

        frame: Search | ReadHistory

    def __init__(
        self,
        text: str,
        *,
        next_id: Callable[[], int],
        newest_seq: Callable[[], int],
        draw: Callable[[Iterable[Event]], Sequence[Entry]],
        shows: Callable[[Event], bool] = lambda _: True,
        nicks: Collection[str],
        is_online: bool,
        timezone: tzinfo | None = None,
        today: Callable[[], date] | None = None,
    ) -> None:
        """Begin with `text` in the line.

        `next_id` gives numbers for pages that nobody else uses, `newest_seq` the newest event of the log, `draw` makes entries of
        those events that this client's user is to see, which `shows` tells. What stands before a colon is taken for a name if it is
        one of `nicks`. Times are those of `timezone`, and `today` says which day it is there, by default the computer's own.
        """
        super().__init__()
        self._draw = draw
        self._nicks = nicks
        self._search = HitSearch(next_id, shows=shows)
        self._around = Surroundings(next_id, newest_seq)
        self._is_online = is_online
        self._shown: Sequence[Event] = ()
        self._shown_answer = 0
        """Which of the answers is shown, as they are counted."""
        self._complaint = ""
        """What is wrong with what was typed."""
        self._is_there = self._has_ended = False
        self.line = SearchLine(text, id="search-line")
        self.notice = Static(id="search-notice")
        self.hits = HitList(LocalTime(timezone, today), id="hits")
        self.past = PastLog(timezone, today, id="past")
        self.panes = Container(self.hits, self.past, id="search-panes")
        self.guide = SearchGuide(id="search-guide")
        self.key_bar = KeyBar(id="keys")

    def compose(self) -> ComposeResult:
        yield self.line
        yield self.notice
        yield self.panes
        yield self.guide
        yield self.key_bar

    def on_mount(self) -> None:
        self._is_there = True
        self.set_online(online=self._is_online)
        self.ask()

    @property
    def field(self) -> SearchField:
        return self.line.field

    @property
    def typing_target(self) -> SearchField:
        """Where what is typed goes, whatever has the focus."""
        return self.field

    @property
    def chosen_text(self) -> str | None:
        """What was said in the chosen hit."""
        chosen = self.hits.chosen_entry
        return chosen.text if chosen else None

    # --- what the app hands in ----------------------------------------------------------------------------------------

    def take_page(self, page: HistoryPage) -> None:
        """An answer has come; those that are for somebody else, or too late, don't matter."""
        if not self._is_there:
            return
        self._send(self._search.take(page))
        self._show_hits()
        piece, frame = self._around.take(page)
        if piece is not None:
            self.past.show(piece, self._draw(piece.events))
        self._send(frame)

    def take_refusal(self, refused: Refused) -> None:
        """A question was refused, perhaps one of these."""
        if not self._is_there:
            return
        self._send(self._search.take_refusal(refused))
        self._send(self._around.take_refusal(refused))
        self._show_state()

    def set_online(self, *, online: bool) -> None:
        """Whether there is a connection. What is looked for without one is looked for as soon as there is."""
        self._is_online = online
        if not self._is_there:
            return
        self._send(self._search.set_online(online=online))
        self._send(self._around.set_online(online=online))
        self._show_state()

    def _send(self, frame: Search | ReadHistory | None) -> None:
        if frame is not None:
            self.post_message(self.Asked(frame))

    def count_missed(self, news: Sequence[News]) -> None:
        """Say what has come in while the chat below was out of sight."""
        self.line.count_missed(news)

    # --- the hits -----------------------------------------------------------------------------------------------------

    @on(SearchLine.Settled)
    def ask(self) -> None:
        self._ask()

    def _ask(self, *, anew: bool = False) -> None:
        self._complaint = ""
        try:
            self._send(self._search.ask(self._question(self.field.value), self._in_other_layout(), anew=anew))
        except Refusal as refusal:
            self._complaint = refusal.text
        self._show_hits()

    def _question(self, text: str) -> Question:
        return read_question(text, self._nicks)

    def _in_other_layout(self) -> Question:
        """What would be looked for, had it been typed in the keyboard's other mode."""
        try:
            return self._question(convert(self.field.value))
        except Refusal:  # it is longer there
            return Question("")

    def _show_hits(self) -> None:
        search = self._search
        if search.answers != self._shown_answer or (search.hits and not self._shown):
            self._shown_answer, self._shown = search.answers, search.hits
            self.past.set_highlight(search.answered.find)
            self.hits.show(self._hit_entries(search.hits), search.answered.find, has_more=search.has_more)
            self._open_chosen()
        elif len(search.hits) > len(self._shown) or search.has_more != self.hits.has_more:
            older, self._shown = search.hits[len(self._shown) :], search.hits
            self.hits.extend(self._hit_entries(older), has_more=search.has_more)
        self._show_state()

    def _hit_entries(self, events: Sequence[Event]) -> Sequence[Entry]:
        """One entry for each event: a whisper to oneself has two sides, and only one of them is a hit."""
        return [entries[0] for event in events if (entries := self._draw((event,)))]

    @on(HitList.EndSeen)
    def ask_older_hits(self) -> None:
        self._send(self._search.ask_older())
        self._show_state()

    @on(ChoiceList.Moved)
    def show_chosen(self) -> None:
        self._open_chosen()
        self._show_state()

    def _open_chosen(self) -> None:
        chosen = self.hits.chosen_entry
        if chosen is None:
            self._around.close()
            self.past.clear()
            return
        self._send(self._around.open(chosen.seq))
        if chosen.seq == self._around.seq:
            self.past.scroll_to_seq(chosen.seq)

    # --- the conversation around one ----------------------------------------------------------------------------------

    @on(MessageLog.TopReached)
    def read_older(self, reached: MessageLog.TopReached) -> None:
        reached.stop()  # the app would read on in the chat
        self._send(self._around.older(self.past.holds_from))

    @on(MessageLog.BottomReached)
    def read_newer(self, reached: MessageLog.BottomReached) -> None:
        reached.stop()
        self._send(self._around.newer(self.past.holds_until))

    # --- what is said about it ----------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        search, count = self._search, self.hits.count
        self.panes.display, self.guide.display = bool(count), not count
        counts = count and search.is_answered
        counted = strings.hit_count(self.hits.chosen + 1, count) if counts else ""
        more = strings.SEARCH_HAS_MORE if counts and search.has_more else ""
        self.line.show(counted, more, is_waiting=self._is_online and search.is_waiting)
        self._show_guide()
        self._show_notice()
        self._show_keys()

    def _show_guide(self) -> None:
        answered = self._search.answered
        if answered.is_empty:
            self.guide.show("")
        elif self._search.has_more:
            self.guide.show(strings.SEARCHING)
        else:
            instead = convert(self.field.value) if self._search.has_alternative else ""
            self.guide.show(strings.no_hits(answered.words, answered.nick), instead)

    def _show_notice(self) -> None:
        error = self._complaint or self._search.refusal
        offline = "" if self._is_online else strings.SEARCH_OFFLINE
        self.notice.update(Content(error or offline))
        self.notice.display = bool(error or offline)
        self.notice.set_class(bool(error), "-error")

    def _show_keys(self) -> None:
        if not self.hits.count:
            self.key_bar.keys = strings.SEARCH_KEYS_EMPTY
        elif self.past.has_focus:
            self.key_bar.keys = strings.SEARCH_KEYS_READING
        else:
            self.key_bar.keys = strings.SEARCH_KEYS

    # --- what the user does -------------------------------------------------------------------------------------------

    @on(events.Key)
    @on(events.Paste)
    async def type(self, event: events.Key | events.Paste) -> None:
        if isinstance(event, events.Key) and await act(self, event):
            consume(event)
        else:
            self.field.catch(event)

    def on_descendant_focus(self) -> None:
        self._show_keys()

    def action_next_hit(self, rows: int) -> None:
        self._accept()
        self.hits.move(rows)

    def action_page_up(self) -> None:
        self.past.action_page_up()

    def action_page_down(self) -> None:
        self.past.action_page_down()

    @on(Input.Submitted)
    @on(ChoiceList.Opened)
    def action_read(self) -> None:
        """Into the conversation, and back. Where there are no hits, Enter means what it means everywhere: search now."""
        self._accept()
        if self.line.is_typing:
            self.line.settle()
        elif not self._search.is_answered:
            self.ask()
        elif not self.hits.count:
            self._ask(anew=True)
        elif self.past.has_focus:
            self.field.focus()
        else:
            self.past.focus()

    def action_ask_again(self) -> None:
        """Something may have been said since. Without a connection the key means what it means everywhere: get one."""
        if not self._is_online:
            raise SkipAction
        if self.line.is_typing:
            self.line.settle()
        else:
            self._ask(anew=True)

    def _accept(self) -> None:
        """Whoever uses what was found won't want the next letter to replace the whole line, though it was selected at first."""
        self.field.cursor_position = len(self.field.value)

    def action_back(self) -> None:
        """Step by step: from the conversation to the line, from the line to the chat."""
        if self.focused is not self.field:
            self.set_focus(self.field)
        else:
            self.leave()

    def leave(self) -> None:
        """Back to the chat; once, since a key that was pressed twice must not close the screen below."""
        if not self._has_ended:
            self._is_there, self._has_ended = False, True
            self.dismiss(self.field.value)

    def action_convert(self) -> None:
        self.field.set_text(convert(self.field.value))
        self.line.settle()

    def action_again(self) -> None:
        """Another search: what is typed now takes the place of what stands in the line."""
        self.field.focus()
        self.field.action_select_all()
