"""All of the corpora on the client's side: screen, title, desktop, clipboard; from other people, and from a server that is a villain."""

import base64
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from server.protocol.text import clean_text
from tests.corpora.escapes import WIDTH_BOMBS, hostile_texts
from tests.corpora.files import naughty_strings
from tests.hostile.attacker import texts
from tests.hostile.harmless import assert_harmless
from tests.support.app import LARGE, SMALL, StartApp, entered
from tests.support.chat import Chat, beside, chatting
from tests.support.pseudo_terminal import PseudoTerminal
from tests.support.room import Room, barrier
from tests.support.scripted_server import Peer, ScriptedServer
from tests.support.server_process import private_environment
from tests.system.conftest import start_app  # noqa: F401 - a fixture
from tui_client import strings
from tui_client.drawing import bounded
from tui_client.notifying import Kind, News, Notifier
from tui_client.settings import Desktop, Focus, Notify, Settings
from tui_client.terminal_app import TerminalApp

STRANGER: Final = "b" * 16
AT_ONCE: Final = 12
"""Messages that a large screen shows together, with what is said between them."""

_SEQUENCE = re.compile(
    r"\x1b(?:\[(?P<csi>[0-?]*[ -/]*[@-~])|\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)|P(?P<dcs>[^\x1b]*)\x1b\\|(?P<short>[ -/]*[0-Z\\^-~]))"
)


def some_texts() -> Sequence[str]:
    """A selection for screens that are looked at: all tricks, and some of what they are done with."""
    tricks = hostile_texts()
    return [*tricks[:420:6], *tricks[420 : -len(WIDTH_BOMBS)], *naughty_strings()[::12]]


def groups(some: Sequence[str], size: int = AT_ONCE) -> Iterator[Sequence[str]]:
    for start in range(0, len(some), size):
        yield some[start : start + size]


def shapes(written: str) -> set[str]:
    """What kinds of sequences a terminal was told: without numbers, but for modes. What is left is text, and harmless."""
    assert_harmless(_SEQUENCE.sub("", written).replace("\r", "").replace("\x07", ""))
    return {_shape(found) for found in _SEQUENCE.finditer(written)}


def whole(written: bytes) -> str:
    """`written` up to its last sequence, which may have come by half."""
    return written.rpartition(b"\x1b")[0].decode()


def _shape(found: re.Match[str]) -> str:
    if found["osc"] is not None:
        number, _, payload = found["osc"].partition(";")
        assert_harmless(base64.b64decode(payload.rpartition(";")[2]).decode() if number == "52" else payload)
        return f"OSC {number}"
    if found["csi"] is not None:
        return f"CSI {found['csi'] if found['csi'][-1] in 'hl' else re.sub('[0-9;:]+', '', found['csi'])}"
    return f"ESC {found['dcs'] or found['short']}"


# --- from other people ----------------------------------------------------------------------------------------------------


def test_a_terminal_is_told_nothing_that_it_is_not_told_in_a_quiet_chat(room: Room, tmp_path: Path) -> None:
    guest = room.json("지수")
    command = [sys.executable, "-m", "tui_client", "--nick", "영희", "--port", str(room.server.port)]
    with PseudoTerminal(command, *LARGE, private_environment(tmp_path)) as terminal:
        terminal.wait_for(lambda: terminal.place_after(strings.STATE_ONLINE) is not None)

        def show(number: int, said: Sequence[str]) -> None:
            for text in said:
                guest.say(text)
                guest.whisper("영희", text)
            guest.say(f"여기까지 {number}")
            terminal.wait_for(lambda: f"여기까지 {number}" in terminal.display)
            terminal.type("\x19")  # Ctrl+Y copies what was said last
            terminal.type("\x1b[O\x1b[I")  # somebody looks away, and back

        show(0, ["영희야 안녕", "https://example.kr 😀", "여러\n줄", "한글 " * 200])
        show(1, ["또", "영희야"])
        quiet = shapes(whole(terminal.written))
        for number, said in enumerate(groups([f"{text} 영희" for text in some_texts()]), 2):
            show(number, said)
        told = shapes(whole(terminal.written))
        assert told - quiet <= {"OSC 9"}, "which only those get who looked away"
        assert "OSC 52" in quiet
        assert "OSC 2" in quiet


def test_width_bombs_leave_the_rest_of_the_screen_where_it_was(
    room: Room,
    start_app: StartApp,  # noqa: F811
) -> None:
    guest = room.json("지수")
    app = entered(start_app, room, "영희", SMALL)
    barrier(guest, guest, text="먼저")
    before = app.wait_for("지수> 먼저").splitlines()
    for number, bomb in enumerate(WIDTH_BOMBS):
        guest.say(bomb)
        guest.say(f"여기까지 {number}")
        rows = app.wait_for(f"여기까지 {number}").splitlines()
        assert rows[0][:20] == before[0][:20]
        assert rows[-4:] == before[-4:], "the composer and the keys"
        assert len(rows) == len(before)


# --- from a server that is a villain ----------------------------------------------------------------------------------------


def is_drawn(chat: Chat, text: str) -> Callable[[], bool]:
    return lambda: text in "\n".join(chat.rows)


