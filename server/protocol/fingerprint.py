"""A certificate's fingerprint, as both ends show it and people compare it: SHA-256 of its DER, in 16 groups of four digits."""

import hashlib
import re
from typing import Final

DIGITS: Final = 64
_GROUP: Final = 4
_BETWEEN = re.compile(r"[\s:.-]+")
"""What people and other programs put between the digits; openssl a colon after every second."""


def fingerprint_of(der: bytes) -> str:
    """The fingerprint of a certificate in DER: `0f3a 77c1 …`."""
    return _grouped(hashlib.sha256(der).hexdigest())


def fingerprint_rows(fingerprint: str, groups_a_row: int = 4) -> list[str]:
    """The same in rows, as it is shown at both ends: so people compare it."""
    groups = fingerprint.split()
    return [" ".join(groups[start : start + groups_a_row]) for start in range(0, len(groups), groups_a_row)]


def read_fingerprint(text: str) -> str:
    """A fingerprint as somebody wrote it, however it is cut and in letters of either case, as `fingerprint_of` writes it.

    Raises ValueError if it is none.
    """
    digits = _BETWEEN.sub("", text.rpartition("=")[2]).lower()  # openssl's own name for it stands before a `=`
    if not re.fullmatch(rf"[0-9a-f]{{{DIGITS}}}", digits):
        raise ValueError(text)
    return _grouped(digits)


def _grouped(digits: str) -> str:
    return " ".join(digits[start : start + _GROUP] for start in range(0, DIGITS, _GROUP))
