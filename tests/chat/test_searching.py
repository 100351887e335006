"""A client searches: what it asks, what it is answered, and what it is refused."""

from collections.abc import Iterator

import pytest

from server.protocol import phrases
from tests.support.in_process import InProcess, in_process
from tests.support.json_client import Frame, JsonClient
from tests.support.samples import records, said
from tests.support.seams import Memory


@pytest.fixture
def store() -> Memory:
    return Memory()


@pytest.fixture
def room(store: Memory) -> Iterator[InProcess]:
    with in_process(store=store) as running:
        yield running


def answer(client: JsonClient, **fields: object) -> Frame:
    """What a search with these fields is answered."""
    client.send(t="search", id=77, **fields)
    return client.until(lambda frame: frame.has("id") and frame.number("id") == 77)


def texts(page: Frame) -> list[str]:
    return [event.text("text") for event in page.frames("events")]


def test_hits_come_as_a_page_of_history_oldest_first(room: InProcess) -> None:
    client = room.json("영희")
    first, _, last = [client.say_and_wait(text) for text in ("회의 하나", "점심", "둘째 회의")]
    page = answer(client, query="회의")
    assert page.kind == "history"
    assert [event.fields for event in page.frames("events")] == [first.fields, last.fields]
    assert page.truth("more") is False
    assert not page.has("before")


def test_a_search_is_paged_like_history(room: InProcess) -> None:
    client = room.json("영희")
    for number in range(5):
        client.say_and_wait(f"회의 {number}")
    page = answer(client, query="ㅎㅇ", limit=2)
    assert (texts(page), page.truth("more")) == (["회의 3", "회의 4"], True)
    client.frames.clear()
    page = answer(client, query="ㅎㅇ", limit=3, before=page.frames("events")[0].number("seq"))
    assert (texts(page), page.truth("more")) == (["회의 0", "회의 1", "회의 2"], False)


def test_without_a_limit_fifty_are_given(room: InProcess, store: Memory) -> None:
    client = room.json("영희")
    store.append(records(*(said(seq, "회의") for seq in range(store.head + 1, store.head + 100))))
    assert len(answer(client, query="회의").frames("events")) == 50


def test_long_hits_are_cut_to_what_a_page_may_hold(room: InProcess, store: Memory) -> None:
    client = room.json("영희")
    store.append(records(*(said(seq, "회의" * 1000) for seq in range(store.head + 1, store.head + 100))))
    page = answer(client, query="회의", limit=90)
    assert 10 < len(page.frames("events")) < 60
    assert page.truth("more") is True


def test_a_page_that_was_cut_is_gone_on_with_at_its_oldest_hit(room: InProcess, store: Memory) -> None:
    client = room.json("영희")
    store.append(records(*(said(seq, "말") for seq in range(store.head + 1, store.head + 40_000))))
    store.append(records(*(said(seq, "회의" * 1000) for seq in range(store.head + 1, store.head + 100))))
    page = answer(client, query="회의", limit=200)
    assert len(page.frames("events")) < 60
    assert page.truth("more") is True
    assert not page.has("before")


def test_a_page_without_a_hit_says_where_to_go_on(room: InProcess, store: Memory) -> None:
    client = room.json("영희")
    store.append(records(*(said(seq, "말") for seq in range(store.head + 1, store.head + 40_000))))
    page = answer(client, query="없는 말")
    assert (texts(page), page.truth("more")) == ([], True)
    assert 1 < page.number("before") < 40_000


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({"query": " \u200b"}, "empty", phrases.QUERY_EMPTY),
        ({"query": "", "nick": None}, "empty", phrases.QUERY_EMPTY),
        ({"query": "가" * 101, "nick": "영희"}, "too_long", phrases.query_too_long(100)),
        ({"query": "가" * 101}, "too_long", phrases.query_too_long(100)),
        ({"query": 5}, "bad_frame", phrases.bad_frame("search")),
        ({}, "bad_frame", phrases.bad_frame("search")),
        ({"query": "가", "limit": 201}, "bad_frame", phrases.bad_frame("search")),
        ({"query": "가", "nick": 5}, "bad_frame", phrases.bad_frame("search")),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_by_its_id(
    room: InProcess, fields: dict[str, object], code: str, text: str
) -> None:
    client = room.json("영희")
    refused = answer(client, **fields)
    assert (refused.kind, refused.text("code"), refused.text("text")) == ("refused", code, text)
    client.ping(1)


def test_without_a_query_it_is_whatever_somebody_said(room: InProcess) -> None:
    client, other = room.json("영희"), room.json("철수")
    for who, text in ((client, "하나"), (other, "둘"), (client, "셋")):
        who.say_and_wait(text)
    page = answer(client, query="", nick="영희")
    assert (page.kind, texts(page), page.truth("more")) == ("history", ["하나", "셋"], False)
    client.frames.clear()
    assert texts(answer(client, query=" ", nick="없는이")) == []


def test_other_peoples_whispers_leave_no_trace_in_any_answer(room: InProcess) -> None:
    sender, recipient, stranger = room.json("영희"), room.json("철수"), room.json("민수")
    sender.whisper("철수", "비밀이에요")
    recipient.until(lambda frame: frame.kind == "whisper")
    assert texts(answer(sender, query="비밀")) == texts(answer(recipient, query="ㅂㅁ", nick="영희")) == ["비밀이에요"]
    assert answer(stranger, query="비밀").fields == {"t": "history", "id": 77, "events": [], "more": False}
    stranger.frames.clear()
    assert texts(answer(stranger, query="비밀", nick="영희", before=2**53)) == []


def test_a_plain_client_searches_nothing(room: InProcess) -> None:
    client = room.plain("영희")
    client.send_line("/찾기 회의")
    client.wait_for_line(lambda line: line.startswith("[알림] 모르는 명령입니다"))
