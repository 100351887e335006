"""What the doctor makes of a terminal, a server and our files; and that asking a terminal leaves no trace."""

import os
import re
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from server.protocol.text import column_width
from tests.support.fake_terminal import ATTRIBUTES, FakeTerminal
from tests.support.scripted_server import ScriptedServer, unused_port
from tests.support.tasks import Task
from tui_client import strings
from tui_client.dialing import Secured
from tui_client.doctor.checks import Check, Level, caution, good, problem
from tui_client.doctor.examination import check_lines
from tui_client.doctor.server_checks import file_checks, judge_server
from tui_client.doctor.server_probe import (
    Alive,
    Doubtful,
    Foreign,
    ServerState,
    Silent,
    Stranger,
    Unwilling,
    ask_server,
)
from tui_client.doctor.terminal_answers import (
    CLIPBOARD_CAPABILITY,
    FOCUS,
    KITTY_FLAGS,
    MOUSE,
    PASTE,
    SYNCHRONIZED,
    VERSION,
    Answers,
    mode_question,
    read_answers,
)
from tui_client.doctor.terminal_checks import SAMPLES, TerminalFacts, TmuxOptions, terminal_checks
from tui_client.doctor.terminal_kind import Kind, terminal_kind
from tui_client.doctor.terminal_probe import NoAnswers, probe
from tui_client.settings import FILE_NAME
from tui_client.wire import Address

XTERM = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
ALL_MODES = {FOCUS: True, PASTE: True, MOUSE: True, SYNCHRONIZED: True}
BEST = TerminalFacts(
    environ=XTERM,
    answers=Answers(columns=(2,) * len(SAMPLES), attributes=(62, 52), kitty_flags=0, modes=ALL_MODES),
    columns=100,
    rows=30,
    encoding="UTF-8",
)
TMUX = TmuxOptions("3.4", "on", "on", "on", "on", "10")


def found(facts: TerminalFacts) -> dict[str, Check]:
    return {check.title: check for check in terminal_checks(facts)}


def bad(facts: TerminalFacts) -> dict[str, Level]:
    """What isn't good, and how bad it is."""
    return {title: check.level for title, check in found(facts).items() if check.level is not Level.GOOD}


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        (b"", Answers()),
        (b"\x1b[5;3R\x1b[5;1R", Answers(columns=(2, 0))),
        (b"\x1b[?62;4;52c", Answers(attributes=(62, 4, 52))),
        (b"\x1b[?1;2c", Answers(attributes=(1, 2))),
        (b"\x1b[?c", Answers(attributes=())),
        (b"\x1b[?25u", Answers(kitty_flags=25)),
        (b"\x1b[?0u", Answers(kitty_flags=0)),
        (b"\x1b[?1004;2$y\x1b[?2026;0$y\x1b[?2004;4$y", Answers(modes={1004: True, 2026: False, 2004: False})),
        (b"\x1bP>|kitty(0.35.2)\x1b\\", Answers(version="kitty(0.35.2)")),
        (b"\x1bP>|evil\x9b\x07", Answers(version="evil")),
        (b"\x1bP1+r4d73=1b5d\x1b\\", Answers(clipboard=True)),
        (b"\x1bP0+r4D73\x1b\\", Answers(clipboard=False)),
        ("안녕 abc\x1b[A".encode(), Answers()),
    ],
)
def test_answers_are_read_whatever_lies_around_them(data: bytes, answers: Answers) -> None:
    assert read_answers(data) == answers
    assert read_answers("쓰다가".encode() + data + b"\x1b[B\r") == answers


@pytest.mark.parametrize(
    ("environ", "version", "kind"),
    [
        ({"TMUX": "/tmp/x,1,0", "KITTY_WINDOW_ID": "1"}, "", Kind.TMUX),
        ({"STY": "1.pts", "TERM_PROGRAM": "WezTerm"}, "", Kind.SCREEN),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "kitty(0.35)", Kind.KITTY),
        ({"LC_TERMINAL": "iTerm2"}, "", Kind.ITERM2),
        ({}, "iTerm2 3.5.0", Kind.ITERM2),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "", Kind.APPLE),
        ({"TERM": "linux"}, "", Kind.LINUX),
        ({"VTE_VERSION": "7600"}, "", Kind.VTE),
        ({"TERM": "xterm-256color"}, "XTerm(390)", Kind.XTERM),
        ({"TERM": "xterm-256color"}, "xterm.js(5.6.0)", Kind.VSCODE),
        ({"TERM": "xterm-256color"}, "", Kind.OTHER),
    ],
)
def test_the_terminal_is_recognised(environ: Mapping[str, str], version: str, kind: Kind) -> None:
    assert terminal_kind(environ, version) is kind


