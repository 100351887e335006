"""A minute of fuzzing, from a seed that is always the same; `python -m tests.fuzz` goes on for as long as one likes."""

from typing import Final

import pytest

from tests.fuzz.feeding import Tally, feed
from tests.fuzz.guided import is_available, run_guided
from tests.fuzz.live import attack_server
from tests.fuzz.mutating import Mutator
from tests.fuzz.targets import TARGETS

SEED: Final = 20261123
ENDLESS: Final = 10**12
GUIDED_S: Final = 18.0
LIVE_S: Final = 12.0
FOR_ALL_S: Final = 25.0

MAX_GROWTH_KIB: Final = 12 * 1024
"""Of the memory of a process after it has warmed up; what is kept for each input would be more within seconds."""


MAX_SERVER_GROWTH_KIB: Final = 48 * 1024
"""Of a server's: what it keeps of the newest events, and SQLite's cache, have not been filled in so short a time."""


def seconds_each() -> float:
    """Where there is no guided fuzzer, the byte fuzzer has its time."""
    return (FOR_ALL_S if is_available() else FOR_ALL_S + GUIDED_S) / len(TARGETS)


def assert_clean(tally: Tally, growth_kib: int = MAX_GROWTH_KIB) -> None:
    assert tally.is_clean, "\n".join(tally.failures)
    assert tally.memory_after_kib - tally.memory_before_kib < growth_kib, tally


@pytest.mark.parametrize("name", TARGETS)
def test_no_bytes_raise_hang_or_are_kept(name: str) -> None:
    tally = feed(name, TARGETS[name], Mutator(SEED), ENDLESS, seconds_each())
    assert_clean(tally)
    assert tally.inputs > 300


def test_a_live_server_answers_everybody_whatever_it_is_sent() -> None:
    tally = attack_server(SEED, ENDLESS, LIVE_S)
    assert_clean(tally, MAX_SERVER_GROWTH_KIB)
    assert tally.inputs > 1_000


def test_no_bytes_that_lead_to_other_code_raise_or_hang() -> None:
    """Guided by coverage where that can be had; otherwise the time was the byte fuzzer's, above."""
    if not is_available():
        return
    guided = run_guided(GUIDED_S, SEED % 2**31)
    assert guided.is_clean, guided.output[-6000:]
    assert guided.inputs > 1_000


def test_faults_are_found() -> None:
    """A fuzzer that finds nothing must be able to."""

    def fragile(data: bytes) -> None:
        if b"\x1b[" in data:
            raise KeyError(data)

    assert feed("fragile", fragile, Mutator(SEED), 5_000).exceptions > 0
