"""Who is at the other end of the link, over real sockets and real certificates: what is said of it, and that nothing is said to it."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from server.protocol import jsonlines
from server.protocol.events import Said, Say
from server.protocol.fingerprint import fingerprint_of
from tests.support.certificates import DAY, NOW, issue, known_authority, self_signed
from tests.support.scripted_server import WELCOME, ScriptedServer
from tests.support.tls import TlsEnd
from tests.support.tls_servers import Recorder, ScriptedTlsServer, serving
from tests.support.waiting import DEADLINE_S, until
from tests.tui.test_link import QUICK, Screen
from tests.tui.test_trust import Notebook
from tui_client import strings
from tui_client.conversation import Timing
from tui_client.dialing import Secured
from tui_client.mailbox import CertificateChanged, Connecting, Disconnected, GaveUp, TrustWanted
from tui_client.trust import NO_OPTIONS, UNREADABLE, VERIFIED, TlsOptions, Trust
from tui_client.wire import Address

TLS = TlsOptions(tls=True)
HASTY = replace(QUICK, tls_s=0.2)

Certificate = tuple[Path, Path]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """What a server of ours makes itself."""
    return self_signed(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("another"))


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    return tmp_path / "ca.pem"


def fingerprint(certificate: Certificate) -> str:
    return fingerprint_of(ssl.PEM_cert_to_DER_cert(certificate[0].read_text()))


def recorded(certificate: Certificate) -> Recorder:
    return Recorder(serving(certificate))


OpenScreen = Callable[..., Screen]


@pytest.fixture
def open_screen() -> Iterator[OpenScreen]:
    """Starts a link with a port of this machine, and checks at the end that it goes in time."""
    with contextlib.ExitStack() as opened:

        def open_one(
            port: int,
            options: TlsOptions = TLS,
            known: str = "",
            *,
            host: str = "127.0.0.1",
            timing: Timing = QUICK,
            notebook: Notebook | None = None,
        ) -> Screen:
            notebook = notebook or Notebook(**{f"{host}:{port}": known})
            made = Screen(Address(host, port), timing, trust=Trust(host, port, options, notebook))
            opened.callback(made.leave)
            made.link.start()
            return made

        yield open_one


def asked(screen: Screen) -> TrustWanted:
    event = screen.wait_for(lambda event: isinstance(event, TrustWanted))
    assert isinstance(event, TrustWanted)
    return event


def secured(screen: Screen) -> Secured:
    [event] = [event for event in screen.events if isinstance(event, Secured)]
    return event


def assert_refused(screen: Screen, recorder: Recorder, text: str, visits: int = 1) -> None:
    """It says so and gives up; nothing was said, and nobody comes again."""
    assert screen.wait_for_end().text == text
    recorder.wait_until_left(visits)
    assert recorder.application_bytes == 0
    assert [event for event in screen.events if isinstance(event, Connecting)] == [Connecting(1)]


# --- certificates for which nobody vouches ----------------------------------------------------------------------------


def test_a_stranger_is_told_nothing_while_its_user_thinks(own: Certificate, open_screen: OpenScreen) -> None:
    with recorded(own) as recorder:
        screen = open_screen(recorder.port)
        assert asked(screen) == TrustWanted(fingerprint(own))
        until(lambda: len(recorder.visits) == 2 and recorder.visits[1].was_secured)
        assert recorder.application_bytes == 0
        screen.link.retry_now()
        screen.link.send(Say("c1", "a"))
        screen.link.greet()
        assert not threading.Event().wait(0.1)
        assert recorder.application_bytes == 0
        assert len(recorder.visits) == 2


def test_after_a_no_nothing_was_said_and_nobody_comes_again(own: Certificate, open_screen: OpenScreen) -> None:
    with recorded(own) as recorder:
        notebook = Notebook()
        screen = open_screen(recorder.port, notebook=notebook)
        screen.link.answer_trust(asked(screen).fingerprint, is_right=False)
        assert_refused(screen, recorder, strings.not_trusted(f"127.0.0.1:{recorder.port}"), visits=2)
        assert notebook.known == {}


def test_after_a_yes_the_same_connection_goes_on(own: Certificate, open_screen: OpenScreen) -> None:
    with ScriptedTlsServer(own) as server:
        notebook = Notebook()
        screen = open_screen(server.port, notebook=notebook)
        with pytest.raises(ssl.SSLError):
            server.accept()
        peer = server.accept()
        screen.link.answer_trust(asked(screen).fingerprint, is_right=True)
        peer.greet()
        screen.wait_until_connected()
        assert notebook.known == {f"127.0.0.1:{server.port}": fingerprint(own)}
        assert secured(screen) == Secured("TLSv1.3", fingerprint(own), is_verified=False)


def test_what_a_server_says_to_somebody_silent_is_no_nonsense(own: Certificate, open_screen: OpenScreen) -> None:
    """Ours asks for a nickname after half a second."""
    with ScriptedTlsServer(own) as server:
        screen = open_screen(server.port)
        with pytest.raises(ssl.SSLError):
            server.accept()
        peer = server.accept()
        wanted = asked(screen)
        peer.send_bytes("닉네임을 입력하세요.\n".encode())
        screen.link.answer_trust(wanted.fingerprint, is_right=True)
        peer.greet()
        screen.wait_until_connected()


def test_a_server_that_hung_up_meanwhile_is_called_again(own: Certificate, open_screen: OpenScreen) -> None:
    with ScriptedTlsServer(own) as server:
        screen = open_screen(server.port)
        with pytest.raises(ssl.SSLError):
            server.accept()
        server.accept().close()
        wanted = asked(screen)
        until(lambda: not screen.link._wire.is_connected)
        screen.link.answer_trust(wanted.fingerprint, is_right=True)
        server.accept().greet()
        screen.wait_until_connected()
        assert not any(isinstance(event, Disconnected) for event in screen.events), "it is no failure"


def test_another_one_that_answers_then_is_not_taken_for_it(
    own: Certificate, another: Certificate, open_screen: OpenScreen
) -> None:
    with ScriptedTlsServer(own) as server:
        screen = open_screen(server.port)
        with pytest.raises(ssl.SSLError):
            server.accept()
        server.accept().close()
        wanted = asked(screen)
        until(lambda: not screen.link._wire.is_connected)
        server.context = serving(another)
        screen.link.answer_trust(wanted.fingerprint, is_right=True)
        assert server.accept().received_until_closed() == []
        screen.wait_for(lambda event: isinstance(event, CertificateChanged))


def test_an_answer_about_another_certificate_is_none(own: Certificate, open_screen: OpenScreen) -> None:
    with recorded(own) as recorder:
        screen = open_screen(recorder.port)
        asked(screen)
        screen.link.answer_trust(fingerprint_of(b"another"), is_right=True)
        assert not threading.Event().wait(0.1)
        assert recorder.application_bytes == 0
        assert not screen.link.is_online


def test_leaving_does_not_wait_for_an_answer(own: Certificate, open_screen: OpenScreen) -> None:
    with recorded(own) as recorder:
        screen = open_screen(recorder.port)
        asked(screen)
        screen.leave()
        recorder.wait_until_left(2)
        assert recorder.application_bytes == 0


# --- certificates that are known --------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_known_server_takes_one_connection_and_no_question(
    own: Certificate, open_screen: OpenScreen, version: ssl.TLSVersion
) -> None:
    with ScriptedTlsServer(own) as server:
        server.context.maximum_version = version
        screen = open_screen(server.port, NO_OPTIONS, fingerprint(own))
        server.accept().greet()
        screen.wait_until_connected()
        assert secured(screen) == Secured(version.name.replace("_", "."), fingerprint(own), is_verified=False)
        assert not any(isinstance(event, TrustWanted) for event in screen.events)


@pytest.mark.parametrize("options", [NO_OPTIONS, TLS])
def test_a_changed_certificate_is_refused_with_both_fingerprints(
    own: Certificate, another: Certificate, open_screen: OpenScreen, options: TlsOptions
) -> None:
    with recorded(another) as recorder:
        screen = open_screen(recorder.port, options, fingerprint(own))
        assert_refused(screen, recorder, strings.changed(f"127.0.0.1:{recorder.port}", is_remembered=True))
        assert CertificateChanged(fingerprint(own), fingerprint(another), is_remembered=True) in screen.events


def test_one_that_is_not_the_given_one_is_refused(
    own: Certificate, another: Certificate, open_screen: OpenScreen
) -> None:
    with recorded(own) as recorder:
        screen = open_screen(recorder.port, TlsOptions(fingerprint=fingerprint(another)), fingerprint(own))
        assert_refused(screen, recorder, strings.changed(f"127.0.0.1:{recorder.port}", is_remembered=False))
        assert CertificateChanged(fingerprint(another), fingerprint(own), is_remembered=False) in screen.events


def test_one_that_changes_while_one_chats_is_refused_when_one_comes_back(
    own: Certificate, another: Certificate, open_screen: OpenScreen
) -> None:
    with ScriptedTlsServer(own) as server:
        screen = open_screen(server.port, known=fingerprint(own))
        peer = server.accept()
        peer.greet()
        screen.wait_until_connected()
        server.context = serving(another)
        peer.close()
        assert server.accept().received_until_closed() == []
        assert screen.wait_for_end().text == strings.changed(f"127.0.0.1:{server.port}", is_remembered=True)


def test_it_is_looked_at_again_when_its_user_says_so(
    own: Certificate, another: Certificate, open_screen: OpenScreen
) -> None:
    with ScriptedTlsServer(another) as server:
        notebook = Notebook(**{f"127.0.0.1:{server.port}": fingerprint(own)})
        screen = open_screen(server.port, notebook=notebook)
        server.accept()
        screen.wait_for_end()
        notebook.known.clear()  # `--forget`, in another terminal
        notebook.remember(f"127.0.0.1:{server.port}", fingerprint(another))
        screen.link.retry_now()
        server.accept().greet()
        screen.wait_until_connected()


# --- certificates for which somebody vouches --------------------------------------------------------------------------


@pytest.fixture
def believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The authority whom this system believes."""
    path = tmp_path / "system.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    return path


