"""What its user may set, kept in `settings.toml` in a folder that is handed in. Written by hand or by the app. UI thread.

Textual is not needed here. The file belongs to its user: comments, order and unknown keys stay, and a file that cannot
be read is never written over.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from server.protocol.text import excerpt
from tui_client import strings
from tui_client.shared_file import locked, replace_whole

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

FILE_NAME: Final = "settings.toml"

MAX_FILE_BYTES: Final = 64 * 1024
"""Twenty times the file as the app writes it. Whatever is larger is something else, and would only be slow to refuse."""

MAX_PROBLEMS: Final = 5
"""How many are told at once; whoever mends these sees the others next time."""

Value = str | bool

_line_in_error = re.compile(r"at line (\d+)").search
"""How `tomllib` says where (attributes for it came only with 3.14); at the end of the file it names no line."""


_endless_number = re.compile(r"[0-9](?:_?[0-9]){4300}").search
"""An integer of more digits than Python reads; `tomllib` doesn't say where it stands."""


class Notify(StrEnum):
    """What is worth a notification while its user looks elsewhere."""

    MENTIONS = "mentions"
    """Whispers, and messages that name me."""
    ALL = "all"
    NONE = "none"


class Desktop(StrEnum):
    """How a notification is handed to the terminal: the number of the escape sequence that it understands."""

    OSC9 = "osc9"
    """iTerm2, WezTerm, Ghostty, Windows Terminal, ConEmu."""
    OSC777 = "osc777"
    """urxvt, foot, VTE."""
    OSC99 = "osc99"
    """kitty."""
    OFF = "off"


class Focus(StrEnum):
    """How it is known whether its user looks at the terminal."""

    AUTO = "auto"
    """The terminal reports it."""
    ALWAYS_AWAY = "always-away"
    """It doesn't: better too many notifications than none."""


class Settings(Struct, frozen=True):
    """Every setting, with its default. The names are the keys in the file, in the order in which they are written."""

    theme: str = strings.THEME_TITLES[0][0]
    notify: Notify = Notify.MENTIONS
    bell: bool = True
    desktop: Desktop = Desktop.OSC9
    focus: Focus = Focus.AUTO
    fold_presence: bool = True
    show_members: bool = True

    @classmethod
    def load(cls, folder: Path) -> tuple["Settings", str]:
        """The settings in `folder`, and what its user should be told, perhaps nothing. Never fails.

        What is wrong in the file counts as not set. The notice has one line for each problem.
        """
        path = folder / FILE_NAME
        try:
            text = _read(path)
            table = _parse(text)
        except FileNotFoundError:
            return cls(), ""
        except Unreadable as problem:
            return cls(), strings.settings_ignored(str(path), problem.text)
        right = {key: value for key, value in table.items() if _is_allowed(key, value)}
        problems = [_complaint(path, key, text) for key in table if key not in right]
        return msgspec.convert(right, cls), "\n".join(problems[:MAX_PROBLEMS])


CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "theme": tuple(name for name, _ in strings.THEME_TITLES),
    "notify": tuple(Notify),
    "desktop": tuple(Desktop),
    "focus": tuple(Focus),
}
"""What the keys may be that are not simply on or off."""

KEYS: Final = Settings.__struct_fields__


class Unreadable(Exception):
    """The file can't be used at all. `text` is a Korean sentence that says why, with the line."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class NotSaved(Exception):
    """A change holds only until the app ends. `text` is a Korean sentence that says why and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def save_change(folder: Path, **changes: Value) -> None:
    """Write `changes` into the file in `folder`, which is made if there is none. Raises NotSaved.

    Everything else in the file stays, also what another client has just written. A file that can't be read is left as
    it is: what its user wrote there by hand is worth more than the change.
    """
    assert all(_is_allowed(key, value) for key, value in changes.items())
    path = folder / FILE_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(path):
            content = _changed(path, changes)
            # Whoever keeps the file elsewhere, behind a link, keeps the link.
            replace_whole(path.resolve(), content.encode("utf-8"))
    except Unreadable as problem:
        raise NotSaved(strings.settings_not_saved(str(path), problem.text)) from None
    except BlockingIOError:
        raise NotSaved(strings.settings_locked(str(path))) from None
    except OSError:
        raise NotSaved(strings.folder_not_writable(str(folder))) from None


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(path: Path) -> str:
    """The file's text, without a byte order mark. Raises FileNotFoundError, Unreadable."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError:
        raise Unreadable(strings.SETTINGS_NOT_READABLE) from None
    if len(content) > MAX_FILE_BYTES:
        raise Unreadable(strings.SETTINGS_TOO_LARGE)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(strings.settings_bad_encoding(content.count(b"\n", 0, error.start) + 1)) from None


def _parse(text: str) -> Mapping[str, object]:
    """The table in the file. Raises Unreadable."""
    import tomllib  # 4 ms, which only those need who have set something

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _line_in_error(str(error))
        raise Unreadable(strings.settings_bad_line(int(found[1]) if found else text.count("\n") + 1)) from None
    except ValueError:  # docs.python.org/3/library/stdtypes.html#integer-string-conversion-length-limitation
        number = _endless_number(text)
        raise Unreadable(strings.settings_bad_line(text.count("\n", 0, number.start() if number else 0) + 1)) from None
    except RecursionError:
        raise Unreadable(strings.SETTINGS_TOO_DEEP) from None


def _is_allowed(key: str, value: object) -> bool:
    if key in CHOICES:
        return isinstance(value, str) and value in CHOICES[key]
    return key in KEYS and isinstance(value, bool)


def _complaint(path: Path, key: str, text: str) -> str:
    line = _line_of(key, text)
    if key not in KEYS:
        return strings.settings_unknown_key(str(path), line, excerpt(key))
    return strings.settings_wrong_value(str(path), line, key, CHOICES.get(key))


def _line_of(key: str, text: str) -> int:
    """The line, from 1, where `key` is set, as a value or as a table."""
    found = re.search(rf"""^[ \t]*\[*[ \t]*["']?{re.escape(key)}["']?[ \t]*[=.\]]""", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


# --- writing ----------------------------------------------------------------------------------------------------------


def _changed(path: Path, changes: Mapping[str, Value]) -> str:
    """The file's text after the changes. Raises Unreadable."""
    import tomlkit  # 30 ms, which are nobody's business while the app starts
    from tomlkit.exceptions import TOMLKitError

    text = ""
    try:
        text = _read(path)
        _parse(text)  # by the reader's own standard: nothing is changed that could not be read
        document = tomlkit.parse(text)
    except FileNotFoundError:
        document = _explained()
    except (TOMLKitError, ValueError, RecursionError):  # what only the writer can't read
        raise Unreadable(strings.settings_bad_line(1)) from None
    for key, value in changes.items():
        document[key] = value if isinstance(value, bool) else str(value)
    changed = tomlkit.dumps(document)
    return re.sub(r"(?<!\r)\n", "\r\n", changed) if "\r\n" in text else changed


def _explained() -> "TOMLDocument":
    """The file as it is when the app makes it: every key with what it is for."""
    import tomlkit

    document = tomlkit.document()
    for line in strings.SETTINGS_HEAD:
        document.add(tomlkit.comment(line))
    default = Settings()
    for key in KEYS:
        document.add(tomlkit.nl())
        for line in strings.settings_explained(key):
            document.add(tomlkit.comment(line))
        value = getattr(default, key)
        document.add(key, value if isinstance(value, bool) else str(value))
    return document
