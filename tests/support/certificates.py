"""Certificates of every kind, from an authority that nobody knows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from server.certificate import own_certificate

NOW = datetime.now(UTC)
"""Of the tests; whoever checks a certificate is told the time."""

DAY = timedelta(days=1)


def issue(
    folder: Path,
    name: str = "127.0.0.1",
    *,
    not_before: datetime = NOW - DAY,
    not_after: datetime = NOW + DAY,
    authority: trustme.CA | None = None,
) -> tuple[Path, Path]:
    """A certificate for `name`, as its file and that of its key; from an authority that nobody knows, if none is given."""
    issued = (authority or trustme.CA()).issue_cert(name, not_before=not_before, not_after=not_after)
    cert, key = folder / "given.crt", folder / "given.key"
    cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.touch(0o600)
    key.write_bytes(issued.private_key_pem.bytes())
    return cert, key


def known_authority(path: Path) -> trustme.CA:
    """One whose own certificate is in the file at `path`, for those who are to believe it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(path))
    return authority


def self_signed(folder: Path, now: datetime = NOW) -> tuple[Path, Path]:
    """What a server of ours makes itself when it starts `now`, as its file and that of its key."""
    folder.mkdir(exist_ok=True)
    made = own_certificate(folder, now)
    return made.cert, made.key