# --- what it means ----------------------------------------------------------------------------------------------------


def test_the_best_terminal_needs_no_advice() -> None:
    assert bad(BEST) == {}


@pytest.mark.parametrize(
    ("facts", "title", "level"),
    [
        (replace(BEST, encoding="ANSI_X3.4-1968"), strings.DOCTOR_ENCODING, Level.CAUTION),
        (replace(BEST, environ={**XTERM, "TERM": "dumb"}), strings.DOCTOR_TERMINAL, Level.PROBLEM),
        (replace(BEST, environ={"COLORTERM": "24bit"}), strings.DOCTOR_TERMINAL, Level.PROBLEM),
        (replace(BEST, columns=79), strings.DOCTOR_SIZE, Level.CAUTION),
        (replace(BEST, columns=30), strings.DOCTOR_SIZE, Level.CAUTION),
        (replace(BEST, environ={"TERM": "xterm"}), strings.DOCTOR_COLOURS, Level.CAUTION),
        (replace(BEST, environ={"TERM": "vt100"}), strings.DOCTOR_COLOURS, Level.CAUTION),
        (replace(BEST, is_windows=True), strings.DOCTOR_TERMINAL, Level.CAUTION),
    ],
)
def test_one_thing_that_is_not_right_is_found(facts: TerminalFacts, title: str, level: Level) -> None:
    assert bad(facts) == {title: level}


@pytest.mark.parametrize(
    ("environ", "terminfo", "finding"),
    [
        (XTERM, 8, strings.DOCTOR_TRUE_COLOUR),
        ({"TERM": "xterm-256color"}, 0, "256색"),
        ({"TERM": "st"}, 256, "256색"),
        ({"TERM": "xterm-direct"}, 16_777_216, strings.DOCTOR_TRUE_COLOUR),
        ({**XTERM, "NO_COLOR": "1"}, 256, strings.DOCTOR_NO_COLOR),
    ],
)
def test_enough_colours_are_good(environ: Mapping[str, str], terminfo: int, finding: str) -> None:
    check = found(replace(BEST, environ=environ, terminfo_colours=terminfo))[strings.DOCTOR_COLOURS]
    assert check == good(strings.DOCTOR_COLOURS, finding)


@pytest.mark.parametrize(
    ("columns", "levels"),
    [
        ((1, 2, 2, 2, 2), {strings.DOCTOR_HANGUL: Level.PROBLEM}),
        ((3, 2, 2, 2, 2), {strings.DOCTOR_HANGUL: Level.PROBLEM}),
        ((2, 1, 2, 2, 2), {strings.DOCTOR_EMOJI: Level.CAUTION}),
        ((2, 2, 6, 4, 2), {strings.DOCTOR_FAMILY: Level.CAUTION, strings.DOCTOR_FLAG: Level.CAUTION}),
        ((2, 2, 2, 2, 4), {strings.DOCTOR_AMBIGUOUS: Level.CAUTION}),
        ((), {strings.DOCTOR_HANGUL: Level.CAUTION, strings.DOCTOR_CURSOR: Level.CAUTION}),
    ],
)
def test_wrong_widths_are_found(columns: tuple[int, ...], levels: Mapping[str, Level]) -> None:
    assert bad(replace(BEST, answers=replace(BEST.answers, columns=columns))) == levels


@pytest.mark.parametrize(
    ("flags", "environ", "level", "words"),
    [
        (None, XTERM, Level.GOOD, "Ctrl+J"),
        (0, XTERM, Level.GOOD, "Shift+Enter"),
        (1, XTERM, Level.GOOD, "Shift+Enter"),
        (0, {**XTERM, "TERM_PROGRAM": "iTerm.app"}, Level.GOOD, "iTerm2"),
        (25, XTERM, Level.PROBLEM, "25"),
    ],
)
def test_the_keyboard_s_flags_are_judged_by_what_they_do_to_hangul(
    flags: int | None, environ: Mapping[str, str], level: Level, words: str
) -> None:
    facts = replace(BEST, environ=environ, answers=replace(BEST.answers, kitty_flags=flags))
    check = found(facts)[strings.DOCTOR_KEYBOARD]
    assert check.level is level
    assert words in check.finding


