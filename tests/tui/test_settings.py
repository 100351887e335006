"""The file of settings: read whatever is in it, changed without losing anything, named by its line when it is wrong."""

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.support.server_process import REPOSITORY
from tui_client import strings
from tui_client.settings import (
    CHOICES,
    FILE_NAME,
    KEYS,
    MAX_FILE_BYTES,
    Desktop,
    Focus,
    Notify,
    NotSaved,
    Settings,
    save_change,
)

BROKEN = {
    "bell = tru": 1,
    "bell = true\n\nbell = false\n": 3,
    'theme = "meok"\nnotify = [': 2,
    'theme = "hanji\nbell = true\n': 1,
    "그냥 쓴 글": 1,
}


def write(folder: Path, content: str) -> Path:
    path = folder / FILE_NAME
    path.write_bytes(content.encode())
    return path


# --- reading ----------------------------------------------------------------------------------------------------------


def test_without_a_file_everything_has_its_default_and_no_file_is_made(tmp_path: Path) -> None:
    assert Settings.load(tmp_path / "none") == (Settings(), "")
    assert not (tmp_path / "none").exists()


def test_every_key_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        'theme = "hanji"\nnotify = "all"\nbell = false\ndesktop = "osc99"\nfocus = "always-away"\n'
        "fold_presence = false\nshow_members = false\n",
    )
    expected = Settings("hanji", Notify.ALL, False, Desktop.OSC99, Focus.ALWAYS_AWAY, False, False)
    assert Settings.load(tmp_path) == (expected, "")
    default = Settings()
    assert all(getattr(expected, key) != getattr(default, key) for key in KEYS)


def test_file_of_another_editor_is_read(tmp_path: Path) -> None:
    write(tmp_path, '\ufeff# 설정\r\ntheme = "hanji"\r\n')
    assert Settings.load(tmp_path) == (Settings(theme="hanji"), "")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ['"엉뚱"', "1", "[]", '{a = "meok"}', "1979-05-27"])
def test_wrong_value_is_named_by_its_line_and_the_rest_holds(tmp_path: Path, key: str, value: str) -> None:
    other = "bell" if key == "theme" else "theme"
    path = write(tmp_path, f"# 주석\n\n{key} = {value}\n{other} = " + ("false" if other == "bell" else '"hanji"'))
    settings, notice = Settings.load(tmp_path)
    assert settings == (Settings(bell=False) if other == "bell" else Settings(theme="hanji"))
    assert notice == strings.settings_wrong_value(str(path), 3, key, CHOICES.get(key))


def test_table_in_place_of_a_value_is_named_by_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, 'theme = "hanji"\n\n[notify]\nwhat = "all"\n')
    settings, notice = Settings.load(tmp_path)
    assert settings == Settings(theme="hanji")
    assert notice == strings.settings_wrong_value(str(path), 3, "notify", CHOICES["notify"])


def test_every_problem_has_a_line_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, 'them = "hanji"\nbell = "yes"\n')
    notice = Settings.load(tmp_path)[1]
    assert notice.splitlines() == [
        strings.settings_unknown_key(str(path), 1, "them"),
        strings.settings_wrong_value(str(path), 2, "bell", None),
    ]


def test_thousand_problems_fill_no_screen(tmp_path: Path) -> None:
    write(tmp_path, "".join(f"x{number} = 1\n" for number in range(1_000)))
    assert len(Settings.load(tmp_path)[1].splitlines()) == 5


@pytest.mark.parametrize(("content", "line"), BROKEN.items())
def test_file_that_is_no_toml_is_named_by_its_line(tmp_path: Path, content: str, line: int) -> None:
    path = write(tmp_path, content)
    settings, notice = Settings.load(tmp_path)
    assert settings == Settings()
    assert notice == strings.settings_ignored(str(path), strings.settings_bad_line(line))


