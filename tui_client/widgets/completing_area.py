"""A text area that offers what might be meant by what is typed: names, commands and what follows them. UI thread.

What is offered is worked out with each edit, before the next key is looked at, so that keys that come together find what they
would have found one by one. It is shown elsewhere: see `suggestions`.
"""

from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.reactive import var

from tui_client.completion import Known, Offer, suggest
from tui_client.widgets.typing_area import TypingArea


class CompletingArea(TypingArea):
    """While something is offered, Up and Down choose, and Tab takes. Only typing makes an offer, never moving or recalling."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "take", show=False)]

    known: var[Known] = var(Known(), init=False)
    """Who can be offered; the app keeps it up to date."""

    offer: var[Offer | None] = var(None, init=False)
    """What might be meant by what is typed."""

    chosen: var[int] = var(0, init=False)
    """Which of the offered items Tab takes."""

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(placeholder=placeholder, id=id)
        self._has_chosen = False
        """Whether an item was chosen by hand."""

    @property
    def is_choosing(self) -> bool:
        """Whether Enter takes what is offered: it was chosen, or what is typed is half a command or an address."""
        if self.offer is None:
            return False
        is_half = self.offer.is_order and bool(self.offer.typed) and not self.offer.is_complete
        return is_half or self._has_chosen

    # --- what is offered ----------------------------------------------------------------------------------------------

    def update_suggestion(self) -> None:
        """Called by Textual after every edit, when the caret is where it belongs."""
        super().update_suggestion()
        self._look_for_offer()

    def watch_selection(self) -> None:
        """Nothing is offered for what the caret only passes."""
        if self.offer is not None:
            self._look_for_offer()

    def watch_known(self) -> None:
        if self.offer is not None:
            self._look_for_offer()

    def _look_for_offer(self) -> None:
        before, found = self.offer, self._find_offer()
        offered = [item.insert for item in found.items] if found is not None else []
        # Who was chosen stays so while others come and go: nobody whispers to whoever has taken their row.
        chosen = before.items[self.chosen].insert if before is not None else ""
        is_kept = before is not None and found is not None and before.typed == found.typed and chosen in offered
        self._has_chosen = self._has_chosen and is_kept
        self.offer, self.chosen = found, offered.index(chosen) if is_kept else 0

    def _find_offer(self) -> Offer | None:
        if not self.selection.is_empty or not self.text:
            return None
        caret = len(self.get_text_range((0, 0), self.cursor_location))
        return suggest(self.text, caret, self.known)

    def decline(self) -> None:
        """Offer nothing until something is typed."""
        self.offer = None

    def on_blur(self) -> None:
        self.hurry()
        self.decline()

    # --- taking it ----------------------------------------------------------------------------------------------------

    def choose(self, index: int) -> None:
        """Make an offered item the one that is taken; behind the last comes the first."""
        if self.offer is not None:
            self.chosen, self._has_chosen = index % len(self.offer.items), True

    def action_take(self) -> None:
        if self.offer is None:
            raise SkipAction
        self.end_typing(lambda: self.take(self.chosen))

    def take(self, index: int) -> None:
        """Put an offered item in place of what it was offered for."""
        if (offer := self.offer) is None:
            return
        row, column = self.cursor_location
        caret = len(self.get_text_range((0, 0), (row, column)))
        start, end = (row, column - caret + offer.start), (row, column - caret + offer.end)
        self.replace(offer.items[index].insert, start, end, maintain_selection_offset=False)
        if self.offer is not None and self.offer.is_complete:
            self.decline()

    def action_cursor_up(self, select: bool = False) -> None:  # noqa: FBT001, FBT002 -- Textual's signature
        if self.has_choice and not select:
            self.choose(self.chosen - 1)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:  # noqa: FBT001, FBT002
        if self.has_choice and not select:
            self.choose(self.chosen + 1)
        else:
            super().action_cursor_down(select)

    @property
    def has_choice(self) -> bool:
        """Whether Up and Down choose."""
        return self.offer is not None and len(self.offer.items) > 1
