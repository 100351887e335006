"""A thread for each client: who is being served, and when nobody is any more.

Any thread may ask; the lock guards everything. They are started one level below `threading.Thread`, which keeps 2.7 KiB for each besides
its stack: with ten thousand who are silent, a sixth of all memory, for what is not used here. So they have no name, and nobody joins
them: `wait_until_gone` waits for all of them. Nothing that they run may ask for `threading.current_thread()`: that would make
an object for them that stays for good.
"""

import time
from _thread import start_new_thread
from collections.abc import Callable
from threading import Condition, Lock

from server.reception import Place


class ClientThreads:
    """Those that run, by the places for which they call `serve`."""

    def __init__(self, serve: Callable[[Place], None]) -> None:
        self._serve = serve
        self._begin = self._run
        """One object for all of them."""
        self._changed = Condition(Lock())
        self._served: dict[Place, None] = {}
        self._idle_since = time.monotonic()

    @property
    def served(self) -> list[Place]:
        """All whose thread has not ended."""
        with self._changed:
            return list(self._served)

    def idle_s(self) -> float:
        """For how many seconds nobody has been served."""
        with self._changed:
            return 0.0 if self._served else time.monotonic() - self._idle_since

    def start(self, place: Place) -> None:
        """Serve `place` on a thread of its own. Raises RuntimeError when the system gives us no more threads."""
        with self._changed:
            self._served[place] = None
        try:
            start_new_thread(self._begin, (place,))
        except RuntimeError:
            self._forget(place)
            raise

    def wait_until_gone(self, deadline: float) -> bool:
        """Wait until nobody is served any more; whether it came to that before `deadline` (monotonic)."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._served, max(0.0, deadline - time.monotonic()))

    def _run(self, place: Place) -> None:
        try:
            self._serve(place)
        finally:
            self._forget(place)

    def _forget(self, place: Place) -> None:
        with self._changed:
            del self._served[place]
            self._idle_since = time.monotonic()
            self._changed.notify_all()
