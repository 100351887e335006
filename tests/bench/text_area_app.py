"""A Textual app with nothing but a TextArea: what a large paste costs where nobody has thought of it."""

from textual.app import App, ComposeResult
from textual.widgets import TextArea

READY = "ready>"
"""Its first letter is drawn under the caret, in colours of its own."""


class TextAreaApp(App[None]):
    """One composer, as Textual makes it."""

    def compose(self) -> ComposeResult:
        yield TextArea(placeholder=READY)


if __name__ == "__main__":
    TextAreaApp().run()
