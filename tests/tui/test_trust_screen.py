"""What its user is asked about a server that was never seen, and how they are warned of one that is another now."""

import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from rich.cells import cell_len

from server.protocol import phrases
from server.protocol.fingerprint import fingerprint_of, fingerprint_rows
from server.protocol.password import Password
from tests.support.app import LARGE, SMALL
from tests.support.certificates import self_signed
from tests.support.chat import Chat, beside, chatting
from tests.support.scripted_server import Peer, unused_port
from tests.support.tls_servers import Recorder, ScriptedTlsServer, serving
from tests.tui.test_no_english import english, seen
from tui_client import strings
from tui_client.known_servers import KnownServers
from tui_client.mailbox import CertificateChanged
from tui_client.password_source import GivenPassword
from tui_client.trust import VERIFIED, TlsOptions
from tui_client.widgets.changed_screen import ChangedScreen
from tui_client.widgets.help_screen import HelpScreen
from tui_client.widgets.secret_screen import SecretScreen
from tui_client.widgets.trust_screen import TrustScreen

TLS = TlsOptions(tls=True)
ONE, OTHER = fingerprint_of(b"1"), fingerprint_of(b"2")
TABBED = (44, 20)
ADDRESS = "chat.example.com:12345"
CHANGES = [
    CertificateChanged(ONE, OTHER, is_remembered=True),
    CertificateChanged(ONE, OTHER, is_remembered=False),
    CertificateChanged(VERIFIED, OTHER, is_remembered=True),
]

Certificate = tuple[Path, Path]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("own"))


@pytest.fixture
def recorder(own: Certificate) -> Iterator[Recorder]:
    with Recorder(serving(own)) as recorder:
        yield recorder


@pytest.fixture
def server(own: Certificate) -> Iterator[ScriptedTlsServer]:
    with ScriptedTlsServer(own) as server:
        yield server


def fingerprint(certificate: Certificate) -> str:
    return fingerprint_of(ssl.PEM_cert_to_DER_cert(certificate[0].read_text()))


async def asked(chat: Chat) -> TrustScreen:
    await chat.until(lambda: isinstance(chat.app.screen, TrustScreen))
    assert isinstance(chat.app.screen, TrustScreen)
    return chat.app.screen


async def introduced(server: ScriptedTlsServer) -> Peer:
    """The connection on which its user is asked; the one before ends when its certificate is seen."""

    def accept() -> Peer:
        with suppress(ssl.SSLError):
            return server.accept()
        return server.accept()

    return await beside(accept)


def text_of(chat: Chat) -> str:
    """All that is on the screen, as if it had no rows."""
    return "".join(row.strip("│┃ ") for row in chat.rows).replace(" ", "")


async def until_shown(chat: Chat, text: str) -> None:
    await chat.until(lambda: text.replace(" ", "") in text_of(chat))


# --- the question -----------------------------------------------------------------------------------------------------


async def test_it_shows_what_the_server_has_shown_and_where_to_compare_it(
    recorder: Recorder, own: Certificate, tmp_path: Path
) -> None:
    async with chatting(recorder.port, tmp_path, tls=TLS) as chat:
        await asked(chat)
        await chat.until(lambda: any(strings.TRUST_KEYS in row for row in chat.rows))
        shown = text_of(chat)
        for text in (f"127.0.0.1:{recorder.port}", strings.TRUST_COMPARE, strings.TRUST_YES, strings.TRUST_NO):
            assert text.replace(" ", "") in shown
        for row in fingerprint_rows(fingerprint(own)):
            assert any(row in line for line in chat.rows)
    assert recorder.application_bytes == 0


@pytest.mark.parametrize("keys", [("left", "enter"), ("right", "left", "enter"), ("tab", "tab", "enter")])
async def test_yes_has_to_be_chosen_and_said_then_one_is_in(
    server: ScriptedTlsServer, own: Certificate, tmp_path: Path, keys: tuple[str, ...]
) -> None:
    async with chatting(server.port, tmp_path, tls=TLS) as chat:
        peer = await introduced(server)
        await asked(chat)
        chat.burst(*keys)
        await beside(peer.greet)
        await chat.until(lambda: strings.STATE_ONLINE in chat.screen.title_bar.state_text)
        assert chat.app.screen is chat.screen
    assert KnownServers(tmp_path).find(f"127.0.0.1:{server.port}") == fingerprint(own)


