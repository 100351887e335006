"""Keys that arrive together are carried out in their order.

Textual lets a key travel up to the app and the action come back, while letters are typed on the spot: of keys that arrive together (a
slow line, an input method that corrects with Backspace), the order would be lost. So whatever takes keys asks here first, and
whatever moves the focus waits until what came before has been done.
"""

import asyncio
from typing import Final

from textual import events
from textual.dom import DOMNode
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

CATCH_UP_S: Final = 0.5
"""How long a key waits for those before it: a hundred times what that takes, and short enough to be felt as an answer."""


def knows(node: DOMNode, key: str) -> bool:
    """Whether a key is bound to something in `node`."""
    return key in node._bindings.key_to_bindings  # noqa: SLF001 -- there is no public way to them


async def act(widget: Widget, event: events.Key) -> bool:
    """Do at once what a key is bound to in `widget`, and say whether that was anything."""
    for binding in widget._bindings.key_to_bindings.get(event.key, ()):  # noqa: SLF001 -- there is no public way to them
        if await widget.app.run_action(binding.action, default_namespace=widget):
            return True
    return False


async def catch_up(screen: Screen[ScreenResultType]) -> None:
    """Until `screen`, and whatever has the focus in it, has done what it was told before now; or for a while."""
    widget = screen.focused or screen
    # What a widget does with a key it may hand up as a message, which it sees itself first.
    for node in (widget, *widget.ancestors_with_self):
        if isinstance(node, Widget):
            await _reach(node)


async def _reach(widget: Widget) -> None:
    """Until everything that waits for `widget` now is done."""
    is_done = asyncio.Event()
    try:
        async with asyncio.timeout(CATCH_UP_S):
            if widget.call_later(is_done.set):
                await is_done.wait()
    except TimeoutError:
        """It has stopped, or is too busy to be waited for."""


def consume(event: events.Key) -> None:
    """Let nobody else see the key."""
    event.stop()
    event.prevent_default()
