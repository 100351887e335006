"""A certificate's fingerprint: one form to show, every form to read."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.fingerprint import fingerprint_of, read_fingerprint

DIGEST = hashlib.sha256(b"der").hexdigest()
SHOWN = fingerprint_of(b"der")


def test_it_is_shown_in_sixteen_groups_of_four() -> None:
    assert SHOWN.replace(" ", "") == DIGEST
    assert [len(group) for group in SHOWN.split(" ")] == [4] * 16


@pytest.mark.parametrize(
    "written",
    [
        SHOWN,
        DIGEST,
        DIGEST.upper(),
        f"  {SHOWN}\n",
        SHOWN.replace(" ", ":"),
        SHOWN.replace(" ", "-"),
        ":".join(DIGEST[start : start + 2].upper() for start in range(0, 64, 2)),
        "sha256 Fingerprint=" + ":".join(DIGEST[start : start + 2].upper() for start in range(0, 64, 2)),
    ],
)
def test_it_is_read_however_it_is_written(written: str) -> None:
    assert read_fingerprint(written) == SHOWN


@pytest.mark.parametrize(
    "written", ["", "abc", DIGEST[1:], DIGEST + "0", "g" + DIGEST[1:], "０" + DIGEST[1:], DIGEST[:40]]
)
def test_what_is_none_is_not_read(written: str) -> None:
    with pytest.raises(ValueError):
        read_fingerprint(written)


@given(st.binary())
def test_what_is_shown_can_be_read(der: bytes) -> None:
    assert read_fingerprint(fingerprint_of(der)) == fingerprint_of(der)
