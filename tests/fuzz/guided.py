"""The coverage-guided fuzzer (atheris, over libFuzzer), in a process of its own, since it ends the one in which it runs.

`python -m tests.fuzz.guided CORPUS_FOLDER …` fuzzes all targets at once: the first byte of an input says which one gets the rest. There are
wheels for Linux on x86-64 and CPython 3.11 to 3.14; elsewhere the byte fuzzer has its time.
"""

import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.support.server_process import REPOSITORY

MAX_BYTES: Final = 4096
MEMORY_LIMIT_MB: Final = 2048
TIMEOUT_S: Final = 10
_START_S: Final = 60

_DONE = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_PEAK = re.compile(r"stat::peak_rss_mb:\s*(\d+)")
_COVERED = re.compile(r"cov: (\d+)")


def is_available() -> bool:
    """Whether there is an atheris for this Python."""
    return importlib.util.find_spec("atheris") is not None


class Guided:
    """What came of one run."""

    def __init__(self, output: str, code: int) -> None:
        self.output = output
        self.is_clean = code == 0
        self.inputs = _last(_DONE, output)
        self.peak_mb = _last(_PEAK, output)
        self.covered = _last(_COVERED, output)


def _last(pattern: re.Pattern[str], output: str) -> int:
    return int((pattern.findall(output) or ["0"])[-1])


def run_guided(seconds: float, seed: int, *, low_priority: bool = False) -> Guided:
    """Fuzz for `seconds`, from the byte fuzzer's seeds on."""
    from tests.fuzz.mutating import seeds
    from tests.fuzz.targets import TARGETS

    with tempfile.TemporaryDirectory() as folder:
        for number, one in enumerate(seeds()):
            (Path(folder) / str(number)).write_bytes(bytes([number % len(TARGETS)]) + one[: MAX_BYTES - 1])
        limits = [f"-max_total_time={seconds:.0f}", f"-timeout={TIMEOUT_S}", f"-rss_limit_mb={MEMORY_LIMIT_MB}"]
        options = [
            *limits,
            f"-max_len={MAX_BYTES}",
            f"-seed={seed}",
            "-print_final_stats=1",
            f"-artifact_prefix={folder}/at-fault-",
        ]
        command = [
            *(["nice", "-n", "19"] if low_priority else []),
            sys.executable,
            "-m",
            "tests.fuzz.guided",
            folder,
            *options,
        ]
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="backslashreplace",
            timeout=seconds + _START_S,
            check=False,
        )
        at_fault = [f"{path.name}: {path.read_bytes()!r:.2000}" for path in Path(folder).glob("at-fault-*")]
        return Guided("\n".join([done.stdout, *at_fault]), done.returncode)


def main(arguments: Sequence[str]) -> None:
    """Never returns: libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["server", "tui_client"]):
        from tests.fuzz.targets import TARGETS
    targets = list(TARGETS.values())

    def one_input(data: bytes) -> None:
        if data:
            targets[data[0] % len(targets)](data[1:])

    atheris.Setup([sys.argv[0], *arguments], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
