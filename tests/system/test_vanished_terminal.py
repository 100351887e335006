"""A terminal that goes away takes its client with it; one that merely isn't read for a while keeps it, and misses nothing."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.support.app import CLIENT
from tests.support.json_client import JsonClient
from tests.support.plain_client import PlainClient
from tests.support.room import Room
from tests.support.scripted_server import ScriptedServer
from tests.support.server_process import REPOSITORY, private_environment
from tests.support.waiting import DEADLINE_S, until
from tui_client import strings
from tui_client.terminal_driver import LEAVING_S

GONE_S = 3.0
"""What may pass until the others are told."""

ENDED_S = 4.0
"""What may pass until its process is no more: less than its last resort waits for."""

BUSY_S = 0.5
"""How much time of a processor leaving may cost; one that turns in circles takes all there is."""

WITH_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""What a shell does: only whoever has the terminal for their own is sent a signal when it goes."""

LOUD = "소리" * 150
ENTERED = "입장하셨습니다"


def open_terminal() -> tuple[int, int]:
    """Our end and the program's."""
    main, screen = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 160, 0, 0))
    return main, screen


class Terminal:
    """A program on a terminal that is read only when a test reads it; killed at the end if it still runs."""

    def __init__(
        self, command: Sequence[str], home: Path, *, is_its_own: bool = False, stdin: int | None = None
    ) -> None:
        self._main, screen = open_terminal()
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-c", WITH_TERMINAL, *command[1:]] if is_its_own else command,
            cwd=REPOSITORY,
            env={**private_environment(home), "TERM": "xterm-256color"},
            stdin=screen if stdin is None else stdin,
            stdout=screen,
            stderr=screen,
            start_new_session=True,
        )
        os.close(screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.vanish()

    def vanish(self) -> None:
        """The window is closed."""
        if self._main >= 0:
            os.close(self._main)
        self._main = -1

    def type(self, text: str) -> None:
        self.type_bytes(text.encode())

    def type_bytes(self, data: bytes) -> None:
        os.write(self._main, data)

    @property
    def echoes(self) -> bool:
        """Whether it shows what is typed by itself, as it does for a shell."""
        return bool(termios.tcgetattr(self._main)[3] & termios.ECHO)

    def read_until(self, text: str) -> str:
        """What is written until `text` is."""
        deadline, written = time.monotonic() + DEADLINE_S, b""
        while text.encode() not in written:
            ready, _, _ = select.select([self._main], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, written.decode("utf-8", "replace")[-3000:]
            written += os.read(self._main, 65_536)
        return written.decode("utf-8", "replace")

    def read_all(self) -> str:
        """What is written until the program ends, which Linux reports as an error."""
        written = b""
        with suppress(OSError):
            while data := os.read(self._main, 65_536):
                written += data
        return written.decode("utf-8", "replace")

    @property
    def log(self) -> str:
        return (self.home / "state" / "soksak" / "client.log").read_text(encoding="utf-8")

    @property
    def unread_bytes(self) -> int:
        return int(struct.unpack("i", fcntl.ioctl(self._main, termios.FIONREAD, b"\0" * 4))[0])

    @property
    def busy_s(self) -> float:
        """How long the program has kept a processor busy."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait_until_stuck(self) -> None:
        """The terminal takes nothing more: whoever writes to it waits."""
        seen: list[int] = []

        def is_full() -> bool:
            seen.append(self.unread_bytes)
            return len(seen) > 50 and seen[-1] > 1000 and len(set(seen[-50:])) == 1

        until(is_full)

    def must_end_well(self) -> None:
        begun_s = last_s = self.busy_s

        def has_ended() -> bool:
            nonlocal last_s
            last_s = max(last_s, self.busy_s)
            return self.process.poll() is not None

        until(has_ended, ENDED_S)
        assert self.process.returncode == 0
        assert last_s - begun_s < BUSY_S
        assert "Traceback" not in self.log


BOTH_KINDS = pytest.mark.parametrize("terminal", [True, False], ids=["with a signal", "without"], indirect=True)


@pytest.fixture
def terminal(room: Room, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """영희's, who is in the room."""
    command = [*CLIENT, "--nick", "영희", "--port", str(room.server.port)]
    with Terminal(command, tmp_path / "home", is_its_own=getattr(request, "param", True)) as terminal:
        terminal.read_until(ENTERED)
        yield terminal


@pytest.fixture
def friend(room: Room) -> PlainClient:
    return room.plain("철수")


def must_be_gone(terminal: Terminal, friend: PlainClient) -> None:
    friend.wait_for_line("영희님이 퇴장하셨습니다.", GONE_S)
    terminal.must_end_well()


def flood(speaker: JsonClient, hearer: PlainClient, seconds: float = 1.5) -> None:
    """So much that there is something new to be drawn all the time."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        expected = len(hearer.public) + 20
        for number in range(20):
            speaker.say(f"{LOUD} {number}")
        until(partial(has_heard, hearer, expected))


def has_heard(hearer: PlainClient, count: int) -> bool:
    return len(hearer.public) >= count


# --- it goes away -----------------------------------------------------------------------------------------------------


@BOTH_KINDS
def test_client_leaves_when_its_terminal_is_closed(friend: PlainClient, terminal: Terminal) -> None:
    terminal.vanish()
    must_be_gone(terminal, friend)


@BOTH_KINDS
def test_client_leaves_when_its_terminal_is_closed_in_the_middle_of_a_flood(
    room: Room, friend: PlainClient, terminal: Terminal
) -> None:
    speaker = room.json("홍수")
    flooding = threading.Thread(target=flood, args=(speaker, friend))
    flooding.start()
    terminal.read_until(LOUD[:20])
    terminal.vanish()
    must_be_gone(terminal, friend)
    flooding.join()


@BOTH_KINDS
def test_client_leaves_when_its_terminal_was_not_read_any_more_and_is_closed(
    room: Room, friend: PlainClient, terminal: Terminal
) -> None:
    flood(room.json("홍수"), friend)
    terminal.wait_until_stuck()
    terminal.vanish()
    must_be_gone(terminal, friend)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_client_leaves_when_told_to_although_nobody_reads_its_terminal(
    room: Room, friend: PlainClient, terminal: Terminal, number: signal.Signals
) -> None:
    flood(room.json("홍수"), friend)
    terminal.wait_until_stuck()
    terminal.process.send_signal(number)
    must_be_gone(terminal, friend)


def test_client_leaves_a_clean_screen_when_only_its_input_ends(room: Room, friend: PlainClient, tmp_path: Path) -> None:
    keyboard, stdin = open_terminal()
    command = [*CLIENT, "--nick", "영희", "--port", str(room.server.port)]
    with Terminal(command, tmp_path / "home", stdin=stdin) as terminal:
        os.close(stdin)
        terminal.read_until(ENTERED)
        os.close(keyboard)
        written = terminal.read_all()
        must_be_gone(terminal, friend)
    assert "\x1b[?1049l" in written
    assert "Traceback" not in written


STUCK = f"""
import sys, threading
sys.path.insert(0, {str(REPOSITORY)!r})
from tui_client.terminal_app import TerminalApp
class Stuck(TerminalApp[None]):
    def on_ready(self):
        self.leave_on_signals()
        self.call_after_refresh(self.get_stuck)
    def get_stuck(self):
        self.write_sequence("nothing moves")
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()
Stuck().run()
"""


@pytest.mark.parametrize("way", ["a signal", "the end of the terminal"])
def test_program_that_is_stuck_ends_all_the_same(tmp_path: Path, way: str) -> None:
    with Terminal([sys.executable, "-c", STUCK], tmp_path) as terminal:
        terminal.read_until("nothing moves")
        terminal.process.send_signal(signal.SIGTERM) if way == "a signal" else terminal.vanish()
        assert terminal.process.wait(LEAVING_S + 2) == 0


# --- it is only interrupted -------------------------------------------------------------------------------------------


@BOTH_KINDS
def test_client_that_is_continued_without_having_been_stopped_reads_once_and_leaves_a_clean_terminal(
    friend: PlainClient, terminal: Terminal
) -> None:
    terminal.process.send_signal(signal.SIGCONT)
    terminal.read_until("\x1b[?1049h")
    terminal.read_until(ENTERED)
    terminal.type("아직 여기\r")
    friend.wait_for_line("영희> 아직 여기")
    terminal.type("\x11")  # Ctrl+Q
    terminal.read_until("\x1b[?1049l")
    must_be_gone(terminal, friend)
    assert terminal.echoes


def test_client_takes_a_byte_that_is_no_text(friend: PlainClient, terminal: Terminal) -> None:
    terminal.type_bytes(b"\xff" + "그래도\r".encode())
    friend.wait_for_line("영희> \ufffd그래도")


@pytest.mark.parametrize("sequence", ["\x1b[12618::99;5u", "\x1b[99999999999u", "\x1b[0;;99999999u"])
def test_client_takes_what_looks_like_a_key_and_is_none(friend: PlainClient, terminal: Terminal, sequence: str) -> None:
    terminal.type(sequence)
    until(lambda: "what is no key" in terminal.log)
    terminal.type("그래도\r")
    friend.wait_for_line("영희> 그래도")


# --- it merely isn't read ---------------------------------------------------------------------------------------------


def test_client_goes_on_while_its_terminal_is_not_read_and_shows_all_when_it_is(
    room: Room, friend: PlainClient, terminal: Terminal
) -> None:
    flood(room.json("홍수"), friend)
    terminal.wait_until_stuck()
    terminal.type("안 보고 친 말\r")
    friend.wait_for_line("영희> 안 보고 친 말")
    friend.speak("다 들었지?")
    friend.wait_for_line("철수> 다 들었지?")
    drawn = terminal.read_until("다 들었지?")
    assert "안 보고 친 말" in drawn
    terminal.type("다 들었어\r")
    terminal.read_until("다 들었어")
    friend.wait_for_line("영희> 다 들었어")
    assert friend.departures == []
    terminal.type("\x11")  # Ctrl+Q
    terminal.read_all()
    must_be_gone(terminal, friend)


def test_server_is_pinged_while_the_terminal_is_not_read(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        command = [*CLIENT, "--nick", "영희", "--port", str(server.port)]
        with Terminal(command, tmp_path / "home") as terminal:
            peer = server.accept()
            peer.greet(ping_s=1)
            terminal.read_until(strings.STATE_ONLINE)
            for start in range(2, 10_000, 1000):
                peer.send_bytes(b"".join(map(said, range(start, start + 1000))))
            terminal.wait_until_stuck()
            for _ in range(2):
                peer.send(t="pong", n=peer.receive_kind("ping").number("n"))


def said(number: int) -> bytes:
    frame = {"t": "message", "seq": number, "at": number, "uid": "b" * 16, "nick": "홍수", "text": LOUD}
    return json.dumps(frame, ensure_ascii=False).encode() + b"\n"


def test_what_was_opened_while_nobody_looked_is_there(room: Room, friend: PlainClient, terminal: Terminal) -> None:
    flood(room.json("홍수"), friend)
    terminal.wait_until_stuck()
    terminal.type("\x1bOP")  # F1
    terminal.read_until(strings.HELP_TYPED_TITLE)
