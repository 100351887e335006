"""Something that runs beside the test, on a thread of its own, and is waited for with a deadline."""

import threading
from collections.abc import Callable

from tests.support.waiting import DEADLINE_S

_MOMENT_S = 0.05


class Task:
    """Calls `work` on a new thread at once."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="test-task", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001
            self._error = error

    def waits(self) -> bool:
        """Whether it is still at work after a moment."""
        self._thread.join(_MOMENT_S)
        return self._thread.is_alive()

    def finish(self, timeout_s: float = DEADLINE_S) -> BaseException | None:
        """What it raised, if anything, once it is done."""
        self._thread.join(timeout_s)
        assert not self._thread.is_alive(), f"not done within {timeout_s} s"
        return self._error
