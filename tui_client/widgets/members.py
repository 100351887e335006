"""Who is in the room. Runs on the UI thread."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive, var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_client import strings
from tui_client.widgets.key_order import act, consume
from tui_client.widgets.painting import SPEAKERS, colour_of
from tui_client.wrapping import cut

ME = "member-list--me"
AWAY = "member-list--away"
STALE = "member-list--stale"
"""Nobody knows whether they are still here."""

CURSOR = "member-list--cursor"

AWAY_SIGN = "~"
"""Before a nickname, where there is no room for words."""


class MemberList(ScrollView, can_focus=True, inherit_bindings=False):
    """One nickname a row, one's own first; drawn line by line, so that five hundred cost no more than ten."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {ME, AWAY, STALE, CURSOR, *SPEAKERS}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
        Binding("enter", "choose", show=False),
    ]

    cursor: var[int] = var(0)
    """The row that Enter chooses."""

    is_stale: reactive[bool] = reactive(False)
    """Whether the connection is lost, so that this is who was here then."""

    @dataclass
    class Chosen(Message):
        """Somebody other than oneself was chosen."""

        members: "MemberList"
        nick: str

        @property
        def control(self) -> "MemberList":
            return self.members

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._nicks: list[str] = []
        self._me = ""
        self._away: frozenset[str] = frozenset()
        self.set_members((), "")

    @property
    def nicks(self) -> Sequence[str]:
        """The nicknames in the order shown."""
        return self._nicks

    def set_members(self, nicks: Sequence[str], me: str, away: frozenset[str] = frozenset()) -> None:
        """Show these members, those `away` as reconnecting; the cursor stays on whom it was on."""
        chosen = self._nicks[self.cursor] if self._nicks else me
        self._me, self._away = me, away
        self._nicks = sorted(nicks, key=lambda nick: (nick != me, _order(nick)))
        self.cursor = self._nicks.index(chosen) if chosen in self._nicks else 0
        self.border_title = Content(strings.members_title(len(nicks)))
        self.virtual_size = Size(self.scrollable_content_region.width, len(nicks))
        self.refresh()

    # --- moving -------------------------------------------------------------------------------------------------------

    def validate_cursor(self, row: int) -> int:
        return max(0, min(row, len(self._nicks) - 1))

    def watch_cursor(self, row: int) -> None:
        self.scroll_to_region(Region(0, row, 1, 1), animate=False, force=True)
        self.refresh()

    async def on_key(self, event: events.Key) -> None:
        if await act(self, event):
            consume(event)

    def action_move(self, rows: int) -> None:
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        self.cursor += pages * max(1, self.scrollable_content_region.height - 1)

    def action_first(self) -> None:
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = len(self._nicks) - 1

    def action_choose(self) -> None:
        if self._nicks and self._nicks[self.cursor] != self._me:
            self.post_message(self.Chosen(self, self._nicks[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one chooses."""
        offset = event.get_content_offset(self)
        if offset is None or self.scroll_offset.y + offset.y >= len(self._nicks):
            return
        self.cursor = self.scroll_offset.y + offset.y
        if event.chain == 2:
            self.action_choose()

    # --- drawing ------------------------------------------------------------------------------------------------------

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        columns, row = self.scrollable_content_region.width, self.scroll_offset.y + y
        if row >= len(self._nicks):
            return Strip.blank(columns, self.rich_style)
        nick = self._nicks[row]
        components = [self._look(nick)]
        if self.has_focus and row == self.cursor:
            components.append(CURSOR)
        style = self.get_visual_style(*components).rich_style
        return Strip([Segment(self._label(nick, columns), style)]).adjust_cell_length(columns, style)

    def _look(self, nick: str) -> str:
        """The component class of a row: everybody has the colour that they have in the log."""
        if self.is_stale:
            return STALE
        return ME if nick == self._me else AWAY if nick in self._away else colour_of(nick)

    def _label(self, nick: str, columns: int) -> str:
        """The nickname and, in words or at least by a sign, that it is oneself or that its connection is being restored."""
        remark = strings.MEMBER_ME if nick == self._me else strings.MEMBER_AWAY if nick in self._away else ""
        if remark and cell_len(nick) + 1 + cell_len(remark) <= columns:
            return f"{nick} {remark}"
        return cut(f"{AWAY_SIGN}{nick}" if nick in self._away else nick, columns)


_PARTS = re.compile(r"(\D*)(\d*)")


@lru_cache(maxsize=4096)  # whoever comes in has everybody sorted anew
def _order(nick: str) -> tuple[bool, list[tuple[str, int]], str]:
    """가나다 order, in which Hangul comes before everything else, and 손님2 before 손님10; upper and lower case don't matter."""
    folded = unicodedata.normalize("NFKC", nick).casefold()
    parts = [(text, int(number or -1)) for text, number in _PARTS.findall(folded)]
    return not "가" <= folded[:1] <= "힣", parts, folded
