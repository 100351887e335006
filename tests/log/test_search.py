"""Searching a log, in memory and on disk: complete, exact, and nothing of other people's whispers."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.log.hunt import MAX_LOOKS
from server.log.postings import BLOCK
from server.log.sqlite import SqliteStore
from server.log.store import Page, Store, StoreError
from server.protocol.events import Event, Said, Whispered, visible_to
from server.protocol.nickname import nickname_key
from server.protocol.search import SearchPattern
from tests.support.korean_chat import SmallTalk, uid_of_number
from tests.support.samples import (
    AT,
    CHEOLSU,
    MINSU,
    YOUNGHEE,
    conversation,
    joined,
    left,
    record,
    records,
    renamed,
    said,
    seqs,
    whispered,
)
from tests.support.seams import Memory
from tests.support.searching import until_indexed


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened: Store = Memory() if request.param == "memory" else SqliteStore(tmp_path / "soksak.db")
    yield opened
    opened.close()


def search(
    store: Store, query: str, viewer: str = MINSU, *, nick: str | None = None, before: int = 2**53, limit: int = 50
) -> Page:
    return store.search(SearchPattern(query, may_be_empty=nick is not None), nick, before, viewer, limit)


def found(store: Store, query: str, viewer: str = MINSU, *, nick: str | None = None, before: int = 2**53) -> list[int]:
    """All hits, page by page, oldest first."""
    hits: list[int] = []
    more = True
    while more:
        page = search(store, query, viewer, nick=nick, before=before, limit=7)
        assert seqs(page.lines) == sorted(seqs(page.lines))
        hits, more = seqs(page.lines) + hits, page.more
        before = page.before or min(hits, default=0)
    return hits


# --- every store ------------------------------------------------------------------------------------------------------

TALK = records(
    joined(1),
    said(2, "내일 회의 있어요"),
    said(3, "회의실은 어디죠?", uid=CHEOLSU),
    whispered(4, "회의 때 봐요", uid=YOUNGHEE, to=CHEOLSU),
    renamed(5, "회의"),
    said(6, "점심 뭐 먹죠", uid=CHEOLSU),
    left(7, reason="회의"),
)


def test_messages_that_match_are_found_as_they_stand_in_the_log(store: Store) -> None:
    store.append(TALK)
    assert search(store, "회의") == Page((TALK[1].line, TALK[2].line), more=False)
    assert search(store, "ㅈㅅ") == Page((TALK[5].line,), more=False)
    assert search(store, "없는 말") == Page((), more=False)


def test_only_what_was_said_is_searched(store: Store) -> None:
    store.append(TALK)
    assert found(store, "영희") == found(store, "quit") == found(store, YOUNGHEE) == []


def test_a_whisper_is_found_by_its_two_ends_alone(store: Store) -> None:
    store.append(TALK)
    assert found(store, "회의", MINSU) == found(store, "회의", "") == [2, 3]
    assert found(store, "회의", YOUNGHEE) == found(store, "회의", CHEOLSU) == [2, 3, 4]


def test_a_nickname_is_whoever_had_it_then(store: Store) -> None:
    store.append(TALK)
    store.append(records(Said(8, AT, MINSU, "Mina", "회의!"), Said(9, AT, MINSU, "ＭＩＮＡ", "회의?")))
    assert found(store, "회의", nick="철수") == [3]
    assert found(store, "회의", nick="mina") == [8, 9]
    assert found(store, "회의", CHEOLSU, nick="영희") == [2, 4]
    assert found(store, "회의", nick="없는이") == []


def test_without_a_word_all_that_somebody_said_is_found(store: Store) -> None:
    store.append(TALK)
    assert found(store, "", nick="철수") == [3, 6]
    assert found(store, "", MINSU, nick="영희") == [2]
    assert found(store, "", CHEOLSU, nick="영희") == [2, 4]
    assert found(store, "", nick="없는이") == []
    assert search(store, "", nick="철수", limit=1) == Page((TALK[5].line,), more=True)


@pytest.mark.parametrize(
    ("before", "limit", "hits", "more"),
    [
        (2**53, 3, [8, 9, 10], True),
        (11, 10, list(range(1, 11)), False),
        (11, 9, list(range(2, 11)), True),
        (4, 200, [1, 2, 3], False),
        (4, 2, [2, 3], True),
        (1, 5, [], False),
        (0, 5, [], False),
        (-(2**53), 5, [], False),
    ],
)
def test_a_page_is_the_newest_hits_below(store: Store, before: int, limit: int, hits: list[int], more: bool) -> None:
    store.append(conversation(1, 10))
    page = search(store, "번째", before=before, limit=limit)
    assert (seqs(page.lines), page.more, page.before) == (hits, more, None)


def test_what_one_may_not_see_is_not_counted_either(store: Store) -> None:
    store.append(records(said(1, "비밀"), *(whispered(seq) for seq in range(2, 90)), said(90, "비밀")))
    assert search(store, "비밀", limit=1) == Page((record(said(90, "비밀")).line,), more=True)
    assert search(store, "비밀", limit=2).more is False
    assert search(store, "비밀", CHEOLSU, limit=89).more is True


@pytest.fixture
def without_index(tmp_path: Path) -> None:
    """What is in its place can't be opened; with one it would be known where to look."""
    (tmp_path / "soksak.db.search").mkdir()


