"""A TCP proxy that is as bad a network as it is told to be: it cuts after byte k, swallows, holds back, drips, resets.

Each connection has two threads, one a direction. What a direction does is looked up for each piece, so that the weather can change under a
connection; what is counted goes on over all connections that follow.
"""

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass
from enum import Enum, auto
from types import TracebackType
from typing import Final, Self

_CONNECT_S: Final = 10.0
_POLL_S: Final = 0.005
_WITHOUT_LINGERING: Final = struct.pack("ii", 1, 0)
"""close(2) then resets the connection: socket(7), SO_LINGER."""


class Manner(Enum):
    """What becomes of the bytes of a direction."""

    PASS = auto()
    SWALLOW = auto()
    """Read and forgotten: the one believes that the other has it."""
    HOLD = auto()
    """Kept, and passed on when the weather is better."""
    DRIP = auto()
    """One byte at a time, with a pause after each."""


@dataclass(slots=True)
class Direction:
    """The weather of one direction, for all connections; how much it has let through, and how much not."""

    manner: Manner = Manner.PASS
    drip_pause_s: float = 0.05
    cut_after: int | None = None
    """So many bytes more, then the connection is cut; once."""
    passed: int = 0
    swallowed: int = 0


class _Pair:
    """One connection: both ends, and whether it was cut."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.ends = client, server
        self.is_cut = False
        for end in self.ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def cut(self, *, rudely: bool) -> None:
        """End it for both at once: with a FIN, or with a reset, which also takes back what they have not read."""
        self.is_cut = True
        for end in self.ends:
            with contextlib.suppress(OSError):
                if rudely:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _WITHOUT_LINGERING)
                    end.shutdown(
                        socket.SHUT_RD
                    )  # tells nobody, but frees our own thread, which keeps it from being closed
                else:
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def pass_end(self, target: socket.socket) -> None:
        if not self.is_cut:
            target.shutdown(socket.SHUT_WR)


class Proxy:
    """Listens at `port` until it is left."""

    def __init__(self, server_port: int) -> None:
        self.up, self.down = Direction(), Direction()
        self.cuts = 0
        """How often a connection was cut after byte k."""
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listening.getsockname()[1])
        self._lock = threading.Lock()
        self._pairs: list[_Pair] = []
        self._is_closed = False
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.reset()

    @property
    def connections(self) -> int:
        """How many there have been."""
        return len(self._pairs)

    def behave(self, manner: Manner) -> None:
        """In both directions."""
        self.up.manner = self.down.manner = manner

    def reset(self) -> None:
        """Every connection is reset at both ends."""
        for pair in list(self._pairs):
            pair.cut(rudely=True)

    def close_both(self) -> None:
        """Every connection is closed at both ends."""
        for pair in list(self._pairs):
            pair.cut(rudely=False)

    # --- the threads --------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._server_port), _CONNECT_S)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        pair = _Pair(client, server)
        self._pairs.append(pair)
        for source, target, direction in ((client, server, self.up), (server, client, self.down)):
            threading.Thread(target=self._pass_on, args=(pair, source, target, direction), daemon=True).start()

    def _pass_on(self, pair: _Pair, source: socket.socket, target: socket.socket, direction: Direction) -> None:
        try:
            while data := source.recv(1 if direction.manner is Manner.DRIP else 65536):
                self._pass_piece(pair, data, target, direction)
            pair.pass_end(target)
        except OSError:
            if not pair.is_cut:
                pair.cut(rudely=False)

    def _pass_piece(self, pair: _Pair, data: bytes, target: socket.socket, direction: Direction) -> None:
        while direction.manner is Manner.HOLD and not self._is_closed:
            time.sleep(_POLL_S)
        if direction.manner is Manner.SWALLOW:
            direction.swallowed += len(data)
            return
        if direction.manner is Manner.DRIP:
            time.sleep(direction.drip_pause_s)
        passing, is_cut = self._measure(data, direction)
        target.sendall(passing)
        if is_cut:
            pair.cut(rudely=self.cuts % 2 == 0)

    def _measure(self, data: bytes, direction: Direction) -> tuple[bytes, bool]:
        """What of `data` may pass, and whether that is the end of the connection."""
        with self._lock:
            cut_after = direction.cut_after
            is_cut = cut_after is not None and len(data) >= cut_after
            passing = data[:cut_after] if is_cut else data
            if cut_after is not None:
                direction.cut_after = None if is_cut else cut_after - len(data)
            self.cuts += is_cut
            direction.passed += len(passing)
            return passing, is_cut
