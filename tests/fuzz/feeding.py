"""Targets fed with many inputs, one after another: what is raised, what hangs, how long it takes, what memory is left behind."""

import gc
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from tests.fuzz.targets import Target

HANG_S: Final = 5.0
"""For one input. The slowest takes a few milliseconds; a regular expression that runs away takes for ever."""

_WARM_UP: Final = 0.1
"""Of the inputs of a target: then caches are full, and what grows from there on is a leak."""

_KEPT: Final = 20
_PAGE_KIB: Final = os.sysconf("SC_PAGE_SIZE") // 1024


class Hang(BaseException):
    """An input took longer than `HANG_S`. No Exception, so that nobody takes it for one of the program's."""


@dataclass
class Tally:
    """What came of a target's inputs."""

    name: str
    inputs: int = 0
    exceptions: int = 0
    hangs: int = 0
    slowest_s: float = 0.0
    seconds: float = 0.0
    memory_before_kib: int = 0
    memory_after_kib: int = 0
    failures: list[str] = field(default_factory=list)
    """Some of the inputs at fault, to be tried again."""

    @property
    def is_clean(self) -> bool:
        return not (self.exceptions or self.hangs)

    def note(self, data: bytes, error: BaseException) -> None:
        if len(self.failures) < _KEPT:
            self.failures.append(f"{self.name}: {error!r:.300}\n    {data!r:.2000}")


def resident_kib(pid: int | str = "self") -> int:
    """The memory that a process holds now; 0 where the system doesn't say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_KIB
    except FileNotFoundError:
        return 0


def feed(name: str, target: Target, inputs: Iterable[bytes], most: int, seconds: float = float("inf")) -> Tally:
    """Feed `target` until it has had `most` inputs or `seconds` are over. In the main thread."""
    tally = Tally(name)
    began = time.monotonic()
    with _watched():
        for data in inputs:
            _feed_one(tally, target, data)
            tally.seconds = time.monotonic() - began
            if tally.inputs >= most or tally.seconds >= seconds:
                break
            if not tally.memory_before_kib and (tally.inputs >= most * _WARM_UP or tally.seconds >= seconds * _WARM_UP):
                tally.memory_before_kib = _settled_kib()
    tally.memory_after_kib = _settled_kib()
    return tally


def _feed_one(tally: Tally, target: Target, data: bytes) -> None:
    tally.inputs += 1
    began = time.thread_time()  # not that of others, who may be at work on the same machine
    signal.setitimer(signal.ITIMER_REAL, HANG_S)
    try:
        target(data)
    except Hang as hang:
        tally.hangs += 1
        tally.note(data, hang)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is what is looked for
        tally.exceptions += 1
        tally.note(data, error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    tally.slowest_s = max(tally.slowest_s, time.thread_time() - began)


@contextmanager
def _watched() -> Iterator[None]:
    """While this lasts, an alarm is a `Hang`; also inside a regular expression, which looks for signals."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, give_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def _settled_kib() -> int:
    gc.collect()
    return resident_kib()
