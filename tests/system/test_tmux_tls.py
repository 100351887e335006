"""A server on a network as its users meet it, in a real terminal: compared once, known from then on, and never another one unnoticed."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.listener import address_for_others
from server.protocol.fingerprint import fingerprint_rows
from tests.support.app import LARGE, SMALL, StartApp
from tests.support.json_client import JsonClient
from tests.support.server_process import ServerProcess
from tests.support.tls import trusting
from tests.support.tmux import Tmux
from tui_client import strings

NICK = "영희"
TABBED = (44, 20)


@pytest.fixture(scope="module")
def host() -> str:
    """This machine's address on its network: whoever uses it is not on loopback."""
    address = address_for_others("0.0.0.0")
    if address is None:
        pytest.skip("no network")
    return address


class Public:
    """A server that other machines can reach, on one port for good, whatever becomes of it."""

    def __init__(self, home: Path, host: str, processes: ExitStack) -> None:
        self._home, self._host, self._processes = home, host, processes
        self.process = self._started()
        self.address = f"{host}:{self.process.port}"

    def _started(self, *options: str) -> ServerProcess:
        made = ServerProcess(self._home, "--host", "0.0.0.0", *options)
        return self._processes.enter_context(made)

    @property
    def options(self) -> tuple[str, ...]:
        return ("--host", self._host, "--port", str(self.process.port), "--nick", NICK)

    @property
    def fingerprint(self) -> str:
        return self.process.fingerprint

    def kill(self) -> None:
        self.process.stop(signal.SIGKILL)

    def come_back(self) -> None:
        self.process = self._started("--port", str(self.process.port))

    def forget_certificate(self) -> None:
        for name in ("server.crt", "server.key"):
            (self._home / "state" / "soksak" / name).unlink()

    def friend(self, nick: str) -> JsonClient:
        return self._processes.enter_context(JsonClient(self.process.port, tls=trusting())).enter(nick)


@pytest.fixture
def public(tmp_path: Path, host: str) -> Iterator[Public]:
    with ExitStack() as processes:
        yield Public(tmp_path / "server", host, processes)


def asked(app: Tmux, public: Public) -> None:
    screen = app.wait_for(strings.TRUST_KEYS)
    assert public.address in screen
    for row in fingerprint_rows(public.fingerprint):
        assert row in screen


def come_in(app: Tmux, public: Public) -> None:
    asked(app, public)
    app.press("Left")
    app.wait_for("▸ " + strings.TRUST_YES)
    app.press("Enter")
    app.wait_for(strings.STATE_ONLINE)


@pytest.mark.parametrize("size", [SMALL, TABBED, LARGE], ids=["80x24", "44x20", "160x45"])
def test_a_server_is_compared_once_and_known_from_then_on(
    public: Public, start_app: StartApp, size: tuple[int, int]
) -> None:
    first = start_app(*public.options, size=size, home="one")
    come_in(first, public)
    friend = public.friend("철수")
    friend.speak("어서 오세요")
    first.wait_for("어서 오세요")
    first.press("C-q")
    assert first.wait_for_exit() == 0
    first.assert_clean()
    again = start_app(*public.options, size=size, home="one")
    screen = again.wait_for(strings.STATE_ONLINE)
    if size != TABBED:
        assert strings.SECURED in screen.splitlines()[0]
    assert strings.TRUST_TITLE not in again.screen


def test_enter_is_no_answer_and_escape_is_no(public: Public, start_app: StartApp) -> None:
    app = start_app(*public.options)
    asked(app, public)
    app.type("안녕")
    app.press("Enter")
    app.wait_for(strings.TRUST_CHOOSE)
    app.press("Escape")
    app.wait_for(strings.STATE_STOPPED)
    app.wait_for(f"{public.address}에 연결하지 않았습니다.")
    assert public.friend("철수").until(lambda frame: frame.kind == "welcome").members() == ["철수"]
    app.press("F5")
    come_in(app, public)


def test_a_connection_that_broke_comes_back_with_what_was_said_meanwhile(public: Public, start_app: StartApp) -> None:
    app = start_app(*public.options)
    come_in(app, public)
    app.enter("하나")
    public.friend("철수").hear(f"{NICK}> 하나")
    public.kill()
    app.wait_for("연결 끊김")
    app.type("둘")
    app.press("Enter")
    public.come_back()
    app.wait_for(strings.STATE_ONLINE)
    public.friend("민수").hear(f"{NICK}> 둘")
    assert strings.TRUST_TITLE not in app.screen


def test_another_certificate_is_a_warning_that_fills_the_screen(
    public: Public, start_app: StartApp, tmp_path: Path
) -> None:
    app = start_app(*public.options, home="one")
    come_in(app, public)
    before = public.fingerprint
    app.type("쓰다 만 말")
    public.kill()
    public.forget_certificate()
    public.come_back()
    app.wait_for(strings.CHANGED_TITLE)
    app.type("엔터를 눌러도")
    app.press("Enter", "Enter")
    for row in (*fingerprint_rows(before), *fingerprint_rows(public.fingerprint)):
        app.wait_for(row)
    screen = app.wait_for(strings.forget_command(public.address))
    assert screen.splitlines()[0].startswith("┏")
    assert screen.splitlines()[-1].startswith("┗"), "all of the screen"
    app.press("Escape")
    screen = app.wait_for(strings.STATE_STOPPED)
    assert "쓰다 만 말" in screen
    app.press("F5")
    app.wait_for(strings.CHANGED_TITLE)
    forgetting = start_app("--forget", public.address, home="one")
    assert forgetting.wait_for_exit() == 0
    app.press("Escape", "F5")
    come_in(app, public)


def test_a_person_in_line_mode_is_asked_and_types_the_answer(public: Public, start_app: StartApp) -> None:
    app = start_app(*public.options, "--line", size=(100, 24))
    app.wait_for(strings.LINE_TRUST_PROMPT.rstrip())
    assert public.fingerprint in app.screen.replace("\n", "")
    app.type("y")
    app.press("Enter")
    app.wait_for(strings.LINE_TRUST_AGAIN)
    app.type("네")
    app.press("Enter")
    app.wait_for(f"{NICK}님이 입장하셨습니다.")
    app.enter("안녕하세요")
    public.friend("철수").hear(f"{NICK}> 안녕하세요")


def test_that_others_read_along_stays_on_the_screen(tmp_path: Path, host: str, start_app: StartApp) -> None:
    with ServerProcess(tmp_path / "open", "--memory", "--host", "0.0.0.0", "--allow-plaintext") as server:
        options = ("--host", host, "--port", str(server.port), "--nick", NICK, "--plaintext")
        app = start_app(*options, size=TABBED)
        screen = app.wait_for(strings.STATE_ONLINE)
        assert strings.EXPOSED in screen.splitlines()[0]
        app.wait_for("누구나 엿볼 수")
