"""`chat-server --set-password` and `--set-operator-key`: have a secret typed, and keep it in its file. Main thread; starts no server."""

import getpass
import sys
import unicodedata
from enum import Enum
from pathlib import Path
from shlex import quote
from typing import Final

from server.arguments import as_started
from server.protocol import phrases
from server.protocol.password import Password
from server.protocol.text import column_width
from server.secret_file import SecretFileError, new_secret, write_secret

MIN_COLUMNS, MAX_CHARS = 8, 256
"""NIST SP 800-63B, section 5.1.1.2, has the lower one, in characters; a syllable of Hangul is two, as it takes two keys and more to type.
The upper one is longer than any sentence that somebody would type."""

_MAX_INPUT_BYTES: Final = 16 * 1024

_PROGRAM: Final = "chat-server"


class Kind(Enum):
    """What the secret is for."""

    PASSWORD = "password"  # noqa: S105 -- a kind of secrets, not one
    OPERATOR_KEY = "operator-key"

    @property
    def title(self) -> str:
        """As people call it."""
        return phrases.ROOM_PASSWORD if self is Kind.PASSWORD else phrases.OPERATOR_KEY

    @property
    def file_name(self) -> str:
        """Where it is kept, beside the database, when nobody says where."""
        return "room-password" if self is Kind.PASSWORD else "operator-key"

    def how_to_make(self, path: Path) -> str:
        """The command that makes the file."""
        return f"{as_started(_PROGRAM)} --set-{self.value} {self.how_to_use(path)}"

    def how_to_use(self, path: Path) -> str:
        """The option by which a server is told of the file."""
        return f"--{self.value}-file {quote(str(path))}"


class NotSet(Exception):
    """What was typed can't be the secret. `text` says in Korean why and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def set_secret(kind: Kind, path: Path) -> str:
    """Have it typed twice without echo, or read it from standard input where nobody types; and what to tell. Raises NotSet."""
    password = checked(_ask(kind) if sys.stdin is not None and sys.stdin.isatty() else _read_line())
    try:
        write_secret(path, new_secret(password))
    except SecretFileError as error:
        raise NotSet(error.text) from error
    used_by = phrases.secret_used_by(f"{as_started(_PROGRAM)} {kind.how_to_use(path)}")
    return f"{phrases.secret_set(kind.title, str(path))}\n{used_by}"


def _ask(kind: Kind) -> Password:
    try:
        first = Password(getpass.getpass(phrases.secret_prompt(kind.title)))
        again = Password(getpass.getpass(phrases.secret_prompt_again(kind.title)))
    except (EOFError, KeyboardInterrupt):
        raise NotSet(phrases.SECRET_NOT_SET) from None
    except UnicodeDecodeError:
        raise NotSet(phrases.SECRET_BAD_UTF8) from None
    if first != again:
        raise NotSet(phrases.SECRETS_DIFFER)
    return first


def _read_line() -> Password:
    """All of standard input, which should be one line."""
    if sys.stdin is None:
        return Password("")
    typed = sys.stdin.buffer.read(_MAX_INPUT_BYTES)
    try:
        return Password(typed.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8"))
    except UnicodeDecodeError:
        raise NotSet(phrases.SECRET_BAD_UTF8) from None


def checked(password: Password) -> Password:
    """`password`, if it is one that everybody can type and nobody can try out. Raises NotSet."""
    text = password.reveal()
    if not text:
        raise NotSet(phrases.SECRET_EMPTY)
    if any(unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") for character in text):
        raise NotSet(phrases.SECRET_CHARACTERS)
    if column_width(text) < MIN_COLUMNS:
        raise NotSet(phrases.secret_too_short(MIN_COLUMNS))
    if len(text) > MAX_CHARS:
        raise NotSet(phrases.secret_too_long(MAX_CHARS))
    return password
