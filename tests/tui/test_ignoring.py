"""Whom one ignores: nothing that they say is seen, wherever it comes from, and one's own screen alone knows."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.protocol import phrases
from server.protocol.events import Announced, Event, HistoryPage, Said, Whispered
from tests.support.chat import beside, chatting
from tests.support.in_process import InProcess, in_process
from tests.support.samples import AT, CHEOLSU, YOUNGHEE, announced, joined, said, whispered
from tui_client import strings
from tui_client.ignoring import MOST_IGNORED, Ignoring
from tui_client.intents import NotDone
from tui_client.partners import Partner
from tui_client.profile import Profile
from tui_client.searching import HitSearch, Question

FRIEND = Partner("철수", CHEOLSU)
UNKNOWN = Partner("철수", "")


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


# --- who is ignored ---------------------------------------------------------------------------------------------------


def test_nothing_that_they_say_is_seen_and_all_else_is() -> None:
    ignoring = Ignoring({CHEOLSU: "철수"})
    hidden: list[Event] = [said(1, uid=CHEOLSU), whispered(2, uid=CHEOLSU, to=YOUNGHEE)]
    seen: list[Event] = [said(3), joined(4, uid=CHEOLSU), announced(5, uid=CHEOLSU), whispered(6)]
    assert all(ignoring.hides(event, YOUNGHEE) for event in hidden)
    assert not any(ignoring.hides(event, YOUNGHEE) for event in seen)


def test_nobody_hides_their_own_words() -> None:
    assert not Ignoring({CHEOLSU: "철수"}).hides(said(1, uid=CHEOLSU), CHEOLSU)


def test_once_more_is_no_more() -> None:
    noted: list[tuple[str, str]] = []

    def note(uid: str, nick: str) -> str:
        noted.append((uid, nick))
        return ""

    ignoring = Ignoring(note=note)
    assert ignoring.change(FRIEND, YOUNGHEE) == strings.ignoring("철수")
    assert ignoring.nicks == {CHEOLSU: "철수"}
    assert ignoring.change(Partner("개명", CHEOLSU), YOUNGHEE) == strings.ignoring_no_more("개명")
    assert ignoring.nicks == {}
    assert noted == [(CHEOLSU, "철수"), (CHEOLSU, "")]


def test_who_has_left_can_be_listened_to_again() -> None:
    ignoring = Ignoring({CHEOLSU: "철수"})
    assert ignoring.change(UNKNOWN, YOUNGHEE) == strings.ignoring_no_more("철수")


def test_somebody_else_under_the_name_is_somebody_else() -> None:
    ignoring = Ignoring({CHEOLSU: "철수"})
    assert not ignoring.hides(Said(1, AT, "9" * 16, "철수", "저는 다른 철수예요"), YOUNGHEE)


def test_who_has_taken_the_name_of_somebody_ignored_is_meant_by_it() -> None:
    ignoring = Ignoring({CHEOLSU: "철수"})
    assert ignoring.change(Partner("철수", "9" * 16), YOUNGHEE) == strings.ignoring("철수")
    assert set(ignoring.nicks) == {CHEOLSU, "9" * 16}


@pytest.mark.parametrize(
    ("who", "reason"),
    [(UNKNOWN, phrases.absent("철수")), (Partner("영희", YOUNGHEE), strings.NOT_ONESELF_TO_IGNORE)],
)
def test_nobody_and_oneself_are_not_ignored(who: Partner, reason: str) -> None:
    with pytest.raises(NotDone) as problem:
        Ignoring().change(who, YOUNGHEE)
    assert problem.value.text == reason


def test_there_is_a_limit() -> None:
    ignoring = Ignoring({f"{number:016}": f"이{number}" for number in range(MOST_IGNORED)})
    with pytest.raises(NotDone):
        ignoring.change(FRIEND, YOUNGHEE)


def test_what_could_not_be_noted_is_said() -> None:
    assert Ignoring(note=lambda *_: "적지 못했습니다.").change(FRIEND, YOUNGHEE).endswith("적지 못했습니다.")


# --- in the profile ---------------------------------------------------------------------------------------------------


def test_they_are_remembered_until_they_are_let_go(tmp_path: Path) -> None:
    assert Profile(tmp_path).ignored() == {}
    assert Profile(tmp_path).note_ignored(CHEOLSU, "철수") == ""
    Profile(tmp_path).note_ignored(YOUNGHEE, "영희")
    assert Profile(tmp_path).ignored() == {CHEOLSU: "철수", YOUNGHEE: "영희"}
    Profile(tmp_path).note_ignored(CHEOLSU, "")
    assert Profile(tmp_path).ignored() == {YOUNGHEE: "영희"}
    assert (tmp_path / "ignored").stat().st_mode & 0o777 == 0o600


def test_a_bad_byte_costs_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "ignored").write_bytes(f"{YOUNGHEE} 영희\n".encode() + b"\xff\n")
    Profile(tmp_path).note_ignored(CHEOLSU, "철수")
    assert Profile(tmp_path).ignored() == {CHEOLSU: "철수", YOUNGHEE: "영희"}


def test_what_can_not_be_read_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ignored"
    path.symlink_to(path)
    assert Profile(tmp_path).note_ignored(CHEOLSU, "철수") == strings.not_kept_until_later(str(path))
    assert path.is_symlink()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"nonsense\n\n", b"1" * 16 + b"\n", b"0" * 17 + b" x\n"])
def test_a_spoilt_file_is_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ignored").write_bytes(content)
    assert Profile(tmp_path).ignored() == {}
    assert Profile(tmp_path).note_ignored(CHEOLSU, "철수") == ""
    assert Profile(tmp_path).ignored() == {CHEOLSU: "철수"}


def test_what_can_not_be_written_is_said(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    (tmp_path / "ignored").mkdir()
    assert profile.note_ignored(CHEOLSU, "철수") == strings.not_kept_until_later(str(tmp_path / "ignored"))


# --- searching --------------------------------------------------------------------------------------------------------


def test_a_page_full_of_them_is_no_end_of_the_search() -> None:
    search = HitSearch(lambda: 1, page_hits=2, shows=lambda event: event.uid != CHEOLSU)
    assert search.ask(Question("회의")) is not None
    further = search.take(HistoryPage(1, (said(8, uid=CHEOLSU), said(9, uid=CHEOLSU)), more=True))
    assert further is not None
    assert further.before == 8
    assert search.take(HistoryPage(1, (said(5), said(7)), more=False)) is None
    assert [event.seq for event in search.hits] == [7, 5]


# --- on the screen ----------------------------------------------------------------------------------------------------


async def test_who_is_ignored_is_not_seen_in_the_room_nor_in_its_past(server: InProcess, tmp_path: Path) -> None:
    friend, other = server.json("철수"), server.json("민수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until(lambda: "철수" in chat.screen.members.nicks)
        await beside(lambda: friend.say_and_wait("시끄러운 말"))
        friend.whisper("영희", "시끄러운 귓속말")
        await chat.until_heard("철수> 시끄러운 말")
        await chat.until(lambda: len(chat.screen.whispers.entries) == 1)
        await chat.enter("/무시 철수")
        await chat.until_heard(strings.ignoring("철수"))
        assert "철수> 시끄러운 말" not in chat.lines
        assert list(chat.screen.whispers.entries) == []
        await beside(lambda: friend.say_and_wait("더 시끄러운 말"))
        friend.whisper("영희", "더 시끄러운 귓속말")
        await beside(lambda: other.say_and_wait("조용한 말"))
        await chat.until_heard("민수> 조용한 말")
        assert not any("시끄러운" in line for line in chat.lines)
        assert list(chat.screen.whispers.entries) == []
        assert chat.screen._unread == dict.fromkeys(chat.screen._unread, 0)
    async with chatting(server.port, tmp_path) as again:
        await again.until_heard("민수> 조용한 말")
        assert not any("시끄러운" in line for line in again.lines)
        await again.enter("/찾기 말")
        await again.until(lambda: any("조용한" in row for row in again.rows))
        assert not any("시끄러운" in row for row in again.rows)


async def test_who_is_ignored_since_another_day_is_told_of_once(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    Profile(tmp_path).note_ignored(friend.uid, "철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until_heard("영희님이 입장하셨습니다.")
        for _ in range(3):
            await beside(lambda: friend.say_and_wait("들리나요"))
        await chat.until_heard(strings.ignored_spoke("철수"))
        await chat.enter("/무시")
        await chat.until_heard(strings.ignored_people(["철수"]))
        assert list(chat.lines).count(strings.ignored_spoke("철수")) == 1
        await chat.enter("/ignore 철수")
        await beside(lambda: friend.say_and_wait("이제 들리나요"))
        await chat.until_heard("철수> 이제 들리나요")
        await chat.enter("/anatl")
        await chat.enter("/무시")
        await chat.until_heard(strings.NOBODY_IGNORED)


async def test_nothing_of_it_reaches_the_server(server: InProcess, tmp_path: Path) -> None:
    friend = server.json("철수")
    async with chatting(server.port, tmp_path) as chat:
        await chat.until(lambda: "철수" in chat.screen.members.nicks)
        await chat.enter("/무시 철수")
        await chat.enter("끝")
        await beside(lambda: friend.hear("영희> 끝"))
    kinds = {json.loads(line)["t"] for line in friend.lines if line.startswith("{")}
    assert kinds <= {"welcome", "joined", "message", "presence", "left"}


async def test_an_announcement_of_somebody_ignored_is_seen() -> None:
    assert not Ignoring({CHEOLSU: "철수"}).hides(Announced(1, AT, CHEOLSU, "철수", "불이야"), YOUNGHEE)
    assert Ignoring({CHEOLSU: "철수"}).hides(Whispered(1, AT, CHEOLSU, "철수", YOUNGHEE, "영희", "저기요"), YOUNGHEE)
