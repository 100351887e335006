"""Where others may listen, no secret is told: not the password, not who this installation is elsewhere, not an operator's key."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

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
from tui_client.secrecy import Confided, greeting_for, is_private, is_secret
from tui_client.trust import TlsOptions, Trust
from tui_client.wire import Address

SECRET = "0123456789abcdef" * 2
PASSWORD = "참깨가 열려라"
HELLO = Hello(1, "영희", SECRET, Resume("e1", 5), Password(PASSWORD))
ADDRESS = Address("chat.example.com", 12345)


def for_everyones_ears(hello: Hello, address: Address) -> Hello:
    return greeting_for(hello, address, "192.0.2.1", is_sealed=False)


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
    told = for_everyones_ears(HELLO, ADDRESS)
    assert (told.nick, told.resume, told.password) == (HELLO.nick, HELLO.resume, None)
    assert len(told.client) == 32
    assert set(told.client) <= set("0123456789abcdef")
    assert told.client != SECRET
    assert told.device is None


def test_whoever_runs_a_server_can_not_go_to_another_one_in_our_place() -> None:
    hello = replace(HELLO, device="fedcba9876543210" * 2)
    here = greeting_for(hello, ADDRESS, "127.0.0.1", is_sealed=True)
    sealed = [greeting_for(hello, Address(host, 1), "192.0.2.1", is_sealed=True) for host in ("a.example", "b.example")]
    exposed = for_everyones_ears(hello, Address("a.example", 1))
    assert here == hello
    assert (
        len({one.client for one in (hello, *sealed, exposed)} | {one.device for one in (hello, *sealed, exposed)}) == 8
    )
    assert [one.password for one in (*sealed, exposed)] == [hello.password, hello.password, None]


def test_nobody_hears_which_installation_it_is() -> None:
    device = "fedcba9876543210" * 2
    told = for_everyones_ears(replace(HELLO, device=device), ADDRESS).device
    assert told not in (None, device)
    assert told == for_everyones_ears(Hello(1, "철수", SECRET, device=device), ADDRESS).device


def test_what_is_told_in_its_place_is_the_same_there_and_another_elsewhere() -> None:
    def told(host: str, port: int, secret: str = SECRET) -> str:
        return for_everyones_ears(Hello(1, "영희", secret), Address(host, port)).client

    assert told("a.example", 1) == told("A.Example", 1) == told("a.example", 1, SECRET.upper())
    others = {told("b.example", 1), told("a.example", 11), told("a.example1", 1), told("a.example", 1, "f" * 32)}
    assert len(others | {told("a.example", 1)}) == 5


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


class Linked:
    """A link, and what it brings."""

    def __init__(self, host: str, port: int) -> None:
        self.events: list[LinkEvent] = []
        trust = Trust(host, port, TlsOptions(plaintext=True))
        self._lock = threading.Lock()
        self.link = Link(Address(host, port), lambda: HELLO, self._drain, trust=trust)

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
            assert hello["client"] == for_everyones_ears(HELLO, Address(host, port)).client
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
        with Linked("127.0.0.1", listening.getsockname()[1]) as linked:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                hello = json.loads(lines.readline())
                assert (hello["client"], hello["password"]) == (SECRET, PASSWORD)
                connection.sendall(b'{"t":"closing","code":"auth_failed","text":"x"}\n')
                until(lambda: PasswordWanted(is_again=True) in linked.events)
