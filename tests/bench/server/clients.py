"""The connections of the load: each comes in, and then does with what it hears the least that its part in the measurement needs.

Three parts, from dear to cheap. *Counting*: what is heard is read and its marks are counted. *Weighing*: what is heard is thrown
away by the kernel (MSG_TRUNC) and only its length known; since everybody on one wire hears the same bytes, who has heard as many
as one who counts has heard the same messages. *Seeking*: looks for one message. All in one thread of one process.
"""

import selectors
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from tests.bench.server.wires import MARK, Steps, Wire
from tests.support.tls import trusting

_CHUNK: Final = 1 << 20
_trash: Final = bytearray(_CHUNK)

_NOTHING_YET: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Client:
    """One connection, from when it is made."""

    def __init__(self, address: tuple[str, int], wire: Wire, wire_name: str, nick: str) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.wire, self.wire_name, self.nick = wire, wire_name, nick
        self.heard_bytes = 0
        self.counted = 0
        self.said = 0
        self.unsent = b""
        self.has_ended = False
        self.is_in = False
        self._steps: Steps = ()
        self._sought = b""
        self._tail = b""
        self.hear: Callable[[], None] = self._take_step
        """What to do when there is something to be read."""

    # --- parts --------------------------------------------------------------------------------------------------------

    def come_in(self) -> None:
        """Take the first step; `hear` takes the others."""
        self._steps = self.wire.coming_in(self.nick)
        self.say(self._steps[0][0])

    def seek(self, needle: bytes) -> None:
        """Look for `needle`, which is the next of its kind; `has_found` tells."""
        self._sought, self._tail = needle, b""
        self.hear = self._seek

    @property
    def has_found(self) -> bool:
        return not self._sought

    def count(self) -> None:
        """From here on, what is heard is counted."""
        self.heard_bytes = self.counted = 0
        self.hear = self._count

    def weigh(self) -> None:
        """From here on, only its length is known."""
        self.heard_bytes = 0
        self.hear = self._weigh

    @property
    def progress(self) -> int:
        """How many messages of the room this one has heard, or need not hear since it said them itself."""
        return self.counted if self.wire.echoes else self.counted + self.said

    # --- bytes --------------------------------------------------------------------------------------------------------

    def say(self, data: bytes) -> None:
        """Send what goes, keep the rest for when there is room."""
        if self.unsent:
            self.unsent += data
            return
        with suppress(*_NOTHING_YET):
            data = data[self.socket.send(data) :]
        self.unsent = data

    def say_rest(self) -> None:
        data, self.unsent = self.unsent, b""
        self.say(data)

    def receive(self) -> bytes:
        """What has arrived; b"" when nothing has, or nothing will any more."""
        try:
            data = self.socket.recv(_CHUNK)
        except _NOTHING_YET:
            return b""
        except OSError:
            data = b""
        self.has_ended = not data
        return data

    def take_lines(self) -> bytes:
        """Whole lines that have arrived."""
        data = self._tail + self.receive()
        end = data.rfind(b"\n") + 1
        self._tail = data[end:]
        return data[:end]

    def _take_step(self) -> None:
        self._tail = self._tail[-4096:] + self.receive()
        _, awaited = self._steps[0]
        if awaited in self._tail:
            self._steps, self._tail = self._steps[1:], b""
            self.is_in = not self._steps
            if self.is_in:
                self.weigh()
            else:
                self.say(self._steps[0][0])

    def _seek(self) -> None:
        self._tail = self._tail[-len(self._sought) :] + self.receive()
        if self._sought in self._tail:
            self._sought = b""
            self.weigh()

    def _count(self) -> None:
        data = self.receive()
        self.heard_bytes += len(data)
        self.counted += data.count(MARK)

    def _weigh(self) -> None:
        try:
            heard = self.socket.recv_into(_trash, _CHUNK, socket.MSG_TRUNC)
        except BlockingIOError:
            return
        except OSError:
            heard = 0
        self.heard_bytes += heard
        self.has_ended = not heard


class TlsClient(Client):
    """Has to open whatever it hears, so it may as well count."""

    def __init__(self, address: tuple[str, int], wire: Wire, wire_name: str, nick: str) -> None:
        super().__init__(address, wire, wire_name, nick)
        self.socket.setblocking(True)
        self.socket = trusting().wrap_socket(self.socket, server_hostname=address[0])
        self.socket.setblocking(False)

    def receive(self) -> bytes:
        """All records that are here: what is left in the TLS engine wakes nobody."""
        records = []
        while record := super().receive():
            records.append(record)
        if records:
            self.has_ended = False
        return b"".join(records)

    def _weigh(self) -> None:
        self._count()


class Crowd:
    """Who is listened to, and one look at all of them at a time."""

    def __init__(self) -> None:
        self._selector = selectors.EpollSelector()
        self._writers: set[Client] = set()

    def watch(self, client: Client) -> None:
        self._selector.register(client.socket, selectors.EVENT_READ, client)

    def ignore(self, clients: Iterable[Client]) -> None:
        for client in clients:
            self._selector.unregister(client.socket)

    def say(self, client: Client, data: bytes) -> None:
        client.say(data)
        self._note(client)

    def sweep(self, timeout_s: float) -> bool:
        """Hear whatever has arrived; whether anything had."""
        ready = self._selector.select(timeout_s)
        for key, events in ready:
            client: Client = key.data
            if events & selectors.EVENT_WRITE:
                client.say_rest()
                self._note(client)
            if events & selectors.EVENT_READ:
                client.hear()
                if client.has_ended:
                    self._selector.unregister(client.socket)
        return bool(ready)

    def _note(self, client: Client) -> None:
        if bool(client.unsent) != (client in self._writers):
            self._writers ^= {client}
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.unsent else 0)
            self._selector.modify(client.socket, events, client)
