"""What every tutorial shows: a thread for each client, and `sendall` to everyone under a lock. Kept to be measured, not to be used.

`python -m tests.bench.server.naive PORT`
"""

import socket
import sys
import threading
from contextlib import suppress

clients: list[socket.socket] = []
lock = threading.Lock()


def broadcast(line: str) -> None:
    with lock:
        for client in clients:
            with suppress(OSError):
                client.sendall(line.encode())


def handle_client(client: socket.socket) -> None:
    lines = client.makefile(encoding="utf-8")
    nickname = lines.readline().strip()
    with lock:
        clients.append(client)
    broadcast(f"{nickname} joined\n")
    with suppress(OSError):
        for line in lines:
            broadcast(f"{nickname}> {line}")
    with lock:
        clients.remove(client)
    broadcast(f"{nickname} left\n")


def start_server(port: int) -> None:
    server = socket.create_server(("127.0.0.1", port), backlog=4096)
    while True:
        client, _ = server.accept()
        threading.Thread(target=handle_client, args=(client,), daemon=True).start()


if __name__ == "__main__":
    start_server(int(sys.argv[1]))
