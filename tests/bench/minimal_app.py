"""The least that Textual can draw: what every app on it pays before its own first line."""

from textual.app import App, ComposeResult
from textual.widgets import Static

GREETING = "안녕하세요"


class MinimalApp(App[None]):
    """One line."""

    def compose(self) -> ComposeResult:
        yield Static(GREETING)


if __name__ == "__main__":
    MinimalApp().run()
