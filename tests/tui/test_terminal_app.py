"""What the app writes to its terminal besides the screen: bell, title, desktop, and no colour where none is wanted."""

import asyncio
import base64
import fcntl
import inspect
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from rich.console import RenderableType
from textual._compositor import LayoutUpdate
from textual.app import App, ComposeResult
from textual.filter import Monochrome
from textual.screen import Screen
from textual.widgets import Static, TextArea

from tests.support.app import CLIENT
from tests.support.room import Room
from tests.support.server_process import REPOSITORY, private_environment
from tests.support.waiting import DEADLINE_S
from tui_client import strings
from tui_client.settings import Desktop
from tui_client.terminal_app import POP_TITLE, PUSH_TITLE, TerminalApp, note_sequence, through_tmux

XTERM = {"TERM": "xterm-256color"}
TMUX = {"TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0"}
CONSOLE = {"TERM": "linux"}
KINDS = [Desktop.OSC9, Desktop.OSC777, Desktop.OSC99]


class Writing(TerminalApp[None]):
    """An app whose terminal is a list."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.written: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("[b red on blue]글자[/]")
        yield TextArea("입력")

    def write_sequence(self, sequence: str) -> None:
        self.written.append(sequence)


# --- bell and desktop -------------------------------------------------------------------------------------------------


async def test_bell_is_one_character() -> None:
    app = Writing(CONSOLE)
    async with app.run_test():
        app.ring()
    assert app.written == ["\a"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Desktop.OSC9, "\x1b]9;철수: 안녕; 하세요\a"),
        (Desktop.OSC777, "\x1b]777;notify;철수;안녕\uff1b 하세요\a"),
    ],
)
async def test_desktop_is_told_in_the_way_that_was_chosen(kind: Desktop, expected: str) -> None:
    app = Writing(XTERM)
    async with app.run_test():
        app.notify_desktop("철수", "안녕; 하세요", kind)
    assert app.written == [expected]


def test_kitty_gets_title_and_body_encoded() -> None:
    parts = re.fullmatch(
        r"\x1b]99;i=soksak:d=0:e=1;(.+)\a\x1b]99;i=soksak:d=1:p=body:e=1;(.+)\a",
        note_sequence(Desktop.OSC99, "철수", "안녕"),
    )
    assert parts is not None
    assert [base64.b64decode(part).decode() for part in parts.groups()] == ["철수", "안녕"]


@pytest.mark.parametrize("said", ["4;1;50", "1;9000", "12;x"])
def test_no_message_is_taken_for_a_progress_bar_or_a_pause(said: str) -> None:
    assert note_sequence(Desktop.OSC9, "", said) == f"\x1b]9; {said}\a"
    assert not re.match(r"\x1b]9;\d+;", note_sequence(Desktop.OSC9, said, said))


@pytest.mark.parametrize("kind", KINDS)
async def test_tmux_hands_notes_on_to_the_terminal_around_it(kind: Desktop) -> None:
    app = Writing(TMUX)
    async with app.run_test():
        app.notify_desktop("철수", "안녕", kind)
    assert app.written == [through_tmux(note_sequence(kind, "철수", "안녕"))]
    inner = app.written[0].removeprefix("\x1bPtmux;").removesuffix("\x1b\\")
    assert inner.replace("\x1b\x1b", "\x1b") == note_sequence(kind, "철수", "안녕")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("evil", ["\a\x1b]0;x\a", "\x1b\\\x1b[2J", "\x9c\x9b31m", "\n\n", "\u202e"])
async def test_nothing_that_was_said_ends_a_sequence_or_begins_one(kind: Desktop, evil: str) -> None:
    app = Writing(XTERM)
    async with app.run_test():
        app.notify_desktop(f"가{evil}", f"나{evil}다", kind)
        app.set_terminal_title(f"가{evil}")
    for sequence in re.sub(r"\x1b]99;i=soksak:d=1", "", "".join(app.written)).split("\x1b"):
        assert not re.search(r"[\x00-\x06\x08-\x1a\x1c-\x1f\x7f-\x9f\u202e]", sequence)
        assert sequence.count("\a") <= 2
    assert "\x1b]0" not in "".join(app.written)
    assert "\x1b[2J" not in "".join(app.written)


@pytest.mark.parametrize("environ", [CONSOLE, {"TERM": "dumb"}, {}])
async def test_terminal_that_would_print_commands_gets_none(environ: dict[str, str]) -> None:
    app = Writing(environ)
    async with app.run_test():
        app.notify_desktop("철수", "안녕", Desktop.OSC9)
        app.set_terminal_title("속삭")
    assert app.written == []


async def test_desktop_that_is_off_is_told_nothing() -> None:
    app = Writing(XTERM)
    async with app.run_test():
        app.notify_desktop("철수", "안녕", Desktop.OFF)
    assert app.written == []


# --- the title --------------------------------------------------------------------------------------------------------


async def test_old_title_is_kept_and_comes_back() -> None:
    app = Writing(XTERM)
    async with app.run_test():
        app.set_terminal_title("속삭")
        app.set_terminal_title("속삭")
        app.set_terminal_title("(1) 속삭")
    assert app.written == [f"{PUSH_TITLE}\x1b]2;속삭\a", "\x1b]2;(1) 속삭\a", f"\x1b]2;\a{POP_TITLE}"]


async def test_title_that_was_never_set_is_left_alone() -> None:
    app = Writing(XTERM)
    async with app.run_test():
        pass
    assert app.written == []


# --- while it doesn't read --------------------------------------------------------------------------------------------


class Drawn(Writing):
    """Counts the pictures that a terminal would be given, and the whole ones among them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.pictures = self.whole_pictures = 0

    def compose(self) -> ComposeResult:
        yield Static("글자")  # and no caret, whose blinking would have all drawn

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if not self._batch_count:
            self.pictures += 1
            self.whole_pictures += isinstance(renderable, LayoutUpdate)


