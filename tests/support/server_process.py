"""chat-server as its users run it: a process of its own, told apart only by what it prints and how it ends."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.interrupts import HeldBack
from tests.support.waiting import DEADLINE_S

REPOSITORY = Path(__file__).resolve().parents[2]
_LISTENING = re.compile(r"속삭 서버가 [0-9.]+:(\d+)에서 기다립니다\.")


def private_environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment in which a program of ours finds and leaves nothing of this machine's user."""
    folders = {
        "HOME": home,
        "XDG_STATE_HOME": home / "state",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "data",
        "XDG_CACHE_HOME": home / "cache",
    }
    # Unbuffered output would hide a missing flush.
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONUNBUFFERED", "LC_ALL")}
    inherited.update({name: str(folder) for name, folder in folders.items()})
    return inherited | {"LC_ALL": "C.UTF-8"} | dict(extra or {})


def run_server(
    home: Path, *options: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run chat-server where it is expected to end by itself."""
    home.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "server", *options],
        cwd=REPOSITORY,
        env=private_environment(home, environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )


class ServerProcess:
    """A running chat-server on a free port, with a home folder of its own.

    Its own pid is killed at the end if it still runs. A traceback in its log is a failure, whatever the test saw. Its clients may
    send as fast as they can, unless it is `limited`. `module` is what runs, if it is not the server as it stands.
    """

    def __init__(self, home: Path, *options: str, limited: bool = False, module: str = "server") -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        options = options if limited else ("--no-limits", *options)
        self._log = home / f"server-{time.monotonic_ns()}.stderr"
        with HeldBack() as interrupts, self._log.open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, "--port", "0", *options],
                cwd=REPOSITORY,
                env=private_environment(home),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
            try:
                interrupts.release()
                self.port = self._read_port()
            except BaseException:
                self._end()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        assert "Traceback" not in self.stderr, self.stderr

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stderr(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def fingerprint(self) -> str:
        """Of its certificate, as it has printed it."""
        return " ".join(row.strip() for row in self.announcement[2:6])

    @property
    def resident_kib(self) -> int:
        """The memory that it holds now."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0])

    def wait(self, timeout_s: float = DEADLINE_S) -> int:
        """The exit code, once it has ended; `subprocess.TimeoutExpired` when it goes on."""
        return self._process.wait(timeout_s)

    def stop(self, signal_number: signal.Signals = signal.SIGTERM, timeout_s: float = DEADLINE_S) -> int:
        """Send a signal and return the exit code."""
        self._process.send_signal(signal_number)
        return self.wait(timeout_s)

    def _end(self) -> None:
        if self.running:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read_port(self) -> int:
        self.announcement = self._announced().decode("utf-8").splitlines()
        line = self.announcement[0]
        match = _LISTENING.fullmatch(line)
        assert match, f"not the line it should begin with: {line!r}; stderr: {self.stderr}"
        return int(match[1])

    def _announced(self) -> bytes:
        """What it says at its start, all in one piece."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        ready = select.poll()
        ready.register(descriptor, select.POLLIN)
        received = b""
        deadline = time.monotonic() + DEADLINE_S
        while not received.endswith(b"\n"):
            if not ready.poll(max(0, deadline - time.monotonic()) * 1000):
                raise AssertionError(f"the server said nothing within {DEADLINE_S} s; stderr: {self.stderr}")
            data = os.read(descriptor, 4096)
            if not data:
                self._process.wait()
                raise AssertionError(f"the server ended with {self._process.returncode}; stderr: {self.stderr}")
            received += data
        return received
