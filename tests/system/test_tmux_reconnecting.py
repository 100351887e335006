"""While the server is away: how long it is to the next attempt, a key that doesn't wait for it, and nothing typed is lost."""

import re
from collections.abc import Iterator
from time import monotonic

import pytest

from tests.support.app import SMALL, StartApp
from tests.support.scripted_server import Peer, ScriptedServer
from tests.support.tmux import Tmux
from tui_client import strings

NICK = "영희"
KEY = " ".join(strings.KEYS_OFFLINE[0][:2])
PATIENCE_S = 60.0
"""Until a pause is long enough to be watched: they double, and each is drawn by lot between nothing and the longest."""

_COUNTDOWN = re.compile(r"연결 끊김 · (\d+)초 뒤 다시 연결")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that can be gone in no time, and back on the same port."""
    with ScriptedServer() as server:
        yield server


def let_in(server: ScriptedServer) -> Peer:
    peer = server.accept()
    peer.greet()
    return peer


def seconds_left(screen: str) -> int:
    found = _COUNTDOWN.search(screen)
    return int(found[1]) if found else 0


def wait_for_a_long_pause(app: Tmux) -> int:
    """The seconds to the next attempt, as soon as there are more than three."""
    return seconds_left(app.wait_for(lambda screen: seconds_left(screen) > 3, PATIENCE_S))


def test_seconds_are_counted_down_and_a_key_does_not_wait_for_them(server: ScriptedServer, start_app: StartApp) -> None:
    app = start_app("--nick", NICK, "--port", str(server.port), size=SMALL)
    let_in(server)
    app.wait_for(strings.STATE_ONLINE)
    app.type("쓰다 만 말")
    server.close()
    app.wait_for(KEY)
    left_s = wait_for_a_long_pause(app)
    app.wait_for(lambda screen: seconds_left(screen) == left_s - 1)
    attempt_at = monotonic() + left_s - 2
    with ScriptedServer(server.port) as again:
        app.press("F5")
        peer = let_in(again)
        assert monotonic() < attempt_at, "sooner than it would have been by itself"
        screen = app.wait_for(strings.STATE_ONLINE)
        assert "쓰다 만 말" in screen
        assert KEY not in screen
        app.press("Enter")
        assert peer.receive_kind("say").text("text") == "쓰다 만 말"


def test_what_is_sent_while_the_server_is_away_waits_and_is_sent_once(
    server: ScriptedServer, start_app: StartApp
) -> None:
    app = start_app("--nick", NICK, "--port", str(server.port), size=SMALL)
    let_in(server)
    app.wait_for(strings.STATE_ONLINE)
    server.close()
    app.wait_for(lambda screen: seconds_left(screen) > 0)
    app.enter("기다리는 말")
    app.wait_for("영희> 기다리는 말")
    with ScriptedServer(server.port) as again:
        app.press("F5")
        peer = let_in(again)
        said = peer.receive_kind("say")
        peer.send(t="message", seq=2, at=0, uid="a" * 16, nick=NICK, text=said.text("text"), cid=said.text("cid"))
        app.wait_for(strings.STATE_ONLINE)
        app.enter("다음 말")
        assert peer.receive_kind("say").text("text") == "다음 말"
        assert app.screen.count("기다리는 말") == 1
