"""The room's password in line mode: asked for unseen where somebody sits, taken from a file or the environment elsewhere, never kept."""

import os
import pty
import stat
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.config import Config
from server.protocol import phrases
from server.protocol.password import Password
from tests.support.in_process import InProcess, in_process
from tests.support.scripted_server import ScriptedServer
from tests.support.secret_files import cheap_secret, secret_file
from tests.support.waiting import until
from tests.tui.test_line_mode import Running
from tui_client import strings
from tui_client.line.chat import NOT_LET_IN
from tui_client.line.editor import Closed, Entered
from tui_client.line.keyboard import Echo, Keyboard
from tui_client.line.output import Paper
from tui_client.line.row import PlainDesk, RowDesk
from tui_client.password_source import NOT_GIVEN, VARIABLE, GivenPassword, PasswordUnusable, given_password

PASSWORD = "참깨가 열려라"
GIVEN = GivenPassword(Password(PASSWORD))
CAME = "영희님이 입장하셨습니다."


@pytest.fixture
def room(tmp_path: Path) -> Iterator[InProcess]:
    with in_process(config=Config(password_file=secret_file(tmp_path, PASSWORD))) as one:
        yield one


@pytest.fixture
def terminal() -> Iterator[int]:
    outer, inner = pty.openpty()
    yield inner
    os.close(outer)
    os.close(inner)


def echoes(terminal: int) -> bool:
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


StartTyped = Callable[..., Running]


@pytest.fixture
def typed(tmp_path: Path, terminal: int) -> Iterator[StartTyped]:
    """Starts chats of a person whose terminal can hide what they type, though it comes through a pipe here."""
    started: list[Running] = []

    def start(port: int, given: GivenPassword = NOT_GIVEN) -> Running:
        chat = Running(port, home=tmp_path / "home", given=given, desk=PlainDesk(Echo(terminal)))
        started.append(chat)
        return chat

    yield start
    for chat in started:
        chat.finish()


def piped(port: int, text: str, given: GivenPassword = NOT_GIVEN) -> Running:
    chat = Running(port, given=given)
    chat.type(text)
    chat.finish_input()
    return chat


# --- a person ---------------------------------------------------------------------------------------------------------


def test_it_is_asked_for_and_not_shown(room: InProcess, typed: StartTyped, terminal: int) -> None:
    chat = typed(room.port)
    chat.tells(strings.LINE_PASSWORD_QUESTION)
    assert not echoes(terminal)
    chat.type(f"{PASSWORD}\n")
    chat.shows(CAME)
    assert echoes(terminal)
    assert not any(PASSWORD in line for line in chat.said)


def test_a_wrong_one_is_asked_for_again(room: InProcess, typed: StartTyped, terminal: int) -> None:
    chat = typed(room.port)
    chat.tells(strings.LINE_PASSWORD_QUESTION)
    chat.type("틀린 것\n")
    chat.tells(strings.LINE_PASSWORD_WRONG)
    until(lambda: not echoes(terminal))
    chat.type(f"{PASSWORD}\n")
    chat.shows(CAME)


def test_nothing_is_an_answer_too_and_another_empty_line_asks_again(room: InProcess, typed: StartTyped) -> None:
    chat = typed(room.port)
    chat.tells(strings.LINE_PASSWORD_QUESTION)
    chat.type("\n")
    chat.tells(strings.LINE_PASSWORD_LATER)
    chat.type("\n")
    until(lambda: sum(strings.LINE_PASSWORD_QUESTION in line for line in chat.said) == 2)
    chat.type(f"{PASSWORD}\n")
    chat.shows(CAME)


def test_whoever_leaves_from_there_sees_what_they_type_again(room: InProcess, typed: StartTyped, terminal: int) -> None:
    chat = typed(room.port)
    chat.tells(strings.LINE_PASSWORD_QUESTION)
    chat.finish_input()
    chat.ends_with(0)
    assert echoes(terminal)


def test_in_the_room_it_waits_until_it_is_wanted(tmp_path: Path, typed: StartTyped) -> None:
    """Else a message that is being typed would be said to be the password."""
    with ScriptedServer() as server:
        chat = typed(server.port, GIVEN)
        peer = server.accept()
        peer.greet()
        peer.send(t="joined", seq=1, at=0, uid="a" * 16, nick="영희")
        chat.shows(CAME)
        peer.close()
        again = server.accept()
        assert again.receive_kind("hello").text("password") == PASSWORD
        again.send(t="closing", code="auth_failed", text="비밀번호")
        chat.tells(strings.LINE_PASSWORD_WANTED_AGAIN)
        chat.type("아직 말하는 중\n")
        chat.tells("연결되면 보냅니다: 아직 말하는 중")
        chat.type("/연결\n")
        chat.tells(strings.LINE_PASSWORD_WRONG)
        chat.type("새 비밀번호\n")
        assert server.accept().receive_kind("hello").text("password") == "새 비밀번호"


class BusyDesk(PlainDesk):
    """Somebody is typing there."""

    has_text = True


def test_before_the_room_nobody_is_interrupted_either(room: InProcess, tmp_path: Path, terminal: int) -> None:
    chat = Running(room.port, home=tmp_path / "home", desk=BusyDesk(Echo(terminal)))
    chat.tells(strings.LINE_PASSWORD_WANTED)
    assert echoes(terminal)
    chat.type("이 말은 남습니다\n\n")
    chat.tells(strings.LINE_PASSWORD_QUESTION)
    chat.type(f"{PASSWORD}\n")
    chat.shows("영희> 이 말은 남습니다")
    chat.finish()


