"""What an installation remembers."""

import os
import stat
import threading
from pathlib import Path

import pytest

from tui_client.profile import NICKNAME_NAME, SECRET_NAME, Profile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder that isn't there yet."""
    return tmp_path / "state" / "soksak"


def test_same_installation_and_nickname_are_the_same_client(folder: Path) -> None:
    assert Profile(folder).client_secret("영희") == Profile(folder).client_secret("영희")


def test_client_secret_is_128_bits_in_hexadecimal(folder: Path) -> None:
    assert len(bytes.fromhex(Profile(folder).client_secret("영희"))) == 16


def test_two_nicknames_are_two_clients(folder: Path) -> None:
    profile = Profile(folder)
    assert profile.client_secret("영희") != profile.client_secret("철수")


def test_all_nicknames_of_an_installation_have_one_device(tmp_path: Path) -> None:
    here, again, elsewhere = (Profile(tmp_path / name) for name in ("a", "a", "b"))
    assert here.device_secret() == again.device_secret()
    assert len(bytes.fromhex(here.device_secret())) == 16
    others = {here.client_secret("영희"), (tmp_path / "a" / SECRET_NAME).read_text().strip(), elsewhere.device_secret()}
    assert here.device_secret() not in others


def test_spellings_of_one_nickname_are_one_client(folder: Path) -> None:
    profile = Profile(folder)
    assert profile.client_secret("Tom") == profile.client_secret("ｔＯＭ")


def test_two_installations_are_two_clients(tmp_path: Path) -> None:
    assert Profile(tmp_path / "a").client_secret("영희") != Profile(tmp_path / "b").client_secret("영희")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_folder_and_files_are_private(folder: Path) -> None:
    Profile(folder).remember_nickname("영희")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_who_was_renamed_is_still_the_same_client(folder: Path) -> None:
    Profile(folder).remember_nickname("영이", "영희")
    again = Profile(folder)
    assert (again.last_nickname(), again.identity_of("영이")) == ("영이", "영희")
    assert (again.identity_of("영희"), again.identity_of("철수")) == ("영희", "철수")
    again.remember_nickname("영이", "영이")
    assert Profile(folder).identity_of("영이") == "영이"


@pytest.mark.parametrize(("nick", "identity"), [("영희", ""), ("영희", "영희"), ("영이", "영희")])
def test_what_is_remembered_already_is_not_written_again(folder: Path, nick: str, identity: str) -> None:
    """A disk that is slow would hold the screen up whenever a connection comes back."""
    profile = Profile(folder)
    profile.remember_nickname(nick, identity)
    before = (folder / NICKNAME_NAME).stat()
    profile.remember_nickname(nick, identity)
    after = (folder / NICKNAME_NAME).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("content", ["", "\n", "영이\n\n", "관리자\n영희", "영이\n관리자", "\xff"])
def test_damaged_memory_of_a_nickname_is_none(folder: Path, content: str) -> None:
    made = Profile(folder)
    (folder / NICKNAME_NAME).write_text(content, encoding="latin-1" if content == "\xff" else "utf-8")
    assert (made.last_nickname(), made.identity_of("영이")) == ("", "영이")


def test_nothing_but_the_two_files_is_left_behind(folder: Path) -> None:
    Profile(folder).remember_nickname("영희")
    assert {file.name for file in folder.iterdir()} == {SECRET_NAME, NICKNAME_NAME}


def test_clients_that_start_at_once_share_one_secret(folder: Path) -> None:
    together = threading.Barrier(8)
    made: list[str] = []

    def start() -> None:
        together.wait()
        made.append(Profile(folder).client_secret("영희"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert set(made) == {Profile(folder).client_secret("영희")}


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b"abc\n", b"z" * 32, b"a" * 33])
def test_damaged_secret_is_kept_aside_and_made_anew(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / SECRET_NAME).write_bytes(content)
    profile = Profile(folder)
    (aside,) = folder.glob("secret.damaged-*")
    assert aside.read_bytes() == content
    assert str(aside) in profile.notice
    assert Profile(folder).client_secret("영희") == profile.client_secret("영희")


def test_damaged_secret_is_made_anew_once_by_clients_that_start_at_once(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / SECRET_NAME).write_bytes(b"damaged")
    together = threading.Barrier(8)
    made: list[str] = []

    def start() -> None:
        together.wait()
        made.append(Profile(folder).client_secret("영희"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Profile(folder).client_secret("영희") in made
    assert len(list(folder.glob("secret.damaged-*"))) == 1


def test_unreadable_secret_is_kept_aside(folder: Path) -> None:
    (folder / SECRET_NAME).mkdir(parents=True)
    profile = Profile(folder)
    assert profile.notice
    assert (folder / SECRET_NAME).is_file()


def test_folder_that_cannot_be_made_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    profile = Profile(tmp_path / "file" / "soksak")
    profile.remember_nickname("영희")
    assert len(profile.client_secret("영희")) == 32
    assert profile.notice
    assert profile.last_nickname() == ""


def test_new_installation_has_nothing_to_say(folder: Path) -> None:
    profile = Profile(folder)
    assert (profile.notice, profile.last_nickname()) == ("", "")


def test_last_nickname_is_remembered(folder: Path) -> None:
    Profile(folder).remember_nickname("영희")
    Profile(folder).remember_nickname("철수")
    assert Profile(folder).last_nickname() == "철수"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"a b", "서버".encode(), b"x" * 100_000])
def test_remembered_nickname_that_is_none_is_forgotten(folder: Path, content: bytes) -> None:
    profile = Profile(folder)
    (folder / NICKNAME_NAME).write_bytes(content)
    assert profile.last_nickname() == ""


def test_a_secret_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    """As after a copy or a restored backup."""
    secret = Profile(tmp_path).client_secret("영희")
    (tmp_path / SECRET_NAME).chmod(0o644)
    assert Profile(tmp_path).client_secret("영희") == secret
    assert stat.S_IMODE((tmp_path / SECRET_NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize(("uid", "nick"), [(f"x 철수\n{'b' * 16}", "영이"), ("B" * 16, "영이"), ("a" * 16, "영이\nb")])
def test_what_a_server_makes_up_puts_nobody_else_among_the_ignored(tmp_path: Path, uid: str, nick: str) -> None:
    profile = Profile(tmp_path)
    assert profile.note_ignored("c" * 16, "민수") == ""
    assert profile.note_ignored(uid, nick) != ""
    assert profile.ignored() == {"c" * 16: "민수"}