async def until_by_itself(condition: Callable[[], bool]) -> None:
    """Wait without a pilot, who has the app look for what has changed."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():
            await asyncio.sleep(0.01)


async def test_nothing_is_drawn_for_a_terminal_that_does_not_read_and_what_has_changed_when_it_does() -> None:
    app = Drawn(XTERM)
    async with app.run_test() as pilot:
        app.on_terminal_driver_fell_behind()
        app.on_terminal_driver_fell_behind()
        before = app.pictures
        app.query_one(Static).update("바뀐 글")
        await pilot.pause(0.1)
        assert app.pictures == before
        app.on_terminal_driver_caught_up()
        await until_by_itself(lambda: app.pictures > before)
        before = app.pictures
        app.query_one(Static).update("또 바뀐 글")
        await until_by_itself(lambda: app.pictures > before)


async def test_a_picture_that_was_dropped_meanwhile_is_made_up_for_by_a_whole_one() -> None:
    app = Drawn(XTERM)
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
        app.on_terminal_driver_fell_behind()
        app.screen._compositor_refresh()  # as a layout has it done, also when nothing is to be drawn
        app.query_one(Static).refresh()
        await pilot.pause()
        before = app.whole_pictures
        app.on_terminal_driver_caught_up()
        await until_by_itself(lambda: app.whole_pictures > before)


async def test_title_waits_too_and_only_the_last_one_is_written() -> None:
    app = Drawn(XTERM)
    async with app.run_test():
        app.on_terminal_driver_fell_behind()
        for number in range(100):
            app.set_terminal_title(f"({number}) 속삭")
        assert app.written == []
        app.on_terminal_driver_caught_up()
        assert app.written == [f"{PUSH_TITLE}\x1b]2;(99) 속삭\a"]


def test_textual_still_draws_nothing_within_a_batch_and_says_so() -> None:
    """A batch is what keeps it from drawing; the hook tells that a picture was lost by it."""
    source = inspect.getsource(App._display)
    assert source.index("if self._batch_count:\n                return") < source.index(
        "finally:\n            self.post_dis"
    )
    assert "not self.app._batch_count" in inspect.getsource(Screen._on_idle)


# --- what really goes out ---------------------------------------------------------------------------------------------

SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from tui_client.terminal_app import TerminalApp
from tui_client.settings import Desktop
from textual.widgets import Static, TextArea
class Screen(TerminalApp[None]):
    def compose(self):
        yield Static("[b red on blue]글자[/]")
        yield TextArea("입력")
    def on_ready(self):
        self.set_terminal_title("속삭")
        self.ring()
        self.notify_desktop("철수", "안녕", Desktop.OSC9)
        self.exit()
Screen().run()
"""


