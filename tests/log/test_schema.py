"""A log of an older version becomes one of this version, whole, and stays beside as it was."""

import os
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from server.log.names import Registration
from server.log.sanctions import Kind, Sanction
from server.log.schema import SCHEMA_VERSION
from server.log.seating import ClientOf, KeptSeat
from server.log.sqlite import SqliteStore
from server.log.store import StoreError
from server.protocol import phrases
from tests.support.old_log import EPOCH_OF_VERSION_1, write_log
from tests.support.samples import CHEOLSU, YOUNGHEE, conversation, joined, records, said, whispered

TALK = records(joined(1), said(2, cid="c2"), whispered(3, cid="c3"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "soksak.db"
    write_log(path, TALK, 1)
    return path


def copies(path: Path) -> list[Path]:
    return sorted(one for one in path.parent.iterdir() if re.fullmatch(r"soksak\.db\.v1-\d{8}-\d{6}", one.name))


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as log:
        found: int = log.execute("PRAGMA user_version").fetchone()[0]
        return found


def tables(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as log:
        return log.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def test_what_was_said_before_is_there_and_goes_on(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        assert [line for _, line in store.read_after(0, YOUNGHEE, 9)] == [one.line for one in TALK]
        assert store.find([(YOUNGHEE, "c3")]) == {(YOUNGHEE, "c3"): TALK[2].event}
        assert store.holds(EPOCH_OF_VERSION_1, 3)
        assert store.seated() == store.lapsed() == ()
        store.append(conversation(4, 5))
    assert version(path) == SCHEMA_VERSION


def test_an_old_log_becomes_what_a_new_one_is(path: Path, tmp_path: Path) -> None:
    SqliteStore(path).close()
    SqliteStore(tmp_path / "new.db").close()
    assert tables(path) == tables(tmp_path / "new.db")


def test_a_copy_of_it_is_kept_as_it_was(path: Path) -> None:
    before = tables(path)
    SqliteStore(path).close()
    SqliteStore(path).close()  # once, and not again
    [copy] = copies(path)
    assert (version(copy), tables(copy)) == (1, before)
    with closing(sqlite3.connect(copy)) as log:
        kept = log.execute("SELECT CAST(line AS BLOB) FROM events ORDER BY seq").fetchall()
    assert kept == [(one.line,) for one in TALK]


def test_what_version_2_kept_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "second.db"
    write_log(path, TALK, 2)
    before = tables(path)
    with closing(SqliteStore(path)) as store:
        assert store.seated() == (KeptSeat(YOUNGHEE, "영희"),)
        assert (store.registered(), store.sanctions()) == ((), ())
        assert store.read_before(9, YOUNGHEE, 9, whispers_only=True).lines == (TALK[2].line,)
    SqliteStore(tmp_path / "new.db").close()
    assert tables(path) == tables(tmp_path / "new.db")
    [copy] = tmp_path.glob("second.db.v2-*")
    assert (version(copy), tables(copy)) == (2, before)


def test_what_version_3_kept_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "third.db"
    write_log(path, TALK, 3)
    before = tables(path)
    with closing(SqliteStore(path)) as store:
        assert store.seated() == (KeptSeat(YOUNGHEE, "영희"),)
        assert store.registered() == (Registration("영희", "영희", "d" * 16, 7, 8),)
        assert store.sanctions() == (Sanction(Kind.BAN, "철수", "철수", CHEOLSU, "e" * 16, "영희", 9, None),)
        store.append(conversation(4, 5), [ClientOf(YOUNGHEE, "d" * 16)])
    with closing(SqliteStore(path)) as store:
        assert store.seated()[0] == KeptSeat(YOUNGHEE, "영희", "d" * 16)
    SqliteStore(tmp_path / "new.db").close()
    assert tables(path) == tables(tmp_path / "new.db")
    [copy] = tmp_path.glob("third.db.v3-*")
    assert (version(copy), tables(copy)) == (3, before)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_only_its_owner_reads_the_copy(path: Path) -> None:
    before = os.umask(0)
    try:
        SqliteStore(path).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(copies(path)[0].stat().st_mode) == 0o600


def test_without_a_copy_nothing_is_changed(path: Path) -> None:
    longest = path.rename(path.with_name("x" * 240))  # the name of the copy would be too long
    with pytest.raises(StoreError) as failed:
        SqliteStore(longest)
    assert failed.value.text == phrases.database_unusable(str(longest))
    assert version(longest) == 1


def test_steps_that_can_not_all_be_made_leave_it_as_it_was(path: Path) -> None:
    with closing(sqlite3.connect(path)) as log:
        log.execute("CREATE TABLE forgotten (in_the_way INTEGER)")
    before = tables(path)
    with pytest.raises(StoreError):
        SqliteStore(path)
    assert (version(path), tables(path)) == (1, before)
