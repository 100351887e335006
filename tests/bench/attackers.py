"""Many who mean no good, in one process: connections that say nothing, little, or far too much, and come again when they are thrown out.

`python -m tests.bench.attackers PORT ATTACK COUNT EPOCH` says `ready`, attacks from then on, and prints a `Report` when its input ends.
They come from addresses of their own below 127.66.0.0, which Linux takes for loopback, so the server must limit these, too. The process is
as nice as can be: what is measured is what an attack costs the server, not what it costs the machine that both share.
`Attack` is the other end, for whoever measures.
"""

import errno
import os
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from types import TracebackType
from typing import Final, Self

import msgspec

from tests.bench.processes import module
from tests.support.server_process import REPOSITORY
from tests.support.tls import TlsEnd, trusting

PER_ADDRESS: Final = 15
"""Connections from each address: as many as are let in, so that an attack is what somebody can do who knows the limits."""

NEW_PER_S: Final = 1000
"""How many are opened a second at most: one cheap machine can do that."""

_TICK_S: Final = 0.05
_DRIP_S: Final = 1.0
_BLOCK_BYTES: Final = 64 * 1024
_TRUSTING: Final = trusting()
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class Report(msgspec.Struct, frozen=True):
    """What the attackers did and got."""

    opened: int
    thrown_out: int
    """Connections that the server ended."""
    sent_bytes: int
    received_bytes: int
    codes: dict[str, int]
    """With which words."""


