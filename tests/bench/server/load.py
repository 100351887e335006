"""A room full of people in one process: `python -m tests.bench.server.load SETUP` comes in, then takes orders, a line of JSON each.

Cheap enough not to be what is measured: it says how much processor time it took. Every message is followed to every listener, as
`clients` tells. `Load` is the other end, for whoever measures.
"""

import gc
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from tests.bench.processes import module
from tests.bench.server.orders import (
    Announce,
    Announced,
    Entered,
    FellSilent,
    Flood,
    Flooded,
    Order,
    Pace,
    Paced,
    Setup,
)
from tests.bench.server.room import Room
from tests.support.interrupts import HeldBack
from tests.support.server_process import REPOSITORY, private_environment

_Report = TypeVar("_Report")


class Load:
    """The process, driven from outside, and the child that it forks: a group of their own, which is killed at the end."""

    def __init__(self, setup: Setup, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        with HeldBack() as interrupts:
            self._process = subprocess.Popen(
                module("tests.bench.server.load", msgspec.json.encode(setup).decode()),
                cwd=REPOSITORY,
                env=private_environment(home),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl+C is for whoever measures
            )
            try:
                interrupts.release()
                self.entered = self._report(Entered)
            except BaseException:
                self._end()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def flood(self, order: Flood) -> Flooded:
        return self._ask(order, Flooded)

    def pace(self, order: Pace) -> Paced:
        return self._ask(order, Paced)

    def announce(self) -> Announced:
        return self._ask(Announce(), Announced)

    def _ask(self, order: Order, kind: type[_Report]) -> _Report:
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        self._process.stdin.flush()
        return self._report(kind)

    def _report(self, kind: type[_Report]) -> _Report:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise FellSilent
        return msgspec.json.decode(line, type=kind)

    def _end(self) -> None:
        if self._process.returncode is None:  # not waited for yet, so the number is still its own
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


# --- in the process itself --------------------------------------------------------------------------------------------


def main(setup: Setup) -> None:
    """Come in, and do as told until nobody tells any more."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    room = Room(setup)
    gc.freeze()
    gc.disable()
    _tell(Entered(room.entered_s))
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        match order:
            case Flood():
                _tell(room.flood(order))
            case Pace():
                _tell(room.pace(order))
            case Announce():
                _tell(room.announce())


def _tell(report: msgspec.Struct) -> None:
    os.write(sys.stdout.fileno(), msgspec.json.encode(report) + b"\n")


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Setup))
