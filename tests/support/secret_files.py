"""Files in which secrets are kept, made quickly: a hash that costs a thousandth of a real one."""

from pathlib import Path

from server.protocol.password import Password
from server.secret_file import Secret, write_secret

CHEAP = 5
"""scrypt's N as a power of two."""


def cheap_secret(text: str) -> Secret:
    return Secret.of(Password(text), b"salt" * 4, log_n=CHEAP)


def secret_file(folder: Path, text: str) -> Path:
    """Where `text` is kept."""
    path = folder / "secret-file"
    write_secret(path, cheap_secret(text))
    return path
