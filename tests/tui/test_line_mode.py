"""Chat by lines, with a server that says what a test tells it to: what is sent, in which order, what is shown, and how it ends."""

import io
import itertools
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.protocol import phrases
from tests.support.json_client import Frame
from tests.support.scripted_server import Peer, ScriptedServer, unused_port
from tests.support.tasks import Task
from tests.support.waiting import until
from tui_client import strings
from tui_client.line.chat import LineChat, Setting
from tui_client.line.input import Inbox, InputReader, Signalled
from tui_client.line.output import Paper
from tui_client.line.piped import PipedChat
from tui_client.line.row import Desk, PlainDesk
from tui_client.line.source import NumberedLines, WrongLine
from tui_client.line.typed import TypedChat
from tui_client.password_source import NOT_GIVEN, GivenPassword
from tui_client.profile import Profile
from tui_client.trust import Trust
from tui_client.wire import Address

UID = "a" * 16
OTHER = "b" * 16


class Running:
    """A chat that runs on a thread of its own, with a pipe as its keyboard."""

    def __init__(
        self,
        port: int,
        *,
        nick: str = "영희",
        patience_s: float = 10,
        home: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        given: GivenPassword = NOT_GIVEN,
        desk: Desk | None = None,
        trust: Trust | None = None,
    ) -> None:
        self.out, self.err, self.inbox = io.StringIO(), io.StringIO(), Inbox()
        descriptor, self._input = os.pipe()
        reader = InputReader(descriptor, self.inbox.put)
        paper = Paper(self.out, self.err, together=home is not None)
        numbers = itertools.count(1)
        address = Address("127.0.0.1", port)
        new_cid = lambda: f"c{next(numbers)}"  # noqa: E731
        setting = Setting(
            *(address, nick, lambda _nick, _place: "0" * 32, new_cid, None, paper, self.inbox, clock),
            given=given,
            trust=trust,
        )
        self.chat: LineChat = (
            PipedChat(setting, reader, patience_s)
            if home is None
            else TypedChat(setting, reader, Profile(home), desk or PlainDesk(), shows_past=True)
        )
        self.code: int | None = None
        self._task = Task(self._run)

    def _run(self) -> None:
        self.code = self.chat.run()

    def type(self, text: str | bytes) -> None:
        os.write(self._input, text.encode() if isinstance(text, str) else text)

    def finish_input(self) -> None:
        if self._input >= 0:
            os.close(self._input)
        self._input = -1

    def raised(self) -> BaseException | None:
        """What it ended with, if that was a fault."""
        return self._task.finish()

    def ends_with(self, code: int) -> None:
        assert self._task.finish() is None
        assert self.code == code, self.notices

    def finish(self) -> None:
        self.inbox.put(Signalled(15))
        self._task.finish()
        self.finish_input()

    @property
    def shown(self) -> list[str]:
        return self.out.getvalue().splitlines()

    @property
    def notices(self) -> list[str]:
        return self.err.getvalue().splitlines()

    def shows(self, line: str) -> None:
        until(lambda: line in self.shown, what=lambda: f"{line!r} in {self.shown} {self.notices}")

    def tells(self, part: str) -> None:
        until(lambda: any(part in line for line in self.said), what=lambda: f"{part!r} in {self.said}")

    @property
    def said(self) -> list[str]:
        return [*self.shown, *self.notices]


class StartChat:
    """Starts chats that are gone when the test ends."""

    def __init__(self, server: ScriptedServer, folder: Path) -> None:
        self.started: list[Running] = []
        self._server = server
        self._folder = folder

    def piped(self, text: str | bytes, *, patience_s: float = 10, port: int = 0) -> Running:
        chat = Running(port or self._server.port, patience_s=patience_s)
        self.started.append(chat)
        if text:
            chat.type(text)
        return chat

    def piped_whole(self, text: str | bytes, *, patience_s: float = 10, port: int = 0) -> Running:
        chat = self.piped(text, patience_s=patience_s, port=port)
        chat.finish_input()
        return chat

    def typed(self, nick: str = "영희", port: int = 0, clock: Callable[[], float] = time.monotonic) -> Running:
        chat = Running(port or self._server.port, nick=nick, home=self._folder, clock=clock)
        self.started.append(chat)
        return chat


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as one:
        yield one


