"""A log on a disk that is full, in a file that is damaged, deleted or replaced: what is said, and what is left."""

import logging
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from server.log.backup import back_up
from server.log.checking import Inspection
from server.log.export import export_lines
from server.log.sqlite import SqliteStore
from server.log.store import StorageFull, StoreError, Unstorable
from server.protocol import phrases
from server.protocol.search import SearchPattern
from tests.support.samples import MINSU, conversation, records, said, seqs
from tests.support.waiting import until

PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "soksak.db"


@pytest.fixture
def reopen(path: Path) -> Iterator[Callable[..., SqliteStore]]:
    opened: list[SqliteStore] = []

    def open_next(start_waits_s: float = 10.0) -> SqliteStore:
        if opened:
            opened.pop().close()
        opened.append(SqliteStore(path, start_waits_s=start_waits_s))
        return opened[0]

    yield open_next
    while opened:
        opened.pop().close()


def refused(path: Path) -> str:
    """What the person who starts the server is told."""
    with pytest.raises(StoreError) as failed:
        SqliteStore(path).close()
    return failed.value.text


# --- full -------------------------------------------------------------------------------------------------------------


def set_limit(store: SqliteStore, more_pages: int) -> None:
    """Let the file grow by so many pages and no more."""
    pages: int = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages + more_pages}")


def test_a_full_disk_is_told_from_a_failing_one(reopen: Callable[..., SqliteStore], path: Path) -> None:
    store = reopen()
    set_limit(store, 0)
    with pytest.raises(StorageFull) as failed:
        store.append(conversation(1, 2000))
    assert failed.value.text == phrases.disk_full(str(path))


def test_on_a_full_disk_everything_can_be_read_and_when_there_is_room_it_goes_on(
    reopen: Callable[..., SqliteStore],
) -> None:
    store = reopen()
    store.append(conversation(1, 100))
    set_limit(store, 2)
    for _ in range(3):
        with pytest.raises(StorageFull):
            store.append(conversation(101, 2000))
        assert store.head == 100
        assert seqs(store.read_before(2**53, MINSU, 200).lines) == list(range(1, 101))
        assert seqs(store.search(SearchPattern("77번째"), None, 2**53, MINSU, 5).lines) == [77]
        assert store.find([("x", "y")]) == {}
    set_limit(store, 1000)
    store.append(conversation(101, 2000))
    assert reopen().head == 2000


def test_a_limit_on_the_size_of_files_is_a_full_disk_too(path: Path) -> None:
    """SQLite takes it for a failed write; so may a quota be one. In a process of its own, since the limit can't be lifted."""
    resource = pytest.importorskip("resource")
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, resource.RLIM_INFINITY))
            with closing(SqliteStore(path)) as store:
                store.append(conversation(1, 100))
                try:
                    store.append(conversation(101, 20_000))
                except StorageFull:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                    store.append(conversation(101, 20_000))
                    code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    with closing(SqliteStore(path)) as store:
        assert store.head == 20_000


