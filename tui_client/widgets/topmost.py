"""What must be answered or closed before anything else: nothing is opened over it. Runs on the UI thread."""

from textual.screen import ModalScreen, ScreenResultType


class TopmostScreen(ModalScreen[ScreenResultType]):
    """A dialog, a warning, the help: told apart by this from what its user may leave to look something up."""
