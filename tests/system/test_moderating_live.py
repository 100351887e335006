"""Operators and the real programs: two apps on terminals, netcat in the room, the server killed in between."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.protocol import phrases
from tests.support.app import CLIENT, SMALL, StartApp
from tests.support.json_client import JsonClient
from tests.support.plain_client import PlainClient
from tests.support.secret_files import secret_file
from tests.support.server_process import ServerProcess, private_environment
from tests.support.tmux import Tmux
from tests.support.waiting import DEADLINE_S
from tui_client import strings

KEY = "열려라참깨둘"
TINY = (44, 20)
THERE = "127.0.0.2"


@pytest.fixture
def options(tmp_path: Path) -> tuple[str, ...]:
    """Of a server that has an operator's key, and the same log each time."""
    return (
        *("--operator-key-file", str(secret_file(tmp_path, KEY))),
        *("--db", str(tmp_path / "chat.db"), "--limit-loopback", "--max-per-address", "50", "--new-per-minute", "1000"),
    )


@pytest.fixture
def server(tmp_path: Path, options: tuple[str, ...]) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "server", *options, limited=True) as running:
        yield running


@pytest.fixture
def clients() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def operator(clients: ExitStack, server: ServerProcess, secret: str | None = None) -> JsonClient:
    chief = clients.enter_context(JsonClient(server.port, secret=secret))
    chief.hello("반장")
    done(chief, "operator", key=KEY)
    return chief


def done(chief: JsonClient, kind: str, **fields: object) -> None:
    seen = len(chief.frames)
    chief.send(t=kind, id=seen, **fields)
    answer = chief.until(lambda frame: frame.fields.get("id") == seen, after=seen)
    assert answer.kind == "done", answer


def app(start_app: StartApp, server: ServerProcess, nick: str, size: tuple[int, int] = SMALL) -> Tmux:
    shown = start_app("--nick", nick, "--port", str(server.port), size=size, home=nick)
    shown.wait_for(strings.STATE_ONLINE)
    return shown


def test_one_operator_and_one_who_disturbs_each_at_a_terminal(
    server: ServerProcess, start_app: StartApp, clients: ExitStack
) -> None:
    witness = clients.enter_context(PlainClient(server.port)).enter("민수")
    chief, other = app(start_app, server, "영희"), app(start_app, server, "철수", TINY)
    chief.enter("/운영자")
    chief.wait_for("운영자 키를 입력하세요")
    chief.type(KEY)
    chief.wait_for("•" * len(KEY))
    assert KEY not in chief.screen
    chief.press("Enter")
    chief.wait_for("운영자가 되었습니다.")
    chief.enter("/공지 여덟 시에 점검합니다")
    other.wait_for("[공지] 여덟 시에 점검합니다")
    witness.wait_for_line("[공지] 여덟 시에 점검합니다")
    chief.enter("/조용히 철수 10분")
    witness.wait_for_line("[알림] 영희님이 철수님을 10분 동안 조용히 있게 했습니다.")
    other.wait_for("10분 동안")
    other.enter("조용히 못 해")
    other.wait_for("실패")
    chief.enter("/추방 철수")
    witness.wait_for_line("철수님이 퇴장하셨습니다.")
    other.wait_for(strings.STATE_STOPPED)
    other.wait_for("이 방에서 내보냈습니다.")
    other.press("F5")
    other.wait_for(strings.STATE_ONLINE)
    chief.enter("/차단 철수 2시간")
    other.wait_for("차단해 들어올 수")
    assert not any("조용히 못 해" in line for line in witness.lines)
    for one in (chief, other):
        one.press("C-q")
        assert one.wait_for_exit() == 0
    chief.assert_clean()
    assert not any(word in server.stderr for word in (KEY, "점검합니다", "조용히 못 해"))
    assert "(영희): ban 철수 until 20" in server.stderr


def test_one_computer_is_one_person_by_whatever_nickname(
    server: ServerProcess, start_app: StartApp, clients: ExitStack, tmp_path: Path
) -> None:
    chief = operator(clients, server)
    witness = clients.enter_context(PlainClient(server.port)).enter("민수")

    def started(nick: str, state: str = strings.STATE_ONLINE) -> Tmux:
        shown = start_app("--nick", nick, "--port", str(server.port), home="집")
        shown.wait_for(state)
        return shown

    def ended(shown: Tmux) -> None:
        shown.press("C-q")
        assert shown.wait_for_exit() == 0

    first = started("왕철수")
    first.enter("/등록")
    first.wait_for("닉네임을 등록했습니다")
    ended(first)
    second = started("다래")
    done(chief, "mute", nick="다래")
    ended(second)
    third = started("왕철수")
    third.enter("조용히 못 해")
    third.wait_for("실패")
    done(chief, "unmute", nick="왕철수")
    third.enter("이제 합니다")
    witness.wait_for_line("왕철수> 이제 합니다")
    done(chief, "ban", target="왕철수")
    third.wait_for("차단해 들어올 수")
    ended(third)
    ended(started("새이름", "차단해 들어올 수"))
    piped = [*CLIENT, "--line", "--nick", "심부름", "--port", str(server.port)]
    home = private_environment(tmp_path / "집")
    told = subprocess.run(
        piped, input="몰래\n", env=home, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert "차단해 들어올 수" in told.stderr
    arrived = {line for line in witness.lines if line.endswith("님이 입장하셨습니다.")}
    assert arrived == {f"{nick}님이 입장하셨습니다." for nick in ("민수", "왕철수", "다래")}
    assert not any("조용히 못 해" in line for line in witness.lines)


def test_what_stands_outlives_a_kill(
    server: ServerProcess, options: tuple[str, ...], tmp_path: Path, clients: ExitStack
) -> None:
    chief = operator(clients, server)
    banned, muted = (clients.enter_context(JsonClient(server.port)).enter(nick) for nick in ("철수", "민수"))
    done(chief, "ban", target="철수")
    done(chief, "mute", nick="민수", for_s=600)
    done(chief, "ban", target=THERE)
    done(chief, "ban", target="198.51.100.0/24", for_s=1)
    server.stop(signal.SIGKILL)
    with ServerProcess(tmp_path / "server", *options, limited=True) as again:
        for client, nick in ((banned, "철수"), (banned, "다른이름")):
            back = clients.enter_context(JsonClient(again.port, secret=client.secret))
            back.send(t="hello", v=1, nick=nick, client=client.secret)
            back.wait_for_line(lambda line: '"code":"banned"' in line)
            back.wait_until_closed()
        there = clients.enter_context(PlainClient(again.port, source=THERE))
        there.send_line("누구")
        there.wait_for_line(f"[알림] {phrases.banned(None)}")
        there.wait_until_closed()
        quiet = clients.enter_context(JsonClient(again.port, secret=muted.secret))
        quiet.hello("민수")
        quiet.say("들리나요")
        quiet.refused("muted")
        chief = operator(clients, again, chief.secret)
        seen = len(chief.frames)
        chief.send(t="sanctions", id=99)
        listed = chief.until(lambda frame: frame.kind == "sanctions", after=seen)
        targets = [entry.text("target") for entry in listed.frames("entries")]
        assert targets[:3] == ["철수", "민수", THERE]
        assert [event.text("action") for event in chief.events if event.kind == "moderated"] == [
            *("ban", "mute", "ban", "ban"),
        ]