@pytest.mark.usefixtures("without_index")
def test_a_search_that_takes_too_long_says_where_to_go_on(store: Store) -> None:
    last = MAX_LOOKS // 2 + 500
    store.append(records(said(1, "처음"), *(whispered(seq) for seq in range(2, last)), said(last, "끝")))
    assert search(store, "없음") == Page((), more=False)  # what is hidden costs nothing
    page = search(store, "처음", CHEOLSU)
    assert page == Page((record(said(1, "처음")).line,), more=False)
    store.append(conversation(last + 1, 2 * last))
    page = search(store, "처음", CHEOLSU)
    assert (page.lines, page.more) == ((), True)
    assert page.before is not None
    assert 1 < page.before <= 2 * last - MAX_LOOKS + 1
    assert found(store, "처음", CHEOLSU) == [1]


def test_memory_searches_what_it_has_not_forgotten() -> None:
    with closing(Memory(max_events=100)) as store:
        store.append(conversation(1, 150))
        assert found(store, "번째") == list(range(store.reaches_back_to + 1, 151))


def test_an_event_that_is_no_json_is_damage(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "soksak.db")) as store:
        store.append(conversation(1, 3))
        store._writer.execute("UPDATE events SET line = '{' WHERE seq = 2")
        with pytest.raises(StoreError):
            search(store, "번째")


# --- on disk, with an index -------------------------------------------------------------------------------------------

EVENTS = 2 * BLOCK + 2000
QUERIES = (
    *(
        "회",
        "회의",
        "회으",
        "회ㅇ",
        "ㅎㅇ",
        "ㅎㅇㄹ",
        "ㅋ",
        "ㅋㅋ",
        "ㄱㅅ",
        "여",
        "이",
        "네네",
        "a",
        "ok",
        "error",
        "1",
        "뷁",
        "ㅃㅉ",
    ),
    *("서버 배포", "배포 ㅅㅂ", "👍", "https", "회의 없는말", "했습니다", "!", "lgtm", "ㅎ의", "ㅇㅋ", "비밀이야기"),
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqliteStore, list[Event]]]:
    """A log of two blocks that are indexed and one that isn't, and what is in it."""
    store = SqliteStore(tmp_path_factory.mktemp("log") / "soksak.db")
    events = list(SmallTalk().events(1, EVENTS))
    events[5000] = Whispered(5001, AT, YOUNGHEE, "영희", CHEOLSU, "철수", "비밀이야기")
    store.append(records(*events))
    until_indexed(store)
    yield store, events
    store.close()


def looked_at(events: list[Event], query: str, viewer: str, nick: str | None, before: int = 2**53) -> list[int]:
    """The same by brute force."""
    pattern = SearchPattern(query, may_be_empty=nick is not None)
    spoken = [event for event in events if isinstance(event, Said | Whispered) and visible_to(event, viewer)]
    return [
        event.seq
        for event in spoken
        if event.seq < before
        and pattern.matches(event.text)
        and (nick is None or nickname_key(nick) == nickname_key(event.nick))
    ]


@pytest.mark.parametrize("nick", [None, "영희", "mina", "없는이"])
@pytest.mark.parametrize("query", QUERIES)
def test_the_index_finds_what_looking_at_everything_finds(
    log: tuple[SqliteStore, list[Event]], query: str, nick: str | None
) -> None:
    store, events = log
    for viewer in (uid_of_number(0), uid_of_number(5), MINSU):
        expected = looked_at(events, query, viewer, nick)
        assert seqs(search(store, query, viewer, nick=nick, limit=200).lines) == expected[-200:]
        assert found(store, query, viewer, nick=nick, before=300) == looked_at(events, query, viewer, nick, 300)
    if len(expected) < 500:
        assert found(store, query, MINSU, nick=nick) == expected


@pytest.mark.parametrize("nick", ["영희", "ＭＩＮＡ", "없는이"])
def test_the_index_finds_all_that_somebody_said(log: tuple[SqliteStore, list[Event]], nick: str) -> None:
    store, events = log
    for viewer in (uid_of_number(0), MINSU):
        expected = looked_at(events, "", viewer, nick)
        assert found(store, "", viewer, nick=nick, before=BLOCK + 100) == [seq for seq in expected if seq < BLOCK + 100]
        assert seqs(search(store, "", viewer, nick=nick, limit=200).lines) == expected[-200:]


@pytest.mark.parametrize("before", [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1, EVENTS, EVENTS + 1])
def test_no_hit_is_lost_where_blocks_meet(log: tuple[SqliteStore, list[Event]], before: int) -> None:
    store, events = log
    for query in ("ㅋ", "회", "이"):
        page = search(store, query, before=before)
        assert seqs(page.lines) == looked_at(events, query, MINSU, None, before)[-50:]


def test_a_whisper_that_is_indexed_is_found_by_its_two_ends_alone(log: tuple[SqliteStore, list[Event]]) -> None:
    store, _ = log
    assert found(store, "비밀이야기", YOUNGHEE) == found(store, "비밀이야기", CHEOLSU) == [5001]
    assert found(store, "비밀이야기", MINSU) == found(store, "비밀이야기", nick="영희") == []