def test_one_that_the_system_believes_is_not_asked_about_and_has_to_be_good_from_then_on(
    believed: Path, tmp_path: Path, open_screen: OpenScreen
) -> None:
    certificate = issue(tmp_path, authority=known_authority(believed))
    with ScriptedTlsServer(certificate) as server:
        notebook = Notebook()
        screen = open_screen(server.port, notebook=notebook)
        server.accept().greet()
        screen.wait_until_connected()
        assert secured(screen).is_verified
        assert notebook.known == {f"127.0.0.1:{server.port}": VERIFIED}


def test_whoever_stands_in_between_cannot_have_a_verified_server_asked_about(
    own: Certificate, open_screen: OpenScreen
) -> None:
    with recorded(own) as recorder:
        screen = open_screen(recorder.port, known=VERIFIED)
        assert_refused(screen, recorder, strings.changed(f"127.0.0.1:{recorder.port}", is_remembered=True), visits=2)
        assert CertificateChanged(VERIFIED, fingerprint(own), is_remembered=True) in screen.events


def test_one_that_a_given_authority_vouches_for_is_good(ca: Path, tmp_path: Path, open_screen: OpenScreen) -> None:
    with ScriptedTlsServer(issue(tmp_path, authority=known_authority(ca))) as server:
        notebook = Notebook()
        screen = open_screen(server.port, TlsOptions(ca=ca), notebook=notebook)
        server.accept().greet()
        screen.wait_until_connected()
        assert secured(screen).is_verified
        assert notebook.known == {}


