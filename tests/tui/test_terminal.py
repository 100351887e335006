"""The cures of the terminal's trouble, and what of Textual they rest on.

A test here that turns red after an update of Textual says: read the cure's reason in `tui_client.terminal` again.
"""

import gc
import inspect
import math
import os
import pty
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import _parser, _xterm_parser, constants
from textual._parser import ParseError
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.css.model import RuleSet
from textual.drivers import linux_driver
from textual.events import Key, Paste
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static, TextArea

from tests.tui.until import until
from tui_client.bracketed_paste import PasteParser
from tui_client.terminal import KITTY_OFF, MAX_SEQUENCE_CHARS, apply_cures, prepare_environment
from tui_client.terminal_app import TerminalApp

NAMES: list[tuple[object, str]] = [
    (StylesCache, "get_inner_outer"),
    (RuleSet, "__hash__"),
    (_xterm_parser, "_MAX_SEQUENCE_SEARCH_THRESHOLD"),
    (linux_driver, "KITTY_REPORT_ALL_KEYS"),
    (linux_driver, "KITTY_REPORT_ASSOCIATED_TEXT"),
]


@pytest.fixture
def cured() -> Iterator[None]:
    """The cures, taken back afterwards."""
    before = [getattr(module, name) for module, name in NAMES]
    apply_cures()
    yield
    for (module, name), value in zip(NAMES, before, strict=True):
        setattr(module, name, value)


def keys(data: str) -> list[str]:
    return [event.key for event in XTermParser().feed(data) if isinstance(event, Key)]


# --- before Textual is imported ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("environ", [{"TERM_PROGRAM": "iTerm.app"}, {"LC_TERMINAL": "iTerm2"}])
def test_iterm2_gets_no_kitty_keys(environ: dict[str, str]) -> None:
    prepare_environment(environ)
    assert environ[KITTY_OFF] == "1"


def test_what_the_user_set_stays() -> None:
    environ = {"TERM_PROGRAM": "iTerm.app", KITTY_OFF: "0"}
    prepare_environment(environ)
    assert environ[KITTY_OFF] == "0"


def test_other_terminals_are_left_alone() -> None:
    environ = {"TERM_PROGRAM": "WezTerm"}
    prepare_environment(environ)
    assert KITTY_OFF not in environ


def test_cures_are_at_hand_before_textual_is_imported() -> None:
    check = "import sys, tui_client.terminal; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd=Path(__file__).parents[2], check=False).returncode == 0


def test_textual_reads_the_switch_while_it_is_imported() -> None:
    check = "from textual import constants; print(constants.DISABLE_KITTY_KEY)"
    done = subprocess.run(
        [sys.executable, "-c", check], env={**os.environ, KITTY_OFF: "1"}, capture_output=True, check=True
    )
    assert done.stdout.strip() == b"True"
    assert not constants.DISABLE_KITTY_KEY


# --- what the terminal is asked for -----------------------------------------------------------------------------------


def test_textual_still_asks_for_what_damages_hangul() -> None:
    """If this fails, Textual has changed its mind and the cure may be given up."""
    flags = linux_driver.KITTY_REPORT_ALL_KEYS | linux_driver.KITTY_REPORT_ASSOCIATED_TEXT
    assert flags | linux_driver.KITTY_DISAMBIGUATE_ESCAPE_CODES == 25


SCREEN = """
import sys
sys.path.insert(0, {root!r})
from tui_client.terminal import apply_cures
apply_cures()
from tui_client.terminal_app import TerminalApp
class Screen(TerminalApp[None]):
    def on_ready(self):
        self.exit()
Screen().run()
"""


def test_terminal_is_asked_only_to_tell_keys_apart() -> None:
    main, screen = pty.openpty()
    script = SCREEN.format(root=str(Path(__file__).parents[2]))
    environ = {name: value for name, value in os.environ.items() if name != KITTY_OFF} | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=screen, stdout=screen, stderr=screen, env=environ
    ) as app:
        os.close(screen)
        written = b"".join(read_all(main))
        assert app.wait(timeout=20) == 0
    assert b"\x1b[>1u" in written
    assert written.count(b"\x1b[>") == 1


def read_all(descriptor: int) -> Iterator[bytes]:
    """What is written to a terminal until the program behind it ends, which Linux reports as an error."""
    with os.fdopen(descriptor, "rb", buffering=0) as terminal:
        try:
            while data := terminal.read(4096):
                yield data
        except OSError:
            return


# --- what is no longer shown ------------------------------------------------------------------------------------------


