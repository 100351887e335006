"""The room's password as it is given from outside: in a file or the environment, never on the command line, which everybody may read."""

import os
import stat
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from server.protocol.password import Password
from tui_client import strings

VARIABLE: Final = "SOKSAK_PASSWORD"

_MAX_BYTES: Final = 4 * 1024
_OTHERS_MAY_READ_OR_WRITE: Final = 0o066
_HASHED: Final = "$scrypt$"


class PasswordUnusable(Exception):
    """There is none where it should be. `text` says in Korean why and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class GivenPassword(Struct, frozen=True):
    """None: whoever sits there is asked, should the server want one. `notice` is what its user should be told, perhaps nothing."""

    password: Password | None = None
    notice: str = ""


NOT_GIVEN: Final = GivenPassword()


def given_password(path: Path | None, environ: MutableMapping[str, str]) -> GivenPassword:
    """From the first line of the file at `path`, else from the environment, where it doesn't stay: programs that we start see it, too.

    Raises PasswordUnusable.
    """
    in_environment = environ.pop(VARIABLE, "")
    if path is not None:
        return _from_file(path)
    try:
        in_environment.encode()
    except UnicodeEncodeError:
        raise PasswordUnusable(strings.PASSWORD_VARIABLE_NOT_TEXT) from None
    return GivenPassword(Password(in_environment)) if in_environment else NOT_GIVEN


def _from_file(path: Path) -> GivenPassword:
    try:
        with path.open("rb") as file:
            content, mode = file.read(_MAX_BYTES), os.fstat(file.fileno()).st_mode
        line = content.partition(b"\n")[0].removesuffix(b"\r").decode("utf-8-sig")
    except FileNotFoundError:
        raise PasswordUnusable(strings.password_file_missing(str(path))) from None
    except OSError:
        raise PasswordUnusable(strings.password_file_unreadable(str(path))) from None
    except UnicodeDecodeError:
        raise PasswordUnusable(strings.password_file_not_text(str(path))) from None
    if line.startswith(_HASHED):
        raise PasswordUnusable(strings.password_file_hashed(str(path)))
    if not line:
        raise PasswordUnusable(strings.password_file_empty(str(path)))
    is_exposed = sys.platform != "win32" and stat.S_ISREG(mode) and mode & _OTHERS_MAY_READ_OR_WRITE
    return GivenPassword(Password(line), strings.password_file_exposed(str(path)) if is_exposed else "")
