"""A process of ours that takes commands, a line each, and answers with lines: the end from which it is driven."""

import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.processes import environment, module
from tests.support.server_process import REPOSITORY


class Commanded:
    """Runs the module `name`, and waits for its first line. Its own pid is killed at the end if it still runs."""

    def __init__(self, name: str, port: int, home: Path) -> None:
        self._process = subprocess.Popen(
            module(name, str(port)),
            cwd=REPOSITORY,
            env=environment(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._read_line()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def _command(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def _read_line(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process has ended"
        return line