class Notice(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Static("안내")


async def kept_of_a_closed_screen() -> bool:
    """Whether Textual still has what a screen had drawn that is closed."""
    app = TerminalApp[None]()
    async with app.run_test() as pilot:
        drawn = weakref.ref((await open_notice(app, pilot))._styles_cache)
        await app.pop_screen()
        await pilot.pause()
        gc.collect()
        return drawn() is not None


async def open_notice(app: TerminalApp[None], pilot: Pilot[None]) -> Static:
    await app.push_screen(Notice())
    await pilot.pause()
    return app.screen.query_one(Static)


async def test_textual_keeps_what_closed_screens_had_drawn() -> None:
    """If this fails, Textual has mended it and the cure may be given up."""
    assert await kept_of_a_closed_screen()


@pytest.mark.usefixtures("cured")
async def test_what_a_closed_screen_had_drawn_is_not_kept() -> None:
    assert not await kept_of_a_closed_screen()


@pytest.mark.parametrize("colours", [("#102030", "#40506080"), ("ansi_default", "ansi_default"), ("#102030", "#0000")])
def test_colours_come_to_what_textual_makes_of_them(colours: tuple[str, str], request: pytest.FixtureRequest) -> None:
    base, above = map(Color.parse, colours)
    textual = StylesCache().get_inner_outer(base, above)
    request.getfixturevalue("cured")
    assert StylesCache().get_inner_outer(base, above) == textual


def test_textual_tells_rules_apart_by_a_function_in_python() -> None:
    """If this fails, Textual has mended it and the cure may be given up."""
    rule = RuleSet()
    assert inspect.isfunction(RuleSet.__hash__)
    assert hash(rule) == id(rule)


@pytest.mark.usefixtures("cured")
def test_rules_are_told_apart_and_by_no_function_in_python() -> None:
    one, same = RuleSet(), RuleSet()
    assert not inspect.isfunction(RuleSet.__hash__)
    assert one == same
    assert len({one, same, one}) == 2


# --- what the terminal sends ------------------------------------------------------------------------------------------


def test_long_commit_in_an_escape_code_arrives_whole(cured: None) -> None:
    sentence = "안녕하세요여러분반갑습니다"
    codes = ":".join(str(ord(syllable)) for syllable in sentence)
    assert "".join(keys(f"\x1b[0;;{codes}u")) == sentence


def test_without_the_cure_a_long_commit_is_junk() -> None:
    assert _xterm_parser._MAX_SEQUENCE_SEARCH_THRESHOLD < MAX_SEQUENCE_CHARS
    assert keys("\x1b[0;;50504:45397:54616:49464:50836u") != list("안녕하세요")


def test_hangul_as_text_arrives_syllable_by_syllable(cured: None) -> None:
    assert keys("안녕하세요여러분") == list("안녕하세요여러분")


def test_shift_enter_and_newline_are_told_from_enter(cured: None) -> None:
    assert [keys("\r"), keys("\n"), keys("\x1b[106;5u"), keys("\x1b[13;2u")] == [
        ["enter"],
        ["ctrl+j"],
        ["ctrl+j"],
        ["shift+enter"],
    ]


def test_control_in_hangul_mode_is_named_after_the_jamo(cured: None) -> None:
    assert keys("\x1b[12618;5u") == ["ctrl+ㅊ"]


# --- what is pasted ---------------------------------------------------------------------------------------------------

ESCAPES = "첫 줄\r\x1b[31m빨강\x1b[0m\x1b" + "x" * 50 + "\x1b[A\x1b]0;제목\x07\x1b[200~끝\x1b"


def read(parser: XTermParser, *pieces: str) -> list[tuple[str, str]]:
    """Kind and text of each event."""
    events = [event for piece in pieces for event in parser.feed(piece)]
    return [
        ("paste", event.text) if isinstance(event, Paste) else ("key", event.key if isinstance(event, Key) else "")
        for event in events
    ]


@given(st.lists(st.integers(0, 200), max_size=12))
def test_paste_is_one_piece_whatever_it_contains_and_however_it_comes(places: list[int]) -> None:
    pieces = cut_text(f"가\x1b[200~{ESCAPES}\x1b[201~나\x1b[A\x1b[200~\x1b[201~", places)
    assert read(PasteParser(), *pieces) == [
        *(("key", "가"), ("paste", ESCAPES), ("key", "나"), ("key", "up"), ("paste", "")),
    ]


def cut_text(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    return [piece for start, end in pairwise(edges) if (piece := text[start:end])]


def test_without_the_cure_a_paste_with_an_escape_comes_in_the_wrong_order() -> None:
    """If this fails, Textual reads pastes whole, and `bracketed_paste` may be given up."""
    assert read(XTermParser(), "\x1b[200~a\x1b[31mb\x1b[201~")[0] == ("key", "circumflex_accent")


def test_escape_that_comes_with_hangul_in_one_piece_is_an_escape() -> None:
    assert read(PasteParser(), "나\x1b가\x1b\x1b다\x1b[A라") == [
        ("key", key) for key in ("나", "escape", "가", "escape", "escape", "다", "up", "라")
    ]


def test_nul_in_a_paste_is_dropped() -> None:
    assert read(PasteParser(), "\x1b[200~a\0b\x1b[201~") == [("paste", "ab")]


def test_escape_that_stands_alone_is_no_beginning_of_a_paste(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = PasteParser()
    assert read(parser, "\x1b") == []
    monkeypatch.setattr(_parser, "get_time", lambda: math.inf)
    assert [event.key for event in parser.tick() if isinstance(event, Key)] == ["escape"]
    monkeypatch.undo()
    typed = read(parser, *"[200~", "가")
    assert typed[-1] == ("key", "가")
    assert len(typed) == 6


def test_a_megabyte_is_read_in_no_time() -> None:
    parser, text = PasteParser(), "가나다 " * 250_000
    begun = time.process_time()
    assert read(parser, "\x1b[200~", *(text[at : at + 1500] for at in range(0, len(text), 1500)), "\x1b[201~") == [
        ("paste", text)
    ]
    assert time.process_time() - begun < 0.3


def test_the_end_of_the_input_ends_the_parser() -> None:
    parser = PasteParser()
    assert list(parser.feed("")) == []
    with pytest.raises(ParseError):
        list(parser.feed("a"))


# --- the app ----------------------------------------------------------------------------------------------------------


class Pressed(TerminalApp[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "note('app')"),
        Binding("ctrl+q", "note('priority')", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []

    def compose(self) -> ComposeResult:
        yield TextArea("가나다")

    def action_note(self, text: str) -> None:
        self.noted.append(text)


async def test_bindings_of_app_and_widget_work_in_hangul_mode() -> None:
    app = Pressed()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+ㅅ", "ctrl+ㅂ", "end", "ctrl+ㅈ")
        assert app.noted == ["app", "priority"]
        assert app.query_one(TextArea).text == ""


async def test_jamo_without_modifier_stays_text() -> None:
    app = Pressed()
    async with app.run_test() as pilot:
        app.query_one(TextArea).clear()
        await pilot.press("ㅊ", "ㅋ")
        assert app.query_one(TextArea).text == "ㅊㅋ"


def test_app_still_hands_keys_out_in_on_event() -> None:
    """The mapping hooks in before `App.on_event` looks for bindings."""
    assert "_check_bindings(event.key, priority=True)" in inspect.getsource(App.on_event)


def test_app_still_draws_its_caret_at_cursor_position() -> None:
    assert "self.cursor_position" in inspect.getsource(App._display)


# --- the caret --------------------------------------------------------------------------------------------------------


class Carets(TerminalApp[None]):
    CSS = "Input, TextArea { border: none; padding: 0; height: 1; } TextArea { height: 4; }"

    def compose(self) -> ComposeResult:
        yield Input("한글", select_on_focus=False)
        yield TextArea("가나 다라")


async def test_caret_follows_the_focus_and_wide_text() -> None:
    app = Carets()
    async with app.run_test(size=(20, 8)) as pilot:
        app.query_one(TextArea).focus()
        await pilot.press("end")
        await until(pilot, lambda: app.cursor_position == Offset(9, 1))
        app.query_one(Input).focus()
        await pilot.press("end")
        await until(pilot, lambda: app.cursor_position == Offset(4, 0))
        await pilot.press("left")
        assert app.cursor_position == Offset(2, 0)


async def test_caret_moves_with_its_widget_although_no_key_was_pressed() -> None:
    app = Carets()
    async with app.run_test(size=(20, 8)) as pilot:
        app.query_one(TextArea).focus()
        await pilot.pause()
        app.query_one(Input).styles.height = 3
        await until(pilot, lambda: app.cursor_position == Offset(0, 3))


async def test_caret_is_somewhere_when_nothing_types() -> None:
    app = TerminalApp[None]()
    async with app.run_test():
        assert app.cursor_position == Offset(0, 0)
