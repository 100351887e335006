"""Where a server is unless one says otherwise."""

HOST = "127.0.0.1"
PORT = 12345
