"""The file in which a secret is kept so that it can be recognised and not read: one line, its salted scrypt hash. Knows files, no sockets.

Its form is that of https://github.com/P-H-C/phc-string-format, which other programs write, too:
`$scrypt$ln=15,r=8,p=1$salt$hash`, both in base64 without padding.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from server.log.whole_file import sync
from server.protocol import phrases
from server.protocol.password import Password

_SALT_BYTES, _HASH_BYTES = 16, 32

_MAX_BYTES: Final = 1024
"""Of a file that could be one of ours."""

_MOST_MEMORY: Final = 256 * 1024 * 1024
"""What one hash may take at most, whatever the file asks for; ours takes 32 MiB."""

_OTHERS_MAY_READ_OR_WRITE: Final = 0o066

_FORM: Final = re.compile(
    r"\$scrypt\$ln=([1-9]|1[0-9]|20),r=([1-9][0-9]?),p=([1-9])\$([A-Za-z0-9+/]{8,88})\$([A-Za-z0-9+/]{22,88})\n?"
)


class SecretFileError(Exception):
    """The file can't be used. `text` says in Korean why and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Secret:
    """What is kept of it, and how dear each guess is: scrypt's N as a power of two, r, and p (RFC 7914)."""

    salt: bytes
    digest: bytes = field(repr=False)
    log_n: int = 15
    r: int = 8
    p: int = 1

    @classmethod
    def of(cls, password: Password, salt: bytes, *, log_n: int = 15) -> "Secret":
        """Takes a tenth of a second and, with the usual N, 32 MiB."""
        return cls(salt, _scrypt(password, salt, log_n, 8, 1, _HASH_BYTES), log_n)

    def matches(self, given: Password) -> bool:
        """Whether `given` is the secret. Takes as long as `of`, whatever it is; the interpreter goes on meanwhile."""
        found = _scrypt(given, self.salt, self.log_n, self.r, self.p, len(self.digest))
        return hmac.compare_digest(found, self.digest)

    def encoded(self) -> str:
        """As it stands in the file."""
        return f"$scrypt$ln={self.log_n},r={self.r},p={self.p}${_in_base64(self.salt)}${_in_base64(self.digest)}\n"


def _scrypt(password: Password, salt: bytes, log_n: int, r: int, p: int, length: int) -> bytes:
    needed = 128 * r * (2**log_n + p + 2)
    return hashlib.scrypt(password.encode(), salt=salt, n=2**log_n, r=r, p=p, maxmem=needed + 1024 * 1024, dklen=length)


def _in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii").rstrip("=")


def new_secret(password: Password) -> Secret:
    """With a salt of its own."""
    return Secret.of(password, secrets.token_bytes(_SALT_BYTES))


def decode_secret(line: bytes) -> Secret | None:
    """What `encoded` has made; None of anything else, or of what would take more than a server can spare."""
    found = _FORM.fullmatch(line.decode("ascii", "replace"))
    if found is None:
        return None
    log_n, r, p = (int(found[number]) for number in (1, 2, 3))
    if 128 * r * 2**log_n > _MOST_MEMORY:
        return None
    try:
        salt, digest = (base64.b64decode(text + "=" * (-len(text) % 4)) for text in (found[4], found[5]))
    except ValueError:
        return None
    return Secret(salt, digest, log_n, r, p)


def read_secret(path: Path, how_to_make: str) -> tuple[Secret, tuple[str, ...]]:
    """What is in the file, and Korean sentences about what should trouble its owner. `how_to_make` is the command that makes one.

    Raises SecretFileError.
    """
    try:
        content, mode = _read(path)
    except FileNotFoundError as error:
        raise SecretFileError(phrases.secret_file_missing(str(path), how_to_make)) from error
    except OSError as error:
        raise SecretFileError(phrases.file_unreadable(str(path))) from error
    secret = decode_secret(content)
    if secret is None:
        raise SecretFileError(phrases.secret_file_foreign(str(path), how_to_make))
    is_exposed = sys.platform != "win32" and stat.S_ISREG(mode) and mode & _OTHERS_MAY_READ_OR_WRITE
    return secret, (phrases.secret_file_exposed(str(path)),) if is_exposed else ()


def _read(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES + 1), os.fstat(file.fileno()).st_mode


def write_secret(path: Path, secret: Secret) -> None:
    """Keep `secret` at `path`, in the place of what was kept there before, as a whole, for its owner alone.

    Raises SecretFileError, and what is there stays as it was; also if that is something else.
    """
    try:
        with suppress(FileNotFoundError):
            if decode_secret(_read(path)[0]) is None:
                raise SecretFileError(phrases.secret_file_not_replaced(str(path)))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _put(path, secret.encoded().encode("ascii"))
    except OSError as error:
        raise SecretFileError(phrases.file_unwritable(str(path))) from error


def _put(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.part-")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        sync(part)
        part.replace(path)
        sync(path.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
