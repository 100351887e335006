"""The server's certificate: what it makes is kept, what it is given is looked at, and what is wrong with it is said."""

import ssl
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from server.certificate import CertificateError, own_certificate, read_certificate
from server.config import Config
from server.protocol import phrases
from server.protocol.fingerprint import fingerprint_of
from server.tls import CurrentTls, load_tls, tls_for
from tests.support.certificates import DAY, NOW, issue
from tests.support.tasks import Task


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def why_not(cert: Path, key: Path) -> str:
    with pytest.raises(CertificateError) as raised:
        load_tls(read_certificate(cert, key, NOW))
    return raised.value.text


# --- our own ----------------------------------------------------------------------------------------------------------


def test_our_own_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "soksak"
    made = own_certificate(folder, NOW)
    assert own_certificate(folder, NOW + 365 * DAY).fingerprint == made.fingerprint
    assert (mode(folder), mode(made.cert), mode(made.key)) == (0o700, 0o600, 0o600)
    assert sorted(path.name for path in folder.iterdir()) == ["server.crt", "server.key"]
    assert made.warnings == ()


def test_its_fingerprint_is_that_of_what_clients_are_shown(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, NOW)
    assert made.fingerprint == fingerprint_of(ssl.PEM_cert_to_DER_cert(made.cert.read_text()))


def test_it_holds_for_many_years(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, NOW)
    assert read_certificate(made.cert, made.key, NOW + timedelta(days=19 * 365)).warnings == ()
    assert read_certificate(made.cert, made.key, NOW + timedelta(days=21 * 365)).warnings != ()


def test_two_servers_that_start_at_once_come_to_have_the_same_one(tmp_path: Path) -> None:
    prints: list[str] = []
    tasks = [Task(lambda: prints.append(own_certificate(tmp_path / "new", NOW).fingerprint)) for _ in range(8)]
    assert [task.finish() for task in tasks] == [None] * 8
    assert len(prints) == 8
    assert len(set(prints)) == 1
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["server.crt", "server.key"]


def test_a_start_that_was_cut_off_after_the_key_is_taken_up(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, NOW)
    key = made.key.read_bytes()
    made.cert.unlink()
    load_tls(own_certificate(tmp_path, NOW))
    assert made.key.read_bytes() == key


@pytest.mark.parametrize("harm", ["key gone", "key damaged", "certificate damaged", "certificate empty"])
def test_one_that_is_damaged_is_never_replaced_in_silence(tmp_path: Path, harm: str) -> None:
    """Everybody who trusts it would be told that somebody is between them and the server."""
    made = own_certificate(tmp_path, NOW)
    match harm:
        case "key gone":
            made.key.unlink()
        case "key damaged":
            made.key.write_bytes(b"-----BEGIN")
        case "certificate damaged":
            made.cert.write_bytes(made.cert.read_bytes()[:-60])
        case _:
            made.cert.write_bytes(b"")
    with pytest.raises(CertificateError) as raised:
        own_certificate(tmp_path, NOW)
    assert raised.value.text == phrases.own_certificate_damaged(str(made.cert), str(made.key))


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CertificateError) as raised:
        own_certificate(tmp_path / "file", NOW)
    assert raised.value.text == phrases.own_certificate_unwritable(str(tmp_path / "file"))


# --- a given one ------------------------------------------------------------------------------------------------------


def test_a_given_one_is_taken(tmp_path: Path) -> None:
    certificate = read_certificate(*issue(tmp_path), NOW)
    assert certificate.warnings == ()
    assert load_tls(certificate).certificate is certificate


def test_what_is_missing_or_unreadable_is_named(tmp_path: Path) -> None:
    cert, key = issue(tmp_path)
    nowhere = tmp_path / "nowhere"
    assert why_not(nowhere, key) == phrases.file_missing(str(nowhere))
    assert why_not(cert, nowhere) == phrases.file_missing(str(nowhere))
    assert why_not(tmp_path, key) == phrases.file_unreadable(str(tmp_path))