def test_one_that_is_given_itself_is_good(own: Certificate, ca: Path, tmp_path: Path, open_screen: OpenScreen) -> None:
    """`--ca server.crt`, with a certificate that somebody else has issued."""
    certificate = issue(tmp_path)
    with ScriptedTlsServer(certificate) as server:
        screen = open_screen(server.port, TlsOptions(ca=certificate[0]))
        server.accept().greet()
        screen.wait_until_connected()


def test_an_unknown_issuer_is_refused(tmp_path: Path, open_screen: OpenScreen) -> None:
    with recorded(issue(tmp_path)) as recorder:
        screen = open_screen(recorder.port)
        assert_refused(screen, recorder, strings.issuer_unknown(f"127.0.0.1:{recorder.port}"))


@pytest.mark.parametrize("is_self_signed", [True, False])
def test_one_that_the_given_authority_has_not_issued_is_refused(
    own: Certificate, ca: Path, tmp_path: Path, open_screen: OpenScreen, is_self_signed: bool
) -> None:
    known_authority(ca)
    with recorded(own if is_self_signed else issue(tmp_path)) as recorder:
        screen = open_screen(recorder.port, TlsOptions(ca=ca), fingerprint(own))
        assert_refused(screen, recorder, strings.not_issued_by_ca(f"127.0.0.1:{recorder.port}"))


