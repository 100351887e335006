"""The pictures in the README: the real app, talking to a real server with real guests, as SVG.

`python -m tests.support.screenshots FOLDER` writes them; port 12345 must be free.
Any browser with NanumGothicCoding or another font whose Latin letters are half as wide as its Hangul turns them into PNG.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.protocol.address import HOST, PORT
from tests.support.plain_client import PlainClient
from tests.support.server_process import ServerProcess
from tests.support.svg import screen_svg
from tui_client.app import ChatApp
from tui_client.profile import Profile
from tui_client.widgets.composer import Composer
from tui_client.widgets.message_log import MessageLog
from tui_client.widgets.nickname_screen import NicknameScreen
from tui_client.wire import Address

DEADLINE_S = 10.0


@dataclass(frozen=True)
class Shot:
    """One picture: its file's name, its size in cells, its theme, the keys pressed last, and what shows that they have worked."""

    name: str
    size: tuple[int, int]
    theme: str = "meok"
    keys: tuple[str, ...] = ()
    shows: str = ""


SHOTS = (
    Shot("chat-160x45", (160, 45)),
    Shot("chat-80x24", (80, 24)),
    Shot("light-80x24", (80, 24), "hanji"),
    Shot("light-160x45", (160, 45), "cheongja"),
    Shot("whisper-80x24", (80, 24), keys=("ctrl+r", *"응, 이따 봐"), shows="철수에게 귓속말"),
    Shot("completion-80x24", (80, 24), keys=("@", "ㅁ", "ㅅ"), shows="Tab 고르기"),
    Shot("search-100x30", (100, 30), keys=("ctrl+f", "ㅎ", "ㅇ"), shows="/3건"),
    Shot("narrow-44x20", (44, 20), shows="귓속말"),
    Shot("palette-80x24", (80, 24), "dalbit", keys=("ctrl+p",), shows="무엇을 할까요?"),
    Shot("help-160x45", (160, 45), keys=("f1",), shows="도움말"),
)


def talk(cheolsu: PlainClient, minsu: PlainClient) -> None:
    """What the guests say; each waits until it stands in the room, so that the pictures are always the same."""
    for guest, nick, line in (
        (cheolsu, "철수", "영희 왔구나! 👋"),
        (minsu, "민수", "안녕하세요, 저는 netcat으로 들어왔어요."),
        (
            cheolsu,
            "철수",
            "오늘 3시에 회의 있는 거 다들 알지? 지난주에 정한 것부터 다시 보고, 새 서버로 옮기는 날짜도 정하자.",
        ),
        (minsu, "민수", "네! 자료는 제가 준비할게요 ㅎㅎ"),
    ):
        guest.send_line(line)
        guest.wait_for_line(f"{nick}> {line}")
    cheolsu.send_line("영희야 지난번 회의록은 여기 있어 https://wiki.example.kr/회의록")
    cheolsu.wait_for_line("철수> 영희야 지난번 회의록은 여기 있어 https://wiki.example.kr/회의록")
    cheolsu.send_line("@영희 끝나고 커피 한잔할래?")
    cheolsu.wait_for_line("[귓속말 전송] 영희에게: 끝나고 커피 한잔할래?")


async def picture(shot: Shot, port: int, folder: Path, guests: tuple[PlainClient, PlainClient]) -> str:
    """One shot of 영희's screen, as SVG."""
    app = ChatApp(Address("127.0.0.1", port), "영희", Profile(folder), None, folder)
    async with app.run_test(size=shot.size) as pilot:
        app.theme = shot.theme
        room, whispers = app.query_one("#room", MessageLog), app.query_one("#whispers", MessageLog)
        await until(lambda: any(entry.text.startswith("영희님이 입장") for entry in room.entries))
        await asyncio.to_thread(talk, *guests)
        await until(lambda: any("커피" in entry.text for entry in whispers.entries))
        composer = app.query_one(Composer)
        for line in ("다들 반가워요. 회의 자료 잘 볼게요!", "@철수 좋아, 1층에서 보자 ☕"):
            composer.load_text(line)
            await pilot.press("enter")
            await until(lambda: not composer.text and not any(e.state.name == "PENDING" for e in room.entries))
        await until(lambda: any("1층" in entry.text and entry.state.name == "SETTLED" for entry in whispers.entries))
        await pilot.press(*shot.keys)
        await until(lambda: any(shot.shows in strip.text for strip in app.screen._compositor.render_strips()))
        await pilot.pause()
        return screen_svg(app, "속삭")


async def start_screen(folder: Path) -> str:
    """What a newcomer sees."""
    app = ChatApp(Address(HOST, PORT), "", Profile(folder), None, folder)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: isinstance(app.screen, NicknameScreen))
        await pilot.press("영", "희")
        await pilot.pause()
        return screen_svg(app, "속삭")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for `condition`, at most `DEADLINE_S`."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():
            await asyncio.sleep(0.01)


def main(folder: Path) -> None:
    """Write all pictures into `folder`."""
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        os.environ.pop(name, None)
    folder.mkdir(parents=True, exist_ok=True)
    for shot in SHOTS:
        with (
            tempfile.TemporaryDirectory() as home,
            ServerProcess(Path(home) / "server", "--memory", "--port", str(PORT)) as server,
            PlainClient(server.port) as cheolsu,
            PlainClient(server.port) as minsu,
        ):
            guests = (cheolsu.enter("철수"), minsu.enter("민수"))
            svg = asyncio.run(picture(shot, server.port, Path(home) / "client", guests))
        (folder / f"{shot.name}.svg").write_text(svg, encoding="utf-8")
    with tempfile.TemporaryDirectory() as home:
        (folder / "start-80x24.svg").write_text(asyncio.run(start_screen(Path(home))), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
