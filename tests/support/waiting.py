"""Waiting on conditions with a deadline; the only place in the tests where time is let pass."""

import time
from collections.abc import Callable

DEADLINE_S = 15.0
"""Long enough for a busy machine with two cores; a test that passes never comes near it."""

STOPPED_S = 4.0
"""A server promises to end within 2 s; here it shares two cores with other tests. What it must not wait for takes ten times as long."""

_POLL_S = 0.01


def until(condition: Callable[[], bool], timeout_s: float = DEADLINE_S, *, what: Callable[[], str] | str = "") -> None:
    """Return as soon as `condition` holds; fail with `what` when it doesn't within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what() if callable(what) else what or condition}")
        time.sleep(_POLL_S)
