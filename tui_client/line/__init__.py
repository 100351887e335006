"""`chat-tui --line`: the chat as plain scrolling lines, for screen readers, dumb terminals and pipes. Knows no Textual."""
