"""From the start of chat-tui to the first picture in which one can type, beside programs that do less."""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.conversation import READER
from tests.bench.minimal_app import GREETING
from tests.bench.processes import COMPOSER, Terminal, environment, module
from tests.bench.scene import SERVER_OPTIONS
from tests.bench.table import table
from tests.support.server_process import REPOSITORY, ServerProcess


@dataclass(frozen=True, slots=True)
class StartupPlan:
    runs: int


@dataclass(frozen=True, slots=True)
class Startup:
    """One run of each, in milliseconds."""

    python_ms: float
    """`python -c pass`, until it has ended."""
    minimal_ms: float
    """A Textual app with one Static, until that is drawn."""
    chat_ms: float
    """chat-tui, until its composer is drawn."""


def measure_startup(plan: StartupPlan, home: Path) -> list[Startup]:
    """All three in turn; a first round, which compiles what was never run, doesn't count."""
    with ServerProcess(home / "server", *SERVER_OPTIONS) as server:
        chat = module("tui_client", "--nick", READER, "--port", str(server.port))
        minimal = module("tests.bench.minimal_app")
        rounds = [
            Startup(_python_ms(home), _drawn_ms(minimal, GREETING, home), _drawn_ms(chat, COMPOSER, home))
            for _ in range(plan.runs + 1)
        ]
    return rounds[1:]


def _python_ms(home: Path) -> float:
    started_at_s = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], cwd=REPOSITORY, env=environment(home), check=True)
    return (time.monotonic() - started_at_s) * 1000


def _drawn_ms(command: Sequence[str], wanted: str, home: Path) -> float:
    with Terminal(command, home) as terminal:
        return (terminal.wait_for(wanted) - terminal.started_at_s) * 1000


def median_startup(runs: Sequence[Startup]) -> Startup:
    """The median of each by itself."""
    return Startup(
        statistics.median(run.python_ms for run in runs),
        statistics.median(run.minimal_ms for run in runs),
        statistics.median(run.chat_ms for run in runs),
    )


def startup_table(runs: Sequence[Startup]) -> str:
    """Medians, and how many times the lesser programs chat-tui takes."""
    median = median_startup(runs)
    rows = [
        (name, f"{ms:.0f}", f"{ms / median.python_ms:.1f}", f"{ms / median.minimal_ms:.2f}")
        for name, ms in (
            ("python -c pass", median.python_ms),
            ("minimal Textual app", median.minimal_ms),
            ("chat-tui", median.chat_ms),
        )
    ]
    return table(("start to first picture", "ms", "× python", "× minimal"), rows)
