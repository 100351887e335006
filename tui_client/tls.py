"""The client's end of TLS without a socket: who is at the other end, and sealed bytes for plain ones. Link's thread.

Nothing can be sealed before the other end's certificate was accepted, so nothing that was said can leave before. What came is opened
at once as far as it goes, so nothing lies in TLS while the socket says that there is nothing.
"""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Final

from msgspec import Struct

from server.protocol.fingerprint import fingerprint_of
from tui_client.trust import Pin, Verify

_RECORD_BYTES: Final = 16 * 1024
"""The most that one record holds (RFC 8446, section 5.1)."""

_MAX_SILENT_BYTES: Final = 64 * 1024
"""Sealed bytes that say nothing to the application, in a row: a server that only ever changes keys keeps us busy."""

_FIRST_BYTES: Final = (0x15, 0x16)
"""What a server that speaks TLS begins with (RFC 8446, section 5.1): an alert, or the handshake."""


class Flaw(Enum):
    """What is wrong with the other end, or with how it speaks."""

    SELF_SIGNED = auto()
    ISSUER_UNKNOWN = auto()
    OF_ANOTHER = auto()
    EXPIRED = auto()
    NOT_YET_VALID = auto()
    UNVERIFIABLE = auto()
    CHANGED = auto()
    NOT_TLS = auto()
    TOO_OLD = auto()
    FAILED = auto()


_FLAWS: Final = {
    # docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error: X509_V_ERR_…
    9: Flaw.NOT_YET_VALID,
    10: Flaw.EXPIRED,
    18: Flaw.SELF_SIGNED,
    19: Flaw.ISSUER_UNKNOWN,  # its issuer is there, and nobody knows it
    20: Flaw.ISSUER_UNKNOWN,
    21: Flaw.ISSUER_UNKNOWN,
    62: Flaw.OF_ANOTHER,
    64: Flaw.OF_ANOTHER,  # the address is another one
}

_TOO_OLD: Final = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"})


class HandshakeFailed(Exception):
    """There is no TLS with the other end, for this flaw. `day` is from or until when the certificate is valid, if that is known;
    `fingerprint` the certificate's, if it is another one.
    """

    def __init__(self, flaw: Flaw, day: str = "", fingerprint: str = "") -> None:
        super().__init__(flaw)
        self.flaw = flaw
        self.day = day
        self.fingerprint = fingerprint


class Anyone(Struct, frozen=True):
    """TLS with whoever is there: for asking whether that is the right one."""


Whom = Verify | Pin | Anyone


