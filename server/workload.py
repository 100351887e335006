"""How much there is to do, and what follows for all threads: on which processors they run, how long one may keep the interpreter.

Told before each round, on the sequencer's thread; asked on any. Knows nothing of sockets, nor of turns.
"""

import sys

from server.config import BUSY_ROUND, CROWDED_MEMBERS, CROWDED_SWITCH_INTERVAL_S, SWITCH_INTERVAL_S
from server.processors import all_processors, stay_on, this_processor


class Workload:
    """Of one room."""

    def __init__(self) -> None:
        self._all_processors = all_processors()
        self._one_processor = self._all_processors
        """Where the rounds of a busy room are run."""
        self._is_crowded = False
        self.is_busy = False
        """Whether so much is said that everybody should work on the processor of the rounds."""

    @property
    def processors(self) -> frozenset[int]:
        """Where to run now."""
        return self._one_processor if self.is_busy else self._all_processors

    def leave(self) -> None:
        """Let the calling thread run anywhere again."""
        stay_on(self._all_processors)

    def note_round(self, asks: int, members: int, *, may_move: bool) -> None:
        """The next round is one in which so much is asked for, in a room of so many.

        `may_move` is whether nobody stays any more where a busy room's rounds were run last.
        """
        self._note_business(asks, may_move=may_move)
        self._note_crowd(members)

    def _note_business(self, asks: int, *, may_move: bool) -> None:
        """Busy is a room sooner than it is quiet again: the change costs a call for each client."""
        enough = BUSY_ROUND // 8 if self.is_busy else BUSY_ROUND
        is_busy = asks >= enough
        if is_busy != self.is_busy:
            if may_move:
                self._one_processor = this_processor()
            self.is_busy = is_busy
            stay_on(self.processors)

    def _note_crowd(self, members: int) -> None:
        is_crowded = members >= CROWDED_MEMBERS
        if is_crowded != self._is_crowded:
            self._is_crowded = is_crowded
            sys.setswitchinterval(CROWDED_SWITCH_INTERVAL_S if is_crowded else SWITCH_INTERVAL_S)
