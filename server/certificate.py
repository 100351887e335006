"""The server's certificate and its key: reads those it was given, makes its own and keeps them. Knows files, no sockets.

Our own one is trusted by its fingerprint, as ssh's host keys are, so all that it says besides is for programs that want to see a name.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from server.log.whole_file import whole_file
from server.protocol import phrases
from server.protocol.fingerprint import fingerprint_of

if TYPE_CHECKING:  # 20 ms that only those servers spend that need it
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate as X509Certificate

CERTIFICATE_NAME: Final = "server.crt"
KEY_NAME: Final = "server.key"

VALID_FOR: Final = timedelta(days=20 * 365)
"""Whoever has compared the fingerprint once should not have to do it again."""

_ALREADY_VALID_FOR: Final = timedelta(days=1)
"""Clocks differ."""

_OTHERS_MAY_READ: Final = 0o004


class CertificateError(Exception):
    """There is no TLS with what was given. `text` says in Korean why and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that fits its key. `warnings` are Korean sentences about what will trouble its clients, or should its owner."""

    cert: Path
    key: Path
    fingerprint: str
    warnings: tuple[str, ...] = ()


# --- what is there ----------------------------------------------------------------------------------------------------


def read_certificate(cert: Path, key: Path, now: datetime) -> Certificate:
    """What is in these two files, as PEM. Raises CertificateError."""
    from cryptography.hazmat.primitives.serialization import Encoding

    parsed_cert, parsed_key = _parse_cert(cert), _parse_key(key)
    if not _fits(parsed_cert, parsed_key):
        raise CertificateError(phrases.key_does_not_fit(str(cert), str(key)))
    fingerprint = fingerprint_of(parsed_cert.public_bytes(Encoding.DER))
    return Certificate(cert, key, fingerprint, (*_warnings_of(parsed_cert, cert, now), *_warnings_of_key(key)))


def _parse_cert(path: Path) -> "X509Certificate":
    """The first one of the file, which is the server's own; those that vouch for it follow."""
    from cryptography.x509 import InvalidVersion, load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(_read(path))[0]
    except (ValueError, InvalidVersion) as error:
        raise CertificateError(phrases.not_a_certificate(str(path))) from error


def _parse_key(path: Path) -> "PrivateKeyTypes":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(_read(path), None)
    except TypeError as error:
        raise CertificateError(phrases.key_encrypted(str(path))) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(phrases.not_a_key(str(path))) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise CertificateError(phrases.file_missing(str(path))) from error
    except OSError as error:
        raise CertificateError(phrases.file_unreadable(str(path))) from error


def _fits(cert: "X509Certificate", key: "PrivateKeyTypes") -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        certified, ours = cert.public_key(), key.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return certified.public_bytes(*form) == ours.public_bytes(*form)


def _warnings_of(cert: "X509Certificate", path: Path, now: datetime) -> list[str]:
    if now > cert.not_valid_after_utc:
        return [phrases.certificate_expired(str(path), f"{cert.not_valid_after_utc:%Y-%m-%d}")]
    if now < cert.not_valid_before_utc:
        return [phrases.certificate_not_yet_valid(str(path), f"{cert.not_valid_before_utc:%Y-%m-%d}")]
    return []


def _warnings_of_key(path: Path) -> list[str]:
    with suppress(OSError):
        if path.stat().st_mode & _OTHERS_MAY_READ:
            return [phrases.key_readable_by_others(str(path))]
    return []


# --- our own ----------------------------------------------------------------------------------------------------------


def own_certificate(folder: Path, now: datetime) -> Certificate:
    """The one that is kept in `folder`, made if there is none. Raises CertificateError.

    Two servers that start at once come to have the same one: each file is put there as a whole by whoever is first, and the
    certificate is made for the key that lies there.
    """
    cert, key = folder / CERTIFICATE_NAME, folder / KEY_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if cert.exists() and not key.exists():
            raise CertificateError(phrases.own_certificate_damaged(str(cert), str(key)))
        if not key.exists():
            _keep(key, _new_key())
        if not cert.exists():
            _keep(cert, _new_cert(key, now))
    except OSError as error:
        raise CertificateError(phrases.own_certificate_unwritable(str(folder))) from error
    try:
        return read_certificate(cert, key, now)
    except CertificateError as error:
        raise CertificateError(phrases.own_certificate_damaged(str(cert), str(key))) from error


def _keep(path: Path, content: bytes) -> None:
    """Write a private file, unless somebody was quicker. Raises OSError."""
    with suppress(FileExistsError), whole_file(path) as part:
        part.write_bytes(content)


def _new_key() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _new_cert(key_path: Path, now: datetime) -> bytes:
    """Raises CertificateError, OSError."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = _parse_key(key_path)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise CertificateError(phrases.not_a_key(str(key_path)))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "soksak")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _ALREADY_VALID_FOR)
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("soksak"), x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )
