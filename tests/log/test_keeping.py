"""Forgetting: what is no longer kept is gone for everybody, its keys are not, and what is left reads on as ever."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.log.forgotten import Forgotten, said_digest
from server.log.keeping import STEP, Keep
from server.log.postings import BLOCK
from server.log.sqlite import SqliteStore
from server.log.store import Page, Record
from server.protocol.events import Said, Say, Whisper, Whispered
from server.protocol.search import SearchPattern
from tests.support.samples import AT, CHEOLSU, MINSU, YOUNGHEE, joined, records, said, seqs, whispered
from tests.support.searching import until_indexed
from tests.support.waiting import until

DAY_MS = 86_400_000
OFTEN_S = 0.01


@pytest.fixture
def open_keeping(tmp_path: Path) -> Iterator[Callable[..., SqliteStore]]:
    """Opens the same log with another rule, at another time; the opening before is closed."""
    opened: list[SqliteStore] = []

    def open_next(keep: Keep, now_ms: int = AT) -> SqliteStore:
        if opened:
            opened.pop().close()
        opened.append(SqliteStore(tmp_path / "soksak.db", keep, now_s=lambda: now_ms / 1000))
        return opened[0]

    yield open_next
    while opened:
        opened.pop().close()


def keep(*, events: int | None = None, days: int | None = None) -> Keep:
    return Keep(events, days, look_every_s=OFTEN_S)


def numbered(first: int, last: int) -> list[Record]:
    return records(*(said(seq, f"#{seq}번째", cid=f"c{seq}") for seq in range(first, last + 1)))


def until_forgotten(store: SqliteStore, seq: int) -> None:
    """For whoever reads, too: it is announced a moment before."""

    def is_gone() -> bool:
        return store.reaches_back_to == seq and store.read_after(0, MINSU, 1)[0][0] == seq + 1

    until(is_gone, what=lambda: f"forgotten up to {store.reaches_back_to}, not {seq}")


def kept(store: SqliteStore) -> list[int]:
    return [seq for seq, _ in store.read_after(0, MINSU, 100_000)]


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_the_newest_are_kept_however_many_are_said(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(keep(events=100))
    for first in range(1, 1000, 50):
        store.append(numbered(first, first + 49))
    until_forgotten(store, 900)
    assert kept(store) == list(range(901, 1001))
    assert store.head == 1000


def test_what_is_older_than_so_many_days_is_forgotten_also_when_nobody_speaks(
    open_keeping: Callable[..., SqliteStore],
) -> None:
    store = open_keeping(Keep())
    store.append(records(*(Said(seq, AT + seq * DAY_MS, YOUNGHEE, "영희", "말") for seq in range(1, 11))))
    store = open_keeping(keep(days=3), now_ms=AT + 10 * DAY_MS)
    until_forgotten(store, 6)
    assert kept(store) == [7, 8, 9, 10]


def test_nothing_is_forgotten_without_a_rule(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(Keep(), now_ms=AT + 10_000 * DAY_MS)
    store.append(numbered(1, 10))
    assert store._keeper is None
    assert store.reaches_back_to == 0


def test_the_numbers_go_on_though_everything_is_too_old(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(Keep())
    store.append(numbered(1, 10))
    store = open_keeping(keep(days=1), now_ms=AT + 100 * DAY_MS)
    until_forgotten(store, 9)
    store = open_keeping(keep(days=1), now_ms=AT + 100 * DAY_MS)
    assert (store.head, store.reaches_back_to) == (10, 9)


def test_a_clock_that_was_wrong_once_makes_nothing_forgotten_too_early(
    open_keeping: Callable[..., SqliteStore],
) -> None:
    store = open_keeping(keep(days=1), now_ms=0)
    store.append(numbered(1, 3))
    assert store._keeper is not None
    assert store._keeper._due() == []
    assert kept(store) == [1, 2, 3]


# --- what is left -----------------------------------------------------------------------------------------------------


def test_history_begins_where_the_log_does(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(keep(events=10))
    store.append(numbered(1, 50))
    until_forgotten(store, 40)
    page = store.read_before(2**53, MINSU, 10)
    assert (seqs(page.lines), page.more) == (list(range(41, 51)), False)
    assert store.read_before(41, MINSU, 10) == Page((), more=False)
    assert store.start_of_last(50, 50, MINSU) == 41


def test_what_was_seen_before_was_seen_of_this_log(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(keep(events=10))
    store.append(numbered(1, 50))
    until_forgotten(store, 40)
    assert store.holds(store.epoch, 3)
    epoch = store.epoch
    assert open_keeping(Keep()).holds(epoch, 3)


def test_it_begins_there_also_after_a_restart(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(keep(events=10))
    store.append(numbered(1, 50))
    until_forgotten(store, 40)
    assert open_keeping(Keep()).reaches_back_to == 40


def test_nothing_of_it_is_left_in_the_file(open_keeping: Callable[..., SqliteStore], tmp_path: Path) -> None:
    store = open_keeping(keep(events=1))
    secret = "아무도 몰라야 하는 말"
    store.append(records(*(said(seq, f"{secret} {seq} " + "가" * 300) for seq in range(1, 301))))
    store.append(records(said(301, "끝")))
    until_forgotten(store, 300)
    store.close()
    assert secret.encode() not in (tmp_path / "soksak.db").read_bytes()


def test_pages_that_became_free_are_used_again(open_keeping: Callable[..., SqliteStore], tmp_path: Path) -> None:
    store = open_keeping(keep(events=200))
    sizes = []
    for turn in range(6):
        first = turn * 1000 + 1
        store.append(records(*(said(seq, "가" * 300, cid=f"c{seq}") for seq in range(first, first + 1000))))
        until_forgotten(store, turn * 1000 + 800)
        with closing(sqlite3.connect(tmp_path / "soksak.db")) as log:
            sizes.append(log.execute("PRAGMA page_count").fetchone()[0])
    assert sizes[-1] < 2 * sizes[0]


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_key_is_known_after_its_message_was_forgotten(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(keep(events=1))
    store.append(records(said(1, "말", cid="a"), whispered(2, "비밀", cid="b"), joined(3), said(4, "끝", cid="d")))
    until_forgotten(store, 3)
    found = store.find([(YOUNGHEE, key) for key in "abcd"])
    assert set(found) == {(YOUNGHEE, key) for key in "abd"}
    first, second = found[YOUNGHEE, "a"], found[YOUNGHEE, "b"]
    assert isinstance(first, Forgotten)
    assert isinstance(second, Forgotten)
    assert first.again(YOUNGHEE, "영희", Say("a", "말")) == said(1, "말", cid="a")
    assert first.again(YOUNGHEE, "영희", Say("a", "다른 말")) is None
    assert second.again(YOUNGHEE, "영희", Whisper("b", "철수", "비밀")) == whispered(2, "비밀", cid="b")
    assert second.again(YOUNGHEE, "영희", Whisper("b", "민수", "비밀")) is None
    assert second.again(YOUNGHEE, "영희", Say("b", "비밀")) is None


def test_keys_are_known_for_good(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(keep(events=1))
    store.append(numbered(1, 3000))
    until_forgotten(store, 2999)
    keys = [(YOUNGHEE, f"c{seq}") for seq in range(1, 3001)]
    for _ in range(2):
        found = store.find([*keys, (CHEOLSU, "c1"), (YOUNGHEE, "new")])
        assert {key: known.seq for key, known in found.items()} == {key: n for n, key in enumerate(keys, 1)}
        store = open_keeping(Keep())


def test_a_whisper_is_known_with_its_recipient_under_whatever_spelling() -> None:
    event = Whispered(7, AT, YOUNGHEE, "영희", CHEOLSU, "Mina", "비밀", "c")
    assert said_digest(event) == said_digest(Whisper("c", "ｍｉｎａ", "비밀"))


# --- together ---------------------------------------------------------------------------------------------------------


def search(store: SqliteStore, query: str) -> Page:
    return store.search(SearchPattern(query), None, 2**53, MINSU, 50)


def test_what_is_forgotten_is_no_longer_found_and_the_index_follows(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(Keep())
    last = 3 * BLOCK
    for first in range(1, last, BLOCK):
        store.append(numbered(first, first + BLOCK - 1))
    until_indexed(store)
    store = open_keeping(keep(events=BLOCK // 2))
    until_forgotten(store, last - BLOCK // 2)
    store.append(numbered(last + 1, last + BLOCK))  # another block is full: the index looks
    until_indexed(store)
    assert search(store, "#77번째") == search(store, f"#{2 * BLOCK}번째") == Page((), more=False)
    assert seqs(search(store, f"#{last}번째").lines) == [last]
    index = store._indexer.index
    assert index is not None
    until(lambda: index._reader.execute("SELECT min(block) FROM grams").fetchone()[0] >= 2)


def test_an_index_is_made_of_what_is_left(open_keeping: Callable[..., SqliteStore], tmp_path: Path) -> None:
    store = open_keeping(keep(events=BLOCK))
    for first in range(1, 3 * BLOCK, BLOCK):
        store.append(numbered(first, first + BLOCK - 1))
    until_forgotten(store, 2 * BLOCK)
    store.close()
    for path in tmp_path.glob("*.search*"):
        path.unlink()
    again = open_keeping(Keep())
    until_indexed(again)
    assert search(again, "#77번째") == Page((), more=False)
    assert seqs(search(again, f"#{2 * BLOCK + 5}번째").lines) == [2 * BLOCK + 5]


def test_many_are_forgotten_while_others_write_and_read(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(Keep())
    store.append(numbered(1, 20 * STEP))
    store = open_keeping(keep(events=STEP))
    for seq in range(20 * STEP + 1, 20 * STEP + 101):
        store.append(numbered(seq, seq))
        floor = store.reaches_back_to
        left = kept(store)
        assert left == list(range(left[0], seq + 1))
        assert floor + 1 <= left[0]  # what is missing is never taken for what never was
        assert left[0] <= store.reaches_back_to + 1
    until_forgotten(store, 19 * STEP + 100)


def test_closing_does_not_wait_until_all_is_forgotten(open_keeping: Callable[..., SqliteStore]) -> None:
    store = open_keeping(Keep())
    store.append(numbered(1, 20_000))
    store = open_keeping(keep(events=1))
    until(lambda: store.reaches_back_to > 0)
    began = time.monotonic()
    store.hurry()
    store.close()
    assert time.monotonic() - began < 1
    again = open_keeping(Keep())
    assert kept(again) == list(range(again.reaches_back_to + 1, 20_001)) != []
