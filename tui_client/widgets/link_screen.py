"""The links of the conversation, to be opened from the keyboard. Runs on the UI thread."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui_client import strings
from tui_client.widgets.choice_list import ChoiceList
from tui_client.widgets.excerpts import cut_around, with_gaps
from tui_client.widgets.key_order import act, consume
from tui_client.widgets.link_list import LinkList, SharedLink, host_span, spelled_out
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.painting import visible
from tui_client.widgets.search_field import SearchField
from tui_client.widgets.sheets import OVER
from tui_client.wrapping import Span

ADDRESS_ROWS = 3
"""Of the chosen link's whole address; more than that nobody reads."""


TALL_ROWS = 16
"""From here on the whole address has room."""


class LinkScreen(ModalScreen[str | None]):
    """Ends with the address that is to be opened, or with nothing. `links` come newest first."""

    CSS_PATH = OVER
    AUTO_FOCUS = "SearchField"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL_ROWS, "-tall")]  # noqa: RUF012 -- Textual's own declaration

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("enter", "open", show=False),
        Binding("escape,ctrl+o", "end(None)", show=False),
        Binding("ctrl+q", "app.quit", show=False),
    ]

    def __init__(self, links: Sequence[SharedLink], local: LocalTime | None = None) -> None:
        super().__init__()
        self._has_any = bool(links)
        self._has_ended = False
        self.field = SearchField("", placeholder=strings.LINKS_PLACEHOLDER, id="link-field")
        self.links = LinkList(links, local or LocalTime(), id="link-list")
        self.nothing = Static(id="link-nothing")
        self.host = Static(id="link-host")
        self.address = Static(id="link-address")

    def compose(self) -> ComposeResult:
        with Vertical(id="links") as box:
            box.border_title = strings.LINKS_TITLE
            box.border_subtitle = strings.LINKS_KEYS if self._has_any else strings.LINKS_KEYS_EMPTY
            yield self.field
            yield self.links
            yield self.nothing
            yield self.host
            yield self.address

    def on_mount(self) -> None:
        self.set_class(not self._has_any, "-empty")
        # However many are left while one types: a box that changes its size under the eye is no calm one.
        self.links.styles.height = self.nothing.styles.height = max(1, self.links.count)
        self.show_chosen()

    @property
    def typing_target(self) -> SearchField:
        """Where what is typed goes, whatever has the focus."""
        return self.field

    @on(events.Key)
    @on(events.Paste)
    async def type(self, event: events.Key | events.Paste) -> None:
        if isinstance(event, events.Key) and await act(self, event):
            consume(event)
        else:
            self.field.catch(event)

    @on(Input.Changed)
    def narrow_down(self) -> None:
        self.links.only(self.field.value.strip())
        self.show_chosen()

    @on(ChoiceList.Moved)
    def show_chosen(self) -> None:
        """Spell out where the chosen link leads."""
        link = self.links.chosen_link
        url = visible(link.url) if link else ""
        host = host_span(url)
        columns = max(1, self.address.content_size.width)
        self.host.update(Content(_leading_to(spelled_out(url[host.start : host.end]), columns) if link else ""))
        self.address.update(Content(with_gaps(url, cut_around(url, ADDRESS_ROWS * columns, host))))
        self.links.display = link is not None
        self.nothing.display = link is None
        self.nothing.update(Content(strings.no_such_links(self.field.value) if self._has_any else strings.NO_LINKS))

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_chosen)

    def action_move(self, rows: int) -> None:
        self.links.move(rows)

    def action_page(self, pages: int) -> None:
        self.links.move(pages * max(1, self.links.scrollable_content_region.height - 1))

    @on(Input.Submitted)
    @on(ChoiceList.Opened)
    def action_open(self) -> None:
        if (link := self.links.chosen_link) is not None:
            self.action_end(link.url)

    def action_end(self, url: str | None) -> None:
        """Once: a key that was pressed twice must not close the screen below."""
        if not self._has_ended:
            self._has_ended = True
            self.dismiss(url)


def _leading_to(host: str, columns: int) -> str:
    """In one row; of a long host the end, which is what counts."""
    room = columns - cell_len(strings.link_leads_to(""))
    return strings.link_leads_to(with_gaps(host, cut_around(host, room, Span(0, len(host)))))