@pytest.fixture
def start(server: ScriptedServer, tmp_path: Path) -> Iterator[StartChat]:
    starter = StartChat(server, tmp_path / "home")
    yield starter
    for chat in starter.started:
        chat.finish()


class Log:
    """The server's side of the room: numbers what it says."""

    def __init__(self, peer: Peer, seq: int = 1) -> None:
        self.peer = peer
        self.seq = seq

    def event(self, kind: str, **fields: object) -> None:
        self.seq += 1
        self.peer.send(**{"t": kind, "seq": self.seq, "at": 0, "uid": UID, "nick": "영희", **fields})

    def take(self, text: str) -> Frame:
        """Receive this message and echo it."""
        said = self.peer.receive_kind("say")
        assert said.text("text") == text
        self.event("message", text=text, cid=said.text("cid"))
        return said

    def farewell(self) -> None:
        """Nothing more is said but goodbye."""
        self.peer.receive_kind("bye")
        self.peer.close()

    def refuse(self, said: Frame, code: str = "too_long", **fields: object) -> None:
        self.peer.send(t="refused", code=code, text="안 됩니다.", cid=said.text("cid"), **fields)


def welcomed(server: ScriptedServer, **fields: object) -> Log:
    peer = server.accept()
    peer.greet(**fields)
    return Log(peer)


def entered(server: ScriptedServer, chat: Running, **fields: object) -> Log:
    """The same, and the client knows that it is in the room."""
    log = welcomed(server, **fields)
    log.event("joined")
    chat.tells(strings.LINE_HOW_TO_LEAVE)
    return log


def not_yet(peer: Peer) -> None:
    """The client has sent nothing more: a ping would have been answered after it. (It answers none, so: it stays silent.)"""
    peer._socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        peer.receive()
    peer._socket.settimeout(15)


# --- a pipe -----------------------------------------------------------------------------------------------------------


