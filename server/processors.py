"""On which processors a thread may run.

Threads that take turns at one thing, as at the interpreter, do so faster on one processor: whoever is next runs as soon as the last one
sleeps, and no other processor has to be woken for it. Linux alone lets a thread choose; elsewhere nothing happens here.
"""

import os
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

_PLACE_OF_PROCESSOR: Final = 36
"""Of `processor` in /proc/[pid]/stat behind the name, which may hold anything: it is the 39th field, the name the second, see proc(5)."""


def all_processors() -> frozenset[int]:
    """Those on which the calling thread may run now; none where that can't be known."""
    return frozenset(os.sched_getaffinity(0)) if sys.platform == "linux" else frozenset()


def this_processor() -> frozenset[int]:
    """The one on which the calling thread runs: where the system chose to put it. None where that can't be known."""
    try:
        stat = Path("/proc/thread-self/stat").read_text(encoding="utf-8", errors="replace")
        return frozenset([int(stat.rpartition(")")[2].split()[_PLACE_OF_PROCESSOR])])
    except (OSError, ValueError, IndexError):
        return frozenset()


def stay_on(processors: Collection[int]) -> None:
    """Let the calling thread run on these alone from now on, if there are any, and if it may."""
    if processors and sys.platform == "linux":
        with suppress(OSError):
            os.sched_setaffinity(0, processors)
