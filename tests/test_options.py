"""What is meant by what was typed after chat-server; `--help` is held by `test_arguments`, limits by `test_limit_options`."""

from pathlib import Path

import pytest

from server.config import Config
from server.options import STANDARD_OUTPUT, Options, read_options
from server.secret_setting import Kind

STATE = Path("/nobody/state")


def read(*arguments: str) -> Options:
    return read_options(arguments, STATE)


def test_without_an_option_a_server_is_run_as_it_is_written_down() -> None:
    expected = Config(db=STATE / "soksak.db", certificate_folder=STATE)
    assert read() == Options(config=expected, log_level="info", new_secret=None, export=None, backup=None)


def test_in_memory_there_is_no_database() -> None:
    assert read("--memory").config.db is None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--set-password"], (Kind.PASSWORD, STATE / "room-password")),
        (["--set-operator-key"], (Kind.OPERATOR_KEY, STATE / "operator-key")),
        (["--set-password", "--password-file=here"], (Kind.PASSWORD, Path("here"))),
        (["--set-operator-key", "--operator-key-file=here"], (Kind.OPERATOR_KEY, Path("here"))),
        (["--password-file=here"], None),
    ],
)
def test_a_new_secret_is_kept_where_the_server_will_look_for_it(
    arguments: list[str], expected: tuple[Kind, Path] | None
) -> None:
    assert read(*arguments).new_secret == expected


def test_an_export_may_go_to_standard_output_and_a_backup_may_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert read("--export=-").export == STANDARD_OUTPUT
    with pytest.raises(SystemExit, match="2"):
        read("--backup=-")
    assert capsys.readouterr().err.startswith("--backup: ")


@pytest.mark.parametrize(
    "arguments", [["--cert=a"], ["--key=a"], ["--memory", "--backup=a"], ["--memory", "--keep=1d"]]
)
def test_what_contradicts_itself_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        read(*arguments)
    assert "--" in capsys.readouterr().err
