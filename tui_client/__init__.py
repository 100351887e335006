"""chat-tui, the full-screen client of 속삭. Of the server it knows `server.protocol` and nothing else."""