@pytest.fixture
def no_more_files() -> Iterator[Callable[[], None]]:
    """When called, this process can open no file any more, until the test ends."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    def use_all() -> None:
        with Path(os.devnull).open("rb") as next_one:
            lowest_free = next_one.fileno()
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, before[1]))

    yield use_all
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_round_of_many_needs_no_file_besides_the_log(
    reopen: Callable[..., SqliteStore], no_more_files: Callable[[], None]
) -> None:
    """Their cids are anywhere among those that there are. There may be no descriptor left, or no room where such files are."""
    cids = [f"{7919 * seq % 10_007:05}-{'c' * 30}" for seq in range(10_000)]
    store = reopen()
    store.append(records(*(said(seq, cid=cids[seq]) for seq in range(1, 9000))))
    no_more_files()
    store.append(records(*(said(seq, cid=cids[seq]) for seq in range(9000, 10_000))))
    assert store.head == 9999


# --- what can't be stored ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "records_",
    [
        records(said(2, cid="c1")),
        records(said(2**63)),
    ],
    ids=["a cid that is known", "a number that is too large"],
)
def test_what_nobody_could_store_is_told_from_a_disk_that_fails(
    reopen: Callable[..., SqliteStore], records_: list[object]
) -> None:
    store = reopen()
    store.append(records(said(1, cid="c1")))
    with pytest.raises(Unstorable) as failed:
        store.append(records_)  # type: ignore[arg-type]
    assert failed.value.text == phrases.UNSTORABLE
    store.append(records(said(2, cid="c2")))
    assert reopen().head == 2


def test_a_number_that_somebody_else_has_taken_ends_the_writing(reopen: Callable[..., SqliteStore], path: Path) -> None:
    """Whoever is refused one by one and tries again would never be taken any more."""
    store = reopen()
    store.append(conversation(1, 10))
    with closing(sqlite3.connect(path, isolation_level=None)) as shell:
        shell.execute("INSERT INTO events (seq, uid, line) VALUES (11, 'x', '{}')")
    with pytest.raises(StoreError) as failed:
        store.append(conversation(11, 11))
    assert type(failed.value) is StoreError
    assert failed.value.text == phrases.database_changed(str(path))


def test_who_waits_in_vain_for_another_program_learns_so(reopen: Callable[..., SqliteStore], path: Path) -> None:
    store = reopen()
    with closing(sqlite3.connect(path, isolation_level=None)) as shell:
        shell.execute("BEGIN IMMEDIATE")
        store.hurry()
        with pytest.raises(StoreError) as failed:
            store.append(conversation(1, 1))
    assert failed.value.text == phrases.database_locked(str(path))


# --- damaged ----------------------------------------------------------------------------------------------------------


def overwritten(path: Path) -> None:
    """Eight pages in the middle."""
    middle = path.stat().st_size // 2 // PAGE * PAGE
    with path.open("r+b") as file:
        file.seek(middle)
        file.write(b"\xa5" * 8 * PAGE)


def a_page_of_zeros(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // PAGE * PAGE)
        file.write(bytes(PAGE))


def a_head_of_zeros(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(PAGE))


def a_head_without_its_beginning(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xa5" * 16)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_in_a_page(path: Path) -> None:
    os.truncate(path, path.stat().st_size - PAGE // 3)


def pages_swapped(path: Path) -> None:
    content = path.read_bytes()
    middle = len(content) // 2 // PAGE * PAGE
    first, second = content[middle : middle + PAGE], content[middle + PAGE : middle + 2 * PAGE]
    path.write_bytes(content[:middle] + second + first + content[middle + 2 * PAGE :])


DAMAGE = (
    overwritten,
    a_page_of_zeros,
    a_head_of_zeros,
    a_head_without_its_beginning,
    cut,
    cut_in_a_page,
    pages_swapped,
)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named_with_what_to_do_and_left_alone(
    reopen: Callable[..., SqliteStore], path: Path, damage: Callable[[Path], None]
) -> None:
    store = reopen()
    store.append(conversation(1, 5000))
    store.close()
    damage(path)
    content = path.read_bytes()
    for _ in range(2):
        assert refused(path) == phrases.database_damaged(str(path))
        assert path.read_bytes() == content
    assert "백업" in phrases.database_damaged(str(path))


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def moved_away(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def copied_as_after_a_crash(source: Path, target: Path) -> None:
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{source}{suffix}", f"{target}{suffix}")


@pytest.mark.parametrize("damage", [emptied, moved_away])
def test_what_a_crash_left_beside_the_file_is_not_thrown_away_with_it(
    reopen: Callable[..., SqliteStore], path: Path, damage: Callable[[Path], None]
) -> None:
    """SQLite takes an empty file for a new one and deletes what waits beside it."""
    reopen().append(conversation(1, 100))
    crashed = path.with_name("crashed.db")
    copied_as_after_a_crash(path, crashed)
    kept = path.with_name("kept.db")
    kept.write_bytes(crashed.read_bytes())
    damage(crashed)
    for _ in range(2):
        assert refused(crashed) == phrases.database_orphaned(str(crashed))
    with pytest.raises(StoreError) as failed:
        list(export_lines(crashed))
    assert failed.value.text == phrases.database_orphaned(str(crashed))
    with pytest.raises(StoreError) as failed:
        back_up(crashed, path.with_name("backup.db"))
    assert failed.value.text == phrases.database_orphaned(str(crashed))
    kept.replace(crashed)
    with closing(SqliteStore(crashed)) as store:
        assert store.head == 100


def test_damage_that_is_found_while_the_server_runs_ends_the_writing(
    reopen: Callable[..., SqliteStore], path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = reopen()
    for first in range(1, 200_000, 20_000):
        store.append(conversation(first, first + 19_999))
    store.close()
    overwritten(path)
    store = reopen(start_waits_s=0)  # no time to look at anything: it goes on beside
    until(lambda: store._failure is not None)
    with pytest.raises(StoreError) as failed:
        store.append(conversation(200_001, 200_001))
    assert failed.value.text == phrases.database_damaged(str(path))
    assert [one.levelno for one in caplog.records if one.levelno >= logging.WARNING] == [logging.ERROR]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no niceness of its own")
def test_whoever_looks_at_a_whole_file_beside_the_room_gives_way_to_it(
    reopen: Callable[..., SqliteStore], path: Path
) -> None:
    reopen().append(conversation(1, 1000))
    reopen().close()
    overwritten(path)
    own, found = os.getpriority(os.PRIO_PROCESS, 0), list[int]()
    inspection = Inspection(path, lambda _: found.append(os.getpriority(os.PRIO_PROCESS, 0)))
    until(lambda: bool(found))
    inspection.stop()
    assert (found, os.getpriority(os.PRIO_PROCESS, 0)) == ([19], own)


def test_a_file_that_can_not_be_looked_at_now_is_not_damaged(
    reopen: Callable[..., SqliteStore], path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = reopen()
    with pytest.raises(sqlite3.OperationalError) as failed:
        sqlite3.connect(path.with_name("nowhere") / "a.db")
    store._give_up(failed.value)
    store.append(conversation(1, 1))
    assert "can't be looked at" in caplog.text


def test_closing_does_not_wait_until_all_has_been_looked_at(reopen: Callable[..., SqliteStore]) -> None:
    reopen().append(conversation(1, 50_000))
    store = reopen(start_waits_s=0)
    assert store._inspection is not None
    store.close()
    assert store._failure is None


def test_an_event_that_is_not_what_was_written_is_not_sent_to_anybody(
    reopen: Callable[..., SqliteStore], path: Path
) -> None:
    """The pages are in order: SQLite has no checksums."""
    store = reopen()
    store.append(conversation(1, 100))
    store.close()
    content = path.read_bytes()
    place = content.index("50번째".encode())
    path.write_bytes(content[:place] + b"\xa5\xa5\xa5" + content[place + 3 :])
    store = reopen()
    for read in (
        lambda: store.read_after(0, MINSU, 100),
        lambda: store.read_before(2**53, MINSU, 100),
        lambda: store.search(SearchPattern("번째"), None, 2**53, MINSU, 100),
    ):
        with pytest.raises(StoreError) as failed:
            read()
        assert failed.value.text == phrases.database_damaged(str(path))
    assert len(store.read_after(50, MINSU, 100)) == 50
    store.append(conversation(101, 101))


# --- gone -------------------------------------------------------------------------------------------------------------


def deleted(path: Path) -> None:
    for name in ("soksak.db", "soksak.db-wal", "soksak.db-shm"):
        path.with_name(name).unlink(missing_ok=True)


def deleted_alone(path: Path) -> None:
    path.unlink()


def without_its_wal(path: Path) -> None:
    path.with_name("soksak.db-wal").unlink()


def replaced(path: Path) -> None:
    with sqlite3.connect(path.with_name("other.db")) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    path.with_name("other.db").replace(path)


def with_its_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("weg"))


@pytest.mark.parametrize("take_away", [deleted, deleted_alone, without_its_wal, replaced, with_its_folder])
def test_a_file_that_is_taken_away_is_noticed_and_all_that_was_said_is_rescued(
    reopen: Callable[..., SqliteStore], path: Path, take_away: Callable[[Path], None]
) -> None:
    store = reopen()
    store.append(conversation(1, 3000))
    take_away(path)
    with pytest.raises(StoreError) as failed:
        store.append(conversation(3001, 3001))
    [rescued] = path.parent.glob("soksak.db.rescued-*")
    assert failed.value.text == phrases.database_gone(str(path), str(rescued))
    with pytest.raises(StoreError):  # for good, and once
        store.append(conversation(3001, 3001))
    store.close()
    assert len(list(path.parent.glob("soksak.db.rescued-*"))) == 1
    with closing(SqliteStore(rescued)) as again:
        assert again.head == 3000


def test_a_file_that_is_taken_away_unnoticed_is_rescued_at_the_end(
    reopen: Callable[..., SqliteStore], path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = reopen()
    store.append(conversation(1, 30))
    deleted(path)
    with pytest.raises(StoreError) as failed:
        store.close()
    [rescued] = path.parent.glob("soksak.db.rescued-*")
    assert failed.value.text == phrases.database_gone(str(path), str(rescued))
    with closing(SqliteStore(rescued)) as again:
        assert again.head == 30
    assert str(rescued) in caplog.text


@pytest.fixture
def overwritten_store(tmp_path: Path) -> Iterator[SqliteStore]:
    """One whose file another was copied over in place, as `cp` of an old backup does it."""
    path = tmp_path / "soksak.db"
    SqliteStore(path).close()
    store = SqliteStore(path)
    store.append(conversation(1, 10))
    back_up(path, tmp_path / "backup.db")
    for first in range(11, 40_000, 1000):
        store.append(conversation(first, first + 999))
    shutil.copyfile(tmp_path / "backup.db", path)
    yield store
    with suppress(StoreError):
        store.close()


def say_one_more(store: SqliteStore) -> bool:
    store.append(conversation(store.head + 1, store.head + 1))
    return False


def test_a_file_that_another_was_copied_over_is_noticed(overwritten_store: SqliteStore, path: Path) -> None:
    with pytest.raises(StoreError) as failed:
        until(lambda: say_one_more(overwritten_store))
    assert failed.value.text == phrases.database_gone(str(path), None)


def test_a_file_that_another_was_copied_over_is_noticed_at_the_end(overwritten_store: SqliteStore, path: Path) -> None:
    with pytest.raises(StoreError) as failed:
        overwritten_store.close()
    assert failed.value.text == phrases.database_gone(str(path), None)


def test_a_file_that_somebody_made_smaller_in_good_order_is_still_ours(
    reopen: Callable[..., SqliteStore], path: Path
) -> None:
    store = reopen()
    store.append(conversation(1, 20_000))
    with closing(sqlite3.connect(path, isolation_level=None)) as shell:
        shell.execute("CREATE TABLE large AS SELECT * FROM events")
        shell.execute("DROP TABLE large")
        shell.execute("PRAGMA wal_checkpoint(FULL)")
        was = path.stat().st_size
        store._claim.has_changed()
        shell.execute("VACUUM")
        shell.execute("PRAGMA wal_checkpoint(FULL)")
    assert path.stat().st_size < was
    store.append(conversation(20_001, 20_001))
    assert reopen().head == 20_001


def test_what_can_not_be_rescued_is_said(tmp_path: Path) -> None:
    longest = tmp_path / ("x" * 240)  # what it would be rescued to has a name that is too long
    with closing(SqliteStore(longest)) as store:
        store.append(conversation(1, 30))
        longest.unlink()
        with pytest.raises(StoreError) as failed:
            store.append(conversation(31, 31))
    assert failed.value.text == phrases.database_gone(str(longest), None)
