"""Many at once: readers that stop, all who come back after a restart, all who want the same nickname."""

import json
import math
import socket
import threading
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from server.protocol.events import Joined, Left
from tests.faults.actor import PATIENCE_S, Actor, crowd
from tests.faults.figures import Outcome, at_most, compared, exactly, latencies_ms
from tests.faults.history import Entered
from tests.faults.world import World
from tests.support.json_client import new_secret
from tests.support.waiting import until

MEMORY_MIB: Final = 50.0
RECONNECTION_S: Final = 20.0


def stalled_readers(folder: Path, *, readers: int, stalled: int, calm_s: float, rough_s: float, rate: float) -> Outcome:
    """Some readers stop reading at all; the others and the server don't care, and nothing is skipped afterwards."""
    with World(folder) as world:
        speaker = world.actor("말")
        awake, asleep = world.actor(*crowd(readers - stalled, "귀")), world.actor(*crowd(stalled, "잠"))
        for actor in (speaker, awake, asleep):
            actor.wait_until_entered()
        lively, dull = world.netcat("망", whispers_to="말"), world.netcat("줄", pace_s=math.inf)
        for netcat in (lively, dull):
            netcat.wait_until_entered()
        messages = int((calm_s + rough_s) * rate)
        speaker.say(messages, 1 / rate, padding=1900)
        began_at_s = time.monotonic()
        until(lambda: time.monotonic() - began_at_s >= calm_s, calm_s + 1)
        before_kib = world.server.resident_kib
        asleep.freeze()
        dull.pause()
        most_kib = _most_resident_kib(world, began_at_s + calm_s + rough_s)
        asleep.thaw()
        dull.go_on()
        speaker.wait_until_settled(messages)
        for netcat in (lively, dull):
            netcat.leave()
        rest = world.come_to_rest(speaker, awake, asleep)
        middle_s, end_s = began_at_s + calm_s, began_at_s + calm_s + rough_s
        calm = latencies_ms(speaker.entries(), awake.entries(), began_at_s, middle_s)
        rough = latencies_ms(speaker.entries(), awake.entries(), middle_s, end_s)
        memory = at_most("the server's memory, more than before", (most_kib - before_kib) / 1024, MEMORY_MIB, "MiB")
        name = f"{stalled} of {readers} readers stop for {rough_s:.0f} s"
        return Outcome(name, world.report(rest), [memory], [compared("the others' p99", calm, rough)])


def _most_resident_kib(world: World, until_s: float) -> int:
    """The most memory that the server holds at any time until then."""
    most_kib = 0

    def watched() -> bool:
        nonlocal most_kib
        most_kib = max(most_kib, world.server.resident_kib)
        return time.monotonic() >= until_s

    until(watched, until_s - time.monotonic() + 1)
    return most_kib


def stampede(folder: Path, *, clients: int, processes: int) -> Outcome:
    """All come back at once after a restart, and nobody is seen to come or go."""
    with World(folder) as world:
        nicks = crowd(clients, "손님")
        actors = [world.actor(*nicks[n::processes]) for n in range(processes)]
        for actor in actors:
            actor.wait_until_entered()
        before = _rest_of(actors)
        world.kill_server()
        started_at_s = time.monotonic()
        world.start_server()
        for actor in actors:
            actor.wait_until_entered(2)
        back_s = max(_last_entered(actor) for actor in actors) - started_at_s
        speaker = world.actor("말")
        speaker.wait_until_entered()
        rest = world.come_to_rest(speaker, *actors)
        after = [event for event in world.read_log().events if event.seq > before and event.nick != "말"]
        moves = sum(isinstance(event, Joined | Left) for event in after)
        facts = [exactly("joins and leaves shown, but for the newcomer's", moves, 0)]
        times = [at_most(f"{clients} clients are back", back_s, RECONNECTION_S, "s")]
        return Outcome(f"{clients} clients reconnect at once", world.report(rest), facts, times)


def _rest_of(actors: Sequence[Actor]) -> int:
    """Until everybody has seen everybody come in."""
    newest = max(actor.newest_of_all() for actor in actors)
    for actor in actors:
        actor.wait(lambda: actor.newest_shown() >= newest, "has not seen all come in")  # noqa: B023 -- at once
    return newest


def _last_entered(actor: Actor) -> float:
    return max(entry.at_s for entry in actor.entries() if isinstance(entry, Entered))


def nickname_race(folder: Path, *, threads: int, rounds: int) -> Outcome:
    """All want the same nickname at the same moment, each in a spelling of their own."""
    with World(folder) as world:
        winners = [_race(world.port, f"Ada가힣{number}", threads) for number in range(rounds)]
        witness = world.actor("영희")
        witness.wait_until_entered()
        rest = world.come_to_rest(witness)
        facts = [exactly("rounds without exactly one winner", sum(count != 1 for count in winners), 0)]
        return Outcome(f"nickname race of {threads}", world.report(rest), facts)


def _race(port: int, nick: str, threads: int) -> int:
    """How many have won; everybody has left again when this returns."""
    start = threading.Barrier(threads)
    outcomes: list[str] = []

    def run(number: int) -> None:
        with (
            socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection,
            connection.makefile("rb") as lines,
        ):
            hello = {"t": "hello", "v": 1, "nick": _SPELLINGS[number % len(_SPELLINGS)](nick), "client": new_secret()}
            start.wait()
            connection.sendall(json.dumps(hello).encode() + b"\n")
            answer = next(line for line in lines if line.startswith(b"{"))
            outcomes.append(str(json.loads(answer)["t"]))
            start.wait()  # nobody leaves before all have asked
            connection.sendall(b'{"t":"bye"}\n')
            connection.shutdown(socket.SHUT_WR)
            lines.read()

    racers = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len(outcomes) == threads, outcomes
    return outcomes.count("welcome")


_FULL_WIDTH: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_SPELLINGS: Final[Sequence[Callable[[str], str]]] = (
    str,
    str.upper,
    str.lower,
    str.swapcase,
    lambda nick: unicodedata.normalize("NFD", nick),
    lambda nick: nick.translate(_FULL_WIDTH),
    lambda nick: unicodedata.normalize("NFD", nick.upper().translate(_FULL_WIDTH)),
)
