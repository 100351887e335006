"""Where others may listen, no secret is told: not the password, not who this installation is elsewhere, not an operator's key."""

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from server.listener import address_for_others
from server.protocol.events import BecomeOperator, Hello, Resume, Say
from server.protocol.password import Password
from tests.support.scripted_server import WELCOME
from tests.support.waiting import DEADLINE_S, until
from tui_client import strings
from tui_client.link import Link
from tui_client.mailbox import GaveUp, LinkEvent, PasswordWanted
from tui_client.profile import Profile
from tui_client.secrecy import Confided, greeting_for, is_private, is_secret, place_of
from tui_client.trust import TlsOptions, Trust
from tui_client.wire import Address

SECRET = "0123456789abcdef" * 2
PASSWORD = "참깨가 열려라"
HELLO = Hello(1, "영희", SECRET, Resume("e1", 5), Password(PASSWORD))
ADDRESS = Address("chat.example.com", 12345)


@pytest.mark.parametrize(
    ("host", "is_sealed", "private"),
    [
        *(("127.0.0.1", False, True), ("127.3.2.1", False, True), ("::1", False, True)),
        *(("192.0.2.1", False, False), ("10.0.0.1", False, False), ("0.0.0.0", False, False)),
        *(("192.0.2.1", True, True), ("127.0.0.1", True, True)),
    ],
)
def test_nobody_listens_within_this_machine_and_through_tls(host: str, is_sealed: bool, private: bool) -> None:
    assert is_private(host, is_sealed=is_sealed) is private


def test_everyone_may_hear_who_comes_and_nothing_else() -> None:
    assert greeting_for(HELLO, "192.0.2.1", is_sealed=False) == replace(HELLO, password=None)
    assert greeting_for(HELLO, "192.0.2.1", is_sealed=True) is HELLO
    assert greeting_for(HELLO, "127.0.0.1", is_sealed=False) is HELLO


def test_every_server_is_a_place_of_its_own() -> None:
    def place(host: str, port: int, *, is_sealed: bool = True) -> str:
        return place_of(Address(host, port), "192.0.2.1", is_sealed=is_sealed)

    assert place("a.example", 1) == place("A.Example", 1)
    others = [place("b.example", 1), place("a.example", 11), place("a.example1", 1)]
    assert len({place("a.example", 1), place("a.example", 1, is_sealed=False), *others}) == 5


def test_on_this_machine_a_port_is_a_place_by_whatever_name() -> None:
    """Behind another port may be the end of a tunnel, or a server of somebody else with an account here."""

    def place(host: str, port: int, *, is_sealed: bool = False) -> str:
        return place_of(Address(host, port), "127.0.0.1", is_sealed=is_sealed)

    assert place("localhost", 12345) == place("127.0.0.1", 12345, is_sealed=True) == ""
    assert place("localhost", 5000) == place("my-host", 5000, is_sealed=True) != place("localhost", 5001) != ""


def test_who_we_are_at_one_place_says_nothing_of_who_we_are_at_another(tmp_path: Path) -> None:
    """Not even to whoever was told what is told on this machine: that is no root of the others."""
    profile, place = Profile(tmp_path), place_of(ADDRESS, "192.0.2.1", is_sealed=True)
    told = {profile.client_secret("영희"), profile.device_secret()}
    guesses = {
        digest(one, label) for one in told for label in (place.encode(), LABEL + place.partition("\0")[2].encode())
    }
    away = {profile.client_secret("영희", place), profile.device_secret(place), profile.client_secret("영희", "x")}
    assert len(away) == 3
    assert away.isdisjoint(told | guesses)
    assert Profile(tmp_path).client_secret("영희", place) in away


LABEL = b"soksak: who I am for this server\0"
"""With which the one was once made of the other."""


def digest(secret: str, label: bytes) -> str:
    return hmac.new(secret.encode(), label, hashlib.sha256).hexdigest()[:32]


def test_a_key_is_a_secret_and_a_message_is_none() -> None:
    assert is_secret(BecomeOperator(1, Password("key")))
    assert not is_secret(Say("c1", "안녕"))


def test_a_password_that_was_said_to_one_is_not_for_another_until_it_is_typed_again() -> None:
    typed, typed_again = Password(PASSWORD), Password(PASSWORD)
    confided = Confided(typed, "one")
    assert confided.may_hear(typed, "one")
    assert not confided.may_hear(typed, "other")
    assert not confided.may_hear(typed, "")
    assert confided.may_hear(typed_again, "other")
    assert Confided().may_hear(typed, "one")


# --- over a real connection -------------------------------------------------------------------------------------------


@pytest.fixture
def remote() -> Iterator[socket.socket]:
    """A server at an address of this machine that is not the loopback: as far as anybody can tell, elsewhere."""
    host = address_for_others("0.0.0.0")
    if host is None or host.startswith("127."):
        pytest.skip("no network")
    with closing(socket.create_server((host, 0))) as listening:
        listening.settimeout(DEADLINE_S)
        yield listening


def hello_at(place: str) -> Hello:
    return replace(HELLO, client=digest(SECRET, place.encode()))


class Linked:
    """A link, and what it brings."""

    def __init__(self, host: str, port: int) -> None:
        self.events: list[LinkEvent] = []
        trust = Trust(host, port, TlsOptions(plaintext=True))
        self._lock = threading.Lock()
        self.link = Link(Address(host, port), hello_at, self._drain, trust=trust)

    def _drain(self) -> None:
        with self._lock:
            self.events += self.link.drain(1000)

    def __enter__(self) -> "Linked":
        self.link.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.link.close()
        self.link.join(DEADLINE_S)


def test_no_secret_leaves_over_a_connection_to_elsewhere_in_plain_text(remote: socket.socket) -> None:
    host, port = remote.getsockname()
    with Linked(host, port) as linked:
        connection, _ = remote.accept()
        connection.settimeout(DEADLINE_S)
        with connection, connection.makefile("rb") as lines:
            hello = json.loads(lines.readline())
            assert "password" not in hello
            assert hello["client"] == hello_at(place_of(Address(host, port), host, is_sealed=False)).client
            connection.sendall(json.dumps(WELCOME).encode() + b"\n")
            until(lambda: linked.link.is_online)
            assert not linked.link.is_private
            linked.link.send(BecomeOperator(1, Password(PASSWORD)), Say("c1", "안녕"))
            said = lines.readline()
            while b'"ping"' in said:
                said = lines.readline()
            assert json.loads(said)["t"] == "say"


def test_where_the_password_may_not_be_told_it_is_not_asked_for(remote: socket.socket) -> None:
    host, port = remote.getsockname()
    with Linked(host, port) as linked:
        connection, _ = remote.accept()
        with connection:
            connection.sendall(b'{"t":"closing","code":"auth_failed","text":"x"}\n')
            until(lambda: GaveUp(strings.PASSWORD_NOT_SENT) in linked.events)
            assert not any(isinstance(event, PasswordWanted) for event in linked.events)


def test_within_this_machine_all_is_told() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        listening.settimeout(DEADLINE_S)
        port = listening.getsockname()[1]
        with Linked("127.0.0.1", port) as linked:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                hello = json.loads(lines.readline())
                assert (hello["client"], hello["password"]) == (hello_at(f"here\0{port}").client, PASSWORD)
                connection.sendall(b'{"t":"closing","code":"auth_failed","text":"x"}\n')
                until(lambda: PasswordWanted(is_again=True) in linked.events)
