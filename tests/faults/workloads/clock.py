"""A clock that somebody sets."""

from itertools import pairwise
from pathlib import Path

from tests.faults.figures import Outcome, exactly
from tests.faults.history import Entered
from tests.faults.shifted_server import set_shift
from tests.faults.world import World


def clock_jumps(folder: Path, *, messages: int) -> Outcome:
    """The server's clock is set forwards and back by an hour in the middle of a chat."""
    home = folder / "server"
    home.mkdir(parents=True)
    set_shift(home, 0)
    with World(folder, module="tests.faults.shifted_server") as world:
        speaker, hearer = world.actor("영희"), world.actor("철수")
        for actor in (speaker, hearer):
            actor.wait_until_entered()
        for number, shift_s in enumerate((0, 3600, -3600, 0, -7200), 1):
            set_shift(home, shift_s)
            speaker.say(messages)
            speaker.wait_until_settled(number * messages)
        rest = world.come_to_rest(speaker, hearer)
        times = [event.at for event in world.read_log().events]
        jumps = sum(abs(after - before) > 3_000_000 for before, after in pairwise(times))
        reconnections = sum(actor.count(Entered) - 1 for actor in (speaker, hearer))
        facts = [exactly("jumps seen in the log", jumps, 4), exactly("connections lost", reconnections, 0)]
        return Outcome("clock set back and forth by an hour", world.report(rest), facts)
