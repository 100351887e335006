"""New files that are there whole or not at all, and never in the place of another."""

import os
import stat
from pathlib import Path

import pytest

from server.log.whole_file import unused, whole_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_stands_there_at_the_end(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a") as part:
        part.write_text("전부")
        assert not (tmp_path / "a").exists()
    assert (names(tmp_path), (tmp_path / "a").read_text()) == (["a"], "전부")


def test_after_an_error_nothing_is_left(tmp_path: Path) -> None:
    def write_half(part: Path) -> None:
        part.write_text("반")
        raise LookupError

    with pytest.raises(LookupError), whole_file(tmp_path / "a") as part:
        write_half(part)
    assert names(tmp_path) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("소중한 것")
    with pytest.raises(FileExistsError), whole_file(tmp_path / "a"):
        pass
    assert (names(tmp_path), (tmp_path / "a").read_text()) == (["a"], "소중한 것")


def test_what_a_crash_left_half_done_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a.part-x").write_text("예전에 쓰다 만 긴 내용")
    with whole_file(tmp_path / "a") as part:
        part.write_text("새것")
    assert (tmp_path / "a").read_text() == "새것"


def test_whoever_is_there_first_stays(tmp_path: Path) -> None:
    def write_late(part: Path) -> None:
        (tmp_path / "a").write_text("소중한 것")
        part.write_text("새것")

    with pytest.raises(FileExistsError), whole_file(tmp_path / "a") as part:
        write_late(part)
    assert (names(tmp_path), (tmp_path / "a").read_text()) == (["a"], "소중한 것")


def test_names_that_are_taken_get_a_number(tmp_path: Path) -> None:
    found = []
    for _ in range(3):
        found.append(unused(tmp_path / "a"))
        found[-1].touch()
    assert [path.name for path in found] == ["a", "a-2", "a-3"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with whole_file(tmp_path / "a") as part:
            assert stat.S_IMODE(part.stat().st_mode) == 0o600
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX systems")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError), whole_file(tmp_path / "a"):
        pass
    assert names(tmp_path) == ["a"]
