"""The last line of the screen: the keys one needs, as many as there is room for. Each can also be clicked. UI thread."""

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

KEY = "key-bar--key"
GAP = "   "


class KeyBar(Widget):
    """Keys and what they do, the most needed first."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {KEY}

    keys: reactive[Sequence[tuple[str, str, str]]] = reactive(())
    """The key's name, what it does, and the app's action behind it (or nothing)."""

    def render(self) -> Content:
        shown: list[Content] = []
        columns_left = self.size.width
        for key, does, action in self.keys:
            part = self._part(key, does, action)
            columns_left -= part.cell_length + len(GAP) * bool(shown)
            if columns_left < 0:
                break
            shown.append(part)
        return Content(GAP).join(shown)

    def _part(self, key: str, does: str, action: str) -> Content:
        name = Content(key).stylize(self.get_visual_style(KEY, partial=True))
        if action:
            name = name.stylize(Style.from_meta({"@click": action}))
        return Content.assemble(name, " ", does)
