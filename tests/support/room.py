"""A server and whoever a test lets in, all gone when the test ends."""

from contextlib import ExitStack
from typing import Literal, Protocol

from tests.support.chatter import Chatter
from tests.support.json_client import JsonClient
from tests.support.line_client import LineClient
from tests.support.plain_client import PlainClient
from tests.support.server_process import ServerProcess

Dialect = Literal["plain", "json"]
Member = PlainClient | JsonClient


class Room:
    """The way in, in either dialect."""

    def __init__(self, server: ServerProcess, clients: ExitStack) -> None:
        self.server = server
        self._clients = clients

    def plain(self, nick: str) -> PlainClient:
        """A plain member who has come in."""
        return self._clients.enter_context(PlainClient(self.server.port)).enter(nick)

    def json(self, nick: str, *, secret: str | None = None) -> JsonClient:
        """A JSON member who has come in."""
        return self._clients.enter_context(JsonClient(self.server.port, secret=secret)).enter(nick)

    def member(self, dialect: Dialect, nick: str) -> Member:
        """A member who speaks `dialect`."""
        return self.plain(nick) if dialect == "plain" else self.json(nick)

    def stranger(self) -> LineClient:
        """A connection that has said nothing yet."""
        return self._clients.enter_context(LineClient(self.server.port))

    def json_stranger(self, *, secret: str | None = None) -> JsonClient:
        """A JSON client that has not said `hello` yet."""
        return self._clients.enter_context(JsonClient(self.server.port, secret=secret))

    def plain_stranger(self) -> PlainClient:
        """A plain client that has not given a nickname yet."""
        return self._clients.enter_context(PlainClient(self.server.port))

    def stalled(self, nick: str) -> PlainClient:
        """A plain member with a tiny window who reads nothing until told to."""
        client = PlainClient(self.server.port, reading=False, receive_buffer=2048)
        self._clients.enter_context(client)
        client.nick = nick
        client.send_line(nick)
        return client

    def stalled_json(self, nick: str) -> JsonClient:
        """The same, speaking JSON."""
        client = JsonClient(self.server.port, reading=False, receive_buffer=2048)
        self._clients.enter_context(client)
        client.nick = nick
        client.send(t="hello", v=1, nick=nick, client=client.secret)
        return client


class OpenRoom(Protocol):
    """Starts a server with these options and returns its room."""

    def __call__(self, *options: str) -> Room: ...


def barrier(speaker: Chatter, *hearers: Member, text: str = "여기까지") -> None:
    """Say something to all and wait until each hearer has it: what came before it, if anything did, is there by now."""
    speaker.speak(text)
    for hearer in hearers:
        hearer.hear(f"{speaker.nick}> {text}")


def piece_by_piece(client: LineClient, between: PlainClient, *pieces: bytes) -> None:
    """Send the pieces so far apart that the server has handled each before the next one comes."""
    for number, piece in enumerate(pieces):
        client.send_bytes(piece)
        barrier(between, between, text=f"조각 {number} 다음")


def messages_of(nick: str, witness: PlainClient) -> list[str]:
    """What `witness` has heard `nick` say to all."""
    return [line.partition("> ")[2] for line in witness.public if line.startswith(f"{nick}> ")]
