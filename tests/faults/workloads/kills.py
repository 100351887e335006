"""Processes that are killed in the middle of everything: the server in a flood, a client between sending and the echo."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from server.protocol.events import Joined, Left
from tests.faults.actor import Actor, all_leave, crowd
from tests.faults.figures import Outcome, at_most, exactly
from tests.faults.history import Acknowledged, Invoked, Kept
from tests.faults.proxy import Manner, Proxy
from tests.faults.world import World
from tests.support.json_client import JsonClient

RECOVERY_S: Final = 2.0


def server_kills(folder: Path, *, senders: int, messages: int, readers: int, kills: int) -> Outcome:
    """The server is killed again and again in the middle of a flood."""
    with World(folder) as world:
        talking = [world.actor(nick, window=50) for nick in crowd(senders, "말")]
        hearing = world.actor(*crowd(readers, "귀"))
        for actor in (*talking, hearing):
            actor.wait_until_entered()
        netcats = [world.netcat("망", whispers_to=talking[0].nicks[0]), world.netcat("줄", pace_s=math.inf)]
        for netcat in netcats:
            netcat.wait_until_entered()
        for actor in talking:
            actor.say(messages)
        recoveries = []
        for number in range(kills):
            wanted = (number + 1) * senders * messages // (kills + 1)
            talking[0].wait(
                lambda: sum(actor.count(Acknowledged) for actor in talking) >= wanted,  # noqa: B023 -- at once
                f"the flood stands still before {wanted}",
            )
            world.kill_server()
            recoveries.append(_recover(world))
            for netcat in netcats:
                netcat.wait_until_entered(number + 2)
        for actor in talking:
            actor.wait_until_settled(messages)
        for netcat in netcats:
            netcat.leave()
        rest = world.come_to_rest(talking[0], *talking[1:], hearing)
        all_leave(*talking)
        times = [at_most("server's start to the first acknowledgement", max(recoveries), RECOVERY_S, "s")]
        return Outcome("server kill -9 in a flood", world.report(rest), times=times)


def _recover(world: World) -> float:
    """Start the server, and how long it is until a message of somebody who comes at once is acknowledged."""
    started_at_s = time.monotonic()
    world.start_server()
    with JsonClient(world.port) as probe:
        probe.hello(f"빠른{world.starts}")
        probe.say_and_wait("된다")
        recovered_s = time.monotonic() - started_at_s
        probe.leave()
        probe.wait_until_closed()
    return recovered_s


def client_kills(folder: Path, *, kills: int) -> Outcome:
    """A client is killed between sending and the echo, wherever the message is then: here, there, or on its way."""
    with World(folder) as world, Proxy(world.port) as proxy:
        hearer = world.actor("철수")
        victim = world.actor("영희", port=proxy.port)
        for number in range(kills):
            victim.wait_until_entered()
            victim.wait(lambda: not world.unsettled("영희"), "what was left over does not settle")
            _WAYS_TO_DIE[number % len(_WAYS_TO_DIE)](proxy, victim, hearer)
            proxy.behave(Manner.PASS)  # what is still on its way arrives late
            victim = world.actor("영희", port=proxy.port)
        victim.wait_until_entered()
        rest = world.come_to_rest(victim, hearer)
        all_leave(victim)
        report = world.report(rest)
        # Unknown is only what died on its way into the outbox: that was never promised to anybody.
        promised = report.invoked - report.unknown
        facts = [exactly("messages that stand in the log", _messages_of(world, "영희"), promised)]
        return Outcome("client kill -9 between send and echo", report, facts)


def _messages_of(world: World, nick: str) -> int:
    return sum(event.nick == nick and not isinstance(event, Joined | Left) for event in world.read_log().events)


def _die_before_the_echo(proxy: Proxy, victim: Actor, hearer: Actor) -> None:
    proxy.down.manner = Manner.HOLD
    heard = hearer.newest_shown()
    victim.say(1)
    hearer.wait(lambda: hearer.newest_shown() > heard, "has not heard it")
    victim.kill()


def _die_before_it_arrives(proxy: Proxy, victim: Actor, _: Actor) -> None:
    proxy.up.manner = Manner.HOLD
    kept = victim.count(Kept)
    victim.say(3)
    victim.wait(lambda: victim.count(Kept) == kept + 3, "has not said it")
    victim.kill()


def _die_at_any_moment(_proxy: Proxy, victim: Actor, _: Actor) -> None:
    invoked = victim.count(Invoked)
    victim.say(30)
    victim.wait(lambda: victim.count(Invoked) > invoked, "says nothing")
    victim.kill()


_WAYS_TO_DIE: Sequence[Callable[[Proxy, Actor, Actor], None]] = (
    _die_before_the_echo,
    _die_before_it_arrives,
    _die_at_any_moment,
)
