"""The file of a secret: recognised, never read; replaced as a whole, and nothing else is."""

import stat
from pathlib import Path

import pytest

from server.protocol import phrases
from server.protocol.password import Password
from server.secret_file import Secret, SecretFileError, decode_secret, new_secret, read_secret, write_secret
from tests.support.secret_files import cheap_secret

HOW = "chat-server --set-password"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secret"


def test_a_secret_is_recognised_and_nothing_else(path: Path) -> None:
    write_secret(path, new_secret(Password("참깨가 열려라")))
    secret, warnings = read_secret(path, HOW)
    assert secret.matches(Password("참깨가 열려라"))
    assert not secret.matches(Password("참깨가 열려라 "))
    assert warnings == ()


def test_the_file_is_one_line_for_its_owner_alone_and_says_nothing_of_the_secret(path: Path) -> None:
    write_secret(path, new_secret(Password("sesame-open")))
    content = path.read_text("ascii")
    assert content.startswith("$scrypt$ln=15,r=8,p=1$")
    assert content.count("\n") == 1
    assert "sesame" not in content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_the_same_secret_is_never_hashed_to_the_same() -> None:
    assert new_secret(Password("sesame-open")) != new_secret(Password("sesame-open"))


def test_a_known_hash_is_the_one_of_the_standard() -> None:
    """RFC 7914, section 12, the second vector."""
    digest = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
    secret = Secret(b"NaCl", bytes.fromhex(digest), log_n=10, r=8, p=16)
    assert secret.matches(Password("password"))


def test_a_hash_is_shown_to_nobody() -> None:
    assert str(cheap_secret("sesame-open").digest) not in repr(cheap_secret("sesame-open"))


def test_another_secret_takes_the_place_of_the_first(path: Path) -> None:
    write_secret(path, cheap_secret("first-secret"))
    path.chmod(0o644)
    write_secret(path, cheap_secret("second-secret"))
    assert read_secret(path, HOW)[0].matches(Password("second-secret"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["오늘은 맑음\n", "", "my-password\n", "$scrypt$ln=15,r=8,p=1$YWFh$YWFh\n"])
def test_a_file_of_somebody_elses_is_not_replaced(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SecretFileError) as error:
        write_secret(path, cheap_secret("sesame-open"))
    assert error.value.text == phrases.secret_file_not_replaced(str(path))
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_is_not_replaced(path: Path) -> None:
    path.mkdir()
    with pytest.raises(SecretFileError) as error:
        write_secret(path, cheap_secret("sesame-open"))
    assert error.value.text == phrases.file_unwritable(str(path))


def test_a_folder_that_is_not_there_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secret"
    write_secret(path, cheap_secret("sesame-open"))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_is_not_there_is_said_to_be_made(path: Path) -> None:
    with pytest.raises(SecretFileError) as error:
        read_secret(path, HOW)
    assert error.value.text == phrases.secret_file_missing(str(path), HOW)


def test_a_password_as_it_is_typed_is_no_file_of_ours(path: Path) -> None:
    path.write_text("my-password\n")
    with pytest.raises(SecretFileError) as error:
        read_secret(path, HOW)
    assert "my-password" not in error.value.text
    assert HOW in error.value.text


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o622])
def test_a_file_that_others_may_read_or_write_is_warned_about(path: Path, mode: int) -> None:
    write_secret(path, cheap_secret("sesame-open"))
    path.chmod(mode)
    assert read_secret(path, HOW)[1] == (phrases.secret_file_exposed(str(path)),)


@pytest.mark.parametrize(
    "line",
    [
        *("$scrypt$ln=20,r=32,p=1$", "$scrypt$ln=21,r=8,p=1$", "$scrypt$ln=0,r=8,p=1$", "$scrypt$ln=15,r=0,p=1$"),
        *(
            "$scrypt$ln=15,r=8,p=99$",
            "$argon2id$v=19$m=65536,t=3,p=4$",
            "$scrypt$ln=１５,r=8,p=1$",
            " $scrypt$ln=15,r=8,p=1$",
        ),
    ],
)
def test_what_would_take_more_than_can_be_spared_is_no_secret(line: str) -> None:
    good = cheap_secret("sesame-open").encoded()
    assert decode_secret(good.encode()) == cheap_secret("sesame-open")
    assert decode_secret((line + good.split("$", 3)[3]).encode()) is None


@pytest.mark.parametrize("tail", ["\n", " ", "=", "\0", "$x"])
def test_what_follows_a_secret_makes_it_none(tail: str) -> None:
    assert decode_secret((cheap_secret("sesame-open").encoded() + tail).encode()) is None


def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(SecretFileError):
        read_secret(Path("/dev/zero"), HOW)
