"""What every log promises, in memory and on disk; then what only a file can do."""

import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from server.log.database import APPLICATION_ID
from server.log.schema import SCHEMA_VERSION
from server.log.sqlite import SqliteStore
from server.log.store import Page, Record, Store, StoreError, key_of
from server.protocol import phrases
from server.protocol.events import Whispered
from tests.support.samples import (
    CHEOLSU,
    MINSU,
    YOUNGHEE,
    conversation,
    joined,
    left,
    record,
    records,
    said,
    seqs,
    whispered,
)
from tests.support.seams import Memory


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "상태" / "soksak.db"


# --- every store ------------------------------------------------------------------------------------------------------

MIXED = records(joined(1), said(2, cid="c2"), whispered(3, cid="c3"), said(4), whispered(5, uid=CHEOLSU, to=YOUNGHEE))


def after(store: Store, seq: int, viewer: str = MINSU, limit: int = 100) -> list[int]:
    rows = store.read_after(seq, viewer, limit)
    assert [number for number, _ in rows] == seqs(line for _, line in rows)
    return [number for number, _ in rows]


def before(store: Store, seq: int, viewer: str = MINSU, limit: int = 100) -> tuple[list[int], bool]:
    page = store.read_before(seq, viewer, limit)
    return seqs(page.lines), page.more


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_page_says_how_much_was_passed_over_for_it(store: Store, limit: int) -> None:
    store.append(records(said(1), *(whispered(seq) for seq in range(2, 40)), said(40)))
    page = store.read_before(2**53, MINSU, limit)
    assert (seqs(page.lines)[-1], page.looked_at) == (40, 40)
    assert store.read_before(40, MINSU, limit).looked_at == 39


