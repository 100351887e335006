"""The whisper pane: the log of what only two see, set apart from the room so that neither is taken for the other."""

from tui_client.widgets.message_log import MessageLog


class WhisperPane(MessageLog):
    """A message log of its own type, so that the style sheet can make it unmistakable."""
