"""The server's benchmark: chat-server beside the C servers and a naive one, in the same run. `python -m tests.bench.server`."""
