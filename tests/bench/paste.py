"""What a large paste costs: `python -m tests.bench.paste [--runs N]`.

Text is pasted into chat-tui's composer, and into a bare Textual app with a TextArea, in turn; then letters are typed behind it. Prints a
table, asserts nothing.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.bench.conversation import READER
from tests.bench.latency import LETTERS, percentile
from tests.bench.machine import describe_machine
from tests.bench.processes import COMPOSER, NeverCame, Terminal, module
from tests.bench.scene import SERVER_OPTIONS
from tests.bench.table import table
from tests.bench.text_area_app import READY
from tests.support.server_process import ServerProcess

SIZES_CHARS = (1_000, 9_000, 100_000, 1_000_000)
"""The second is the largest that chat-tui shows as it is; beyond it a label stands for the text."""

LINE = "오늘 회의 자료는 여기에 있습니다. 확인하고 말씀해 주세요!\n"
KEYS = 20
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Pasting:
    """One paste into one program. None is what did not come in time."""

    program: str
    chars: int
    taken_ms: float | None
    """From its first byte to the letter typed behind it."""
    key_p95_ms: float | None


def measure(commands: Sequence[tuple[str, Sequence[str], str]], runs: int, home: Path) -> list[Pasting]:
    """Every size into every program, a fresh process each time, in turn."""
    return [
        _paste(name, command, ready, chars, home / f"{name}-{chars}-{run}".replace(" ", "-"))
        for run in range(runs)
        for chars in SIZES_CHARS
        for name, command, ready in commands
    ]


def _paste(name: str, command: Sequence[str], ready: str, chars: int, home: Path) -> Pasting:
    text = (LINE * (chars // len(LINE) + 1))[: chars - 1] + "."
    with Terminal(command, home) as terminal, ThreadPoolExecutor(1) as writer:
        terminal.wait_for(ready)
        terminal.read_for(1.0)
        began_s = time.monotonic()
        # Beside the reading: neither side has room for all of it.
        writer.submit(terminal.type, f"\x1b[200~{text}\x1b[201~{LETTERS[0]}")
        try:
            taken_ms = (terminal.wait_for(LETTERS[0], PATIENCE_S) - began_s) * 1000
            keys_ms = [terminal.echo_s(letter) * 1000 for letter in LETTERS[1 : 1 + KEYS]]
        except NeverCame:
            return Pasting(name, chars, None, None)
    return Pasting(name, chars, taken_ms, percentile(keys_ms, 0.95))


def _row(pastings: Sequence[Pasting]) -> tuple[str, ...]:
    first = pastings[0]
    return (
        first.program,
        f"{first.chars:,}",
        _median([pasting.taken_ms for pasting in pastings]),
        _median([pasting.key_p95_ms for pasting in pastings]),
    )


def _median(figures: Sequence[float | None]) -> str:
    known = [figure for figure in figures if figure is not None]
    return f"{statistics.median(known):,.1f}" if known else f"not within {PATIENCE_S:.0f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print(f"{describe_machine('textual')}\n", flush=True)
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder, "server"), *SERVER_OPTIONS) as server:
        chat = module("tui_client", "--nick", READER, "--port", str(server.port))
        commands = (("chat-tui", chat, COMPOSER), ("bare TextArea", module("tests.bench.text_area_app"), READY[1:]))
        pastings = measure(commands, runs, Path(folder))
    rows = [
        _row([one for one in pastings if (one.program, one.chars) == (name, chars)])
        for chars in SIZES_CHARS
        for name, _, _ in commands
    ]
    print(table(("program", "characters", "paste and a letter, ms", "later keys p95, ms"), rows))


if __name__ == "__main__":
    main()