def hostile_frames(peer: Peer, said: Sequence[str], seq: int) -> int:
    """The texts in every field in which a server can say something."""
    for text in said:
        peer.send(t="message", seq=seq, at=0, uid=STRANGER, nick="철수", text=text)
        peer.send(t="message", seq=seq + 1, at=0, uid=STRANGER, nick=text, text="이름이 이상해요", cid=text[:30])
        peer.send(t="whisper", seq=seq + 2, at=0, uid=STRANGER, nick=text, to_uid="a" * 16, to=text, text=text)
        peer.send(t="joined", seq=seq + 3, at=0, uid=STRANGER, nick=text)
        peer.send(t="renamed", seq=seq + 4, at=0, uid=STRANGER, nick="철수", was=text)
        peer.send(t="left", seq=seq + 5, at=0, uid=STRANGER, nick=text, reason=text)
        peer.send(t="renamed", seq=seq + 6, at=0, uid="a" * 16, nick=text, was="영희")
        peer.send(t="announced", seq=seq + 7, at=0, uid=STRANGER, nick=text, text=text)
        peer.send(t="moderated", seq=seq + 8, at=0, uid=STRANGER, nick=text, action=text, target=text)
        peer.send(t="presence", uid=STRANGER, nick=text, online=False)
        peer.send(t="refused", code="empty", text=text)
        peer.send(t="done", id=1, text=text)
        peer.send(t="sanctions", id=1, entries=[{"kind": text, "target": text, "by": text, "at": 0}], members=[])
        seq += 9
    return seq


async def test_nothing_that_a_server_says_attacks_the_screen_or_the_clipboard(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        async with chatting(server.port, tmp_path, size=LARGE) as chat:
            peer = await welcomed_by_a_villain(chat, server)
            seq = 2
            for number, said in enumerate(groups([*some_texts(), *texts()[::5]])):
                seq = hostile_frames(peer, said, seq)
                peer.send(t="message", seq=seq, at=0, uid=STRANGER, nick="철수", text=f"여기까지 {number}")
                seq += 1
                await chat.until(is_drawn(chat, f"여기까지 {number}"))
                assert_harmless("\n".join(chat.rows))
                assert_harmless("\n".join(chat.lines[-AT_ONCE * 6 :]))
            chat.app.copy_last()
            assert_harmless(chat.app.clipboard)


async def welcomed_by_a_villain(chat: Chat, server: ScriptedServer) -> Peer:
    peer = await beside(server.accept)
    evil = "\x1b]0;제목\x07\u202e[@click=app.quit()]"
    members = [{"uid": "a" * 16, "nick": "영희"}, {"uid": STRANGER, "nick": evil}]
    await beside(lambda: peer.greet(server=evil, members=members))
    peer.send(t="joined", seq=1, at=0, uid="a" * 16, nick="영희")
    await chat.until_heard("영희님이 입장하셨습니다.")
    return peer


@pytest.mark.parametrize("frame", ["closing", "refused"])
@pytest.mark.parametrize("code", ["replaced", "nick_invalid", "storage_error", "\x1b[2J"])
async def test_nothing_with_which_a_server_says_goodbye_attacks(tmp_path: Path, frame: str, code: str) -> None:
    with ScriptedServer() as server:
        async with chatting(server.port, tmp_path) as chat:
            peer = await beside(server.accept)
            await beside(lambda: peer.receive_kind("hello"))
            peer.send(t=frame, code=code, text="".join(hostile_texts()[:400])[:3000])
            peer.close()
            await chat.until(lambda: "가␛[2J나" in "\n".join(chat.rows) or chat.app.screen is not chat.screen)
            assert_harmless("\n".join(chat.rows))


def test_what_is_drawn_is_as_clean_as_what_was_sent_through_a_server_of_ours() -> None:
    """A server that keeps no limits: too long, too many lines, unclean."""
    for text in texts():
        assert bounded(text) == bounded(clean_text(text)[:2000]) or len(text) > 2000
        assert_harmless(bounded(text * 3))


# --- desktop and title ------------------------------------------------------------------------------------------------------


class Writing(TerminalApp[None]):
    """An app whose terminal is a list."""

    def __init__(self) -> None:
        super().__init__({"TERM": "xterm-256color"})
        self.written: list[str] = []

    def write_sequence(self, sequence: str) -> None:
        self.written.append(sequence)


@pytest.mark.parametrize("kind", [Desktop.OSC9, Desktop.OSC777, Desktop.OSC99])
async def test_the_desktop_and_the_title_get_harmless_text_in_whole_sequences(kind: Desktop) -> None:
    app = Writing()
    async with app.run_test():
        for text in texts():
            for title, body in ((text, "안녕"), ("철수", text), note_about(text, kind)):
                app.notify_desktop(title, body, kind)
            app.set_terminal_title(text)
        for sequence in app.written:
            found = _SEQUENCE.findall(sequence)
            assert _SEQUENCE.sub("", sequence) == "", ascii(sequence)
            for _, command, *_ in found:
                *head, last = command.split(";") if kind is Desktop.OSC99 else ["", command]
                assert_harmless(base64.b64decode(last).decode() if head[:1] == ["99"] else last)
    assert len(app.written) > 3 * len(texts())


def note_about(text: str, kind: Desktop) -> tuple[str, str]:
    """What the app would say of a message."""
    notifier = Notifier(Settings(notify=Notify.ALL, desktop=kind, focus=Focus.ALWAYS_AWAY))
    note = notifier.hear([News(Kind.MENTION, text, text)], 0.0).note
    assert note is not None
    assert_harmless(note.title + note.body)
    assert len(note.body) <= 200
    return note.title, note.body
