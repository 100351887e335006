"""Where those wait who ask for a seat, so that they come in together: all are told, and that takes as long for one as for a hundred.

Runs on the clients' own threads; the lock guards everything. Whoever finds nobody waiting waits for a pause since the last ones were let
in, twice as long as it took until all had been told of those before; then they ask for all who have come meanwhile. So nobody waits
where few are. Where there are ten thousand, whom it takes a twentieth of a second to tell, half of the time is left for what they say.
"""

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Final, Generic

from server.log.sequencer import Sequencer, SequencerStopped
from server.roster import Holder
from server.rounds import Admission, Enter

MAX_PAUSE_S: Final = 0.5
"""However long it took: a disk that stood still for a while is no reason to wait."""


class Vestibule(Generic[Holder]):
    """Those who ask for a seat of `sequencer`. `clock` never goes back."""

    def __init__(
        self,
        sequencer: Sequencer[Holder],
        clock: Callable[[], float] = time.monotonic,
        nap: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sequencer = sequencer
        self._clock = clock
        self._nap = nap
        self._lock = Lock()
        self._waiting: list[Enter[Holder]] = []
        self._opens_at = -math.inf
        self._took_s = 0.0
        """How long the last ones waited for their verdict, once they had been let in: until all others were told."""

    def enter(self, request: Enter[Holder]) -> Admission[Holder]:
        """The verdict. Raises Refusal, SequencerStopped."""
        with self._lock:
            is_first = not self._waiting
            self._waiting.append(request)
            wait_s = self._opens_at - self._clock()
        if is_first:
            if wait_s > 0:
                self._nap(wait_s)
            self._let_in()
        return request.verdict.result()

    def _let_in(self) -> None:
        """By the first of those who wait."""
        with self._lock:
            together, self._waiting = self._waiting, []
            began_at = self._clock()
            self._opens_at = began_at + min(MAX_PAUSE_S, 2 * self._took_s)
        try:
            self._sequencer.submit(together, 0)
        except SequencerStopped:
            for request in together:
                request.verdict.set_exception(SequencerStopped())
        together[0].verdict.exception()  # waited for, not raised
        self._took_s = self._clock() - began_at