def test_where_nothing_can_be_hidden_it_is_not_asked_for(room: InProcess, tmp_path: Path) -> None:
    chat = Running(room.port, home=tmp_path / "home")
    chat.tells(strings.LINE_PASSWORD_NEEDED)
    chat.ends_with(NOT_LET_IN)
    chat.finish_input()


def test_what_is_typed_unseen_is_neither_drawn_nor_recalled(terminal: int) -> None:
    desk = RowDesk(Paper(None, None, together=True), Keyboard(terminal, lambda _: None), lambda: 80)
    list(desk.read("안녕".encode()))
    assert desk.has_text
    assert desk.hide("비밀번호: ")
    assert list(desk.read("참깨\x7f깨\x1b[D".encode())) == []
    assert desk._row() == "비밀번호: "
    assert list(desk.read(b"\r")) == [Entered("참깨")]
    desk.show()
    desk.ask("> ")
    assert desk._row() == "> 안녕"
    list(desk.read(b"\r\x1b[A\x1b[A"))
    assert desk._row() == "> 안녕"
    assert desk.hide("비밀번호: ")
    assert list(desk.read(b"\x1b[A\x04")) == [Closed()]


def test_what_is_typed_ahead_is_as_unseen_and_what_comes_behind_it_is_not_lost(terminal: int) -> None:
    desk = RowDesk(Paper(None, None, together=True), Keyboard(terminal, lambda _: None), lambda: 80)
    desk.ask("> ")
    entered = []
    for done in desk.read("/운영자\r열려라 참\x7f참깨\r안녕".encode()):
        entered.append(done)
        desk.hide("열쇠: ") if len(entered) == 1 else desk.show()
    assert entered == [Entered("/운영자"), Entered("열려라 참깨")]
    desk.ask("> ")
    assert desk._row() == "> 안녕"
    list(desk.read(b"\x1b[A"))
    assert desk._row() == "> /운영자"


# --- a script ---------------------------------------------------------------------------------------------------------


def test_a_script_that_knows_it_is_let_in(room: InProcess) -> None:
    chat = piped(room.port, "배포 끝\n", GIVEN)
    chat.ends_with(0)
    assert "영희> 배포 끝" in chat.shown


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (NOT_GIVEN, strings.LINE_PASSWORD_NEEDED),
        (GivenPassword(Password("틀린 것")), strings.LINE_PASSWORD_REFUSED),
    ],
)
def test_a_script_that_does_not_ends_with_a_code_of_its_own(
    room: InProcess, given: GivenPassword, sentence: str
) -> None:
    chat = piped(room.port, "배포 끝\n", given)
    chat.ends_with(NOT_LET_IN)
    assert chat.notices[0] == phrases.NOTICE + sentence
    assert chat.notices[1:] in ([], [phrases.NOTICE + strings.line_never_sent(1)])  # it may not have read it yet


def test_what_should_be_known_about_the_file_is_told(room: InProcess) -> None:
    chat = piped(room.port, "", GivenPassword(Password(PASSWORD), "파일을 다른 사용자가 읽을 수 있습니다."))
    chat.ends_with(0)
    assert chat.notices == [phrases.NOTICE + "파일을 다른 사용자가 읽을 수 있습니다."]


# --- where it comes from ----------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.touch(0o600)
    return path


def test_there_may_be_none() -> None:
    assert given_password(None, {}) == NOT_GIVEN


def test_the_environment_gives_it_once_and_children_do_not_see_it() -> None:
    environ = {VARIABLE: PASSWORD, "HOME": "/"}
    assert given_password(None, environ) == GIVEN
    assert environ == {"HOME": "/"}


def test_one_in_the_environment_that_is_no_text_is_refused() -> None:
    with pytest.raises(PasswordUnusable) as problem:
        given_password(None, {VARIABLE: "\udcff\udc80"})
    assert problem.value.text == strings.PASSWORD_VARIABLE_NOT_TEXT


@pytest.mark.parametrize("content", [PASSWORD, f"{PASSWORD}\n", f"{PASSWORD}\r\n둘째 줄\n", f"\ufeff{PASSWORD}\n"])
def test_the_first_line_of_the_file_is_it(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="")
    environ = {VARIABLE: "다른 것"}
    assert given_password(path, environ) == GIVEN
    assert environ == {}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o602, 0o620])
def test_a_file_that_others_may_read_or_write_is_told(path: Path, mode: int) -> None:
    path.write_text(PASSWORD)
    path.chmod(mode)
    given = given_password(path, {})
    assert (given.password, given.notice) == (Password(PASSWORD), strings.password_file_exposed(str(path)))
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", strings.password_file_empty),
        (b"\nsesame\n", strings.password_file_empty),
        (b"\xff\xfe\n", strings.password_file_not_text),
        (cheap_secret(PASSWORD).encoded().encode(), strings.password_file_hashed),
    ],
)
def test_a_file_without_one_is_said_to_be_so(path: Path, content: bytes, sentence: Callable[[str], str]) -> None:
    path.write_bytes(content)
    with pytest.raises(PasswordUnusable) as error:
        given_password(path, {})
    assert error.value.text == sentence(str(path))


def test_a_file_that_is_not_there_and_one_that_can_not_be_read_are_told_apart(path: Path) -> None:
    missing, folder = path.with_name("없음"), path.parent
    for wrong, sentence in ((missing, strings.password_file_missing), (folder, strings.password_file_unreadable)):
        with pytest.raises(PasswordUnusable) as error:
            given_password(wrong, {})
        assert error.value.text == sentence(str(wrong))
