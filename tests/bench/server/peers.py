"""The systems that are measured: each as a process of its own on a free port of the loopback, with its flood limits lifted.

ngIRCd, InspIRCd and Redis are Debian's packages `ngircd`, `inspircd` and `redis-server`; `installed` tells which of them are here.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.keeping import leave_without_index
from tests.bench.machine import have_memory_at_hand
from tests.support.certificates import issue
from tests.support.interrupts import HeldBack
from tests.support.server_process import REPOSITORY, ServerProcess, private_environment

DEADLINE_S: Final = 60.0
_MANY: Final = 20_000


class DidNotStart(Exception):
    """A peer ended, or never listened."""


@dataclass(frozen=True, slots=True)
class Running:
    """A system that listens."""

    pid: int
    port: int
    started_s: float
    """How long it took until it did."""


@dataclass(frozen=True, slots=True)
class System:
    """Something to be measured: what its clients speak, in turn, and how it is started in a folder of its own."""

    name: str
    wires: tuple[str, ...]
    start: Callable[[Path], "contextlib.AbstractContextManager[Running]"]
    has_tls: bool = False
    at_once: int = 32
    """How many may come in at the same time. Where a backlog is short or registration waits for a tick, another number is kinder."""
    program: str = ""
    """What has to be installed for it, which is also the name of Debian's package; "" if nothing has to."""


# --- chat-server ------------------------------------------------------------------------------------------------------


def chat_server(
    name: str = "chat-server",
    *options: str,
    wires: tuple[str, ...] = ("plain", "json"),
    database: Path | None = None,
    has_tls: bool = False,
) -> System:
    """Ours, with these options; its log in the folder it is given, or a copy of `database`."""

    @contextlib.contextmanager
    def start(folder: Path) -> Iterator[Running]:
        folder.mkdir(parents=True)
        certificate: tuple[str, ...] = ()
        if has_tls:
            cert, key = issue(folder)
            certificate = ("--cert", str(cert), "--key", str(key))
        common = ("--log-level", "warning", "--max-clients", str(_MANY))
        with contextlib.nullcontext(folder / "log.db") if database is None else _copy_of(database) as log:
            stored = () if "--memory" in options else ("--db", str(log))
            have_memory_at_hand()
            began = time.monotonic()
            with ServerProcess(folder / "home", *common, *stored, *certificate, *options) as server:
                yield Running(server.pid, server.port, time.monotonic() - began)

    return System(name, wires, start, has_tls)


@contextlib.contextmanager
def _copy_of(log: Path) -> Iterator[Path]:
    """On the same disk, and written out: what is said in one trial is not in the log of the next, or "none" would soon be a million."""
    with tempfile.TemporaryDirectory(dir=log.parent, prefix="trial-") as name:
        copy = Path(name) / log.name
        shutil.copyfile(log, copy)
        leave_without_index(copy)
        os.sync()
        yield copy


# --- the others -------------------------------------------------------------------------------------------------------

_NGIRCD: Final = """[Global]
    Name = bench.example.net
    Info = bench
    Listen = 127.0.0.1
    Ports = {port}
    MotdFile = {folder}/none
    ServerUID = root
    ServerGID = root
[Limits]
    MaxConnections = 0
    MaxConnectionsIP = 0
    MaxJoins = 0
    MaxNickLength = 20
    MaxPenaltyTime = 0
    PingTimeout = 3600
    PongTimeout = 3600
[Options]
    DNS = no
    Ident = no
    PAM = no
"""

_INSPIRCD: Final = """
<server name="bench.example.net" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@example.net">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect allow="*" timeout="600" pingfreq="3600" threshold="1000000000" commandrate="1000000000" fakelag="no"
    hardsendq="1000000000" softsendq="1000000000" recvq="10000000" localmax="100000" globalmax="100000" maxconnwarn="no"
    limit="100000" resolvehostnames="no" useident="no">
<class name="none" commands="">
<type name="none" classes="none">
<pid file="{folder}/pid">
<performance softlimit="100000" somaxconn="4096" netbuffersize="65534">
<maxlist chan="*" limit="100">
"""


def _program(name: str) -> str:
    """Where it is, daemons' folders included; "" when it is not installed."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") or ""


def _ngircd(port: int, folder: Path) -> Sequence[str]:
    configuration = folder / "ngircd.conf"
    configuration.write_text(_NGIRCD.format(port=port, folder=folder), encoding="ascii")
    return [_program("ngircd"), "--nodaemon", "--config", str(configuration)]


def _inspircd(port: int, folder: Path) -> Sequence[str]:
    configuration = folder / "inspircd.conf"
    configuration.write_text(_INSPIRCD.format(port=port, folder=folder), encoding="ascii")
    return [_program("inspircd"), "--runasroot", "--nofork", "--config", str(configuration)]


def _redis(port: int, folder: Path) -> Sequence[str]:
    lifted = ("--client-output-buffer-limit", "pubsub 0 0 0", "--maxclients", str(_MANY))
    stored = ("--save", "", "--appendonly", "no", "--dir", str(folder))
    return [_program("redis-server"), "--bind", "127.0.0.1", "--port", str(port), *lifted, *stored]


def _naive(port: int, _folder: Path) -> Sequence[str]:
    return [sys.executable, "-m", "tests.bench.server.naive", str(port)]


def _peer(
    name: str, wire: str, command: Callable[[int, Path], Sequence[str]], program: str = "", at_once: int = 32
) -> System:
    @contextlib.contextmanager
    def start(folder: Path) -> Iterator[Running]:
        folder.mkdir(parents=True)
        port, output = _free_port(), folder / "output"
        have_memory_at_hand()
        began = time.monotonic()
        with HeldBack() as interrupts, output.open("wb") as file:
            process = subprocess.Popen(
                command(port, folder),
                cwd=REPOSITORY,
                env=private_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
            try:
                interrupts.release()
                _wait_until_it_listens(process, port, output)
                yield Running(process.pid, port, time.monotonic() - began)
            finally:
                process.kill()
                process.wait()

    return System(name, (wire,), start, at_once=at_once, program=program)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port: int = unused.getsockname()[1]
        return port


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", port: int, output: Path) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)
    raise DidNotStart(output.read_text(encoding="utf-8", errors="replace"))


NGIRCD: Final = _peer("ngIRCd", "irc", _ngircd, "ngircd", at_once=8)
INSPIRCD: Final = _peer("InspIRCd", "irc", _inspircd, "inspircd", at_once=500)
REDIS: Final = _peer("Redis pub/sub", "redis", _redis, "redis-server")
NAIVE: Final = _peer("naive threads", "naive", _naive)

PEERS: Final = (NGIRCD, INSPIRCD, REDIS, NAIVE)


def installed(systems: Sequence[System]) -> list[System]:
    """Those that can be measured on this machine."""
    return [one for one in systems if not one.program or _program(one.program)]