@pytest.mark.parametrize(("name", "host"), [("192.0.2.1", "127.0.0.1"), ("chat.example.com", "localhost")])
def test_one_of_another_host_is_refused(
    ca: Path, tmp_path: Path, open_screen: OpenScreen, name: str, host: str
) -> None:
    with recorded(issue(tmp_path, name, authority=known_authority(ca))) as recorder:
        screen = open_screen(recorder.port, TlsOptions(ca=ca), host=host)
        assert_refused(screen, recorder, strings.certificate_of_another(f"{host}:{recorder.port}"))


def test_a_name_is_what_counts_where_one_was_given(ca: Path, tmp_path: Path, open_screen: OpenScreen) -> None:
    with ScriptedTlsServer(issue(tmp_path, "localhost", authority=known_authority(ca))) as server:
        screen = open_screen(server.port, TlsOptions(ca=ca), host="localhost")
        server.accept().greet()
        screen.wait_until_connected()


def test_an_expired_one_is_refused_though_somebody_vouches_for_it(
    ca: Path, tmp_path: Path, open_screen: OpenScreen
) -> None:
    authority = known_authority(ca)
    old = issue(tmp_path, authority=authority, not_before=NOW - 9 * DAY, not_after=NOW - 2 * DAY)
    with recorded(old) as recorder:
        screen = open_screen(recorder.port, TlsOptions(ca=ca))
        assert_refused(screen, recorder, strings.certificate_expired(f"127.0.0.1:{recorder.port}", ""))


def test_one_of_tomorrow_is_refused_though_somebody_vouches_for_it(
    ca: Path, tmp_path: Path, open_screen: OpenScreen
) -> None:
    authority = known_authority(ca)
    young = issue(tmp_path, authority=authority, not_before=NOW + 2 * DAY, not_after=NOW + 9 * DAY)
    with recorded(young) as recorder:
        screen = open_screen(recorder.port, TlsOptions(ca=ca))
        assert_refused(screen, recorder, strings.certificate_not_yet_valid(f"127.0.0.1:{recorder.port}", ""))


AGE = timedelta(days=21 * 365)


@pytest.mark.parametrize("is_known", [True, False])
def test_an_expired_one_is_refused_though_it_is_the_known_one_and_before_it_is_asked_about(
    tmp_path: Path, open_screen: OpenScreen, is_known: bool
) -> None:
    old = self_signed(tmp_path, NOW - AGE)
    with recorded(old) as recorder:
        screen = open_screen(recorder.port, known=fingerprint(old) if is_known else "")
        day = f"{NOW - DAY - AGE + timedelta(days=20 * 365 + 1):%Y-%m-%d}"
        text = strings.certificate_expired(f"127.0.0.1:{recorder.port}", day)
        assert_refused(screen, recorder, text, visits=1 if is_known else 2)