def test_what_is_no_certificate_or_no_key_is_named(tmp_path: Path) -> None:
    cert, key = issue(tmp_path)
    assert why_not(key, key) == phrases.not_a_certificate(str(key))
    assert why_not(cert, cert) == phrases.not_a_key(str(cert))
    der = tmp_path / "cert.der"
    der.write_bytes(
        ssl.PEM_cert_to_DER_cert(
            cert.read_text().partition("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"
        )
    )
    assert why_not(der, key) == phrases.not_a_certificate(str(der))


def test_a_key_of_another_certificate_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    cert, _ = issue(tmp_path)
    _, key = issue(tmp_path / "other")
    assert why_not(cert, key) == phrases.key_does_not_fit(str(cert), str(key))


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_with_a_passphrase_is_not_asked_for(tmp_path: Path, form: PrivateFormat) -> None:
    """OpenSSL would ask at the terminal, in English, and a server may have none."""
    cert, key = issue(tmp_path)
    loaded = load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(loaded.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"secret")))
    assert why_not(cert, key) == phrases.key_encrypted(str(key))


def test_one_that_openssl_takes_for_too_weak_is_said_to_be(tmp_path: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    weak = generate_private_key(65537, 1024)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "weak")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(weak.public_key())
    made = builder.serial_number(1).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY).sign(weak, SHA256())
    cert, key = tmp_path / "weak.crt", tmp_path / "weak.key"
    cert.write_bytes(made.public_bytes(Encoding.PEM))
    key.write_bytes(weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert why_not(cert, key) == phrases.certificate_unusable(str(cert))


def test_one_that_has_expired_is_used_and_warned_of(tmp_path: Path) -> None:
    cert, key = issue(tmp_path, not_before=NOW - 9 * DAY, not_after=NOW - 2 * DAY)
    certificate = read_certificate(cert, key, NOW)
    assert certificate.warnings == (phrases.certificate_expired(str(cert), f"{NOW - 2 * DAY:%Y-%m-%d}"),)
    load_tls(certificate)


def test_one_whose_time_has_not_come_is_warned_of(tmp_path: Path) -> None:
    cert, key = issue(tmp_path, not_before=NOW + 2 * DAY, not_after=NOW + 9 * DAY)
    assert read_certificate(cert, key, NOW).warnings == (
        phrases.certificate_not_yet_valid(str(cert), f"{NOW + 2 * DAY:%Y-%m-%d}"),
    )


def test_a_key_that_everybody_may_read_is_warned_of(tmp_path: Path) -> None:
    cert, key = issue(tmp_path)
    key.chmod(0o644)
    assert read_certificate(cert, key, NOW).warnings == (phrases.key_readable_by_others(str(key)),)


def test_one_of_a_version_that_there_is_not_is_none(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, NOW)
    der = ssl.PEM_cert_to_DER_cert(made.cert.read_text())
    version_3, version_6 = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05"
    assert version_3 in der
    made.cert.write_text(ssl.DER_cert_to_PEM_cert(der.replace(version_3, version_6, 1)), encoding="ascii")
    assert why_not(made.cert, made.key) == phrases.not_a_certificate(str(made.cert))


# --- which one, if any ------------------------------------------------------------------------------------------------


def test_a_server_that_nobody_else_can_reach_makes_none(tmp_path: Path) -> None:
    assert tls_for(Config(certificate_folder=tmp_path), "127.0.0.1", NOW) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.7"])
def test_one_that_others_can_reach_always_has_one(tmp_path: Path, address: str) -> None:
    kept = tls_for(Config(certificate_folder=tmp_path), address, NOW)
    passing = tls_for(Config(), address, NOW)
    assert kept is not None
    assert kept.certificate.key == tmp_path / "server.key"
    assert passing is not None
    assert not passing.certificate.key.exists()


def test_a_given_one_is_used_wherever_the_server_is(tmp_path: Path) -> None:
    cert, key = issue(tmp_path)
    for address in ("127.0.0.1", "0.0.0.0"):
        tls = tls_for(Config(cert=cert, key=key, certificate_folder=tmp_path / "unused"), address, NOW)
        assert tls is not None
        assert tls.certificate.cert == cert
    assert not (tmp_path / "unused").exists()


# --- another one in its place -----------------------------------------------------------------------------------------


def test_a_new_one_is_for_those_who_come_from_then_on(tmp_path: Path) -> None:
    current = CurrentTls(load_tls(read_certificate(*issue(tmp_path), NOW)))
    before = current.certificate
    issue(tmp_path)
    assert current.renew(NOW) is current.certificate
    assert current.certificate.fingerprint != before.fingerprint


def test_one_that_is_no_good_changes_nothing(tmp_path: Path) -> None:
    cert, key = issue(tmp_path)
    current = CurrentTls(load_tls(read_certificate(cert, key, NOW)))
    before = current.certificate
    key.write_bytes(b"")
    with pytest.raises(CertificateError) as failed:
        current.renew(NOW)
    assert failed.value.text == phrases.not_a_key(str(key))
    assert current.certificate is before