def test_nobody_is_kept_waiting_by_the_whispers_of_others(reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()
    store.append(records(*(whispered(seq) for seq in range(1, 2000))))
    steps: list[None] = []
    store._reader.set_progress_handler(lambda: steps.append(None), 100)
    assert store.read_before(2**53, MINSU, 50, whispers_only=True) == Page((), more=False)
    assert len(store.read_before(2**53, YOUNGHEE, 50, whispers_only=True).lines) == 50
    assert len(steps) < 100


def test_whispers_alone_can_be_read(store: Store) -> None:
    store.append(MIXED)
    for viewer, expected in ((YOUNGHEE, [3, 5]), (CHEOLSU, [3, 5]), (MINSU, [])):
        both = store.read_before(2**53, viewer, 10, whispers_only=True)
        assert (seqs(both.lines), both.more) == (expected, False), viewer
    newest = store.read_before(2**53, YOUNGHEE, 1, whispers_only=True)
    assert (seqs(newest.lines), newest.more) == ([5], True)
    assert store.read_before(3, YOUNGHEE, 10, whispers_only=True) == Page((), more=False)


def test_a_new_log_is_empty(store: Store) -> None:
    assert store.head == 0
    assert after(store, 0) == []
    assert store.read_before(1, MINSU, 10) == Page((), more=False)
    assert store.start_of_last(50, 0, MINSU) == 1
    assert store.find([(YOUNGHEE, "c")]) == {}


def test_what_is_appended_moves_the_head(store: Store) -> None:
    store.append(conversation(1, 3))
    assert store.head == 3
    store.append(conversation(4, 4))
    assert store.head == 4


def test_lines_come_back_byte_for_byte(store: Store) -> None:
    odd = record(said(1, "줄\n둘 \u0000 \\ \" 😀 'DROP TABLE"))
    store.append([odd])
    assert store.read_after(0, MINSU, 1) == [(1, odd.line)]
    assert store.read_before(2, MINSU, 1).lines == (odd.line,)


@pytest.mark.parametrize(
    ("seq", "limit", "found"),
    [
        (0, 100, [1, 2, 3, 4, 5, 6]),
        (3, 100, [4, 5, 6]),
        (0, 2, [1, 2]),
        (5, 1, [6]),
        (6, 9, []),
        (99, 9, []),
        (0, 0, []),
    ],
)
def test_read_after_gives_the_oldest_above(store: Store, seq: int, limit: int, found: list[int]) -> None:
    store.append(conversation(1, 4))
    store.append(conversation(5, 6))
    assert after(store, seq, limit=limit) == found


@pytest.mark.parametrize(
    ("seq", "limit", "found", "more"),
    [
        (7, 100, [1, 2, 3, 4, 5, 6], False),
        (2**53, 6, [1, 2, 3, 4, 5, 6], False),
        (7, 5, [2, 3, 4, 5, 6], True),
        (4, 2, [2, 3], True),
        (4, 3, [1, 2, 3], False),
        (2, 1, [1], False),
        (1, 5, [], False),
        (-(2**53), 5, [], False),
    ],
)
def test_read_before_gives_the_newest_below_oldest_first(
    store: Store, seq: int, limit: int, found: list[int], more: bool
) -> None:
    store.append(conversation(1, 6))
    assert before(store, seq, limit=limit) == (found, more)


def test_pages_join_without_gap_or_repetition(store: Store) -> None:
    store.append(conversation(1, 10))
    pages: list[int] = []
    seq, more = 11, True
    while more:
        page, more = before(store, seq, limit=3)
        pages, seq = page + pages, page[0]
    assert pages == list(range(1, 11))


def test_only_its_two_ends_read_a_whisper(store: Store) -> None:
    store.append(MIXED)
    for viewer, seen in ((MINSU, [1, 2, 4]), (YOUNGHEE, [1, 2, 3, 4, 5]), (CHEOLSU, [1, 2, 3, 4, 5]), ("", [1, 2, 4])):
        assert after(store, 0, viewer) == seen
        assert before(store, 6, viewer) == (seen, False)


def test_what_one_may_not_see_counts_for_nothing(store: Store) -> None:
    store.append(records(said(1), *(whispered(seq) for seq in range(2, 9)), said(9)))
    assert after(store, 0, limit=2) == [1, 9]
    assert before(store, 10, limit=1) == ([9], True)
    assert before(store, 9, limit=1) == ([1], False)
    assert store.start_of_last(2, 9, MINSU) == 1
    assert store.start_of_last(2, 9, CHEOLSU) == 8


def test_start_of_last_counts_back_from_the_head_it_is_given(store: Store) -> None:
    store.append(conversation(1, 9))
    assert store.start_of_last(3, 9, MINSU) == 7
    assert store.start_of_last(3, 5, MINSU) == 3
    assert store.start_of_last(50, 9, MINSU) == 1
    assert store.start_of_last(1, 9, MINSU) == 9
    assert store.start_of_last(0, 9, MINSU) == 10


def test_find_knows_what_stands_under_a_key(store: Store) -> None:
    store.append(MIXED)
    keys = [(YOUNGHEE, "c2"), (YOUNGHEE, "c3"), (CHEOLSU, "c2"), (YOUNGHEE, "c4")]
    assert store.find(keys) == {(YOUNGHEE, "c2"): MIXED[1].event, (YOUNGHEE, "c3"): MIXED[2].event}
    assert store.find([]) == {}


def test_events_without_cid_have_no_key() -> None:
    assert [key_of(one.event) for one in MIXED] == [None, (YOUNGHEE, "c2"), (YOUNGHEE, "c3"), None, None]
    assert key_of(left(6)) is None


def test_holds_what_was_seen_in_this_epoch(store: Store) -> None:
    store.append(conversation(1, 5))
    assert store.holds(store.epoch, 0)
    assert store.holds(store.epoch, 5)
    assert not store.holds(store.epoch, 6)
    assert not store.holds(store.epoch, -1)
    assert not store.holds("another", 3)


# --- in memory --------------------------------------------------------------------------------------------------------


def test_memory_forgets_its_oldest_and_stays_bounded() -> None:
    store = Memory(max_events=100)
    for seq in range(1, 1001):
        store.append(records(said(seq, cid=f"c{seq}")))
        assert store.head == seq
        kept = after(store, 0, limit=10_000)
        assert kept == list(range(kept[0], seq + 1))
        assert min(seq, 90) <= len(kept) <= 100
    assert len(store.find([(YOUNGHEE, f"c{seq}") for seq in range(1, 1001)])) == len(kept)


def test_memory_is_bounded_by_bytes_too() -> None:
    store = Memory(max_bytes=100_000)
    for seq in range(1, 501):
        store.append(records(said(seq, "가" * 300)))
        assert sum(len(line) for _, line in store.read_after(0, MINSU, 10_000)) <= 100_000
    kept = after(store, 0, limit=10_000)
    assert len(kept) > 10
    assert kept == list(range(kept[0], 501))


def test_what_is_larger_than_all_memory_is_forgotten_and_counted() -> None:
    store = Memory(max_bytes=1000)
    store.append(records(said(1), said(2, "가" * 2000)))
    store.append(records(said(3)))
    assert (store.head, after(store, 0)) == (3, [3])


def test_memory_reads_on_as_if_nothing_had_been_before_what_it_forgot() -> None:
    store = Memory(max_events=10)
    store.append(conversation(1, 30))
    oldest = after(store, 0)[0]
    assert after(store, 25) == [26, 27, 28, 29, 30]
    assert before(store, 31) == (list(range(oldest, 31)), False)
    assert before(store, 28, limit=2) == ([26, 27], True)
    assert before(store, oldest) == ([], False)
    assert store.start_of_last(50, 30, MINSU) == oldest
    assert store.reaches_back_to == oldest - 1
    assert store.holds(store.epoch, 0)


def test_each_memory_is_an_epoch_of_its_own() -> None:
    assert Memory(10).epoch != Memory(10).epoch


# --- on disk ----------------------------------------------------------------------------------------------------------


def test_what_was_appended_survives_reopening(reopen: Callable[[], SqliteStore]) -> None:
    reopen().append(MIXED)
    again = reopen()
    assert again.head == 5
    assert again.read_after(0, YOUNGHEE, 10) == [(one.event.seq, one.line) for one in MIXED]
    assert again.find([(YOUNGHEE, "c3")]) == {(YOUNGHEE, "c3"): MIXED[2].event}
    again.append(conversation(6, 7))
    assert reopen().head == 7


def test_what_was_appended_is_there_for_others_at_once(reopen: Callable[[], SqliteStore], path: Path) -> None:
    reopen().append(MIXED)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM events").fetchone() == (5,)


def test_the_file_is_written_as_durably_as_sqlite_can(reopen: Callable[[], SqliteStore]) -> None:
    writer = reopen()._writer
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert writer.execute("PRAGMA synchronous").fetchone() == (2,)


def test_the_file_says_whose_it_is(reopen: Callable[[], SqliteStore], path: Path) -> None:
    reopen().close()
    assert path.read_bytes()[68:72] == APPLICATION_ID.to_bytes(4, "big") == b"Soks"


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_only_its_owner_reads_the_log(reopen: Callable[[], SqliteStore], path: Path) -> None:
    before = os.umask(0)
    try:
        reopen().append(MIXED)
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert {"soksak.db", "soksak.db-wal", "soksak.db.lock"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_epoch_reaches_to_where_the_next_one_began(reopen: Callable[[], SqliteStore]) -> None:
    first = reopen()
    first.append(conversation(1, 5))
    second = reopen()
    second.append(conversation(6, 8))
    third = reopen()
    assert len({first.epoch, second.epoch, third.epoch}) == 3
    assert [third.holds(first.epoch, seq) for seq in (0, 5, 6)] == [True, True, False]
    assert [third.holds(second.epoch, seq) for seq in (5, 8, 9)] == [True, True, False]
    assert [third.holds(third.epoch, seq) for seq in (8, 9)] == [True, False]


def test_a_log_that_was_rolled_back_is_not_taken_for_the_same(
    reopen: Callable[[], SqliteStore], path: Path, tmp_path: Path
) -> None:
    first = reopen()
    first.append(conversation(1, 3))
    epoch = first.epoch
    with sqlite3.connect(tmp_path / "backup.db") as backup:
        first._writer.backup(backup)
    first.append(conversation(4, 6))
    first.close()
    for file in path.parent.iterdir():
        file.unlink()
    (tmp_path / "backup.db").rename(path)
    restored = reopen()
    restored.append(conversation(4, 9))
    assert restored.holds(epoch, 3)
    assert not restored.holds(epoch, 5)


@pytest.mark.parametrize(
    "spoiled",
    [
        records(said(3), said(4, cid="c2")),
        records(said(3, cid="new"), said(4, cid="new")),
        records(said(3), said(2)),
        [*records(said(3)), Record(said(3), b"{}")],
    ],
    ids=["a cid of the log again", "a cid twice in the batch", "a seq of the log again", "a seq twice in the batch"],
)
def test_append_is_all_or_nothing(reopen: Callable[[], SqliteStore], spoiled: list[Record]) -> None:
    store = reopen()
    store.append(MIXED[:2])
    with pytest.raises(StoreError) as failed:
        store.append(spoiled)
    assert failed.value.text
    assert (store.head, after(store, 0)) == (2, [1, 2])
    store.append(conversation(3, 3))
    assert after(reopen(), 0) == [1, 2, 3]


def test_two_clients_may_use_the_same_cid(reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()
    mine, theirs = said(1, cid="c"), said(2, uid=CHEOLSU, cid="c")
    store.append(records(mine, theirs))
    assert store.find([(CHEOLSU, "c"), (YOUNGHEE, "c")]) == {(YOUNGHEE, "c"): mine, (CHEOLSU, "c"): theirs}


def test_a_whisper_found_again_is_whole(reopen: Callable[[], SqliteStore]) -> None:
    reopen().append(records(whispered(1, "줄\n둘", cid="c")))
    found = reopen().find([(YOUNGHEE, "c")])[YOUNGHEE, "c"]
    assert isinstance(found, Whispered)
    assert found == whispered(1, "줄\n둘", cid="c")


# --- files that can't be used -----------------------------------------------------------------------------------------


def refused(path: Path) -> str:
    """What the person who starts the server is told."""
    with pytest.raises(StoreError) as failed:
        SqliteStore(path).close()
    return failed.value.text


def test_a_second_server_is_refused_until_the_first_is_gone(reopen: Callable[[], SqliteStore], path: Path) -> None:
    first = reopen()
    assert refused(path) == phrases.database_in_use(str(path))
    first.append(MIXED)
    first.close()
    SqliteStore(path).close()


def test_a_text_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("데이터베이스가 아닙니다. " * 100, encoding="utf-8")
    content = path.read_bytes()
    assert refused(path) == phrases.database_foreign(str(path))
    assert path.read_bytes() == content


@pytest.mark.parametrize("statement", ["CREATE TABLE songs (name TEXT)", "PRAGMA application_id = 7"])
def test_somebody_elses_database_is_left_alone(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "songs.db"
    with sqlite3.connect(path) as foreign:
        foreign.execute(statement)
    foreign.close()
    content = path.read_bytes()
    assert refused(path) == phrases.database_foreign(str(path))
    assert path.read_bytes() == content


def test_a_database_of_a_newer_version_is_left_alone(reopen: Callable[[], SqliteStore], path: Path) -> None:
    reopen().close()
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    newer.close()
    assert refused(path) == phrases.database_newer(str(path))


def test_a_damaged_file_is_named_as_such(reopen: Callable[[], SqliteStore], path: Path) -> None:
    store = reopen()
    store.append(conversation(1, 500))
    store.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)  # the first page stays: it is still a database, and ours
    path.write_bytes(content)
    assert refused(path) == phrases.database_damaged(str(path))


def test_damage_that_shows_later_is_named_too(reopen: Callable[[], SqliteStore], path: Path) -> None:
    store = reopen()
    store.append(conversation(1, 5000))
    store.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8 * 4096] = b"\xa5" * 8 * 4096
    path.write_bytes(content)
    with pytest.raises(StoreError) as failed:
        reopen().read_after(0, MINSU, 5000)
    assert failed.value.text == phrases.database_damaged(str(path))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path) == phrases.database_unusable(str(tmp_path))


def test_a_file_below_a_file_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "soksak.db"
    assert refused(path) == phrases.database_unusable(str(path))


def test_a_refused_file_is_let_go_of(tmp_path: Path) -> None:
    path = tmp_path / "songs.db"
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE songs (name TEXT)")
    foreign.close()
    with pytest.raises(StoreError) as first:
        SqliteStore(path)
    assert refused(path) == first.value.text


def test_a_full_disk_is_said(reopen: Callable[[], SqliteStore], path: Path) -> None:
    store = reopen()
    pages: int = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError) as failed:
        store.append(conversation(1, 2000))
    assert failed.value.text == phrases.disk_full(str(path))
    assert store.head == 0