@pytest.mark.parametrize("keys", [("escape",), ("right", "enter"), ("tab", "enter"), ("left", "tab", "enter")])
async def test_anything_else_is_a_no_and_nothing_was_said(
    recorder: Recorder, tmp_path: Path, keys: tuple[str, ...]
) -> None:
    async with chatting(recorder.port, tmp_path, tls=TLS) as chat:
        await asked(chat)
        chat.burst(*keys)
        told = strings.stopped(strings.not_trusted(f"127.0.0.1:{recorder.port}"))
        await chat.until_heard(told)
        assert chat.app.screen is chat.screen
        assert chat.screen.title_bar.state_text == strings.STATE_STOPPED
    assert recorder.application_bytes == 0
    assert KnownServers(tmp_path).find(f"127.0.0.1:{recorder.port}") == ""


async def test_whoever_types_on_when_it_comes_up_has_answered_nothing(recorder: Recorder, tmp_path: Path) -> None:
    async with chatting(recorder.port, tmp_path, tls=TLS) as chat:
        screen = await asked(chat)
        chat.burst("안", "녕", "space", "y", "enter", "enter", "f1", "ctrl+f", "ctrl+p")
        await chat.until(lambda: any(strings.TRUST_CHOOSE in row for row in chat.rows))
        assert chat.app.screen is screen
    assert recorder.application_bytes == 0


async def test_it_can_be_answered_with_the_mouse(server: ScriptedTlsServer, tmp_path: Path) -> None:
    async with chatting(server.port, tmp_path, tls=TLS) as chat:
        peer = await introduced(server)
        await asked(chat)
        await chat.pilot.pause()
        await chat.pilot.click("#trust-yes")
        await beside(peer.greet)
        await chat.until(lambda: strings.STATE_ONLINE in chat.screen.title_bar.state_text)


async def test_an_answer_that_was_pressed_twice_closes_nothing_else(recorder: Recorder, tmp_path: Path) -> None:
    async with chatting(recorder.port, tmp_path, tls=TLS) as chat:
        await asked(chat)
        chat.burst("right", "enter", "enter", "escape", "enter")
        await chat.until(lambda: chat.app.screen is chat.screen)


async def test_after_a_no_it_is_asked_again_when_its_user_wants_to_come_in(recorder: Recorder, tmp_path: Path) -> None:
    async with chatting(recorder.port, tmp_path, tls=TLS) as chat:
        await asked(chat)
        await chat.press("escape")
        await chat.until(lambda: strings.STATE_STOPPED in chat.screen.title_bar.state_text)
        await chat.press("f5")
        await asked(chat)


async def test_leaving_from_here_ends_the_app(recorder: Recorder, tmp_path: Path) -> None:
    async with chatting(recorder.port, tmp_path, tls=TLS) as chat:
        await asked(chat)
        await chat.press("ctrl+q")
        await chat.until(lambda: chat.app.return_value is not None)
    assert chat.app.return_value == 0
    assert recorder.application_bytes == 0


async def test_what_cannot_be_remembered_is_told(server: ScriptedTlsServer, tmp_path: Path) -> None:
    known = KnownServers(tmp_path)
    known.path.mkdir()
    async with chatting(server.port, tmp_path, tls=TLS) as chat:
        peer = await introduced(server)
        await asked(chat)
        chat.burst("left", "enter")
        await beside(peer.greet)
        peer.send(t="joined", seq=1, at=0, uid="a" * 16, nick="영희")
        await chat.until_heard(strings.known_servers_not_written(str(known.path)))


# --- the warning ------------------------------------------------------------------------------------------------------


async def test_another_certificate_takes_the_whole_screen_until_it_is_closed_on_purpose(
    recorder: Recorder, own: Certificate, tmp_path: Path
) -> None:
    address = f"127.0.0.1:{recorder.port}"
    KnownServers(tmp_path).remember(address, ONE)
    async with chatting(recorder.port, tmp_path) as chat:
        await chat.until(lambda: isinstance(chat.app.screen, ChangedScreen))
        chat.burst("안", "녕", "enter", "space", "y", "tab", "enter", "f1", "f5", "ctrl+p")
        await chat.until(lambda: any(strings.CHANGED_KEYS in row for row in chat.rows))
        shown = text_of(chat)
        for text in (strings.CHANGED_TITLE, strings.CHANGED_NOTHING_SENT, strings.forget_command(address)):
            assert text.replace(" ", "") in shown
        for row in (*fingerprint_rows(ONE), *fingerprint_rows(fingerprint(own))):
            assert any(row in line for line in chat.rows)
        assert isinstance(chat.app.screen, ChangedScreen)
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        assert any(strings.forget_command(address) in line for line in chat.lines), "it can still be read"
        assert chat.screen.title_bar.state_text == strings.STATE_STOPPED
    assert recorder.application_bytes == 0
    assert len(recorder.visits) == 1