@pytest.mark.parametrize("mode", [FOCUS, PASTE, MOUSE])
@pytest.mark.parametrize("known", [False, None])
def test_a_mode_that_is_missing_or_unknown_is_a_caution(mode: int, known: bool | None) -> None:
    modes = {**ALL_MODES, mode: False} if known is False else {key: True for key in ALL_MODES if key != mode}
    title = {FOCUS: strings.DOCTOR_FOCUS, PASTE: strings.DOCTOR_PASTE, MOUSE: strings.DOCTOR_MOUSE}[mode]
    assert bad(replace(BEST, answers=replace(BEST.answers, modes=modes))) == {title: Level.CAUTION}


def test_what_a_terminal_does_not_tell_is_known_of_the_common_ones() -> None:
    silent = replace(BEST.answers, modes={}, attributes=(1, 2))
    assert bad(replace(BEST, environ={**XTERM, "VTE_VERSION": "7600"}, answers=silent)) == {
        strings.DOCTOR_CLIPBOARD: Level.CAUTION
    }


@pytest.mark.parametrize(
    ("environ", "answers", "level"),
    [
        ({"TERM_PROGRAM": "WezTerm"}, Answers(), Level.GOOD),
        ({}, Answers(attributes=(62, 52)), Level.GOOD),
        ({}, Answers(clipboard=True), Level.GOOD),
        ({}, Answers(clipboard=False), Level.CAUTION),
        ({"TERM_PROGRAM": "iTerm.app"}, Answers(), Level.CAUTION),
        ({"TERM_PROGRAM": "Apple_Terminal"}, Answers(), Level.CAUTION),
        ({}, Answers(version="XTerm(390)"), Level.CAUTION),
    ],
)
def test_the_clipboard_is_judged_by_what_is_known(environ: Mapping[str, str], answers: Answers, level: Level) -> None:
    check = found(replace(BEST, environ=XTERM | dict(environ), answers=answers))[strings.DOCTOR_CLIPBOARD]
    assert check.level is level


@pytest.mark.parametrize(
    ("tmux", "titles"),
    [
        (TMUX, set()),
        (replace(TMUX, focus_events="0"), {strings.DOCTOR_FOCUS}),
        (replace(TMUX, set_clipboard="external"), {strings.DOCTOR_CLIPBOARD}),
        (replace(TMUX, allow_passthrough=""), {strings.DOCTOR_PASSTHROUGH}),
        (replace(TMUX, escape_time="500"), {strings.DOCTOR_ESCAPE}),
        (replace(TMUX, escape_time="50"), set()),
        (replace(TMUX, escape_time=""), set()),
    ],
)
def test_tmux_is_judged_by_its_options(tmux: TmuxOptions, titles: set[str]) -> None:
    answers = replace(BEST.answers, modes={}, kitty_flags=None)
    assert set(bad(replace(BEST, environ={**XTERM, "TMUX": "x"}, answers=answers, tmux=tmux))) == titles


def test_a_tmux_that_says_nothing_is_no_traceback() -> None:
    assert strings.DOCTOR_CLIPBOARD in bad(replace(BEST, environ={**XTERM, "TMUX": "x"}, tmux=None))


# --- how it is said ---------------------------------------------------------------------------------------------------


def test_a_check_is_one_line_and_its_advice_another() -> None:
    lines = [check_lines(one) for one in (good("색", "많다"), caution("한글 너비", "a", "b"), problem("c", "d", "e"))]
    assert [len(one) for one in lines] == [1, 2, 2]
    assert [one[0].split()[1] for one in lines] == ["좋음", "주의", "문제"]
    places = {column_width(one[0]) - column_width(end) for one, end in zip(lines, ("많다", "a", "d"), strict=True)}
    assert len(places) == 1, "the findings stand below each other"


