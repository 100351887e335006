"""The scenes of which pictures are kept: what is said, on which terminal, in which theme, and which keys are pressed.

Nothing in them changes by itself: a scripted server gives the times, the calendar stands still, no round trip is measured.
`python -m tests.tui.scenes` draws the pictures anew; look at the difference before you keep it.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from threading import Thread

from tests.support.app import LARGE, SMALL
from tests.support.chat import UID, Chat, beside, chatting
from tests.support.picture import picture
from tests.support.scripted_server import Peer, ScriptedServer
from tui_client import strings
from tui_client.widgets.local_time import LocalTime

STILL_S = 0.5
"""A screen on which nothing has moved for so long is as it will be."""

TODAY = date(2026, 11, 23)
_SEOUL = timezone(timedelta(hours=9))
_MORNING_MS = int(datetime(2026, 11, 23, 0, 30, tzinfo=UTC).timestamp() * 1000)
_MINUTE_MS = 60_000

Event = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Scene:
    """`shows` is on the screen when the keys have done what they do."""

    name: str
    size: tuple[int, int]
    theme: str
    keys: Sequence[str] = ()
    shows: str = ""

    @property
    def file(self) -> Path:
        """Where its picture is kept."""
        return Path(__file__).with_name("pictures") / f"{self.name}.txt"


SCENES = (
    Scene("chat-80x24", SMALL, "meok"),
    Scene("chat-160x45", LARGE, "hanji"),
    Scene("whispering-80x24", SMALL, "meok", ("ctrl+r", *"이따 봐"), strings.whispering_to("철수")),
    Scene("completing-80x24", SMALL, "godaebi", ("@", "ㅁ", "ㅅ"), strings.SUGGESTION_KEYS),
    Scene("searching-100x30", (100, 30), "meok", ("ctrl+f", *"회의"), "1/3건"),
    Scene("help-80x24", SMALL, "cheongja", ("f1",), strings.HELP_CLOSE),
    Scene("tabs-44x20", (44, 20), "meok"),
    Scene("palette-80x24", SMALL, "dalbit", ("ctrl+p", *"ㅌㅁ"), "테마 바꾸기"),
)


# --- what is said -----------------------------------------------------------------------------------------------------


def _story() -> Sequence[Event]:
    """Yesterday and this morning, one of everything that can happen in a room."""
    told: list[Event] = []

    def happens(kind: str, nick: str, minute: int, **fields: object) -> None:
        at = _MORNING_MS + minute * _MINUTE_MS
        told.append({"t": kind, "seq": len(told) + 1, "at": at, "uid": _uid(nick), "nick": nick, **fields})

    yesterday = -24 * 60
    happens("message", "철수", yesterday, text="내일 회의는 세 시예요")
    happens("joined", "민수", 0)
    happens("joined", "지수", 0)
    happens("left", "하늘", 1, reason="bye")
    happens("joined", "영희", 2)
    happens("message", "철수", 3, text="영희 왔구나! 👋")
    happens("message", "철수", 3, text="회의 자료는 여기 있어 https://wiki.example.kr/회의록")
    happens(
        "message",
        "민수",
        4,
        text="네, 읽어 볼게요. 지난주에 정한 것부터 다시 보고, 새 서버로 옮기는 날짜도 정합시다 ㅎㅎ",
    )
    happens("message", "영희", 5, text="다들 반가워요\n저는 자료 다 읽었어요")
    happens("message", "지수", 6, text="영희님이 제일 빠르시네요 [b]굵게[/b]")
    happens("whisper", "철수", 7, to="영희", to_uid=UID, text="끝나고 커피 한잔할래?")
    happens("whisper", "영희", 8, to="철수", to_uid=_uid("철수"), text="좋아, 1층에서 보자 ☕")
    happens("renamed", "지우", 9, was="지수")
    happens("message", "지우", 9, text="회의 때 봬요")
    return told


def _uid(nick: str) -> str:
    return UID if nick == "영희" else f"{ord(nick[0]):04x}" * 4


STORY = _story()
PAST, NEWS = STORY[:-4], STORY[-4:]
"""What is replayed on coming in, and what happens then."""

NICKS = ("영희", "민수", "지수", "철수")


# --- who tells it -----------------------------------------------------------------------------------------------------


def _let_in(peer: Peer) -> None:
    """Show 영희 what was before, and then answer questions until they leave."""
    peer.greet(seq=len(PAST), replay_from=1, members=[{"nick": nick, "uid": _uid(nick)} for nick in NICKS])
    _tell(peer, PAST)
    with contextlib.suppress(OSError, AssertionError):  # the app hangs up
        while True:
            _answer(peer)


def _tell(peer: Peer, events: Sequence[Event]) -> None:
    for event in events:
        peer.send(**event)


def _answer(peer: Peer) -> None:
    """Tell those events that are asked for; everything else, pings too, stays without an answer."""
    asked = peer.receive()
    if asked.kind not in ("search", "history"):
        return
    found = [event for event in STORY if asked.kind == "history" or asked.text("query") in str(event.get("text"))]
    below = asked.number("before") if asked.has("before") and asked.fields["before"] is not None else len(STORY) + 1
    events = [event for event in found if isinstance(event["seq"], int) and event["seq"] < below]
    peer.send(t="history", id=asked.number("id"), events=events, more=False)


def _stop_the_calendar(chat: Chat) -> None:
    """Let it be this day in Seoul for every widget that is there."""
    for widget in chat.app.screen.query("*"):
        for local in (getattr(widget, "_local_time", None), getattr(widget, "_local", None)):
            if isinstance(local, LocalTime):
                local._timezone, local.today = _SEOUL, lambda: TODAY


@asynccontextmanager
async def played(scene: Scene, folder: Path) -> AsyncIterator[Chat]:
    """The app in this scene; the last of it may still be on its way."""
    with ScriptedServer() as server:
        async with chatting(server.port, folder, size=scene.size) as chat:
            _stop_the_calendar(chat)
            chat.screen.title_bar.address = "127.0.0.1:12345"
            chat.app.wear_theme(scene.theme)
            peer = await beside(server.accept)
            Thread(target=_let_in, args=(peer,), name="test-story").start()
            await chat.until(lambda: chat.screen.counts_unread)
            _tell(peer, NEWS)
            await chat.until_heard("지우> 회의 때 봬요")
            for key in scene.keys:
                await chat.press("space" if key == " " else key)
                _stop_the_calendar(chat)
            await chat.until(lambda: any(scene.shows in row for row in chat.rows))
            yield chat


async def _draw(scene: Scene) -> None:
    """Keep the picture that stays the same."""
    with tempfile.TemporaryDirectory() as folder:
        async with played(scene, Path(folder)) as chat:
            before, drawn = "", picture(chat.app)
            while before != drawn:
                await chat.pilot.pause(STILL_S)
                before, drawn = drawn, picture(chat.app)
    scene.file.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    for one in SCENES:
        asyncio.run(_draw(one))
