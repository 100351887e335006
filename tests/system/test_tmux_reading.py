"""Reading back on a terminal, page by page, to the first message ever."""

import re
from collections.abc import Sequence

from tests.support.app import StartApp, entered
from tests.support.room import Room
from tests.support.tmux import Tmux
from tui_client import strings

MESSAGES = 3_000
TALL = (80, 100)
"""So that not so many pages are to be turned."""

_DAY = "요일 ─"
"""The date's divider, which stands above the oldest message that there is as yet."""

_SAID = re.compile(r"> (\d+)번째")


def shown(screen: str) -> Sequence[int]:
    """The numbers of the messages on the screen, from the top."""
    return [int(number) for number in _SAID.findall(screen)]


def page_up(app: Tmux, before: Sequence[int]) -> Sequence[int]:
    """Turn one page, and say what is on the screen as soon as it is drawn, and older messages stand above it if there are any."""

    def is_turned(screen: str) -> bool:
        page = shown(screen)
        is_drawn = page == list(range(page[0], page[0] + len(page))) if page else False
        return is_drawn and page[0] < before[0] and (page[0] == 0 or _DAY not in screen)

    app.press("PgUp")
    return shown(app.wait_for(is_turned))


def test_pages_lead_to_the_first_message_ever_without_a_jump_or_a_gap(room: Room, start_app: StartApp) -> None:
    friend = room.json("철수")
    for number in range(MESSAGES):
        friend.say(f"{number}번째")
    friend.hear(f"철수> {MESSAGES - 1}번째")
    app = entered(start_app, room, "영희", TALL)
    page = shown(app.wait_for(f"> {MESSAGES - 1}번째"))
    while page[0] > 0:
        above, page = page[0], page_up(app, page)
        assert above <= page[-1] + 1, "one page further up, no more: what stood on top is still there, or right below"
    app.wait_for("철수님이 입장하셨습니다.")
    app.press("End")
    app.wait_for(f"> {MESSAGES - 1}번째")


def test_what_comes_while_one_reads_further_up_moves_nothing_and_is_counted(room: Room, start_app: StartApp) -> None:
    friend = room.json("철수")
    for number in range(100):
        friend.say(f"{number}번째")
    friend.hear("철수> 99번째")
    app = entered(start_app, room, "영희")
    page = page_up(app, shown(app.wait_for("> 99번째")))
    for number in range(100, 120):
        friend.say(f"{number}번째")
    screen = app.wait_for(strings.unread_below(20))
    assert shown(screen) == page
    assert strings.unread(20) in screen
    app.press("End")
    app.wait_for(lambda screen: "> 119번째" in screen and strings.unread_below(20) not in screen)


def test_home_leads_to_the_first_message_ever_and_end_back(room: Room, start_app: StartApp) -> None:
    friend = room.json("철수")
    for number in range(2_000):
        friend.say(f"{number}번째")
    friend.hear("철수> 1999번째")
    app = entered(start_app, room, "영희")
    app.wait_for("> 1999번째")
    app.press("Home")
    app.wait_for(lambda screen: "> 0번째" in screen and strings.BELOW in screen)
    friend.say("그동안 온 말")
    app.wait_for(strings.unread_below(1))
    app.press("End")
    screen = app.wait_for(lambda screen: "그동안 온 말" in screen and strings.UNREAD_DIVIDER in screen)
    assert screen.index("> 1999번째") < screen.index(strings.UNREAD_DIVIDER) < screen.index("그동안 온 말")