async def test_the_warning_goes_once_the_new_certificate_is_trusted(
    server: ScriptedTlsServer, own: Certificate, tmp_path: Path
) -> None:
    address = f"127.0.0.1:{server.port}"
    KnownServers(tmp_path).remember(address, ONE)
    async with chatting(server.port, tmp_path, tls=TLS) as chat:
        with suppress(ssl.SSLError):
            await beside(server.accept)
        await chat.until(lambda: isinstance(chat.app.screen, ChangedScreen))
        await chat.press("escape")
        await chat.until(lambda: chat.hint == strings.changed(address, is_remembered=True))
        KnownServers(tmp_path).forget(address)
        await chat.press("f5")
        peer = await introduced(server)
        await asked(chat)
        chat.burst("left", "enter")
        await beside(peer.greet)
        await chat.until(lambda: strings.STATE_ONLINE in chat.screen.title_bar.state_text)
        assert chat.hint == ""


async def trust_another(chat: Chat, server: ScriptedTlsServer, peer: Peer, another: Certificate) -> Peer:
    """The server has become another one, the old one was forgotten, and its user says that it is right. Its end, before the greeting."""
    address = f"127.0.0.1:{server.port}"
    server.context = serving(another)
    peer.reset()
    with suppress(ssl.SSLError):
        await beside(server.accept)
    await chat.until(lambda: isinstance(chat.app.screen, ChangedScreen))
    await chat.press("escape")
    await chat.until(lambda: chat.hint == strings.changed(address, is_remembered=True))
    KnownServers(chat.app._profile._folder).forget(address)
    await chat.press("f5")
    peer = await introduced(server)
    await asked(chat)
    chat.burst("left", "enter")
    return peer


async def test_what_the_old_server_knew_is_not_told_to_the_new_one_unasked(
    server: ScriptedTlsServer, own: Certificate, tmp_path: Path
) -> None:
    KnownServers(tmp_path).remember(f"127.0.0.1:{server.port}", fingerprint(own))
    given = GivenPassword(Password("참깨"))
    async with chatting(server.port, tmp_path, tls=TLS, given=given) as chat:
        peer = await beside(server.accept)
        assert (await beside(peer.greet)).text("password") == "참깨"
        await chat.until(lambda: strings.STATE_ONLINE in chat.screen.title_bar.state_text)
        await chat.enter("/운영자")
        await chat.until(lambda: isinstance(chat.app.screen, SecretScreen))
        await chat.press(*"열려라", "enter")
        shown = await beside(lambda: peer.receive_kind("operator"))
        peer.send(t="done", id=shown.number("id"), text=phrases.IS_OPERATOR)
        await chat.until(lambda: chat.app.screen is chat.screen and phrases.IS_OPERATOR in chat.lines)
        peer = await trust_another(chat, server, peer, self_signed(tmp_path / "another"))
        assert "password" not in (await beside(lambda: peer.receive_kind("hello"))).fields
        peer.send(t="closing", code="auth_failed", text="비밀번호가 필요합니다.")
        await chat.until_heard(strings.PASSWORD_WANTED)
        await chat.press("f5")
        await chat.until(lambda: isinstance(chat.app.screen, SecretScreen))
        await chat.press(*"참깨", "enter")
        peer = await beside(server.accept)
        assert (await beside(peer.greet)).text("password") == "참깨"
        await chat.until(lambda: strings.STATE_ONLINE in chat.screen.title_bar.state_text)
        await chat.enter("끝")
        assert (await beside(lambda: peer.receive_kind("say"))).text("text") == "끝", "and no key before it"
        assert strings.KEY_NOT_SHOWN in chat.lines
        await chat.enter("/공지 하나")
        await chat.until(lambda: chat.hint == phrases.NOT_OPERATOR)


