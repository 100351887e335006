"""`chat-tui --doctor`: asks the terminal and the server what they can do, and says what to change. Knows no Textual."""