LONG = caution(
    "데스크톱 알림",
    "tmux의 allow-passthrough 값이 off입니다. 그래서 아무것도 오지 않습니다",
    "바깥 터미널에 닿지 않습니다. ~/.tmux.conf에 다음 줄을 넣고 tmux를 다시 시작하세요.",
    "set -g allow-passthrough on # 줄보다 길어도 그대로 복사할 수 있게 한 줄입니다",
)


@pytest.mark.parametrize(("columns", "finding_at"), [(80, 26), (60, 26), (44, 8)])
def test_lines_break_between_words_and_go_on_below_themselves(columns: int, finding_at: int) -> None:
    *lines, command = check_lines(LONG, columns)
    assert command.strip() == LONG.command
    assert " ".join(lines).split() == ["!", "주의", *f"{LONG.title} {LONG.finding} → {LONG.advice}".split()]
    assert max(map(column_width, lines)) <= columns
    advice = next(number for number, line in enumerate(lines) if "→" in line)
    assert {len(line) - len(line.lstrip()) for line in lines[1:advice]} == {finding_at}
    assert {len(line) - len(line.lstrip()) for line in [*lines[advice + 1 :], command]} == {10}


def test_what_is_to_be_copied_is_never_part_of_a_sentence() -> None:
    sick = replace(TMUX, focus_events="0", set_clipboard="off", allow_passthrough="", escape_time="500")
    nothing = replace(BEST, environ={"TERM": "vt100", "TMUX": "x"}, answers=Answers(), encoding="ASCII", tmux=sick)
    commands = [check.command for check in found(nothing).values() if check.command]
    assert len(commands) == 6
    assert "set -s escape-time 10" in commands
    for check in found(nothing).values():
        assert "set -" not in check.advice
        assert "export" not in check.advice


# --- asking a real pty ------------------------------------------------------------------------------------------------

SPEAKING = {
    ATTRIBUTES: b"\x1b[?62;22c",
    KITTY_FLAGS.encode(): b"\x1b[?0u",
    VERSION.encode(): b"\x1bP>|fake 1.0\x1b\\",
    CLIPBOARD_CAPABILITY.encode(): b"\x1bP1+r4d73=00\x1b\\",
    **{mode_question(mode).encode(): b"\x1b[?%d;2$y" % mode for mode in ALL_MODES},
}


def ask(terminal: FakeTerminal, environ: Mapping[str, str] = XTERM) -> Answers:
    answers = probe(terminal.inner, terminal.write, SAMPLES, environ)
    assert termios.tcgetattr(terminal.inner) == terminal.modes
    assert terminal.unread == b""
    return answers


def test_a_terminal_that_answers_is_understood_and_left_as_it_was() -> None:
    with FakeTerminal(SPEAKING) as terminal:
        answers = ask(terminal)
        assert answers == Answers((2,) * 5, (62, 22), 0, ALL_MODES, "fake 1.0", clipboard=True)
        assert terminal.written.endswith(b"\r\x1b[K")


def test_a_terminal_that_draws_hangul_narrow_is_seen_through() -> None:
    with FakeTerminal(SPEAKING, wide=1) as terminal:
        assert ask(terminal).columns[0] == 1


def test_a_terminal_that_stays_silent_costs_three_seconds_at_most() -> None:
    began_at_s = time.monotonic()
    with FakeTerminal({}, wide=None) as terminal:
        assert ask(terminal) == Answers()
    assert time.monotonic() - began_at_s < 3


def test_answers_that_come_too_late_are_not_typed_into_the_shell() -> None:
    with FakeTerminal(SPEAKING, slow_s=0.9) as terminal:
        assert ask(terminal).columns == ()


def test_what_would_be_printed_is_not_asked() -> None:
    with FakeTerminal(SPEAKING) as terminal:
        ask(terminal, {**XTERM, "TERM_PROGRAM": "Apple_Terminal"})
        assert b"$p" not in terminal.written
        assert b"\x1bP" not in terminal.written
    with FakeTerminal(SPEAKING) as terminal:
        ask(terminal, {**XTERM, "STY": "1.pts"})
        assert b"\x1bP" not in terminal.written


def test_what_is_no_terminal_is_not_asked() -> None:
    reader, writer = os.pipe()
    with pytest.raises(NoAnswers):
        probe(reader, lambda _: None, SAMPLES, XTERM)
    os.close(reader)
    os.close(writer)


# --- the server -------------------------------------------------------------------------------------------------------