class Attack:
    """The process, driven from outside. Its own pid is killed at the end if it still runs."""

    def __init__(self, port: int, name: str, connections: int, epoch: str = "") -> None:
        self._process = subprocess.Popen(
            module("tests.bench.attackers", str(port), name, str(connections), epoch),
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def stop(self) -> Report:
        """Let all of them go."""
        told, _ = self._process.communicate()
        return msgspec.json.decode(told, type=Report)


# --- how they behave --------------------------------------------------------------------------------------------------


def _nothing(_number: int, _epoch: str) -> bytes:
    return b""


def _hello(number: int, epoch: str, *, resumes: bool = False) -> bytes:
    resume = {"epoch": epoch, "seq": 0} if resumes else None
    frame = {"t": "hello", "v": 1, "nick": f"악당{number}", "client": os.urandom(16).hex(), "resume": resume}
    return msgspec.json.encode(frame) + b"\n"


def _guess(number: int, _epoch: str) -> bytes:
    frame = {
        "t": "hello",
        "v": 1,
        "nick": f"악당{number}",
        "client": os.urandom(16).hex(),
        "password": os.urandom(4).hex(),
    }
    return msgspec.json.encode(frame) + b"\n"


def _nickname(number: int, _epoch: str) -> bytes:
    return f"악당{number}\n".encode()


def _unfinished(number: int, _epoch: str) -> bytes:
    return (b"", b'{"t":"hello","v":1,', "악".encode(), b"\xff\xfa")[number % 4]


@cache
def _client_hello() -> bytes:
    """With which TLS begins."""
    return TlsEnd(_TRUSTING).shake_hands(b"")[1]


def _greeting(_number: int, _epoch: str) -> bytes:
    return _client_hello()


def _half_greeting(_number: int, _epoch: str) -> bytes:
    return _client_hello()[: len(_client_hello()) // 2]


def _garbled_greeting(_number: int, _epoch: str) -> bytes:
    """A record in which nothing makes sense."""
    return b"\x16\x03\x01\x02\x00" + os.urandom(512)


def _say(text: str) -> bytes:
    return msgspec.json.encode({"t": "say", "cid": "1", "text": text}) + b"\n"


_NONSENSE: Final = (
    b'{"t":"ping","n":1}\n{{{\n[]\n{"t":"fly"}\n{"t":"nick","nick":""}\n\xff\xfe\n' + b'{"t":' + b"[" * 8000 + b"\n"
)


@dataclass(frozen=True, slots=True)
class Manner:
    """What one of them does: says `opening`, then a byte of `drip` a second, or `flood` for as long as it is taken.

    All that within TLS if it `is_sealed`.
    """

    opening: Callable[[int, str], bytes] = _nothing
    drip: bytes = b""
    flood: bytes = b""
    reads: bool = True
    leaves_after_s: float = float("inf")
    """It goes by itself then, and comes again."""
    per_address: int = PER_ADDRESS
    new_per_s: int = NEW_PER_S
    is_sealed: bool = False


MANNERS: Final[Mapping[str, Manner]] = {
    "silent": Manner(_unfinished),
    "silent, one address": Manner(_unfinished, per_address=10_000),
    "dripping": Manner(drip="악당은천천히말한다".encode() + b'{"t":"hello",'),
    "dripping json": Manner(drip=b'{"t":"hello","v":1,"nick":"' + b"x" * 1000),
    "knocking": Manner(leaves_after_s=0.0, per_address=10_000, new_per_s=20_000),
    "coming and going": Manner(_hello, leaves_after_s=0.5),
    "lines": Manner(_nickname, flood="한 줄\n".encode()),
    "says": Manner(_hello, flood=_say("한 줄")),
    "long lines": Manner(_hello, flood=b"{" + b"x" * 60_000 + b"\n"),
    "nonsense": Manner(_hello, flood=_NONSENSE),
    "never reading": Manner(_hello, flood=b'{"t":"history","id":1,"before":999999999}\n', reads=False),
    "resume": Manner(lambda number, epoch: _hello(number, epoch, resumes=True), leaves_after_s=1.0),
    "resume, reading all": Manner(lambda number, epoch: _hello(number, epoch, resumes=True)),
    "history": Manner(_hello, flood=b'{"t":"history","id":1,"before":999999999}\n'),
    "guessing": Manner(_guess),
    "half a greeting": Manner(_half_greeting),
    "dripping a greeting": Manner(drip=_client_hello()),
    "greeting": Manner(_greeting),
    "garbled greeting": Manner(_garbled_greeting),
    "sealed, silent": Manner(_unfinished, is_sealed=True),
    "sealed, again and again": Manner(is_sealed=True, leaves_after_s=0.0, per_address=1),
    "sealed nonsense": Manner(_hello, flood=_NONSENSE, is_sealed=True),
    "search": Manner(_hello, flood='{"t":"search","id":1,"query":"없는 말"}\n'.encode()),
}


# --- in the process itself --------------------------------------------------------------------------------------------


class _Attacker:
    """One connection."""

    def __init__(self, manner: Manner, number: int, port: int, epoch: str) -> None:
        self.is_up = False
        self.began_at_s = self.dripped_at_s = time.monotonic()
        self.tail = b""
        self._manner = manner
        self._opening = manner.opening(number, epoch)
        self._dripped = 0
        self._tls = TlsEnd(_TRUSTING) if manner.is_sealed else None
        self._is_heard = self._tls is None
        """Whether what it says is said: not before TLS is agreed on."""
        self._pending = memoryview(self._opening if self._tls is None else self._tls.shake_hands(b"")[1])
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if not manner.reads:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        group = number // manner.per_address
        self.socket.bind((f"127.66.{group // 250}.{group % 250 + 1}", 0))
        code = self.socket.connect_ex(("127.0.0.1", port))
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, os.strerror(code))

    @property
    def wants(self) -> int:
        """What to wait for."""
        writes = bool(self._pending or (self._manner.flood and self._is_heard)) or not self.is_up
        return selectors.EVENT_READ * (self._manner.reads or not writes) | selectors.EVENT_WRITE * writes

    def is_done(self, now_s: float) -> bool:
        return self.is_up and self._is_heard and now_s - self.began_at_s >= self._manner.leaves_after_s

    def write(self) -> int:
        """How many bytes were taken. Raises OSError."""
        self.is_up = True
        if not self._pending and self._manner.flood and self._is_heard:
            self._pending = memoryview(self._sealed(self._manner.flood * (1 + _BLOCK_BYTES // len(self._manner.flood))))
        taken = self.socket.send(self._pending) if self._pending else 0
        self._pending = self._pending[taken:]
        return taken

    def _sealed(self, data: bytes) -> bytes:
        return data if self._tls is None or not data else self._tls.seal(data)

    def read(self) -> int:
        """How many bytes came; none when it is over. Raises OSError."""
        data = self.socket.recv(1 << 18 if self._manner.reads else 1)
        if not data:
            return 0
        self.tail = (self.tail + self._opened(data))[-400:]
        return len(data)

    def _opened(self, data: bytes) -> bytes:
        """What of it says something. Raises OSError."""
        if self._tls is None:
            return data
        if self._is_heard:
            with suppress(BlockingIOError):
                return self._tls.open(data)
            return b""
        self._is_heard, answer = self._tls.shake_hands(data)
        if self._is_heard:
            answer += self._sealed(self._opening)
        self._pending = memoryview(bytes(self._pending) + answer)
        return b""

    def drip(self, now_s: float) -> int:
        """The next byte, if it is its time. Raises OSError."""
        if not self._manner.drip or not self.is_up or now_s < self.dripped_at_s + _DRIP_S:
            return 0
        self.dripped_at_s, self._dripped = now_s, self._dripped + 1
        at = (self._dripped - 1) % len(self._manner.drip)
        return self.socket.send(self._manner.drip[at : at + 1])

    @property
    def code(self) -> str:
        """With which word it was thrown out."""
        _, found, rest = self.tail.rpartition(b'"t":"closing","code":"')
        if found:
            return rest.partition(b'"')[0].decode()
        return "a sentence" if self.tail.endswith(b".\n") else "nothing"


class _Gang:
    """All of them; so many at a time."""

    def __init__(self, manner: Manner, wanted: int, port: int, epoch: str) -> None:
        self._manner = manner
        self._port = port
        self._epoch = epoch
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._free = deque(range(wanted))
        self._names = count(wanted)
        self._attackers: dict[_Attacker, int] = {}
        self._opened = self._thrown_out = self._sent = self._received = 0
        self._codes: Counter[str] = Counter()

    def attack(self) -> Report:
        """Until the input ends."""
        while not self._turn(time.monotonic()):
            pass
        return Report(self._opened, self._thrown_out, self._sent, self._received, dict(self._codes))

    def _turn(self, now_s: float) -> bool:
        """All that is to be done now; whether the input has ended."""
        for _ in range(min(len(self._free), round(self._manner.new_per_s * _TICK_S))):
            self._open(self._free.popleft())
        for attacker in list(self._attackers):
            self._do(attacker, partial(attacker.drip, now_s))
            if attacker.is_done(now_s):
                self._close(attacker)
        while (left_s := now_s + _TICK_S - time.monotonic()) > 0:
            for key, events in self._selector.select(left_s):
                if key.data is None:
                    return True
                self._serve(key.data, events)
        return False

    def _open(self, number: int) -> None:
        try:
            attacker = _Attacker(self._manner, number, self._port, self._epoch)
        except OSError:
            self._free.append(number)
            return
        self._opened += 1
        self._attackers[attacker] = number
        self._selector.register(attacker.socket, attacker.wants, attacker)

    def _serve(self, attacker: _Attacker, events: int) -> None:
        if attacker in self._attackers and events & selectors.EVENT_WRITE:
            self._do(attacker, attacker.write)
        if attacker in self._attackers and events & selectors.EVENT_READ:
            self._do(attacker, attacker.read, is_reading=True)
        if attacker in self._attackers:
            self._selector.modify(attacker.socket, attacker.wants, attacker)

    def _do(self, attacker: _Attacker, what: Callable[[], int], *, is_reading: bool = False) -> None:
        try:
            done = what()
        except BlockingIOError:
            return
        except OSError:
            done = -1
        if done < 0 or (is_reading and not done):
            self._thrown_out += 1
            self._codes[attacker.code] += 1
            self._close(attacker)
        elif is_reading:
            self._received += done
        else:
            self._sent += done

    def _close(self, attacker: _Attacker) -> None:
        self._free.append(self._attackers.pop(attacker))
        self._selector.unregister(attacker.socket)
        with suppress(OSError):
            attacker.socket.close()


def main(port: int, name: str, connections: int, epoch: str) -> None:
    """Attack until the input ends."""
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.nice(19)
    gang = _Gang(MANNERS[name], connections, port, epoch)
    print("ready", flush=True)
    print(msgspec.json.encode(gang.attack()).decode(), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