def test_file_that_is_not_utf8_is_named_by_its_line(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes("bell = true\n# 한글".encode("euc-kr"))
    assert strings.settings_bad_encoding(2) in Settings.load(tmp_path)[1]


def test_no_file_makes_the_app_fail(tmp_path: Path) -> None:
    write(tmp_path, "a = " + "[" * 20_000)
    assert strings.SETTINGS_TOO_DEEP in Settings.load(tmp_path)[1]
    path = write(tmp_path, f"bell = true\nx = {'1' * 5_000}\n")
    assert Settings.load(tmp_path)[1] == strings.settings_ignored(str(path), strings.settings_bad_line(2))
    with pytest.raises(NotSaved):
        save_change(tmp_path, bell=False)
    write(tmp_path, "#" * (MAX_FILE_BYTES + 1))
    assert strings.SETTINGS_TOO_LARGE in Settings.load(tmp_path)[1]
    (tmp_path / FILE_NAME).unlink()
    (tmp_path / FILE_NAME).mkdir()
    assert strings.SETTINGS_NOT_READABLE in Settings.load(tmp_path)[1]


def test_reading_is_quick_and_needs_no_textual_and_no_tomlkit() -> None:
    script = (
        "import sys, pathlib; from tui_client.settings import Settings; Settings.load(pathlib.Path('/none'));"
        "sys.exit(bool({'textual', 'tomlkit', 'tomllib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=False).returncode == 0


# --- changing ---------------------------------------------------------------------------------------------------------


def test_first_change_makes_a_private_file_that_explains_every_key(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "soksak"
    save_change(folder, theme="hanji")
    assert Settings.load(folder) == (Settings(theme="hanji"), "")
    lines = (folder / FILE_NAME).read_text(encoding="utf-8").splitlines()
    for key in KEYS:
        at = next(number for number, line in enumerate(lines) if line.startswith(f"{key} = "))
        assert lines[at - 1].startswith("# "), key
        assert all(f'"{choice}"' in "".join(lines[:at]) for choice in CHOICES.get(key, ()))
    assert (folder / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_change_keeps_comments_order_and_what_is_unknown(tmp_path: Path) -> None:
    path = write(tmp_path, '# 내가 쓴 것\nbell = true  # 종\nfuture = 1\n\n[more]\ntheme = "x"\n')
    save_change(tmp_path, bell=False, theme="hanji")
    changed = path.read_text(encoding="utf-8")
    assert changed.startswith("# 내가 쓴 것\nbell = false  # 종\nfuture = 1\n")
    assert changed.endswith('[more]\ntheme = "x"\n')
    assert Settings.load(tmp_path)[0] == Settings(bell=False, theme="hanji")


def test_change_keeps_the_line_ends_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, "bell = true\r\n# 끝\r\n")
    save_change(tmp_path, theme="hanji", bell=False)
    assert (tmp_path / FILE_NAME).read_bytes() == 'bell = false\r\n# 끝\r\ntheme = "hanji"\r\n'.encode()


def test_client_that_is_stopped_while_it_writes_holds_up_nobody(tmp_path: Path) -> None:
    path = tmp_path / f".{FILE_NAME}.lock"
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(NotSaved) as problem:
            save_change(tmp_path, bell=False)
    assert problem.value.text == strings.settings_locked(str(tmp_path / FILE_NAME))
    save_change(tmp_path, bell=False)


def test_change_leaves_a_wrong_value_of_another_key_to_its_user(tmp_path: Path) -> None:
    path = write(tmp_path, 'notify = "엉뚱"\n')
    save_change(tmp_path, bell=False)
    assert 'notify = "엉뚱"' in path.read_text(encoding="utf-8")
    assert Settings.load(tmp_path)[0] == Settings(bell=False)


@pytest.mark.parametrize("content", [*BROKEN, "a = " + "[" * 20_000])
def test_broken_file_is_never_written_over(tmp_path: Path, content: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(NotSaved) as refused:
        save_change(tmp_path, bell=False)
    assert str(path) in refused.value.text
    assert path.read_text(encoding="utf-8") == content


def test_folder_that_cannot_be_written_to_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotSaved) as refused:
        save_change(tmp_path / "file", bell=False)
    assert refused.value.text == strings.folder_not_writable(str(tmp_path / "file"))


def test_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.symlink_to(tmp_path / "nowhere" / "settings")
    with pytest.raises(NotSaved):
        save_change(tmp_path, bell=False)
    assert path.is_symlink()
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".new")] == []


def test_file_behind_a_link_is_changed_there(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    target = write(tmp_path / "dotfiles", "bell = true\n")
    (tmp_path / FILE_NAME).symlink_to(target)
    save_change(tmp_path, bell=False)
    assert (tmp_path / FILE_NAME).is_symlink()
    assert target.read_text(encoding="utf-8") == "bell = false\n"


def test_what_clients_change_at_the_same_time_is_all_kept(tmp_path: Path) -> None:
    changes: list[dict[str, str | bool]] = [
        {"theme": "hanji"},
        {"bell": False},
        {"notify": Notify.ALL},
        {"desktop": Desktop.OFF},
        {"fold_presence": False},
        {"show_members": False},
    ]
    start = threading.Barrier(len(changes))

    def change(one: dict[str, str | bool]) -> None:
        start.wait()
        save_change(tmp_path, **one)

    threads = [threading.Thread(target=change, args=(one,)) for one in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = Settings("hanji", Notify.ALL, False, Desktop.OFF, Focus.AUTO, False, False)
    assert Settings.load(tmp_path) == (expected, "")