async def test_it_lies_over_whatever_is_open(server: ScriptedTlsServer, own: Certificate, tmp_path: Path) -> None:
    KnownServers(tmp_path).remember(f"127.0.0.1:{server.port}", fingerprint(own))
    another = self_signed(tmp_path / "another")
    async with chatting(server.port, tmp_path) as chat:
        peer = await beside(server.accept)
        await beside(peer.greet)
        await chat.until(lambda: strings.STATE_ONLINE in chat.screen.title_bar.state_text)
        await chat.press("f1")
        await chat.until(lambda: isinstance(chat.app.screen, HelpScreen))
        server.context = serving(another)
        peer.close()
        peer = await beside(server.accept)
        await chat.until(lambda: isinstance(chat.app.screen, ChangedScreen))
        assert await beside(peer.received_until_closed) == []


# --- what they look like ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, TABBED, LARGE, (40, 12)], ids=["80x24", "44x20", "160x45", "40x12"])
async def test_the_question_is_whole_at_every_size(recorder: Recorder, tmp_path: Path, size: tuple[int, int]) -> None:
    async with chatting(recorder.port, tmp_path, tls=TLS, size=size) as chat:
        await asked(chat)
        await chat.until(lambda: any(strings.TRUST_NO in row for row in chat.rows))
        wanted = [strings.TRUST_TITLE, strings.TRUST_YES, *fingerprint_rows(recorder_fingerprint(chat))]
        assert [text for text in wanted if not any(text in row for row in chat.rows)] == []
        assert all(cell_len(row) <= size[0] for row in chat.rows)


def recorder_fingerprint(chat: Chat) -> str:
    assert isinstance(chat.app.screen, TrustScreen)
    return chat.app.screen._fingerprint


@pytest.mark.parametrize("change", CHANGES, ids=["remembered", "given", "verified"])
@pytest.mark.parametrize("size", [SMALL, TABBED], ids=["80x24", "44x20"])
async def test_the_warning_is_whole_at_every_size(
    recorder: Recorder, tmp_path: Path, size: tuple[int, int], change: CertificateChanged
) -> None:
    async with chatting(recorder.port, tmp_path, "", size=size) as chat:
        chat.app.push_screen(ChangedScreen(ADDRESS, change))
        advice = strings.CHANGED_FORGET_ADVICE if change.is_remembered else strings.CHANGED_GIVEN_ADVICE
        for text in (strings.CHANGED_KEYS, strings.CHANGED_MEANING, strings.CHANGED_NOTHING_SENT, advice, ADDRESS):
            await until_shown(chat, text)
        command = strings.forget_command(ADDRESS).replace(" ", "")
        assert (command in text_of(chat)) is change.is_remembered


@pytest.mark.parametrize("size", [SMALL, TABBED], ids=["80x24", "44x20"])
async def test_both_are_korean(recorder: Recorder, tmp_path: Path, size: tuple[int, int]) -> None:
    numbers = "0123 " * 15 + "4567"
    async with chatting(recorder.port, tmp_path, "", size=size) as chat:
        for screen in (TrustScreen("h:1", numbers), ChangedScreen("h:1", CertificateChanged(VERIFIED, numbers, True))):
            chat.app.push_screen(screen)
            await until_shown(chat, numbers[:19])
            assert chat.app.screen is screen
            assert {word for text in seen(chat) for word in english(text)} == set()


# --- the title --------------------------------------------------------------------------------------------------------


async def test_the_title_says_that_nobody_reads_along(
    server: ScriptedTlsServer, own: Certificate, tmp_path: Path
) -> None:
    KnownServers(tmp_path).remember(f"127.0.0.1:{server.port}", fingerprint(own))
    async with chatting(server.port, tmp_path) as chat:
        peer = await beside(server.accept)
        await beside(peer.greet)
        await chat.until(lambda: f"  {strings.SECURED}" in chat.rows[0])


@pytest.mark.parametrize("columns", [24, 44, 80])
async def test_that_others_read_along_finds_room_in_the_title_before_all_else(tmp_path: Path, columns: int) -> None:
    async with chatting(unused_port(), tmp_path, size=(columns, 24)) as chat:
        chat.screen.title_bar.show_security(strings.EXPOSED, is_exposed=True)
        await chat.until(lambda: strings.EXPOSED in chat.rows[0])
        assert cell_len(chat.rows[0]) == columns


async def test_that_nobody_does_gives_way(tmp_path: Path) -> None:
    async with chatting(unused_port(), tmp_path, size=(44, 24)) as chat:
        await chat.until(lambda: "연결 끊김" in chat.rows[0])
        bar = chat.screen.title_bar
        before = bar.render().plain  # at once: the countdown goes on
        bar.show_security(strings.SECURED, is_exposed=False)
        assert bar.render().plain == before
