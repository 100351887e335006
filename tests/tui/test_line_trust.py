"""Chat by lines with a server that was never seen, or is another one now: a question where somebody can answer, else a refusal."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from server.protocol.fingerprint import fingerprint_of
from tests.support.certificates import self_signed
from tests.support.scripted_server import Peer
from tests.support.tls_servers import Recorder, ScriptedTlsServer, serving
from tests.tui.test_line_mode import Running
from tests.tui.test_trust import Notebook
from tui_client import strings
from tui_client.line.chat import UNDELIVERED
from tui_client.trust import NO_OPTIONS, VERIFIED, TlsOptions, Trust

TLS = TlsOptions(tls=True)
OTHER = fingerprint_of(b"another")

Certificate = tuple[Path, Path]
StartChat = Callable[..., Running]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("own"))


@pytest.fixture
def fingerprint(own: Certificate) -> str:
    return fingerprint_of(ssl.PEM_cert_to_DER_cert(own[0].read_text()))


@pytest.fixture
def recorder(own: Certificate) -> Iterator[Recorder]:
    with Recorder(serving(own)) as recorder:
        yield recorder


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartChat]:
    """Starts a chat, of a person or of a script, with what is known of the server."""
    with ExitStack() as chats:

        def start_one(port: int, options: TlsOptions = TLS, known: str = "", *, is_typed: bool = True) -> Running:
            trust = Trust("127.0.0.1", port, options, Notebook(**{f"127.0.0.1:{port}": known}))
            chat = Running(port, home=tmp_path if is_typed else None, trust=trust)
            chats.callback(chat.finish)
            return chat

        yield start_one


def introduced(server: ScriptedTlsServer) -> Peer:
    with suppress(ssl.SSLError):
        return server.accept()
    return server.accept()


def asks(chat: Running, recorder_port: int, fingerprint: str) -> None:
    chat.tells(f"127.0.0.1:{recorder_port}")
    chat.tells(fingerprint)
    chat.tells(strings.LINE_TRUST_COMPARE)


# --- somebody can answer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("yes", ["예", " 예 ", "dP", "네", "sp"])
def test_a_yes_lets_one_in(own: Certificate, fingerprint: str, start: StartChat, yes: str) -> None:
    with ScriptedTlsServer(own) as server:
        chat = start(server.port)
        peer = introduced(server)
        asks(chat, server.port, fingerprint)
        chat.type(f"{yes}\n")
        peer.greet()
        chat.type("안녕\n")
        assert peer.receive_kind("say").text("text") == "안녕"


@pytest.mark.parametrize("no", ["아니오", "아니요", "dksldh"])
def test_a_no_is_one(recorder: Recorder, fingerprint: str, start: StartChat, no: str) -> None:
    chat = start(recorder.port)
    asks(chat, recorder.port, fingerprint)
    chat.type(f"{no}\n")
    chat.tells(strings.line_stopped(strings.not_trusted(f"127.0.0.1:{recorder.port}")))
    recorder.wait_until_left(2)
    assert recorder.application_bytes == 0


@pytest.mark.parametrize("other", ["", "y", "yes", "예?", "아니", "예 예", "안녕하세요", "/목록"])
def test_nothing_else_is_an_answer(recorder: Recorder, fingerprint: str, start: StartChat, other: str) -> None:
    chat = start(recorder.port)
    asks(chat, recorder.port, fingerprint)
    chat.type(f"{other}\n")
    chat.tells(strings.LINE_TRUST_AGAIN)
    assert recorder.application_bytes == 0
    assert not chat.chat.timeline.pending


def test_leaving_is_no_yes(recorder: Recorder, fingerprint: str, start: StartChat) -> None:
    chat = start(recorder.port)
    asks(chat, recorder.port, fingerprint)
    chat.finish_input()
    chat.ends_with(0)
    recorder.wait_until_left(2)
    assert recorder.application_bytes == 0


@pytest.mark.parametrize("known", [OTHER, VERIFIED])
def test_a_person_is_warned_with_both_and_stays_without_a_connection(
    recorder: Recorder, fingerprint: str, start: StartChat, known: str
) -> None:
    chat = start(recorder.port, known=known)
    address = f"127.0.0.1:{recorder.port}"
    expected = " ".join(strings.CHANGED_VERIFIED) if known == VERIFIED else OTHER
    for text in (strings.CHANGED_TITLE, expected, fingerprint, strings.forget_command(address)):
        chat.tells(text)
    chat.tells(strings.changed(address, is_remembered=True))
    assert strings.changed(address, is_remembered=True).endswith(strings.forget_command(address)), (
        "nothing to copy with it"
    )
    assert strings.line_stopped("") not in "\n".join(chat.said)
    assert recorder.application_bytes == 0
    assert chat.code is None


# --- nobody can -------------------------------------------------------------------------------------------------------


def test_a_script_is_refused_and_told_the_option(recorder: Recorder, fingerprint: str, start: StartChat) -> None:
    chat = start(recorder.port, is_typed=False)
    chat.type("예\n비밀\n")
    chat.ends_with(UNDELIVERED)
    assert chat.shown == []
    assert any(f"--fingerprint {fingerprint.replace(' ', '')}" in line for line in chat.notices)
    recorder.wait_until_left(2)
    assert recorder.application_bytes == 0


def test_a_script_is_refused_where_the_certificate_is_another(recorder: Recorder, start: StartChat) -> None:
    chat = start(recorder.port, TlsOptions(fingerprint=OTHER), is_typed=False)
    chat.type("비밀\n")
    chat.ends_with(UNDELIVERED)
    assert any(strings.CHANGED_GIVEN_TITLE in line for line in chat.notices)
    assert any(OTHER in line for line in chat.notices)
    assert not any("--forget" in line for line in chat.notices), "there is nothing to forget"
    recorder.wait_until_left(1)
    assert recorder.application_bytes == 0


@pytest.mark.parametrize("is_given", [True, False])
def test_a_script_comes_in_where_the_certificate_is_the_right_one(
    own: Certificate, fingerprint: str, start: StartChat, is_given: bool
) -> None:
    with ScriptedTlsServer(own) as server:
        options = TlsOptions(fingerprint=fingerprint) if is_given else NO_OPTIONS
        chat = start(server.port, options, "" if is_given else fingerprint, is_typed=False)
        chat.type("안녕\n")
        peer = server.accept()
        peer.greet()
        said = peer.receive_kind("say")
        peer.send(t="message", seq=2, at=0, uid="a" * 16, nick="영희", text="안녕", cid=said.text("cid"))
        chat.finish_input()
        chat.ends_with(0)
