"""The proxy does to a connection what it is told to, and nothing else."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.faults.proxy import Manner, Proxy
from tests.support.waiting import DEADLINE_S, until


@pytest.fixture
def ends() -> Iterator[tuple[Proxy, socket.socket, socket.socket]]:
    """A proxy, and both ends of a connection through it."""
    with socket.create_server(("127.0.0.1", 0)) as listening, Proxy(listening.getsockname()[1]) as proxy:
        near = socket.create_connection(("127.0.0.1", proxy.port), DEADLINE_S)
        far, _ = listening.accept()
        far.settimeout(DEADLINE_S)
        with near, far:
            yield proxy, near, far


Ends = tuple[Proxy, socket.socket, socket.socket]


def read_to_the_end(end: socket.socket) -> bytes:
    data = b""
    with suppress(ConnectionResetError):
        while piece := end.recv(65536):
            data += piece
    return data


def test_what_is_passed_arrives_and_so_does_the_end(ends: Ends) -> None:
    _, near, far = ends
    near.sendall(b"abc")
    near.shutdown(socket.SHUT_WR)
    assert read_to_the_end(far) == b"abc"
    far.sendall(b"def")
    far.shutdown(socket.SHUT_WR)
    assert read_to_the_end(near) == b"def"


@pytest.mark.parametrize("k", [0, 1, 5, 10])
def test_a_cut_comes_after_exactly_k_bytes(ends: Ends, k: int) -> None:
    proxy, near, far = ends
    proxy.up.cut_after = k
    near.sendall(b"0123456789")
    assert read_to_the_end(far) == b"0123456789"[:k]
    assert read_to_the_end(near) == b""
    assert proxy.cuts == 1


def test_what_is_swallowed_never_arrives_and_nobody_notices(ends: Ends) -> None:
    proxy, near, far = ends
    proxy.up.manner = Manner.SWALLOW
    near.sendall(b"gone")
    far.sendall(b"back")
    assert near.recv(100) == b"back"
    until(lambda: proxy.up.swallowed == len(b"gone"))
    proxy.up.manner = Manner.PASS
    near.sendall(b"there")
    assert far.recv(100) == b"there"


def test_what_is_held_back_arrives_later(ends: Ends) -> None:
    proxy, near, far = ends
    proxy.down.manner = Manner.HOLD
    far.sendall(b"later")
    near.settimeout(0.05)
    with pytest.raises(TimeoutError):
        near.recv(100)
    near.settimeout(DEADLINE_S)
    proxy.down.manner = Manner.PASS
    assert near.recv(100) == b"later"


def test_a_reset_is_seen_as_one_at_both_ends(ends: Ends) -> None:
    proxy, near, far = ends
    until(lambda: proxy.connections == 1)
    seen: list[str] = []

    def wait(end: socket.socket) -> None:
        try:
            seen.append(f"{end.recv(1)!r}")
        except ConnectionResetError:
            seen.append("reset")

    threads = [threading.Thread(target=wait, args=(end,)) for end in (near, far)]
    for thread in threads:
        thread.start()
    proxy.reset()
    for thread in threads:
        thread.join()
    assert seen == ["reset", "reset"]


def test_both_ends_are_closed_at_once(ends: Ends) -> None:
    proxy, near, far = ends
    until(lambda: proxy.connections == 1)
    proxy.close_both()
    assert (near.recv(1), far.recv(1)) == (b"", b"")
