"""What the figures were measured on: they mean nothing without it. For every benchmark here."""

import os
import platform
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

_AT_HAND: Final = 512 << 20
"""Bytes; a flood of three seconds takes 0.2 GB for what it writes."""


def describe_machine(*libraries: str) -> str:
    """One line: processor, cores, system, Python, the versions of `libraries`, and how busy it was at the start."""
    parts = [f"{_processor()}, {len(os.sched_getaffinity(0))} cores", f"{platform.system()} {platform.release()}"]
    parts.append(f"{platform.python_implementation()} {platform.python_version()}")
    parts += [f"{library} {version(library)}" for library in libraries]
    parts += ["real-time priority"] * (os.sched_getscheduler(0) in (os.SCHED_RR, os.SCHED_FIFO))
    return " · ".join([*parts, f"load {os.getloadavg()[0]:.1f}"])


def describe_disk(folder: Path) -> str:
    """How long it takes there until 4 KiB more are kept, at the start: what others write meanwhile is in it."""
    taken_ms = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(100):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken_ms.append((time.perf_counter() - began) * 1000)
    taken_ms.sort()
    return f"fdatasync p50 {taken_ms[50]:.2f} ms, p99 {taken_ms[98]:.1f} ms"


def have_memory_at_hand() -> None:
    """Take some, and give it back: whoever is measured next gets pages that this machine really has.

    A virtual machine may get a page from its host only when it is first touched, and give it back when it was free for some seconds
    (Linux: Documentation/mm/free_page_reporting.rst). Such a page can cost ten times what another does (seen: 10 µs instead of 1.3),
    and who gets them depends on what ran before, such as the copy of a long file. Where little is left, little is taken.
    """
    _ = bytearray(b"\1") * min(_AT_HAND, _available_bytes() // 4)


def _available_bytes() -> int:
    """What may be taken without others having to make room: see proc_meminfo(5)."""
    told = Path("/proc/meminfo").read_text(encoding="ascii")
    return int(told.partition("MemAvailable:")[2].split()[0]) << 10


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return _model_in(lines) or platform.machine()


def _model_in(lines: Sequence[str]) -> str:
    """The processor's name as Linux tells it; some architectures have none."""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
