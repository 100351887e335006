"""A TLS 1.3 client that makes its own records once the handshake is done: what no library sends, and anybody may.

RFC 8446: section 5.2 the records, 7.1 and 7.3 the keys, 4.6.3 that they can be changed at any time.
"""

import hashlib
import hmac
import socket
import ssl
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.tls import TlsSocket, trusting

_APPLICATION_DATA, _HANDSHAKE = 23, 22
_NEW_KEYS_PLEASE = bytes((24, 0, 0, 1, 1))
_TAG_BYTES = 16


class KeyChanger:
    """A client that changes its keys as often as it likes, and asks for others each time."""

    RECORD_BYTES = 5 + len(_NEW_KEYS_PLEASE) + 1 + _TAG_BYTES

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._secret = self._key = self._iv = b""
        self._sequence = 0

    def shake_hands(self) -> None:
        context = trusting()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "keys"
            context.keylog_filename = str(log)
            TlsSocket(self._socket, context)
            secrets = dict(line.split()[::2] for line in log.read_text().splitlines() if not line.startswith("#"))
        self._use(bytes.fromhex(secrets["CLIENT_TRAFFIC_SECRET_0"]))

    def send(self, data: bytes) -> None:
        self._socket.sendall(self._record(data, _APPLICATION_DATA))

    def change_keys(self, times: int) -> None:
        """Raises OSError when the other side has had enough."""
        for _ in range(times):
            self._socket.sendall(self._record(_NEW_KEYS_PLEASE, _HANDSHAKE))
            self._use(self._expanded(b"traffic upd", len(self._secret)))

    def _record(self, content: bytes, kind: int) -> bytes:
        inner = content + bytes([kind])
        header = bytes((_APPLICATION_DATA, 3, 3)) + (len(inner) + _TAG_BYTES).to_bytes(2, "big")
        nonce = (int.from_bytes(self._iv, "big") ^ self._sequence).to_bytes(12, "big")
        self._sequence += 1
        return header + AESGCM(self._key).encrypt(nonce, inner, header)

    def _use(self, secret: bytes) -> None:
        self._secret, self._sequence = secret, 0
        self._key, self._iv = self._expanded(b"key", 32 if len(secret) == 48 else 16), self._expanded(b"iv", 12)

    def _expanded(self, label: bytes, length: int) -> bytes:
        """HKDF-Expand-Label, for what fits into one hash."""
        info = length.to_bytes(2, "big") + bytes([6 + len(label)]) + b"tls13 " + label + b"\0"
        digest = hashlib.sha384 if len(self._secret) == 48 else hashlib.sha256
        return hmac.digest(self._secret, info + b"\1", digest)[:length]