def test_piped_lines_are_sent_in_order_and_answered_before_it_leaves(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped_whole("하나\n\n둘\r\n셋")
    log = welcomed(server)
    for text in ("하나", "둘", "셋"):
        log.take(text)
    log.farewell()
    chat.ends_with(0)
    assert chat.shown == ["영희> 하나", "영희> 둘", "영희> 셋"]
    assert chat.notices == []


def test_without_any_line_it_leaves_at_once_even_without_a_server(start: StartChat) -> None:
    chat = start.piped_whole("", port=unused_port())
    chat.ends_with(0)


def test_it_never_waits_for_more_lines_before_it_sends_one(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped("먼저\n")
    log = welcomed(server)
    log.take("먼저")
    chat.shows("영희> 먼저")
    chat.type("나중\n")
    log.take("나중")


def test_a_wrong_line_is_told_with_its_number_and_the_others_are_sent(server: ScriptedServer, start: StartChat) -> None:
    long_line = "가" * 2001
    chat = start.piped_whole(
        f"하나\n/없는명령\n{long_line}\n@철수\n".encode() + b"\xff\n" + b"x" * 20_000 + "\n끝\n".encode()
    )
    log = welcomed(server)
    log.take("하나")
    log.take("끝")
    log.farewell()
    chat.ends_with(1)
    assert [notice.split(":")[0] for notice in chat.notices] == [f"[알림] {number}번째 줄" for number in range(2, 7)]


def test_a_line_that_the_server_refuses_is_told_and_the_others_are_sent(
    server: ScriptedServer, start: StartChat
) -> None:
    chat = start.piped_whole("하나\n둘\n")
    log = welcomed(server)
    log.refuse(log.peer.receive_kind("say"))
    log.take("둘")
    log.farewell()
    chat.ends_with(1)
    assert chat.notices == ["[알림] 1번째 줄: 보내지 못했습니다. 안 됩니다. 하나"]


def test_what_was_too_much_is_sent_again_later_and_nothing_overtakes_it(
    server: ScriptedServer, start: StartChat
) -> None:
    chat = start.piped_whole("하나\n둘\n셋\n넷\n")
    log = welcomed(server)
    log.take("하나")
    second, third = log.peer.receive_kind("say"), log.peer.receive_kind("say")
    for said in (second, third):
        log.refuse(said, "rate_limited", retry_ms=100)
    again = log.peer.receive_kind("say")
    assert again.fields == second.fields
    not_yet(log.peer)
    log.event("message", text="둘", cid=again.text("cid"))
    assert log.take("셋").fields == third.fields
    log.take("넷")
    log.farewell()
    chat.ends_with(0)


def test_what_was_too_much_waits_until_there_is_room_for_it(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped_whole("".join(f"{number}\n" for number in range(8)))
    log = welcomed(server)
    for number in range(3):
        log.take(str(number))
    refused, *on_their_way = [log.peer.receive_kind("say") for _ in range(4)]
    for said in (refused, on_their_way[0]):
        log.refuse(said, "rate_limited", retry_ms=50)
    not_yet(log.peer)
    not_yet(log.peer)
    for said in on_their_way[1:]:
        log.event("message", text=said.text("text"), cid=said.text("cid"))
    for text in ("3", "4", "7"):
        log.take(text)
    log.farewell()
    chat.ends_with(0)


def test_what_has_no_answer_is_sent_again_under_the_same_name_before_anything_new(
    server: ScriptedServer, start: StartChat
) -> None:
    chat = start.piped_whole("하나\n둘\n셋\n")
    log = welcomed(server)
    log.take("하나")
    before = [log.peer.receive_kind("say"), log.peer.receive_kind("say")]
    log.peer.reset()
    peer = server.accept()
    assert peer.greet(seq=2, replay_from=3).fields["resume"] == {"epoch": "e1", "seq": 2}
    log = Log(peer, 2)
    assert [log.take("둘").fields, log.take("셋").fields] == [frame.fields for frame in before]
    log.farewell()
    chat.ends_with(0)
    assert chat.shown == ["영희> 하나", "영희> 둘", "영희> 셋"]


def test_without_an_answer_it_gives_up_and_says_which_lines(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped_whole("하나\n둘\n셋\n넷\n다섯\n", patience_s=0.3)
    log = welcomed(server)
    log.take("하나")
    chat.ends_with(1)
    assert chat.notices[0] == f"[알림] {strings.line_no_answer(0.3)}"
    assert chat.notices[1:] == [
        "[알림] 2번째 줄: 서버가 받았다는 답이 없습니다. 둘",
        "[알림] 3번째 줄: 서버가 받았다는 답이 없습니다. 셋",
        "[알림] 4번째 줄부터는 보내지 않았습니다.",
    ]


def test_what_is_put_off_for_ever_is_given_up_with_the_reason(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped_whole("하나\n", patience_s=0.3)
    log = welcomed(server)
    while (said := log.peer.receive()).kind == "say":
        log.refuse(said, "storage_full", retry_ms=50)
    chat.ends_with(1)
    assert chat.notices == [
        f"[알림] {strings.line_put_off(strings.put_off_for('storage_full', ''), 0.3)}",
        "[알림] 1번째 줄: 서버가 받았다는 답이 없습니다. 하나",
    ]


def test_without_a_server_it_gives_up_too(start: StartChat) -> None:
    chat = start.piped_whole("하나\n", patience_s=0.3, port=unused_port())
    chat.ends_with(1)
    assert chat.notices[-1] == "[알림] 1번째 줄부터는 보내지 않았습니다."


def test_who_only_listens_waits_for_ever(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped("", patience_s=0.1)
    log = welcomed(server)
    not_yet(log.peer)
    not_yet(log.peer)
    log.event("message", uid=OTHER, nick="철수", text="아직 있어요?")
    chat.shows("철수> 아직 있어요?")


def test_a_whisper_goes_to_who_has_the_nickname(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped_whole("@철수 비밀\n")
    log = welcomed(server, members=[{"uid": UID, "nick": "영희"}, {"uid": OTHER, "nick": "철수"}])
    sent = log.peer.receive_kind("whisper")
    assert (sent.text("to"), sent.text("to_uid"), sent.text("text")) == ("철수", OTHER, "비밀")
    log.event("whisper", to_uid=OTHER, to="철수", text="비밀", cid=sent.text("cid"))
    chat.ends_with(0)
    assert chat.shown == ["[귓속말 전송] 철수에게: 비밀"]


def test_a_new_nickname_waits_for_what_was_said_before_and_is_waited_for(
    server: ScriptedServer, start: StartChat
) -> None:
    chat = start.piped_whole("하나\n둘\n셋\n/닉 봇\n넷\n")
    log = welcomed(server)
    log.take("하나")
    log.take("둘")  # by now three may be without an answer
    said = log.peer.receive_kind("say")
    not_yet(log.peer)
    log.event("message", text="셋", cid=said.text("cid"))
    assert log.peer.receive_kind("nick").text("nick") == "봇"
    not_yet(log.peer)
    log.event("renamed", nick="봇", was="영희")
    log.take("넷")
    chat.ends_with(0)
    assert chat.shown[3] == "[알림] 영희님이 봇님으로 바꾸셨습니다."


def test_a_nickname_that_is_refused_later_is_a_failed_line(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped_whole("/닉 봇\n둘\n")
    log = welcomed(server)
    log.peer.receive_kind("nick")
    log.peer.send(t="refused", code="nick_in_use", text="쓰고 있습니다.")
    log.take("둘")
    chat.ends_with(1)
    assert chat.notices == ["[알림] 1번째 줄: 쓰고 있습니다."]


def test_what_follows_a_goodbye_is_not_said(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped("하나\n/종료\n둘\n")
    log = welcomed(server)
    log.take("하나")
    log.farewell()
    chat.ends_with(0)


def test_a_nickname_in_use_is_waited_for_a_moment(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped_whole("하나\n")
    peer = server.accept()
    peer.receive_kind("hello")
    peer.send(t="refused", code="nick_in_use", text="쓰고 있습니다.")
    peer.greet()
    Log(peer).take("하나")
    chat.ends_with(0)
    assert chat.notices == []


def test_a_nickname_that_stays_in_use_ends_it(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped_whole("하나\n", patience_s=0.5)
    peer = server.accept()
    for _ in range(2):
        peer.receive_kind("hello")
        peer.send(t="refused", code="nick_in_use", text="쓰고 있습니다.")
    chat.ends_with(1)
    assert chat.notices == ["[알림] 쓰고 있습니다.", "[알림] 1번째 줄부터는 보내지 않았습니다."]


def test_a_nickname_that_is_not_allowed_ends_it_at_once(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped("")
    peer = server.accept()
    peer.receive_kind("hello")
    peer.send(t="refused", code="nick_reserved", text="쓸 수 없습니다.")
    chat.ends_with(1)
    assert chat.notices == ["[알림] 쓸 수 없습니다."]


def test_who_is_turned_away_for_good_does_not_come_back(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped("")
    log = welcomed(server)
    log.peer.send(t="closing", code="replaced", text="다른 곳에서 접속했습니다.")
    chat.ends_with(1)
    assert chat.notices == ["[알림] 다른 곳에서 접속했습니다."]


def test_a_signal_ends_it_with_a_goodbye_and_the_usual_code(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped("하나\n")
    log = welcomed(server)
    log.peer.receive_kind("say")
    chat.inbox.put(Signalled(2))
    log.farewell()
    chat.ends_with(130)
    assert chat.notices == ["[알림] 1번째 줄: 서버가 받았다는 답이 없습니다. 하나"]


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_a_pipe_shows_what_comes_while_it_is_there_and_nothing_older(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped("")
    log = welcomed(server, seq=3, replay_from=2)
    log.event("message", uid=OTHER, nick="철수", text="예전 말")
    log.event("joined")
    log.event("message", uid=OTHER, nick="철수", text="새 말")
    chat.shows("철수> 새 말")
    assert chat.shown == ["영희님이 입장하셨습니다.", "철수> 새 말"]


def test_messages_and_whispers_keep_their_order_and_every_line_its_label(
    server: ScriptedServer, start: StartChat
) -> None:
    chat = start.piped("")
    log = welcomed(server)
    log.event("message", uid=OTHER, nick="철수", text="첫 줄\n[알림] 속임수")
    log.event("whisper", uid=OTHER, nick="철수", to_uid=UID, to="영희", text="비밀\n둘째 줄")
    log.event("renamed", uid=OTHER, nick="철", was="철수")
    log.event("left", uid=OTHER, nick="철", reason="quit")
    chat.shows("철님이 퇴장하셨습니다.")
    assert chat.shown == [
        "철수> 첫 줄",
        "철수> [알림] 속임수",
        "[귓속말] 철수> 비밀",
        "[귓속말] 철수> 둘째 줄",
        "[알림] 철수님이 철님으로 바꾸셨습니다.",
        "철님이 퇴장하셨습니다.",
    ]


def test_a_lost_connection_is_told_once_and_so_is_its_return(server: ScriptedServer, start: StartChat) -> None:
    chat = start.piped("")
    for _ in range(2):
        welcomed(server).peer.reset()
    log = welcomed(server)
    log.event("message", uid=OTHER, nick="철수", text="왔어요?")
    chat.shows("철수> 왔어요?")
    assert chat.notices == [f"[알림] {strings.CONNECTION_LOST}", f"[알림] {strings.CONNECTED_AGAIN}"] * 2


# --- a person ---------------------------------------------------------------------------------------------------------


def test_a_person_sees_the_past_and_where_it_ends(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = welcomed(server, seq=3, replay_from=2)
    log.event("message", uid=OTHER, nick="철수", text="예전 말")
    log.event("joined")
    chat.tells(strings.LINE_HOW_TO_LEAVE)
    assert chat.shown == [
        "철수> 예전 말",
        f"[알림] {strings.LINE_PAST_ENDS}",
        "영희님이 입장하셨습니다.",
        "[알림] 지금 1명이 있습니다: 영희",
        f"[알림] {strings.LINE_HOW_TO_LEAVE}",
    ]


def test_the_nickname_is_asked_for_until_one_is_free(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed(nick="")
    chat.tells(strings.START_QUESTION)
    chat.type("관리자\n")
    chat.tells("쓸 수 없게 정해져")
    chat.type("철수\n")
    peer = server.accept()
    peer.receive_kind("hello")
    peer.send(t="refused", code="nick_in_use", text="쓰고 있습니다.")
    chat.tells("쓰고 있습니다.")
    chat.type("영희\n")
    assert peer.greet().text("nick") == "영희"
    chat.type("안녕\n")
    Log(peer).take("안녕")


def test_the_last_nickname_is_offered(server: ScriptedServer, start: StartChat, tmp_path: Path) -> None:
    Profile(tmp_path / "home").remember_nickname("영희")
    chat = start.typed(nick="")
    chat.tells("'영희'")
    chat.type("\n")
    assert server.accept().greet().text("nick") == "영희"


def test_what_is_typed_without_a_connection_is_sent_later(start: StartChat) -> None:
    port = unused_port()
    chat = start.typed(port=port)
    chat.tells("연결할 수 없습니다")
    chat.type("듣고 있나요?\n")
    chat.tells(strings.line_will_send("듣고 있나요?"))
    with ScriptedServer(port) as server:
        chat.type("\n")  # now, not in a while
        welcomed(server).take("듣고 있나요?")
        chat.shows("영희> 듣고 있나요?")


def test_a_goodbye_waits_for_what_was_said_last(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = entered(server, chat)
    chat.type("잘 있어요\n/종료\n더 할 말\n")
    log.take("잘 있어요")
    log.farewell()
    chat.ends_with(0)
    assert chat.shown[-1] == "영희> 잘 있어요"


def test_the_end_of_input_is_a_goodbye(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = entered(server, chat)
    chat.type("끝까지")
    chat.finish_input()
    log.take("끝까지")
    log.farewell()
    chat.ends_with(0)


def test_who_leaves_with_something_unsaid_is_told_what(start: StartChat) -> None:
    chat = start.typed(port=unused_port())
    chat.tells("연결할 수 없습니다")
    chat.type("안녕\n@철수 비밀\n/종료\n")
    chat.ends_with(1)
    assert chat.shown[-3:] == [
        "[알림] 기다리는 메시지: 영희> 안녕",
        "[알림] 기다리는 메시지: [귓속말 전송] 철수에게: 비밀",
        f"[알림] {strings.left_unsent(2, 0, '영희')}",
    ]


def test_what_was_left_unsaid_is_said_by_the_next_run_under_the_same_name(start: StartChat) -> None:
    port = unused_port()
    first = start.typed(port=port)
    first.tells("연결할 수 없습니다")
    first.type("하나\n둘\n/종료\n")
    first.ends_with(1)
    with ScriptedServer(port) as server:
        again = start.typed(port=port)
        again.tells(strings.left_over_offline(2, 0))
        log = welcomed(server)
        assert [log.take("하나").text("cid"), log.take("둘").text("cid")] == ["c1", "c2"]
        again.shows("영희> 둘")
        again.type("/종료\n")
        log.farewell()
        again.ends_with(0)
        assert "간직" not in again.shown[-1]


def test_what_is_left_after_a_rename_is_found_under_the_new_nickname(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = entered(server, chat)
    chat.type("/닉 영이\n")
    log.peer.receive_kind("nick")
    log.event("renamed", nick="영이", was="영희")
    until(lambda: chat.chat.timeline.nick == "영이")
    log.peer.close()
    chat.tells(strings.CONNECTION_LOST)
    chat.type("나중에\n/종료\n")
    chat.ends_with(1)
    assert chat.shown[-1] == f"[알림] {strings.left_unsent(1, 0, '영이')}"
    start.typed("영이").tells("기다리는 메시지: 영이> 나중에")


def test_what_could_not_be_kept_is_not_said_to_be(start: StartChat, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "outbox").write_text("in the way")
    chat = start.typed(port=unused_port())
    chat.tells("연결할 수 없습니다")
    chat.type("안녕\n/종료\n")
    chat.ends_with(1)
    assert chat.shown[-2:] == ["[알림] 기다리는 메시지: 영희> 안녕", f"[알림] {strings.left_unkept(1)}"]


def test_what_failed_is_sent_again_or_thrown_away(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = entered(server, chat)
    chat.type("하나\n")
    log.refuse(log.peer.receive_kind("say"))
    chat.tells(strings.line_not_taken("안 됩니다."))
    chat.type("/다시\n")
    log.take("하나")
    chat.shows("영희> 하나")
    chat.type("둘\n")
    log.refuse(log.peer.receive_kind("say"))
    chat.tells("보내지 못한 메시지: 영희> 둘")
    chat.type("/버리기\n/버리기\n")
    chat.tells(strings.thrown_away(1))
    chat.tells(strings.NOTHING_UNSENT)


def test_who_leaves_with_something_that_failed_is_told_what(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = entered(server, chat)
    chat.type("하나\n")
    log.refuse(log.peer.receive_kind("say"))
    chat.tells(strings.line_not_taken("안 됩니다."))
    chat.type("/종료\n")
    log.farewell()
    chat.ends_with(1)
    assert chat.shown[-1] == f"[알림] {strings.left_unsent(0, 1, '영희')}"


def test_what_the_server_has_no_room_for_waits_and_the_reason_is_told_once(
    server: ScriptedServer, start: StartChat
) -> None:
    chat = start.typed()
    log = entered(server, chat)
    chat.type("하나\n둘\n")
    for _ in range(2):
        said = log.peer.receive_kind("say")
        assert said.text("text") == "하나"
        log.refuse(said, "storage_full", retry_ms=60)
    log.take("하나")
    log.take("둘")
    chat.shows("영희> 둘")
    assert chat.said.count(f"[알림] {strings.held_up('storage_full')}") == 1


def test_a_whisper_that_failed_is_told_with_its_text(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = welcomed(server)
    chat.type("@없는이 비밀\n")
    log.refuse(log.peer.receive_kind("whisper"), "no_such_nick")
    chat.shows("[알림] 보내지 못한 메시지: [귓속말 전송] 없는이에게: 비밀")
    assert f"[알림] {strings.line_not_taken('안 됩니다.')}" in chat.shown


def test_a_partner_stays_until_an_empty_line(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = entered(server, chat, members=[{"uid": UID, "nick": "영희"}, {"uid": OTHER, "nick": "철수"}])
    chat.type("/귓속말 철수\n우리끼리\n\n모두에게\n")
    sent = log.peer.receive_kind("whisper")
    assert (sent.text("to_uid"), sent.text("text")) == (OTHER, "우리끼리")
    log.event("whisper", to_uid=OTHER, to="철수", text="우리끼리", cid=sent.text("cid"))
    assert log.peer.receive_kind("say").text("text") == "모두에게"


def test_who_is_not_there_is_no_partner(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = entered(server, chat)
    chat.type("/귓속말 철수\n")
    chat.tells(phrases.absent("철수"))
    log.event("joined", uid=OTHER, nick="철수")
    chat.shows("철수님이 입장하셨습니다.")
    chat.type("모두에게\n")
    assert log.peer.receive_kind("say").text("text") == "모두에게"


def test_a_partner_with_a_new_nickname_stays_the_partner(server: ScriptedServer, start: StartChat) -> None:
    chat, log = whispering(server, start)
    log.event("renamed", uid=OTHER, nick="철", was="철수")
    chat.shows("[알림] 철수님이 철님으로 바꾸셨습니다.")
    chat.type("우리끼리\n")
    sent = log.peer.receive_kind("whisper")
    assert (sent.text("to"), sent.text("to_uid")) == ("철", OTHER)


def test_who_took_a_partner_s_nickname_hears_nothing(server: ScriptedServer, start: StartChat) -> None:
    chat, log = whispering(server, start)
    log.event("left", uid=OTHER, nick="철수", reason="quit")
    chat.shows("철수님이 퇴장하셨습니다.")
    chat.type("우리끼리\n")
    chat.tells(phrases.absent("철수"))
    log.event("joined", uid="c" * 16, nick="철수")
    chat.shows("철수님이 입장하셨습니다.")
    chat.type("우리끼리\n\n모두에게\n")
    assert log.peer.receive_kind("say").text("text") == "모두에게"
    chat.tells(strings.partner_replaced("철수"))


def whispering(server: ScriptedServer, start: StartChat) -> tuple[Running, Log]:
    """With 철수, until further notice."""
    chat = start.typed()
    log = entered(server, chat, members=[{"uid": UID, "nick": "영희"}, {"uid": OTHER, "nick": "철수"}])
    chat.type("/귓속말 철수\n")
    chat.tells(strings.line_whispering_to("철수"))
    return chat, log


def test_an_answer_goes_to_who_whispered_last(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = welcomed(server, members=[{"uid": UID, "nick": "영희"}, {"uid": OTHER, "nick": "철수"}])
    chat.type("/답장 누구에게?\n")
    chat.tells(strings.LINE_NOBODY_TO_ANSWER)
    log.event("whisper", uid=OTHER, nick="철수", to_uid=UID, to="영희", text="비밀")
    chat.shows("[귓속말] 철수> 비밀")
    chat.type("/답장 알았어\n")
    sent = log.peer.receive_kind("whisper")
    assert (sent.text("to_uid"), sent.text("text")) == (OTHER, "알았어")


def test_what_only_the_screen_can_do_is_said_so_and_not_sent(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = welcomed(server)
    chat.type("/테마\n/모르는것\n/목록\n/도움말\n끝\n")
    assert log.peer.receive_kind("say").text("text") == "끝"
    chat.tells(strings.ONLY_ON_SCREEN)
    chat.tells("모르는 명령입니다")
    chat.shows(f"[알림] {strings.LINE_HELP[-1]}")


def test_another_nickname_brings_one_back_who_has_lost_it(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    welcomed(server).peer.reset()
    peer = server.accept()
    peer.receive_kind("hello")
    peer.send(t="refused", code="nick_in_use", text="쓰고 있습니다.")
    chat.tells(strings.nick_lost("쓰고 있습니다."))
    chat.type("/닉 영이\n")
    assert peer.greet(nick="영이").text("nick") == "영이"


def test_who_was_replaced_comes_back_with_an_empty_line(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    welcomed(server).peer.send(t="closing", code="replaced", text="다른 곳에서 접속했습니다.")
    chat.tells(strings.line_stopped("다른 곳에서 접속했습니다."))
    chat.type("\n")
    server.accept().greet()


def test_a_line_that_the_terminal_has_cut_is_not_sent(server: ScriptedServer, start: StartChat) -> None:
    chat = start.typed()
    log = welcomed(server)
    chat.type("가" * 1364 + "abc\n끝\n")  # 4,095 bytes: all that a terminal keeps
    chat.tells(strings.LINE_CUT_BY_TERMINAL)
    assert log.peer.receive_kind("say").text("text") == "끝"


def test_a_fault_of_ours_leaves_no_link_behind(start: StartChat) -> None:
    def broken_clock() -> float:
        raise ZeroDivisionError

    chat = start.typed(clock=broken_clock)
    assert isinstance(chat.raised(), ZeroDivisionError)
    assert not chat.chat.link.is_alive


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece_bytes", [1, 2, 7, 1000])
def test_lines_are_numbered_however_they_are_cut(piece_bytes: int) -> None:
    lines = NumberedLines()
    data = "하나\n\n둘\r\n".encode() + b"\xff\n" + b"x" * 17_000 + "\n끝".encode()
    taken = []
    for start in range(0, len(data), piece_bytes):
        lines.feed(data[start : start + piece_bytes])
        while lines:
            taken.append(lines.take())
    lines.feed(b"")
    taken.append(lines.take())
    assert [text for _, text in taken if isinstance(text, str)] == ["하나", "", "둘", "끝"]
    assert [number for number, text in taken if isinstance(text, WrongLine)] == [4, 5]
    assert lines.has_ended


def test_lines_come_above_the_row_which_is_drawn_again_below() -> None:
    out, row = io.StringIO(), "> 쓰다"
    paper = Paper(out, None, together=True)
    paper.show_row(lambda: row)
    paper.flush()
    paper.say(["철수> 안녕"])
    paper.tell("알립니다.")
    paper.flush()
    paper.flush()
    paper.show_row(None)
    paper.flush()
    assert out.getvalue() == "\r\x1b[K> 쓰다\r\x1b[K철수> 안녕\n[알림] 알립니다.\n> 쓰다\r\x1b[K"


def test_who_reads_no_complaints_still_gets_the_chat() -> None:
    out, err = io.StringIO(), io.StringIO()
    err.close()
    paper = Paper(out, err, together=False)
    paper.tell("아무도 없나요?")
    paper.say(["철수> 안녕"])
    paper.flush()
    assert out.getvalue() == "철수> 안녕\n"