class Session:
    """One connection's TLS. `whom` says whose certificate is accepted."""

    def __init__(self, context: ssl.SSLContext, host: str, whom: Whom, now: Callable[[], datetime]) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._whom = whom
        self._now = now
        self._has_begun = False
        self._is_accepted = False
        self._silent_bytes = 0
        self.fingerprint = ""
        """The certificate's, after the handshake."""
        self.has_ended = False
        """Whether nothing can come any more: the server has said so, or broken the rules."""
        self.is_damaged = False
        """Whether it has ended because what came is not what was sent."""

    @property
    def version(self) -> str:
        """`TLSv1.3`; nothing before the handshake."""
        return self._tls.version() or ""

    @property
    def is_verified(self) -> bool:
        """Whether the certificate is good in the ordinary way."""
        return isinstance(self._whom, Verify) and self._is_accepted

    def accept(self) -> None:
        """The user says that it is the right one."""
        assert self.fingerprint
        self._is_accepted = True

    # --- the handshake ------------------------------------------------------------------------------------------------

    def shake_hands(self, received: bytes) -> bool:
        """Take what has come; whether both sides are ready now. Raises HandshakeFailed."""
        if received and not self._has_begun:
            self._has_begun = True
            if received[0] not in _FIRST_BYTES:
                raise HandshakeFailed(Flaw.NOT_TLS)
        self._incoming.write(received)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLCertVerificationError as error:
            raise HandshakeFailed(_FLAWS.get(error.verify_code, Flaw.UNVERIFIABLE)) from None
        except ssl.SSLError as error:
            raise HandshakeFailed(Flaw.TOO_OLD if error.reason in _TOO_OLD else Flaw.FAILED) from None
        self._judge()
        return True

    def _judge(self) -> None:
        certificate = self._tls.getpeercert(binary_form=True)
        if certificate is None:
            raise HandshakeFailed(Flaw.UNVERIFIABLE)
        self.fingerprint = fingerprint_of(certificate)
        if isinstance(self._whom, Pin) and self._whom.fingerprint != self.fingerprint:
            raise HandshakeFailed(Flaw.CHANGED, fingerprint=self.fingerprint)
        if not isinstance(self._whom, Verify):
            _check_dates(certificate, self._now())
        self._is_accepted = not isinstance(self._whom, Anyone)

    # --- afterwards ---------------------------------------------------------------------------------------------------

    def open(self, received: bytes) -> bytes:
        """What the server says in `received`, as far as it is complete; the rest is kept for the next time."""
        self._incoming.write(received)
        data = b"".join(self._pieces())
        self._silent_bytes = 0 if data else self._silent_bytes + len(received)
        if self._silent_bytes > _MAX_SILENT_BYTES:
            self.has_ended = self.is_damaged = True
        return data

    def _pieces(self) -> list[bytes]:
        """One for each record; what stands before one that is not in order is good."""
        pieces = []
        try:
            while piece := self._tls.read(_RECORD_BYTES):
                pieces.append(piece)
            self.has_ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:  # the same, when we have said ours
            self.has_ended = True
        except ssl.SSLError:
            self.has_ended = self.is_damaged = True
        return pieces

    def seal(self, data: bytes) -> bytes:
        """What is to be sent for `data`: nothing until the certificate is accepted, or when the connection isn't good any more."""
        if not self._is_accepted:
            return b""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._tls.write(rest) :]
        except ssl.SSLError:
            return b""
        return self._outgoing.read()

    def take_outgoing(self) -> bytes:
        """What TLS itself has to say, in its place among what is sealed."""
        return self._outgoing.read()

    def say_goodbye(self) -> None:
        """Let that be, that nothing more comes from us, so that the server knows the end for the end."""
        try:
            self._tls.unwrap()
        except (ssl.SSLError, ValueError):
            return  # it has no answer yet, or the connection was never good


def _check_dates(der: bytes, now: datetime) -> None:
    """Raises HandshakeFailed. OpenSSL looks at them too, but not at those of a certificate for which nobody vouches."""
    from cryptography.x509 import load_der_x509_certificate  # 20 ms, which most connections need not wait for

    try:
        certificate = load_der_x509_certificate(der)
        since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except ValueError:
        raise HandshakeFailed(Flaw.UNVERIFIABLE) from None
    if now > until:
        raise HandshakeFailed(Flaw.EXPIRED, f"{until:%Y-%m-%d}")
    if now < since:
        raise HandshakeFailed(Flaw.NOT_YET_VALID, f"{since:%Y-%m-%d}")


def utc_now() -> datetime:
    """Now, as certificates count time."""
    return datetime.now(UTC)


# --- contexts ---------------------------------------------------------------------------------------------------------


def context_for(whom: Whom) -> ssl.SSLContext:
    """What `Session` needs for `whom`. Takes a while where many certificates are to be read. Raises OSError for a `ca` that is none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    if not isinstance(whom, Verify):
        # Whoever has the private key of the very certificate is the right one, whatever it says.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif whom.ca is None:
        context.load_default_certs()
    else:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # whom the user names, no matter who vouches for them
        context.load_verify_locations(whom.ca)
    return context


def is_usable_ca(path: Path) -> bool:
    """Whether there is a certificate in the file. Raises OSError if it can't be read."""
    path.read_bytes()
    try:
        context_for(Verify(path))
    except ssl.SSLError:
        return False
    return True
