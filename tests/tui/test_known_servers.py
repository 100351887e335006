"""The servers that are trusted: kept in a file that people may read and damage, and that several clients write at once."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.protocol.fingerprint import fingerprint_of
from tui_client import strings
from tui_client.known_servers import FILE_NAME, KnownServers
from tui_client.trust import UNREADABLE, VERIFIED

ONE, OTHER = fingerprint_of(b"1"), fingerprint_of(b"2")
SERVER = "chat.example.com:12345"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "soksak"


@pytest.fixture
def known(folder: Path) -> KnownServers:
    return KnownServers(folder)


def lines(folder: Path) -> list[str]:
    return (folder / FILE_NAME).read_text(encoding="utf-8").splitlines()


def write(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / FILE_NAME).write_bytes(content)


def test_nothing_is_known_at_first_and_nothing_made(known: KnownServers, folder: Path) -> None:
    assert known.find(SERVER) == ""
    assert not known.forget(SERVER)
    assert not folder.exists()
    assert known.take_notices() == []


@pytest.mark.parametrize("what", [ONE, VERIFIED])
def test_what_is_remembered_is_found_by_the_next_client_too(known: KnownServers, folder: Path, what: str) -> None:
    known.remember(SERVER, what)
    assert KnownServers(folder).find(SERVER) == what
    assert known.find("chat.example.com:1") == known.find("example.com:12345") == ""


def test_a_line_can_be_read_and_compared_by_a_person(known: KnownServers, folder: Path) -> None:
    known.remember("Chat.Example.com:12345", ONE)
    assert lines(folder) == [f"{SERVER} {ONE.replace(' ', '')}"]
    assert known.find("CHAT.example.com:12345") == ONE


def test_it_is_private(known: KnownServers, folder: Path) -> None:
    known.remember(SERVER, ONE)
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == [f".{FILE_NAME}.lock", FILE_NAME]


def test_something_else_takes_the_place_of_what_was(known: KnownServers, folder: Path) -> None:
    known.remember(SERVER, ONE)
    known.remember("a:1", ONE)
    known.remember(SERVER, OTHER)
    assert known.find(SERVER) == OTHER
    assert len(lines(folder)) == 2


def test_forgetting_forgets_one(known: KnownServers) -> None:
    known.remember(SERVER, ONE)
    known.remember("a:1", OTHER)
    assert known.forget("CHAT.EXAMPLE.COM:12345")
    assert not known.forget(SERVER)
    assert (known.find(SERVER), known.find("a:1")) == ("", OTHER)


@pytest.mark.parametrize("written", [ONE, ONE.upper(), ONE.replace(" ", ""), ONE.replace(" ", ":")])
def test_a_fingerprint_that_somebody_wrote_there_counts(known: KnownServers, folder: Path, written: str) -> None:
    write(folder, f"{SERVER}\t{written}".encode())
    assert known.find(SERVER) == ONE


DAMAGED = [
    b"chat.example.com:12345",
    b"chat.example.com:12345 0f3a",
    b"chat.example.com " + ONE.encode(),
    b"chat.example.com:x " + ONE.encode(),
    b":12345 " + ONE.encode(),
    b"\xff\xfe:1 " + ONE.encode(),
    b"chat.example.com:12345 verified twice",
]


@pytest.mark.parametrize("damaged", DAMAGED)
def test_damaged_lines_are_told_once_and_kept(known: KnownServers, folder: Path, damaged: bytes) -> None:
    write(folder, b"a:1 " + ONE.encode() + b"\n\n" + damaged + b"\n")
    assert known.find("a:1") == known.find("a:1") == ONE
    assert known.find(SERVER) in ("", UNREADABLE)
    assert known.take_notices() == [strings.known_servers_damaged(str(folder / FILE_NAME), [3])]
    known.remember("b:2", OTHER)
    assert damaged in (folder / FILE_NAME).read_bytes().splitlines()
    assert (known.find("a:1"), known.find("b:2")) == (ONE, OTHER)


def test_a_damaged_line_about_this_server_can_be_forgotten(known: KnownServers, folder: Path) -> None:
    write(folder, f"{SERVER} 0f3a\na:1 {ONE}\n".encode())
    assert known.forget(SERVER)
    assert lines(folder) == [f"a:1 {ONE}"]


@pytest.mark.parametrize(
    "line", [SERVER, f"{SERVER} 0f3a", f"{SERVER} verified twice", f"CHAT.example.com:12345 {ONE} x"]
)
def test_what_is_remembered_and_can_not_be_read_is_not_the_same_as_nothing(
    known: KnownServers, folder: Path, line: str
) -> None:
    write(folder, line.encode())
    assert known.find(SERVER) == UNREADABLE
    assert known.find("a:1") == ""


def test_a_line_that_can_be_read_counts_more_than_one_that_can_not(known: KnownServers, folder: Path) -> None:
    write(folder, f"{SERVER} {ONE}\n{SERVER} 0f3a\n".encode())
    assert known.find(SERVER) == ONE


def test_of_two_lines_about_one_server_the_last_counts(known: KnownServers, folder: Path) -> None:
    write(folder, f"{SERVER} {ONE}\n{SERVER} {OTHER}\n".encode())
    assert known.find(SERVER) == OTHER


def test_what_cannot_be_written_is_known_until_the_program_ends(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    known = KnownServers(tmp_path / "state")
    known.remember(SERVER, ONE)
    assert known.find(SERVER) == ONE
    assert known.take_notices()[0] == strings.known_servers_not_written(str(known.path))
    with pytest.raises(OSError, match="state"):
        known.forget(SERVER)


@pytest.fixture
def unreadable(folder: Path) -> Path:
    """A folder where the file should be: unreadable for the owner of everything, too."""
    (folder / FILE_NAME).mkdir(parents=True)
    return folder / FILE_NAME


def test_what_cannot_be_read_is_told_and_not_replaced(known: KnownServers, unreadable: Path) -> None:
    assert known.find(SERVER) == ""
    assert known.take_notices() == [strings.known_servers_not_read(str(unreadable))]
    known.remember(SERVER, ONE)
    assert unreadable.is_dir()
    assert known.find(SERVER) == ONE


def test_clients_that_remember_at_once_lose_nothing(folder: Path) -> None:
    def remember(number: int) -> None:
        KnownServers(folder).remember(f"host:{number}", ONE)

    with ThreadPoolExecutor(3) as clients:
        list(clients.map(remember, range(30)))
    assert sorted(lines(folder)) == sorted(f"host:{number} {ONE.replace(' ', '')}" for number in range(30))


def test_what_somebody_else_has_put_in_its_way_is_not_written_through(known: KnownServers, folder: Path) -> None:
    """A folder that others can write to, as a shared one is, may hold links of theirs."""
    victim = folder.parent / "victim"
    folder.mkdir(parents=True)
    victim.write_text("hers")
    (folder / f".{FILE_NAME}.{os.getpid()}.new").symlink_to(victim)
    known.remember(SERVER, ONE)
    assert victim.read_text() == "hers"
    assert known.find(SERVER) == ONE
    assert not (folder / FILE_NAME).is_symlink()


def test_what_a_killed_client_has_left_does_not_make_it_readable_for_others(known: KnownServers, folder: Path) -> None:
    folder.mkdir(parents=True)
    left = folder / f".{FILE_NAME}.{os.getpid()}.new"
    left.touch(0o644)
    known.remember(SERVER, ONE)
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
