"""A log as the checker holds it against what people saw: all that ever stood in it, and what of it is still kept. Pure values."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.protocol.events import Event, Said, Whispered


@dataclass(frozen=True, slots=True)
class Epoch:
    """One opening of a log: its name, and the `seq` of the first event that it could write."""

    name: str
    first_seq: int


@dataclass(frozen=True, slots=True)
class Log:
    """All that was ever written to it, oldest first; `epochs` in the order in which they were opened.

    What is older than event `kept_from` was forgotten on purpose: nobody who was away then can get it any more.
    """

    events: Sequence[Event]
    epochs: Sequence[Epoch]
    kept_from: int = 1

    def by_seq(self) -> Mapping[int, Event]:
        return {event.seq: event for event in self.events}

    def ends(self) -> Mapping[str, float]:
        """For each epoch, the first `seq` that is not part of it: PROTOCOL's rule for resuming."""
        firsts = [one.first_seq for one in self.epochs[1:]]
        return dict(zip([one.name for one in self.epochs], [*firsts, math.inf], strict=True))

    def epoch_of(self, seq: int) -> str:
        """The epoch in which event `seq` was written."""
        return next(one.name for one in reversed(self.epochs) if one.first_seq <= seq)

    def remembering(self, older: "Log") -> "Log":
        """This log, as it is read now, with what `older`, read earlier, had and was forgotten since."""
        first = self.events[0].seq if self.events else math.inf
        forgotten = [event for event in older.events if event.seq < first]
        return Log([*forgotten, *self.events], self.epochs, self.kept_from)


def name_of(event: Said | Whispered) -> str:
    """Its `cid`. What a plain client said has none: it is known by its words, which recording clients use only once."""
    return event.text if event.cid is None else event.cid