def test_a_server_of_another_version_says_so_itself() -> None:
    with ScriptedServer() as server:
        states: list[ServerState] = []
        task = Task(lambda: states.append(ask_server(Address("127.0.0.1", server.port))))
        peer = server.accept()
        for _ in range(3):
            peer.receive_kind("ping")
            peer.send(t="refused", code="bad_state", text="먼저 인사하세요.")
        peer.receive_kind("hello")
        peer.send(t="closing", code="bad_version", text="다른 판입니다.")
        assert task.finish() is None
        assert states == [Unwilling("다른 판입니다.")]


@pytest.mark.parametrize("words", [b"SSH-2.0-OpenSSH\r\n" * 2000, b"{}\n", b'{"t":"ping","n":1}\n', b""])
def test_something_else_is_not_taken_for_a_server(words: bytes) -> None:
    with ScriptedServer() as server:
        states: list[ServerState] = []
        task = Task(lambda: states.append(ask_server(Address("127.0.0.1", server.port))))
        peer = server.accept()
        peer.receive_kind("ping")
        peer.send_bytes(words)
        peer.close()
        assert task.finish() is None
        assert states == [Foreign()]


def test_something_that_says_nothing_is_not_waited_for_long() -> None:
    with ScriptedServer() as server:
        assert ask_server(Address("127.0.0.1", server.port), patience_s=0.2) == Foreign()


def test_nobody_is_nobody() -> None:
    state = ask_server(Address("127.0.0.1", unused_port()))
    assert isinstance(state, Silent)
    assert isinstance(ask_server(Address("없는.주소.invalid", 1)), Silent)


@pytest.mark.parametrize(
    ("state", "is_default", "levels"),
    [
        (Alive(1, 0.001), True, [Level.GOOD, Level.GOOD, Level.GOOD]),
        (Alive(1, 0.5), False, [Level.GOOD, Level.GOOD, Level.CAUTION]),
        (Alive(1, 0.001, is_exposed=True), False, [Level.GOOD, Level.CAUTION, Level.GOOD]),
        (Alive(1, 0.001, Secured("TLSv1.3", "0f3a", is_verified=True)), False, [Level.GOOD] * 4),
        (Stranger("0f3a"), False, [Level.CAUTION]),
        (Doubtful("다른 서버입니다."), False, [Level.PROBLEM]),
        (Silent("없습니다."), True, [Level.GOOD]),
        (Silent("없습니다."), False, [Level.PROBLEM]),
        (Foreign(), True, [Level.PROBLEM]),
        (Unwilling("다른 판입니다."), True, [Level.PROBLEM]),
    ],
)
def test_a_server_is_judged_by_what_it_is(state: ServerState, is_default: bool, levels: Sequence[Level]) -> None:
    checks = judge_server(state, Address("127.0.0.1", 12345), is_default=is_default)
    assert [check.level for check in checks] == levels


# --- files ------------------------------------------------------------------------------------------------------------


def of_files(folder: Path) -> dict[str, Check]:
    return {check.title: check for check in file_checks(folder, folder, is_default=True)}


def test_folders_that_can_still_be_made_are_good(tmp_path: Path) -> None:
    assert {check.level for check in of_files(tmp_path / "a" / "b").values()} == {Level.GOOD}
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    assert of_files(tmp_path / "a" / "b")[strings.DOCTOR_STATE_FOLDER].level is Level.PROBLEM


def test_settings_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("bell = \n", encoding="utf-8")
    check = of_files(tmp_path)[strings.DOCTOR_SETTINGS]
    assert check.level is Level.CAUTION
    assert re.search(r"settings\.toml.*1번째 줄", check.finding)


@pytest.mark.parametrize(
    ("content", "level"), [(b"", Level.GOOD), (b"SQLite format 3\0...", Level.GOOD), (b"PK\3\4", Level.PROBLEM)]
)
def test_a_database_is_looked_at(tmp_path: Path, content: bytes, level: Level) -> None:
    (tmp_path / "soksak.db").write_bytes(content)
    assert of_files(tmp_path)[strings.DOCTOR_DATABASE].level is level


def test_no_home_is_a_problem_and_not_a_folder_called_tilde() -> None:
    [check] = file_checks(Path("~/.local/state/soksak"), Path("~/.config/soksak"), is_default=True)
    assert check.level is Level.PROBLEM