def written_to_terminal(**environ: str) -> str:
    """All that an app writes which is drawn once, names its window, rings and leaves."""
    return written_by([sys.executable, "-c", SCRIPT.format(root=str(REPOSITORY))], environ, lambda _: b"")


def written_by(command: Sequence[str], environ: Mapping[str, str], meanwhile: Callable[[int], bytes]) -> str:
    """All that a program writes to its terminal, of whose other end `meanwhile` reads the first part."""
    main, screen = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TMUX", "TEXTUAL_THEME")}
    whole = inherited | XTERM | {"COLORTERM": "truecolor"} | dict(environ)
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=screen, stdout=screen, stderr=screen, env=whole) as app:
        os.close(screen)
        written = meanwhile(main) + b"".join(read_all(main))
        assert app.wait(timeout=20) == 0
    return written.decode()


def read_all(descriptor: int) -> Iterator[bytes]:
    """What is written until the program ends, which Linux reports as an error."""
    with os.fdopen(descriptor, "rb", buffering=0) as terminal:
        try:
            while data := terminal.read(4096):
                yield data
        except OSError:
            return


def read_until(descriptor: int, text: str) -> bytes:
    """What is written until `text` is."""
    deadline, written = time.monotonic() + DEADLINE_S, b""
    while text.encode() not in written:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, written
        written += os.read(descriptor, 65_536)
    return written


def colours(written: str) -> set[str]:
    """The parameters of all sequences that choose a colour other than the terminal's own (ECMA-48, SGR)."""
    found = set()
    for sequence in re.findall(r"\x1b\[([0-9;]*)m", written):
        for parameter in sequence.split(";"):
            if re.fullmatch(r"3[0-8]|4[0-8]|9[0-7]|10[0-7]", parameter):
                found.add(sequence)
    return found


def test_everything_reaches_the_terminal_in_order() -> None:
    written = written_to_terminal()
    places = [written.index(part) for part in (PUSH_TITLE, "\x1b]2;속삭\a", "\x1b]9;철수: 안녕\a", POP_TITLE)]
    assert places == sorted(places)


def test_no_color_means_none_not_even_grey() -> None:
    assert colours(written_to_terminal(NO_COLOR="1")) == set()


def test_no_color_holds_for_the_whole_chat(room: Room, tmp_path: Path) -> None:
    def look_around(terminal: int) -> bytes:
        drawn = read_until(terminal, "입장하셨습니다")
        os.write(terminal, b"\x1bOP")  # F1
        drawn += read_until(terminal, strings.HELP_TYPED_TITLE)
        os.write(terminal, b"\x11")  # Ctrl+Q
        return drawn

    environ = {**private_environment(tmp_path), "NO_COLOR": "1"}
    written = written_by([*CLIENT, "--nick", "영희", "--port", str(room.server.port)], environ, look_around)
    assert colours(written) == set()
    assert "\x1b[1" in written, "what colours say elsewhere, weight says here"


def test_without_no_color_there_is_colour() -> None:
    assert colours(written_to_terminal(NO_COLOR=""))


async def test_attributes_survive_where_colours_may_not() -> None:
    app = Writing({"NO_COLOR": "1"})
    async with app.run_test():
        [row] = [strip for strip in app.screen._compositor.render_strips() if "글자" in strip.text]
        styles = [
            segment.style for segment in row.apply_filter(app.get_line_filters()[-1], app.screen.background_colors[1])
        ]
        assert any(style and style.bold for style in styles)


# --- what of Textual this rests on ------------------------------------------------------------------------------------


async def test_in_tests_nothing_is_written_anywhere(capfd: pytest.CaptureFixture[str]) -> None:
    app = TerminalApp[None](XTERM)
    async with app.run_test():
        app.ring()
        app.set_terminal_title("속삭")
        app.notify_desktop("철수", "안녕", Desktop.OSC9)
    assert capfd.readouterr() == ("", "")


async def test_textual_still_greys_where_no_colour_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, Textual has learnt it and our filter may go."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert any(isinstance(one, Monochrome) for one in TerminalApp[None]()._filters)
