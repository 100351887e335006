"""`/찾기` by lines: what is asked, in which order hits are told, and what is said about them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import pytest

from server.protocol import phrases
from server.protocol.events import Event, HistoryPage, Refused, Said, Search, Whispered
from server.protocol.search import SearchPattern
from tests.support.in_process import InProcess, in_process
from tests.support.scripted_server import ScriptedServer
from tests.tui.test_line_mode import Running
from tui_client import strings
from tui_client.drawing import Drawing
from tui_client.entry import Entry
from tui_client.intents import NotDone
from tui_client.line.finding import HITS_AT_A_TIME, Finding, Found

KST = timezone(timedelta(hours=9))
NOON_MS = int(datetime(2025, 11, 23, 3, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 24 * 3_600_000
ME, CHEOLSU = "a" * 16, "b" * 16


def said(seq: int, text: str, nick: str = "철수", *, days_ago: int = 0) -> Said:
    return Said(seq, NOON_MS - days_ago * DAY_MS, CHEOLSU, nick, text)


class Asking:
    """A search by lines, and a server that answers it at once."""

    def __init__(self, log: Sequence[Event], *, is_online: bool = True) -> None:
        ids, drawing = count(1), Drawing()
        drawing.uid = ME
        self.log = log
        self.asked: list[Search] = []

        def draw(events: Iterable[Event]) -> Sequence[Entry]:
            return [entry for event in events for entry in drawing.of_event(event)]

        self.finding = Finding(lambda: next(ids), draw, KST, lambda: date(2025, 11, 23))
        self.finding.set_online(online=is_online)

    def find(self, typed: str) -> Found | None:
        return self.follow(self.finding.ask(typed, ["철수"]) if typed else self.finding.ask_older())

    def follow(self, question: Search | None) -> Found | None:
        found = self.finding.take_found()
        while question is not None and found is None:
            self.asked.append(question)
            question = self.finding.take(self.answer(question))
            found = self.finding.take_found()
        return found

    def answer(self, question: Search) -> HistoryPage:
        pattern = SearchPattern(question.query, may_be_empty=bool(question.nick))
        found = [
            event
            for event in self.log
            if isinstance(event, Said | Whispered)
            and pattern.matches(event.text)
            and question.nick in (None, event.nick)
            and (question.before is None or event.seq < question.before)
        ]
        return HistoryPage(question.id, tuple(found[-question.limit :]), len(found) > question.limit)


# --- what is told -----------------------------------------------------------------------------------------------------


def test_hits_are_told_oldest_first_each_with_its_moment_and_label() -> None:
    log: list[Event] = [
        said(1, "회의 하나", days_ago=400),
        said(2, "회의 둘\n둘째 줄", "민수", days_ago=1),
        Whispered(3, NOON_MS, CHEOLSU, "철수", ME, "영희", "회의 비밀"),
        Whispered(4, NOON_MS, ME, "영희", ME, "영희", "회의 혼잣말"),
        said(5, "다른 말"),
    ]
    found = Asking(log).find("회의")
    assert found is not None
    assert found.lines == [
        "2024년 10월 19일 12:00 철수> 회의 하나",
        "11월 22일 12:00 민수> 회의 둘",
        "11월 22일 12:00 민수> 둘째 줄",
        "11월 23일 12:00 [귓속말] 철수> 회의 비밀",
        "11월 23일 12:00 [귓속말] 영희> 회의 혼잣말",
    ]
    assert found.told == strings.line_hits("회의", "", 4, 4, has_more=False)


def test_older_hits_come_when_the_command_is_typed_alone() -> None:
    log: list[Event] = [said(seq, f"회의 {seq}") for seq in range(1, 2 * HITS_AT_A_TIME + 6)]
    asking = Asking(log)
    told = [asking.find(typed) for typed in ("회의", "", "")]
    texts = [[line.partition("> ")[2] for line in found.lines] for found in told if found]
    assert texts == [
        [f"회의 {seq}" for seq in range(HITS_AT_A_TIME + 6, 2 * HITS_AT_A_TIME + 6)],
        [f"회의 {seq}" for seq in range(6, HITS_AT_A_TIME + 6)],
        [f"회의 {seq}" for seq in range(1, 6)],
    ]
    assert [found.told for found in told if found] == [
        strings.line_hits("회의", "", 20, 20, has_more=True),
        strings.line_hits("회의", "", 20, 40, has_more=True),
        strings.line_hits("회의", "", 5, 45, has_more=False),
    ]
    assert asking.find("") == Found([], strings.LINE_NO_OLDER_HITS)


@pytest.mark.parametrize("typed", ["ㅎㅇ", "@철수 회의", "철수: 회으", "회의 둘"])
def test_what_the_screen_understands_is_understood(typed: str) -> None:
    found = Asking([said(1, "회의 하나 둘", "철수"), said(2, "잡담", "민수")]).find(typed)
    assert found is not None
    assert found.lines == ["11월 23일 12:00 철수> 회의 하나 둘"]


def test_without_words_all_that_a_person_said_is_told() -> None:
    asking = Asking([said(1, "하나"), said(2, "둘", "민수"), said(3, "셋")])
    found = asking.find("@철수")
    assert found is not None
    assert [line.partition("> ")[2] for line in found.lines] == ["하나", "셋"]
    assert found.told == strings.line_hits("", "철수", 2, 2, has_more=False)
    assert asking.find("@영수") == Found([], strings.no_hits("", "영수"))


def test_the_same_once_more_finds_what_was_said_since() -> None:
    log: list[Event] = [said(1, "회의 하나")]
    asking = Asking(log)
    asking.find("회의")
    log.append(said(2, "회의 둘"))
    found = asking.find("회의")
    assert found is not None
    assert [line.partition("> ")[2] for line in found.lines] == ["회의 하나", "회의 둘"]


def test_what_is_not_there_is_said_and_what_would_be_in_the_other_layout() -> None:
    asking = Asking([said(1, "회의")])
    assert asking.find("없는말") == Found([], strings.no_hits("없는말", ""))
    assert asking.find("@민수 회의") == Found([], strings.no_hits("회의", "민수"))
    found = asking.find("ghldml")
    assert found == Found([], f"{strings.no_hits('ghldml', '')}\n{strings.line_search_instead('회의')}")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", strings.LINE_SEARCH_USAGE),
        ("가" * 101, phrases.query_too_long(100)),
    ],
)
def test_what_can_not_be_looked_for_is_refused_and_nothing_asked(typed: str, reason: str) -> None:
    asking = Asking([said(1, "회의")])
    with pytest.raises(NotDone) as refused:
        asking.find(typed)
    assert (refused.value.text, asking.asked) == (reason, [])


def test_time_that_another_program_made_up_is_left_out() -> None:
    found = Asking([Said(1, 2**53, CHEOLSU, "철수", "회의")]).find("회의")
    assert found is not None
    assert found.lines == ["철수> 회의"]


# --- on its way -------------------------------------------------------------------------------------------------------


def test_refusal_of_the_server_is_told_once() -> None:
    finding = Asking([]).finding
    question = finding.ask("회의", [])
    assert question is not None
    assert finding.take(Refused("rate_limited", "천천히 찾으세요.", id=question.id + 1)) is None
    assert finding.take_found() is None
    finding.take(Refused("rate_limited", "천천히 찾으세요.", id=question.id))
    assert finding.take_found() == Found((), "천천히 찾으세요.")
    assert finding.take_found() is None


def test_what_is_looked_for_without_a_connection_is_found_when_there_is_one() -> None:
    asking = Asking([said(1, "회의")], is_online=False)
    assert asking.find("회의") is None
    assert asking.asked == []
    found = asking.follow(asking.finding.set_online(online=True))
    assert found is not None
    assert len(found.lines) == 1


def test_answer_lost_with_the_connection_is_asked_for_again() -> None:
    asking = Asking([said(1, "회의")])
    assert asking.finding.ask("회의", []) is not None
    assert asking.find("") is None
    asking.finding.set_online(online=False)
    found = asking.follow(asking.finding.set_online(online=True))
    assert found is not None
    assert len(found.lines) == 1


def test_newer_question_is_answered_and_the_one_that_it_overtook_is_not() -> None:
    asking = Asking([said(1, "회의"), said(2, "점심")])
    first = asking.finding.ask("회의", [])
    assert first is not None
    assert asking.finding.ask("점심", []) is None, "one at a time is on its way"
    found = asking.follow(asking.finding.take(asking.answer(first)))
    assert found is not None
    assert found.lines == ["11월 23일 12:00 철수> 점심"]


def test_new_connection_is_asked_again_though_the_end_of_the_old_one_was_not_told() -> None:
    asking = Asking([said(1, "회의")])
    assert asking.finding.ask("회의", []) is not None
    found = asking.follow(asking.finding.set_online(online=True))
    assert found is not None


# --- in a chat --------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


@pytest.fixture
def started() -> Iterator[list[Running]]:
    chats: list[Running] = []
    yield chats
    for chat in chats:
        chat.finish()


def test_person_finds_by_initials_and_by_name_while_the_chat_goes_on(
    server: InProcess, started: list[Running], tmp_path: Path
) -> None:
    friend, other = server.json("철수"), server.json("민수")
    for who, text in ((friend, "내일 회의"), (other, "회의 취소"), (friend, "회의 없음")):
        who.say_and_wait(text)
    chat = Running(server.port, home=tmp_path)
    started.append(chat)
    chat.tells(strings.LINE_HOW_TO_LEAVE)
    chat.type("/찾기 ㅎㅇ\n")
    chat.shows(f"[알림] {strings.line_hits('ㅎㅇ', '', 3, 3, has_more=False)}")
    chat.type("/찾기 @철수 회의\n")
    chat.shows(f"[알림] {strings.line_hits('회의', '철수', 2, 2, has_more=False)}")
    assert [line.partition("> ")[2] for line in chat.shown if "월 " in line and "> " in line] == [
        *("내일 회의", "회의 취소", "회의 없음"),
        *("내일 회의", "회의 없음"),
    ]
    chat.type("/찾기\n고마워요\n")
    friend.hear("영희> 고마워요")
    chat.tells(strings.LINE_NO_OLDER_HITS)
    assert not any("찾기" in line for line in friend.public)


def test_person_looks_for_something_before_there_is_a_server(
    server: InProcess, started: list[Running], tmp_path: Path
) -> None:
    server.json("철수").say_and_wait("내일 회의")
    chat = Running(server.port, home=tmp_path, nick="")
    started.append(chat)
    chat.tells(strings.START_QUESTION)
    chat.type("영희\n/찾기 회의\n")
    chat.shows(f"[알림] {strings.line_hits('회의', '', 1, 1, has_more=False)}")


def test_search_that_the_server_refuses_is_told_once(started: list[Running], tmp_path: Path) -> None:
    with ScriptedServer() as scripted:
        chat = Running(scripted.port, home=tmp_path)
        started.append(chat)
        peer = scripted.accept()
        peer.greet()
        chat.type("/찾기 회의\n끝\n")
        question = peer.receive_kind("search")
        peer.send(t="refused", code="rate_limited", text="천천히 찾으세요.", id=question.number("id"))
        peer.receive_kind("say")
        chat.tells("천천히 찾으세요.")
        peer.send(t="message", seq=2, at=0, uid="b" * 16, nick="철수", text="그래")
        chat.shows("철수> 그래")
        assert chat.said.count("[알림] 천천히 찾으세요.") == 1


def test_in_a_pipe_the_command_is_none_and_never_a_message(server: InProcess, started: list[Running]) -> None:
    friend = server.json("철수")
    chat = Running(server.port)
    started.append(chat)
    chat.type("/찾기 회의\n끝\n")
    chat.finish_input()
    chat.ends_with(1)
    assert chat.notices == [f"[알림] {strings.line_failed(1, strings.ONLY_ON_SCREEN)}"]
    friend.hear("영희> 끝")
    assert friend.public == ["영희> 끝"]
