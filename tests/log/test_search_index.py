"""The index file comes and goes, and may be anything: what is found stays the same, and nobody is told."""

import logging
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from server.log.grams import probes_of
from server.log.postings import BLOCK, Block
from server.log.search_index import _RULES, IndexFull, IndexUnusable, SearchIndex
from server.log.sqlite import SqliteStore
from server.log.store import Page, Record
from server.protocol.search import SearchPattern
from tests.support.samples import MINSU, records, said, seqs
from tests.support.searching import is_indexed, until_indexed
from tests.support.waiting import until

LAST = 2 * BLOCK + 50


def numbered(first: int, last: int) -> list[Record]:
    """Messages that are told apart by what they say."""
    return records(*(said(seq, f"#{seq}번째") for seq in range(first, last + 1)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "soksak.db"


@pytest.fixture
def index_path(path: Path) -> Path:
    return path.with_name("soksak.db.search")


@pytest.fixture
def closed(reopen: Callable[[], SqliteStore]) -> None:
    """A log of which two blocks are indexed, closed."""
    store = reopen()
    store.append(numbered(1, LAST))
    until_indexed(store)
    store.close()


def search(store: SqliteStore, query: str, limit: int = 50) -> Page:
    return store.search(SearchPattern(query), None, 2**53, MINSU, limit)


def assert_all_is_found(store: SqliteStore) -> None:
    """The oldest message and the newest, once."""
    for number in (1, 77, BLOCK - 1, BLOCK, LAST):
        page = search(store, f"#{number}번째")
        assert (seqs(page.lines), page.more, page.before) == ([number], False, None)


# --- as it should be --------------------------------------------------------------------------------------------------


def test_a_short_log_has_no_index(reopen: Callable[[], SqliteStore], index_path: Path) -> None:
    store = reopen()
    store.append(numbered(1, BLOCK - 2))
    assert store._indexer._thread is None
    assert not index_path.exists()
    store.append(numbered(BLOCK - 1, BLOCK - 1))
    until_indexed(store)
    assert index_path.exists()
    assert seqs(search(store, "#77번째").lines) == [77]  # with nothing at all beyond the index


def test_what_is_appended_is_found_at_once(reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()
    for first in range(1, LAST, 1000):
        store.append(numbered(first, first + 999))
        assert seqs(search(store, f"#{first + 999}번째").lines) == [first + 999]
        assert seqs(search(store, "#1번째").lines) == [1]


def test_a_block_is_indexed_when_it_is_full(reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()
    store.append(numbered(1, 2 * BLOCK - 2))
    until_indexed(store)
    store._indexer.wake()
    until(lambda: not store._indexer._due.is_set())  # it looked whether there is something to do
    assert store._indexer.index is not None
    assert store._indexer.index.blocks == 1
    store.append(numbered(2 * BLOCK - 1, 2 * BLOCK - 1))
    until_indexed(store)
    for number in (1, BLOCK - 1, BLOCK, 2 * BLOCK - 2, 2 * BLOCK - 1):
        assert seqs(search(store, f"#{number}번째").lines) == [number]


def test_an_index_is_kept_over_a_restart(closed: None, reopen: Callable[[], SqliteStore], index_path: Path) -> None:
    before = index_path.stat().st_ino
    store = reopen()
    until_indexed(store)
    assert index_path.stat().st_ino == before
    assert_all_is_found(store)
    store.append(numbered(LAST + 1, 3 * BLOCK))
    until_indexed(store)
    assert store._indexer.index is not None
    assert store._indexer.index.blocks == 3
    assert_all_is_found(store)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_only_its_owner_reads_the_index(reopen: Callable[[], SqliteStore], path: Path) -> None:
    before = os.umask(0)
    try:
        store = reopen()
        store.append(numbered(1, BLOCK))
        until_indexed(store)
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert {"soksak.db.search", "soksak.db.search-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}


# --- as it may be -----------------------------------------------------------------------------------------------------


def missing(path: Path) -> None:
    path.unlink()


def a_text(path: Path) -> None:
    path.write_text("이것은 색인이 아닙니다. " * 1000, encoding="utf-8")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def spoiled_at_its_head(path: Path) -> None:
    spoil(path, 0.0, 0.02)


def spoiled_all_over(path: Path) -> None:
    spoil(path, 0.02, 1.0)


def spoiled_at_its_end(path: Path) -> None:
    spoil(path, 0.7, 1.0)


def spoil(path: Path, start: float, end: float) -> None:
    content = bytearray(path.read_bytes())
    first, last = int(len(content) * start), int(len(content) * end)
    content[first:last] = b"\xa5" * (last - first)
    path.write_bytes(content)


def somebody_elses(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE songs (name TEXT)")
    foreign.close()


def of_another_format(path: Path) -> None:
    with sqlite3.connect(path) as newer:
        newer.execute("UPDATE position SET rules = rules || '.1', blocks = blocks + 1")
    newer.close()


def of_another_log(path: Path) -> None:
    path.unlink()
    index = SearchIndex(path)
    for number in range(2):
        block = Block(number)
        block.add(number * BLOCK + 1, "영희", "뷁")
        index.add(block, "0123456789abcdef")
    index.close()


def a_link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "no such folder" / "index")


STATES = (
    *(missing, a_text, empty, cut, spoiled_at_its_head, spoiled_all_over, spoiled_at_its_end),
    *(somebody_elses, of_another_format, of_another_log, a_link_to_nowhere),
)


def is_sound(path: Path) -> bool:
    """Whether it is an index of ours, undamaged."""
    with closing(sqlite3.connect(path)) as index:
        return index.execute("PRAGMA integrity_check").fetchall() == [("ok",)] and index.execute(
            "SELECT rules, blocks FROM position"
        ).fetchall() == [(_RULES, 2)]


@pytest.mark.parametrize("change", STATES)
def test_an_index_that_can_not_be_used_is_made_anew(
    closed: None,
    reopen: Callable[[], SqliteStore],
    index_path: Path,
    change: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    change(index_path)
    store = reopen()
    assert_all_is_found(store)
    until(lambda: is_indexed(store))
    assert_all_is_found(store)
    until(lambda: is_indexed(store))
    assert_all_is_found(store)
    assert search(store, "뷁") == Page((), more=False)
    until(lambda: is_sound(index_path))
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_an_index_that_can_not_be_made_is_done_without(
    closed: None, reopen: Callable[[], SqliteStore], index_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index_path.unlink()
    index_path.mkdir()
    store = reopen()
    thread = store._indexer._thread
    assert thread is not None
    until(lambda: not thread.is_alive())
    assert_all_is_found(store)
    store.append(numbered(LAST + 1, 3 * BLOCK))
    assert_all_is_found(store)
    [told] = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert told.exc_info is None


def test_a_log_that_was_rolled_back_is_not_searched_with_the_newer_index(
    reopen: Callable[[], SqliteStore], path: Path, tmp_path: Path
) -> None:
    store = reopen()
    store.append(numbered(1, 100))
    with sqlite3.connect(tmp_path / "backup.db") as backup:
        store._writer.backup(backup)
    backup.close()
    store.append(records(*(said(seq, "사라질 말") for seq in range(101, BLOCK + 100))))
    until_indexed(store)
    store.close()
    for name in ("soksak.db", "soksak.db-wal", "soksak.db-shm"):
        path.with_name(name).unlink(missing_ok=True)
    (tmp_path / "backup.db").rename(path)
    restored = reopen()
    restored.append(records(*(said(seq, "새 말") for seq in range(101, BLOCK + 200))))
    until_indexed(restored)
    assert search(restored, "사라질") == Page((), more=False)
    assert len(search(restored, "새 말", 200).lines) == 200
    assert seqs(search(restored, "#77번째").lines) == [77]


def test_an_index_of_a_part_that_was_lost_while_it_was_closed_is_made_anew(
    closed: None, reopen: Callable[[], SqliteStore], path: Path
) -> None:
    with sqlite3.connect(path) as shell:
        shell.execute("DELETE FROM events WHERE seq > ?", (BLOCK + 10,))
    shell.close()
    store = reopen()
    store.append(records(*(said(seq, "새 말") for seq in range(BLOCK + 11, LAST))))
    until_indexed(store)
    assert search(store, f"#{BLOCK + 20}번째") == Page((), more=False)
    assert len(search(store, "새 말", 200).lines) == 200


def test_an_index_that_is_spoiled_again_and_again_is_given_up(
    closed: None, reopen: Callable[[], SqliteStore], caplog: pytest.LogCaptureFixture
) -> None:
    store = reopen()
    for _ in range(3):
        until_indexed(store)
        with store._indexer.lock:
            store._indexer.distrust_locked()
    thread = store._indexer._thread
    assert thread is not None
    until(lambda: not thread.is_alive())
    assert_all_is_found(store)
    assert [one.levelno for one in caplog.records if one.levelno >= logging.WARNING] == [logging.WARNING]


def test_an_index_is_all_of_a_block_or_nothing(index_path: Path) -> None:
    index = SearchIndex(index_path)
    block = Block(0)
    block.add(1, "영희", "회의")
    index.add(block, "e")
    with pytest.raises(IndexUnusable):
        index.add(block, "e")  # the same keys again
    index.close()
    again = SearchIndex(index_path)
    assert (again.epoch, again.blocks) == ("e", 1)
    again.close()


def test_an_index_without_room_for_more_keeps_what_it_has(index_path: Path) -> None:
    index = SearchIndex(index_path)
    first, second = Block(0), Block(1)
    first.add(1, "영희", "회의")
    for offset in range(2000):
        second.add(BLOCK + offset, "영희", f"{offset} 자료 {chr(0xAC00 + offset)}")
    index.add(first, "e")
    [(pages,)] = index._writer.execute("PRAGMA page_count").fetchall()
    index._writer.execute(f"PRAGMA max_page_count = {pages}")
    for _ in range(2):
        with pytest.raises(IndexFull):
            index.add(second, "e")
    assert (index.epoch, index.blocks) == ("e", 1)
    assert index.candidates(0, probes_of(SearchPattern("회의"), None)) == [1]
    index._writer.execute("PRAGMA max_page_count = 100000")
    index.add(second, "e")
    assert index.blocks == 2
    index.close()


# --- together ---------------------------------------------------------------------------------------------------------


def test_closing_waits_for_no_index(reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()
    store.append(records(*(said(seq, f"{seq} 회의 자료 배포 서버 " * 10) for seq in range(1, 4 * BLOCK))))
    until(lambda: store._indexer.index is not None)
    began = time.monotonic()
    store.hurry()
    assert search(store, "회의").lines == ()
    store.close()
    assert time.monotonic() - began < 1


def test_what_was_committed_is_found_while_more_is_written_and_indexed(reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()

    def write() -> None:
        for seq in range(1, LAST, 100):
            store.append(numbered(seq, seq + 99))

    writing = Thread(target=write)
    writing.start()
    searches = 0
    while writing.is_alive() or not is_indexed(store):
        head = store.head
        for number in {1, head // 2 + 1, head} - {0, head + 1}:
            assert seqs(search(store, f"#{number}번째").lines) == [number]
        searches += 1
    writing.join()
    assert searches > 5
    assert_all_is_found(store)


def test_many_search_at_the_same_time(closed: None, reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()
    until_indexed(store)
    found: list[int] = []

    def look(first: int) -> None:
        for number in range(first, first + 40):
            found.extend(seqs(search(store, f"#{number}번째").lines))

    starts = range(1, 16_000, 2000)
    threads = [Thread(target=look, args=(first,)) for first in starts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [number for first in starts for number in range(first, first + 40)]
