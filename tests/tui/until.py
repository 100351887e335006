"""Waiting in pilot tests: for a condition, with a deadline, never for a time."""

from collections.abc import Callable
from time import monotonic

from textual.pilot import Pilot

DEADLINE_S = 5.0


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the app work until `condition` holds."""
    end = monotonic() + DEADLINE_S
    while not condition():
        assert monotonic() < end, "the condition did not come true in time"
        await pilot.pause(0.005)
