"""Keys that arrive together are carried out in their order.

Textual lets a key travel up to the app and the action come back, while letters are typed on the spot: of keys that arrive together (a
slow line, an input method that corrects with Backspace), the order would be lost. So a text widget asks here first.
"""

from textual import events
from textual.widget import Widget


async def act(widget: Widget, event: events.Key) -> bool:
    """Do at once what a key is bound to in `widget`, and say whether that was anything."""
    for binding in widget._bindings.key_to_bindings.get(event.key, ()):  # noqa: SLF001 -- there is no public way to them
        if await widget.app.run_action(binding.action, default_namespace=widget):
            return True
    return False


def consume(event: events.Key) -> None:
    """Let nobody else see the key."""
    event.stop()
    event.prevent_default()
