"""Networks that cut, drip, reset, close at both ends at once, or swallow everything and say nothing."""

import math
import random
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from server.protocol.events import Joined
from tests.bench.table import Figure
from tests.faults.actor import Actor, all_leave, crowd
from tests.faults.figures import Outcome, at_most, compared, exactly, latencies_ms
from tests.faults.history import Entered
from tests.faults.person import make_talker
from tests.faults.proxy import Manner, Proxy
from tests.faults.world import World
from tests.support.json_client import JsonClient
from tests.support.waiting import until
from tui_client.conversation import Timing
from tui_client.wire import Address

DRIPS: Final = "1 byte every 50 ms"
RESETS: Final = "resets"
BOTH_CLOSE: Final = "both ends close at once"

NOTICE_S: Final = 40.0


def cuts(folder: Path, *, samples: int, at_once: int, messages: int = 20, seed: int = 4) -> Outcome:
    """Conversations of 20 messages, each cut once, after byte k in one direction."""
    chance = random.Random(seed)
    with World(folder) as world:
        hearer = world.actor("철수")
        hearer.wait_until_entered()
        netcat = world.netcat("망", pace_s=math.inf)
        netcat.wait_until_entered()
        sizes = _converse(world, crowd(at_once, "견본"), messages, None)
        done, cut = 0, 0
        while done < samples:
            nicks = [f"손님{done + n}" for n in range(min(at_once, samples - done))]
            limits = [(n % 2 == 0, chance.randint(1, min(sizes[n % 2 == 0]))) for n in range(done, done + len(nicks))]
            cut += _converse(world, nicks, messages, limits)[None][0]
            done += len(nicks)
        speaker = world.actor("영희")
        speaker.wait_until_entered()
        netcat.leave()
        rest = world.come_to_rest(speaker, hearer)
        all_leave(speaker)
        joined = [event.uid for event in world.read_log().events if isinstance(event, Joined)]
        facts = [
            Figure("connections cut", f"{cut} of {samples}", "≥ 80 %", cut >= 0.8 * samples),
            exactly("who came in twice", len(joined) - len(set(joined)), 0),
        ]
        return Outcome("connection cut after byte k", world.report(rest), facts)


_SOON_BACK: Final = Timing(first_retry_s=0.1)
"""There are many to come, and what is waited for proves nothing."""


def _converse(
    world: World, nicks: Sequence[str], messages: int, limits: Sequence[tuple[bool, int]] | None
) -> dict[bool | None, list[int]]:
    """All at the same time: come in, say it, leave. How many bytes went up (True) and down (False), and how many were cut (None)."""
    proxies = [Proxy(world.port) for _ in nicks]
    talkers = []
    for number, (nick, proxy) in enumerate(zip(nicks, proxies, strict=True)):
        if limits is not None:
            is_up, limit = limits[number]
            (proxy.up if is_up else proxy.down).cut_after = limit
        world.next_history(nick)
        address = Address("127.0.0.1", proxy.port)
        home = world.folder / "homes" / nick
        talker, ask = make_talker(address, nick, home, world.histories, timing=_SOON_BACK)
        ask(f"say {messages} 0 0")
        ask("leave")
        talkers.append(threading.Thread(target=talker.run, name=nick))
    for thread in talkers:
        thread.start()
    for thread in talkers:
        thread.join()
    for proxy in proxies:
        proxy.__exit__(None, None, None)
    return {
        True: [proxy.up.passed for proxy in proxies],
        False: [proxy.down.passed for proxy in proxies],
        None: [sum(proxy.cuts for proxy in proxies)],
    }


def bad_network(folder: Path, *, trouble: str, calm_s: float, rough_s: float) -> Outcome:
    """One network drips, resets, or closes both ends at once, again and again, for a chat-tui and a netcat; all others notice nothing."""
    with World(folder) as world, Proxy(world.port) as proxy:
        speaker, hearer = world.actor("철수"), world.actor("민수")
        victim = world.actor("영희", port=proxy.port)
        for actor in (speaker, hearer, victim):
            actor.wait_until_entered()
        netcats = [world.netcat("망", whispers_to="철수"), world.netcat("줄", port=proxy.port, whispers_to="영희")]
        for netcat in netcats:
            netcat.wait_until_entered()
        pace_s = 0.02
        speaker.say(int((calm_s + rough_s) / pace_s), pace_s)
        began_at_s = time.monotonic()
        until(lambda: time.monotonic() - began_at_s >= calm_s, calm_s + 1)
        victim.say(20, rough_s / 20)
        _trouble(proxy, trouble, victim, rough_s)
        proxy.behave(Manner.PASS)
        ended_at_s = time.monotonic()
        victim.wait_until_settled(20)
        speaker.wait_until_settled(int((calm_s + rough_s) / pace_s))
        for netcat in netcats:
            netcat.leave()
        rest = world.come_to_rest(speaker, hearer, victim)
        calm = latencies_ms(speaker.entries(), hearer.entries(), began_at_s, began_at_s + calm_s)
        rough = latencies_ms(speaker.entries(), hearer.entries(), began_at_s + calm_s, ended_at_s)
        report = world.report(rest)
        all_leave(speaker, hearer, victim)
        facts = [exactly("connections lost by the others", netcats[0].visits - 1 + _reconnections(speaker, hearer), 0)]
        return Outcome(f"network: {trouble}", report, facts, [compared("the others' p99", calm, rough)])


def _reconnections(*actors: Actor) -> int:
    return sum(actor.count(Entered) - len(actor.nicks) for actor in actors)


def _trouble(proxy: Proxy, trouble: str, victim: Actor, for_s: float) -> None:
    ends_at_s = time.monotonic() + for_s
    if trouble == DRIPS:
        proxy.behave(Manner.DRIP)
        until(lambda: time.monotonic() >= ends_at_s, for_s + 1)
        return
    while time.monotonic() < ends_at_s:
        entered = victim.count(Entered)
        if trouble == RESETS:
            proxy.reset()
        else:
            proxy.close_both()
        until(lambda: victim.count(Entered) > entered or time.monotonic() >= ends_at_s, for_s + 1)  # noqa: B023 -- at once
        pause_ends_at_s = time.monotonic() + 0.2
        until(lambda: time.monotonic() >= pause_ends_at_s)  # noqa: B023 -- at once


def half_open(folder: Path) -> Outcome:
    """Somewhere on the way everything is swallowed, in both directions; both ends notice, with the timing that they have for everybody."""
    with World(folder) as world, Proxy(world.port) as proxy:
        hearer = world.actor("철수")
        victim = world.actor("영희", port=proxy.port)
        for actor in (hearer, victim):
            actor.wait_until_entered()
        with JsonClient(world.port) as witness:
            witness.hello("민수")
            connections = proxy.connections
            proxy.behave(Manner.SWALLOW)
            swallowed_at_s = time.monotonic()
            victim.say(3)
            witness.until(lambda frame: frame.kind == "presence" and frame.text("nick") == "영희", NOTICE_S + 20)
            server_s = time.monotonic() - swallowed_at_s
            until(lambda: proxy.connections > connections, NOTICE_S + 20)
            client_s = time.monotonic() - swallowed_at_s
        proxy.behave(Manner.PASS)
        victim.wait_until_settled(3)
        rest = world.come_to_rest(victim, hearer)
        all_leave(hearer, victim)
        times = [
            at_most("noticed by the server", server_s, NOTICE_S, "s"),
            at_most("noticed by the client", client_s, NOTICE_S, "s"),
        ]
        return Outcome("half-open", world.report(rest), times=times)