def test_one_of_tomorrow_is_refused_though_it_is_the_known_one(tmp_path: Path, open_screen: OpenScreen) -> None:
    young = self_signed(tmp_path, NOW + 3 * DAY)
    with recorded(young) as recorder:
        screen = open_screen(recorder.port, known=fingerprint(young))
        text = strings.certificate_not_yet_valid(f"127.0.0.1:{recorder.port}", f"{NOW + 2 * DAY:%Y-%m-%d}")
        assert_refused(screen, recorder, text)


def test_a_server_whose_certificate_was_known_and_can_not_be_read_any_more_is_told_nothing(
    own: Certificate, open_screen: OpenScreen
) -> None:
    with recorded(own) as recorder:
        screen = open_screen(recorder.port, known=UNREADABLE)
        told = strings.remembered_unreadable(f"127.0.0.1:{recorder.port}")
        assert screen.wait_for_end() == GaveUp(told, says_all=True)
        assert recorder.visits == []


# --- who speaks no TLS, or badly --------------------------------------------------------------------------------------

NO_TLS = "[알림] 이 서버는 TLS로 연결할 수 없습니다. TLS 없이 다시 접속하세요.\n".encode()


@pytest.mark.parametrize(
    "greeting", [NO_TLS, b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.0 400 Bad Request\r\n\r\n", b"\0" * 100]
)
@pytest.mark.parametrize("known", ["", fingerprint_of(b"1"), VERIFIED])
def test_a_server_without_tls_is_never_spoken_to_in_the_clear(
    open_screen: OpenScreen, greeting: bytes, known: str
) -> None:
    with Recorder(None, greeting) as recorder:
        screen = open_screen(recorder.port, known=known)
        address = f"127.0.0.1:{recorder.port}"
        told = strings.not_tls(address, is_wanted=True, was_trusted=bool(known))
        assert_refused(screen, recorder, told)
        [gave_up] = [event for event in screen.events if isinstance(event, GaveUp)]
        assert gave_up.says_all is bool(known), "nothing stands behind a command that is to be copied"
        [visit] = recorder.visits
        assert visit.raw[0] == 0x16, "only the handshake"
        assert b"hello" not in visit.raw
        assert b'"client"' not in visit.raw


def test_one_of_long_ago_is_refused(own: Certificate, open_screen: OpenScreen) -> None:
    context = serving(own)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with Recorder(context) as recorder:
        screen = open_screen(recorder.port, known=fingerprint(own))
        assert_refused(screen, recorder, strings.tls_too_old(f"127.0.0.1:{recorder.port}"))


def test_a_server_with_nothing_in_common_is_tried_again(own: Certificate, open_screen: OpenScreen) -> None:
    context = serving(own)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA")
    with Recorder(context) as recorder:
        screen = open_screen(recorder.port, known=fingerprint(own))
        assert screen.wait_for_disconnection().text == strings.tls_failed(f"127.0.0.1:{recorder.port}")
        until(lambda: len(recorder.visits) > 1)
        assert recorder.application_bytes == 0


def test_a_stalled_handshake_is_given_up_in_time_and_tried_again(open_screen: OpenScreen) -> None:
    with Recorder(None) as recorder:
        screen = open_screen(recorder.port, timing=HASTY)
        assert screen.wait_for_disconnection().text == strings.tls_stalled(f"127.0.0.1:{recorder.port}")
        until(lambda: len(recorder.visits) > 1)
        assert all(visit.raw[:1] == b"\x16" for visit in recorder.visits[:1])


def test_so_is_one_that_drips(open_screen: OpenScreen) -> None:
    """A record of 16 KiB that comes byte by byte."""
    with ScriptedServer() as server:
        screen = open_screen(server.port, timing=HASTY)
        peer = server.accept()
        peer.send_bytes(b"\x16\x03\x03\x40\x00\x02")

        def has_gone() -> bool:
            with contextlib.suppress(OSError):
                peer.send_bytes(b"\0")
            return any(isinstance(event, Disconnected) for event in screen.link.drain(10))

        until(has_gone)


def test_leaving_does_not_wait_for_a_handshake(open_screen: OpenScreen) -> None:
    with Recorder(None) as recorder:
        screen = open_screen(recorder.port)
        until(lambda: bool(recorder.visits and recorder.visits[0].raw))
        screen.leave()


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x03\x00\x7a\x02\x00"])
def test_one_cut_in_the_middle_of_the_handshake_is_tried_again(open_screen: OpenScreen, said: bytes) -> None:
    with ScriptedServer() as server:
        screen = open_screen(server.port)
        peer = server.accept()
        peer.send_bytes(said)
        peer.close()
        assert screen.wait_for_disconnection().text == strings.tls_cut(f"127.0.0.1:{server.port}")
        assert server.has_waiting(DEADLINE_S)


# --- chatting over it -------------------------------------------------------------------------------------------------


def test_many_lines_come_and_go_in_their_order(own: Certificate, open_screen: OpenScreen) -> None:
    with ScriptedTlsServer(own) as server:
        screen = open_screen(server.port, known=fingerprint(own))
        peer = server.accept()
        peer.greet()
        screen.wait_until_connected()
        texts = [f"{number} " + "가" * 500 for number in range(700)]
        screen.link.send(*[Say(f"c{number}", text) for number, text in enumerate(texts)])
        assert [peer.receive_kind("say").text("text") for _ in texts] == texts
        said = [Said(number, 0, "b" * 16, "철수", text) for number, text in enumerate(texts, 2)]
        peer.send_bytes(b"".join(map(jsonlines.encode, said)))
        screen.wait_for(lambda event: isinstance(event, Said) and event.text == texts[-1])
        assert screen.texts() == texts


class ByHand:
    """A server's end of a connection whose records a test makes itself."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        self.connection = connection
        self.end = TlsEnd(context, is_server=True)
        self.last_words = b""
        """What the handshake ends with, if it is this side that ends it; not sent yet."""
        while not self.last_words:
            is_done, out = self.end.shake_hands(connection.recv(65536))
            if is_done:
                self.last_words = out
            else:
                connection.sendall(out)

    def frame(self, **fields: object) -> bytes:
        """A record with a frame in it."""
        return self.end.seal(json.dumps(fields).encode() + b"\n")

    def welcome(self) -> None:
        self.connection.sendall(self.last_words + self.frame(**WELCOME))

    def said(self, seq: int, text: str) -> bytes:
        return self.frame(t="message", seq=seq, at=0, uid="b" * 16, nick="철수", text=text)


def taken(server: ScriptedServer, certificate: Certificate, context: ssl.SSLContext | None = None) -> ByHand:
    return ByHand(server.accept()._socket, context or serving(certificate))


@pytest.fixture
def plain_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def wait_for_text(screen: Screen, text: str) -> None:
    screen.wait_for(lambda event: isinstance(event, Said) and event.text == text)


def test_records_that_come_byte_by_byte_are_whole_in_the_end(
    own: Certificate, plain_server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen(plain_server.port, known=fingerprint(own))
    server = taken(plain_server, own)
    server.welcome()
    screen.wait_until_connected()
    for byte in server.said(2, "하나") + server.said(3, "둘"):
        server.connection.sendall(bytes([byte]))
    wait_for_text(screen, "둘")
    assert screen.texts() == ["하나", "둘"]


def test_many_records_in_one_piece_are_all_read(
    own: Certificate, plain_server: ScriptedServer, open_screen: OpenScreen
) -> None:
    """Nothing may lie in TLS while `select` says that there is nothing."""
    screen = open_screen(plain_server.port, known=fingerprint(own))
    server = taken(plain_server, own)
    server.welcome()
    screen.wait_until_connected()
    server.connection.sendall(b"".join(server.said(seq, str(seq)) for seq in range(2, 500)))
    wait_for_text(screen, "499")
    assert screen.texts() == [str(seq) for seq in range(2, 500)]


def test_what_comes_in_one_piece_with_the_handshake_is_not_lost(
    own: Certificate, plain_server: ScriptedServer, open_screen: OpenScreen
) -> None:
    """In TLS 1.2 it is the server that ends it."""
    context = serving(own)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    screen = open_screen(plain_server.port, known=fingerprint(own))
    taken(plain_server, own, context).welcome()
    screen.wait_until_connected()


def test_one_cut_in_the_middle_of_a_record_is_lost_with_what_was_whole(
    own: Certificate, plain_server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen(plain_server.port, known=fingerprint(own))
    server = taken(plain_server, own)
    server.welcome()
    screen.wait_until_connected()
    server.connection.sendall(server.said(2, "온전한 말") + server.said(3, "반쪽")[:-1])
    server.connection.shutdown(socket.SHUT_WR)  # closed with something unread in it, it would take its words back
    assert screen.wait_for_disconnection().text == strings.CONNECTION_LOST
    assert screen.texts() == ["온전한 말"]
    taken(plain_server, own).welcome()
    screen.wait_until_connected()


def test_a_forged_record_ends_it_and_what_stood_before_counts(
    own: Certificate, plain_server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen(plain_server.port, known=fingerprint(own))
    server = taken(plain_server, own)
    server.welcome()
    screen.wait_until_connected()
    whole, forged = server.said(2, "온전한 말"), bytearray(server.said(3, "지어낸 말"))
    forged[-1] ^= 1
    server.connection.sendall(whole + bytes(forged) + server.said(4, "그 뒤의 말"))
    assert screen.wait_for_disconnection().text == strings.TLS_DAMAGED
    assert screen.texts() == ["온전한 말"]


def test_words_in_the_clear_in_the_middle_of_it_end_it(
    own: Certificate, plain_server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen(plain_server.port, known=fingerprint(own))
    server = taken(plain_server, own)
    server.welcome()
    screen.wait_until_connected()
    server.connection.sendall(b'{"t":"message","seq":2,"at":0,"uid":"b","nick":"x","text":"x"}\n' * 5)
    assert screen.wait_for_disconnection().text == strings.TLS_DAMAGED
    assert screen.texts() == []


def test_a_goodbye_is_the_end_though_the_connection_stays_open(
    own: Certificate, plain_server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen(plain_server.port, known=fingerprint(own))
    server = taken(plain_server, own)
    server.welcome()
    screen.wait_until_connected()
    server.connection.sendall(server.said(2, "끝") + server.end.goodbye())
    assert screen.wait_for_disconnection().text == strings.CONNECTION_LOST
    assert screen.texts() == ["끝"]


def test_a_server_that_sends_much_and_says_nothing_is_left(own: Certificate, open_screen: OpenScreen) -> None:
    context = serving(own)
    context.num_tickets = 1000
    with Recorder(context) as server:
        screen = open_screen(server.port, known=fingerprint(own))
        assert screen.wait_for_disconnection().text == strings.TLS_DAMAGED


def test_leaving_says_goodbye_in_both_languages(own: Certificate, open_screen: OpenScreen) -> None:
    with ScriptedTlsServer(own) as server:
        screen = open_screen(server.port, known=fingerprint(own))
        peer = server.accept()
        peer.greet()
        screen.wait_until_connected()
        screen.link.send(Say("c1", "안녕"))
        screen.link.close()
        assert [frame.kind for frame in peer.received_until_closed()] == ["say", "bye"]
        peer.close()


def test_what_is_private_is_told_over_tls(own: Certificate, open_screen: OpenScreen) -> None:
    with ScriptedTlsServer(own) as server:
        screen = open_screen(server.port, known=fingerprint(own))
        assert server.accept().greet().text("client") == "0" * 32
        screen.wait_until_connected()
        assert screen.link.is_private
