"""What stands where no hits are: that there are none, or what can be typed. Runs on the UI thread."""

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from tui_client import strings


class SearchGuide(Vertical, can_focus=False):
    """A sentence, with what to try instead; without one, examples."""

    def compose(self) -> ComposeResult:
        yield Static(id="search-sentence")
        with Container(id="search-examples"):
            for typed, finds in strings.SEARCH_EXAMPLES:
                yield Static(Content(typed), classes="search--typed")
                yield Static(Content(finds))

    def show(self, sentence: str, instead: str = "") -> None:
        """`instead`, if there is any, is what the screen's `convert` makes of the line."""
        content = Content(sentence)
        if instead:
            offer = Content(strings.search_instead(instead)).stylize(Style.from_meta({"@click": "screen.convert"}))
            content = Content.assemble(content, "\n\n", offer)
        said = self.query_one("#search-sentence", Static)
        said.update(content)
        said.display = bool(sentence)
        self.query_one("#search-examples").display = not sentence
