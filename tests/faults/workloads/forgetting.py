"""A server that keeps only the newest part of its log, while people speak, are cut off, come back soon, or come back too late."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final

from server.protocol.events import Said
from tests.bench.table import Figure
from tests.faults.actor import PATIENCE_S, Actor, all_leave
from tests.faults.figures import Outcome, exactly
from tests.faults.history import Broke
from tests.faults.proxy import Manner, Proxy
from tests.faults.world import World
from tests.support.waiting import until

KEPT: Final = 1000
"""The least that a server keeps."""

_AT_ONCE: Final = 200
_PACE_S: Final = 0.005
_TALKERS: Final = ("말0", "말1")
"""What both say at once is far less than is kept: who is waited for after it can't have missed what is gone."""

_ABSENT: Final = "나중"


def forgetful_log(folder: Path, *, absences: int) -> Outcome:
    """Again and again somebody is away until what they missed is forgotten; the server is killed meanwhile every other time.

    Who misses what is gone is told; nobody else misses anything. What the absent one said before is not said again, though nobody finds it.
    """
    with World(folder, "--keep", f"{KEPT}개") as world, Proxy(world.port) as shaky, Proxy(world.port) as dead:
        talking = world.actor(*_TALKERS, window=20)
        here = [talking, world.actor("귀"), world.actor("흔들", port=shaky.port)]
        absent = world.actor(_ABSENT, port=dead.port)
        for actor in (*here, absent):
            actor.wait_until_entered()
        netcat = world.netcat("망")
        flood = _Flood(world, here)
        for number in range(absences):
            gone = _cut_off(world, dead, absent, number + 1)
            for turn in count():
                flood.go_on(world.restart_server if turn == 2 and number % 2 == 0 else shaky.reset)
                if world.read_log().kept_from > gone + 1:
                    break
            _bring_back(dead, absent, number + 1, talking.newest_shown())
        netcat.leave()
        rest = world.come_to_rest(talking, *here[1:], absent)
        all_leave(absent)
        forgotten = world.read_log().kept_from - 1
        facts = [
            Figure("events forgotten", f"{forgotten:,}", "> 0", forgotten > 0),
            exactly("gaps told to who was away", absent.count(Broke), absences),
            exactly("gaps told to the others", sum(actor.count(Broke) for actor in here), 0),
        ]
        return Outcome("old messages are forgotten", world.report(rest), facts)


class _Flood:
    """Two speak, a part at a time; before the next one all who are `here`, the speakers first, have seen it, and the log is read."""

    def __init__(self, world: World, here: list[Actor]) -> None:
        self._world = world
        self._here = here
        self._said = 0

    def go_on(self, disturb: Callable[[], None]) -> None:
        talking, *_ = self._here
        before = self._said
        self._said += _AT_ONCE * len(_TALKERS)
        talking.say(_AT_ONCE, _PACE_S)
        talking.wait_until_settled(before + _AT_ONCE)
        disturb()
        talking.wait_until_settled(self._said)
        newest = talking.newest_of_all()
        for actor in self._here:
            actor.wait(lambda: actor.newest_shown() >= newest, f"has not seen {newest}")  # noqa: B023 -- at once
        self._world.read_log()


def _cut_off(world: World, network: Proxy, absent: Actor, times: int) -> int:
    """What `absent` says last stands, and they don't learn of it; its number in the log."""
    network.down.manner = Manner.HOLD
    absent.say(1)
    own: list[int] = []

    def stands() -> bool:
        own[:] = [one.seq for one in world.read_log().events if isinstance(one, Said) and one.nick == _ABSENT]
        return len(own) == times

    until(stands, PATIENCE_S, what="what was said last does not stand")
    network.up.manner = Manner.HOLD
    return own[-1]


def _bring_back(network: Proxy, absent: Actor, times: int, newest: int) -> None:
    network.reset()
    network.behave(Manner.PASS)
    absent.wait_until_settled(times)
    absent.wait(lambda: absent.newest_shown() >= newest, "has not come back")
