"""TLS without a socket: sealed bytes in, plain bytes out, and the other way round; and whether this server speaks it at all.

The channel owns the socket and calls a session under its lock, so nothing here waits, and nothing here is ever half written: what
waits for the network is sealed already, and waits in the channel as everything else does. Runs on whichever thread sends or receives.
"""

import ssl
import tempfile
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from server.certificate import Certificate, CertificateError, own_certificate, read_certificate
from server.config import Config
from server.protocol import phrases

RECORD_BYTES: Final = 16 * 1024
"""The most that one record holds (RFC 8446, section 5.1). Sealing goes by records, or OpenSSL's buffers would keep the size of the
largest block that was ever sent, for every client."""

_HEADER_BYTES: Final = 5
"""Before each record; the last two say how long it is."""

MAX_SILENT_BYTES: Final = 64 * 1024
"""Sealed bytes that say nothing to the application, in a row: a record takes a quarter of that, and new keys a few bytes. Whoever
sends more keeps us busy, and is answered each time."""


class Session:
    """One connection's TLS: a `Seal`."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._first_record = b""
        """As much of it as has come, until it is whole."""
        self._has_begun = False
        self._silent_bytes = 0
        self.has_ended = False
        """The peer has said so, or broken the rules."""
        self.trouble = ""
        """What OpenSSL calls the reason why the handshake failed; none if the peer went away."""

    @cached_property
    def _tls(self) -> ssl.SSLObject:
        return self._context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def shake_hands(self, received: bytes) -> bool:
        """OpenSSL, its 50 KiB and its time are for those who have begun: hundreds who drip their first record cost next to nothing."""
        if not self._has_begun:
            received = self._first_record = self._first_record + received
            if _is_cut(received):
                return False
            self._has_begun, self._first_record = True, b""
        self._incoming.write(received)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError as error:
            self.has_ended = True
            self.trouble = error.reason or "no reason given"
            return False
        return True

    def open(self, received: bytes) -> bytes:
        self._incoming.write(received)
        data = b"".join(self._pieces())
        self._silent_bytes = 0 if data else self._silent_bytes + len(received)
        if self._silent_bytes > MAX_SILENT_BYTES:
            self.has_ended = True
        return data

    def _pieces(self) -> list[bytes]:
        """One for each record; what stands before one that is not in order is good."""
        pieces = []
        try:
            while piece := self._tls.read(RECORD_BYTES):
                pieces.append(piece)
                if not self._incoming.pending:
                    return pieces
            self.has_ended = True  # the peer has said that nothing more comes
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self.has_ended = True
        return pieces

    def seal(self, data: bytes) -> bytes:
        view = memoryview(data)
        sealed = []
        try:
            for start in range(0, len(data), RECORD_BYTES):
                self._tls.write(view[start : start + RECORD_BYTES])
                sealed.append(self._outgoing.read())
        except ssl.SSLError:
            return b""
        return b"".join(sealed)

    def take_outgoing(self) -> bytes:
        return self._outgoing.read()

    def say_goodbye(self) -> None:
        try:
            self._tls.unwrap()
        except (ssl.SSLError, ValueError):
            return  # it has no answer yet, or the connection was never good


def _is_cut(record: bytes) -> bool:
    """Whether a record is not there to its end yet; one that says that it is longer than any may be is not waited for."""
    length = int.from_bytes(record[_HEADER_BYTES - 2 : _HEADER_BYTES])
    return len(record) < _HEADER_BYTES or (length <= RECORD_BYTES and len(record) < _HEADER_BYTES + length)


@dataclass(frozen=True, slots=True)
class Tls:
    """What a server that speaks TLS does it with."""

    certificate: Certificate
    context: ssl.SSLContext

    def session(self) -> Session:
        """For a new connection."""
        return Session(self.context)


class CurrentTls:
    """The certificate that those are shown who come now. Replaced as a whole: any thread may ask, one renews."""

    def __init__(self, tls: Tls) -> None:
        self._tls = tls

    @property
    def certificate(self) -> Certificate:
        """What it is just now."""
        return self._tls.certificate

    def session(self) -> Session:
        """For a new connection."""
        return self._tls.session()

    def renew(self, now: datetime) -> Certificate:
        """Take what is in its two files now. Raises CertificateError, and then all stays as it was."""
        was = self._tls.certificate
        self._tls = load_tls(read_certificate(was.cert, was.key, now))
        return self._tls.certificate


def load_tls(certificate: Certificate) -> Tls:
    """Raises CertificateError for what OpenSSL takes for too weak, or doesn't know."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A client that could renegotiate would have us sign as often as it likes, and reading would have to write.
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.num_tickets = 0  # nobody comes back so often that resuming pays
    try:
        # Without a password OpenSSL would ask for one, at whatever terminal there is.
        context.load_cert_chain(certificate.cert, certificate.key, password=lambda: "")
    except (OSError, ValueError) as error:
        raise CertificateError(phrases.certificate_unusable(str(certificate.cert))) from error
    return Tls(certificate, context)


def tls_for(config: Config, address: str, now: datetime) -> Tls | None:
    """What is used at `address`: what was given, or on any address but loopback a certificate of our own. Raises CertificateError."""
    if config.cert is not None and config.key is not None:
        return load_tls(read_certificate(config.cert, config.key, now))
    if ip_address(address).is_loopback:
        return None
    if config.certificate_folder is not None:
        return load_tls(own_certificate(config.certificate_folder, now))
    with tempfile.TemporaryDirectory(prefix="soksak-") as folder:
        return load_tls(own_certificate(Path(folder), now))
