"""The first line of the screen: where one is, as whom, how the connection stands, what is unread or unsent. Runs on the UI thread."""

from enum import StrEnum
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui_client.wrapping import cut

ROOM = "title-bar--room"
ADDRESS = "title-bar--address"
STATE = "title-bar--state"
NICK = "title-bar--nick"
ROLE = "title-bar--role"
UNREAD = "title-bar--unread"
SECURITY = "title-bar--security"
WAITING = "title-bar--waiting"

GAP = "  "


class LinkState(StrEnum):
    """How the connection stands; the value is the title bar's class."""

    ONLINE = "-online"
    STUCK = "-stuck"
    """Connected to a server that takes nothing for now."""
    CONNECTING = "-connecting"
    OFFLINE = "-offline"


class TitleBar(Widget):
    """Room, address and security on the left; unread, waiting, state and nickname on the right; as much of it as there is room for.

    What is said in many words has fewer for narrow terminals.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {ROOM, ADDRESS, STATE, NICK, ROLE, UNREAD, WAITING, SECURITY}

    address: reactive[str] = reactive("")
    nick: reactive[str] = reactive("")
    role: reactive[str] = reactive("")
    """What one may do here that others may not."""
    state_text: reactive[str] = reactive("")
    state_short: reactive[str] = reactive("")
    unread_text: reactive[str] = reactive("")
    unread_short: reactive[str] = reactive("")
    security_text: reactive[str] = reactive("")
    waiting_text: reactive[str] = reactive("")
    """How much is to be sent as soon as that is possible."""
    waiting_short: reactive[str] = reactive("")

    def __init__(self, room: str, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._room = room

    def show_state(self, state: LinkState, text: str, short: str = "") -> None:
        """Show how the connection stands, in words, if need be in short, and as a class."""
        if not self.has_class(state):
            self.remove_class(*LinkState)
            self.add_class(state)
        self.state_text, self.state_short = text, short

    def show_security(self, text: str, *, is_exposed: bool) -> None:
        """Say whether others can read along. If they can, that is never what finds no room."""
        self.set_class(is_exposed, "-exposed")
        self.security_text = text

    def render(self) -> Content:
        """Lay the parts out; what finds no room goes in the order security, address, room, role, waiting, unread, nickname, state.

        The words are many where all but the first three have room for that, else few.
        """
        columns = self.size.width
        long = ((STATE, self.state_text), (UNREAD, self.unread_text), (WAITING, self.waiting_text))
        short = {STATE: self.state_short, UNREAD: self.unread_short, WAITING: self.waiting_short}
        is_exposed = self.has_class("-exposed")
        said = dict(long)
        for component, text in reversed(long):
            if _columns_of(*said.values(), self.nick, self.security_text * is_exposed) <= columns:
                break
            said[component] = short[component] or text
        kept: dict[str, str] = {}
        room_left = columns
        for component, text in (
            (SECURITY, self.security_text * is_exposed),
            (STATE, said[STATE]),
            (NICK, self.nick),
            (UNREAD, said[UNREAD]),
            (WAITING, said[WAITING]),
            (ROLE, self.role),
            (ROOM, self._room),
            (ADDRESS, self.address),
            (SECURITY, self.security_text * (not is_exposed)),
        ):
            shown = cut(text, room_left)
            # Of a part that doesn't fit, a beginning of three letters tells nothing.
            if text and (shown == text or cell_len(shown) > 3):
                kept[component] = shown
                room_left -= cell_len(shown) + len(GAP)
        left = self._join(kept, ROOM, ADDRESS, SECURITY)
        right = self._join(kept, UNREAD, WAITING, STATE, NICK, ROLE)
        return Content.assemble(left, " " * (columns - left.cell_length - right.cell_length), right)

    def _join(self, parts: dict[str, str], *components: str) -> Content:
        """These parts in their styles, as content: what others wrote is never markup."""
        return Content(GAP).join(
            Content(parts[component]).stylize(self.get_visual_style(component))
            for component in components
            if component in parts
        )


def _columns_of(*texts: str) -> int:
    """How much room they take side by side."""
    return sum(cell_len(text) + len(GAP) for text in texts if text) - len(GAP)
