"""How long a script waits: `python -m tests.bench.piped [--lines N]`.

The same lines are piped into `chat-tui --line`, which waits until each is acknowledged, and into a bare socket, which speaks plain and only
waits until it has read them all back; a third client in the room counts what arrives and whether it is in order. Each goes into a fresh
server with a log on disk. Prints a table, asserts nothing.
"""

import argparse
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.bench.machine import describe_machine
from tests.bench.processes import environment, module
from tests.bench.table import table
from tests.support.server_process import REPOSITORY, ServerProcess

SENDER, WITNESS = "배포봇", "증인"
END = "/종료\n"
DEADLINE_S = 300.0


@dataclass(frozen=True, slots=True)
class Piping:
    """One program and its lines. `peak_mib` is 0 where it is not a process of its own."""

    program: str
    seconds: float
    peak_mib: float
    exit_code: int
    arrived: int
    in_order: bool


def measure(lines: int, home: Path) -> Iterator[Piping]:
    """One after the other."""
    for name, send in (("chat-tui --line", _pipe), ("bare socket", _write)):
        with ServerProcess(home / name, "--log-level", "warning") as server, ThreadPoolExecutor(1) as witness:
            room = _enter(server.port, WITNESS)
            seen = witness.submit(_numbers, room)
            began_s = time.monotonic()
            peak_mib, exit_code = send(server.port, [f"줄 {number}\n" for number in range(lines)], home)
            seconds = time.monotonic() - began_s
            numbers = seen.result(DEADLINE_S)
        yield Piping(name, seconds, peak_mib, exit_code, len(numbers), numbers == list(range(lines)))


def _pipe(port: int, lines: list[str], home: Path) -> tuple[float, int]:
    command = module("tui_client", "--line", "--nick", SENDER, "--port", str(port))
    program = subprocess.Popen(
        command, cwd=REPOSITORY, env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert program.stdin is not None
    program.stdin.write("".join(lines).encode())
    program.stdin.close()
    _, status, usage = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024, program.returncode


def _write(port: int, lines: list[str], _home: Path) -> tuple[float, int]:
    with _enter(port, SENDER) as room, ThreadPoolExecutor(1) as reader:
        read = reader.submit(_read_to_the_end, room)
        room.sendall("".join([*lines, END]).encode())
        read.result(DEADLINE_S)
    return 0.0, 0


def _enter(port: int, nick: str) -> socket.socket:
    room = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
    room.sendall(f"{nick}\n".encode())
    greeting = b""
    while f"{nick}님이 입장하셨습니다.\n".encode() not in greeting:
        greeting += room.recv(4096)
    return room


def _read_to_the_end(room: socket.socket) -> None:
    while room.recv(1 << 16):
        pass


def _numbers(room: socket.socket) -> list[int]:
    """Those of the sender's lines, until it leaves."""
    said, left = f"{SENDER}> 줄 ", f"{SENDER}님이 퇴장하셨습니다."
    with room, room.makefile(encoding="utf-8") as heard:
        return [
            int(line.removeprefix(said))
            for line in iter(lambda: heard.readline().rstrip("\n"), left)
            if line.startswith(said)
        ]


def _row(piping: Piping, lines: int) -> tuple[str, ...]:
    return (
        piping.program,
        f"{piping.seconds:.1f}",
        f"{lines / piping.seconds:,.0f}",
        f"{piping.peak_mib:.0f}" if piping.peak_mib else "",
        str(piping.exit_code),
        f"{piping.arrived:,}",
        "yes" if piping.in_order else "NO",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    lines = parser.parse_args().lines
    print(f"{describe_machine()}\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        rows = [_row(piping, lines) for piping in measure(lines, Path(folder))]
    print(table(("program", "s", "lines/s", "peak MiB", "exit", "arrived", "in order"), rows))


if __name__ == "__main__":
    main()
