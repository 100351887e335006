"""The faults, each as one function that is as long as it is told to be. Every one ends with the checker's word on all that was seen."""

import json
import random
import socket
import threading
import time
import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from server.protocol.events import Joined, Left
from tests.bench.table import Figure
from tests.faults.figures import Outcome, at_most, compared, exactly, latencies_ms
from tests.faults.final_log import read_log
from tests.faults.history import Acknowledged, Broke, Entered, Invoked, Kept
from tests.faults.person import make_talker
from tests.faults.proxy import Manner, Proxy
from tests.faults.shifted_server import set_shift
from tests.faults.world import PATIENCE_S, Actor, World
from tests.support.disk_trouble import SYNC, injected, limited_files
from tests.support.json_client import JsonClient, new_secret
from tests.support.server_process import run_server
from tests.support.waiting import until
from tui_client.conversation import Timing
from tui_client.wire import Address

RECOVERY_S = 2.0
RECONNECTION_S = 20.0
NOTICE_S = 40.0
MEMORY_MIB = 50.0

DRIPS, RESETS, BOTH_CLOSE = "1 byte every 50 ms", "resets", "both ends close at once"
TROUBLES = (DRIPS, RESETS, BOTH_CLOSE)


def _crowd(count: int, name: str) -> list[str]:
    return [f"{name}{number}" for number in range(count)]


def _all_leave(*actors: Actor) -> None:
    for actor in actors:
        actor.leave()
    for actor in actors:
        actor.wait_until_gone()


# --- kill -9 ----------------------------------------------------------------------------------------------------------


def server_kills(folder: Path, *, senders: int, messages: int, readers: int, kills: int) -> Outcome:
    """The server is killed again and again in the middle of a flood."""
    with World(folder) as world:
        talking = [world.actor(nick, window=50) for nick in _crowd(senders, "말")]
        hearing = [world.actor(*_crowd(readers, "귀"))]
        for actor in (*talking, *hearing):
            actor.wait_until_entered()
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
        for actor in talking:
            actor.wait_until_settled(messages)
        rest = world.come_to_rest(talking[0], *talking[1:], *hearing)
        _all_leave(*talking)
        figures = [at_most("server's start to the first acknowledgement", max(recoveries), RECOVERY_S, "s")]
        return Outcome("server kill -9 in a flood", world.report(rest), figures)


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
        _all_leave(victim)
        report = world.report(rest)
        # Unknown is only what died on its way into the outbox: that was never promised to anybody.
        promised = report.invoked - report.unknown
        figures = [exactly("messages that stand in the log", _messages_of(world, "영희"), promised)]
        return Outcome("client kill -9 between send and echo", report, figures)


def _messages_of(world: World, nick: str) -> int:
    return sum(event.nick == nick and not isinstance(event, Joined | Left) for event in read_log(world.db).events)


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


_FULL = "the disk is full"
"""As the server's own log has it."""


def full_disk(folder: Path, *, fills: int, senders: int, messages: int) -> Outcome:
    """The disk fills up again and again while several talk; everybody waits, and goes on by themselves."""
    folder.mkdir()
    with limited_files(folder / "disk") as disk, World(folder / "world", db=disk.log) as world:
        talking, hearer = world.actor(*_crowd(senders, "말")), world.actor("귀")
        for actor in (talking, hearer):
            actor.wait_until_entered()
        said = 0
        for number in range(fills):
            with disk.filled_for(world.server.pid):
                while world.server.stderr.count(_FULL) <= number:  # what is left of the room is used up first
                    said += senders * messages
                    talking.say(messages)
                    until(lambda: world.server.stderr.count(_FULL) > number or talking.count(Acknowledged) == said)  # noqa: B023 -- at once
            talking.wait_until_settled(said)
        speaker = world.actor("끝")
        speaker.wait_until_entered()
        rest = world.come_to_rest(speaker, talking, hearer)
        lost = sum(actor.count(Entered) - len(actor.nicks) for actor in (talking, hearer))
        return Outcome("disk full", world.report(rest), [exactly("connections lost", lost, 0)])


def failing_sync(folder: Path, *, times: int, messages: int) -> Outcome:
    """fsync fails with EIO in the middle of a flood: the server says so and ends, and is started again."""
    with World(folder) as world:
        talking = [world.actor(nick) for nick in _crowd(2, "말")]
        for actor in talking:
            actor.wait_until_entered()
        codes = []
        for number in range(times):
            for actor in talking:
                actor.say(messages)
            with injected(world.server.pid, f"{SYNC}:error=EIO:when={1 + 7 * number}+"):
                codes.append(world.server.wait())
            world.start_server()
            for actor in talking:
                actor.wait_until_settled(messages * (number + 1))
        rest = world.come_to_rest(talking[0], talking[1])
        good_ends = [exactly("exit codes that are not 1", sum(code != 1 for code in codes), 0)]
        return Outcome("fsync EIO", world.report(rest), good_ends)


# --- connections that are cut -----------------------------------------------------------------------------------------


def cuts(folder: Path, *, samples: int, at_once: int, messages: int = 20, seed: int = 4) -> Outcome:
    """Conversations of 20 messages, each cut once, after byte k in one direction."""
    chance = random.Random(seed)
    with World(folder) as world:
        hearer = world.actor("철수")
        hearer.wait_until_entered()
        sizes = _converse(world, _crowd(at_once, "견본"), messages, None)
        done, cut = 0, 0
        while done < samples:
            nicks = [f"손님{done + n}" for n in range(min(at_once, samples - done))]
            limits = [(n % 2 == 0, chance.randint(1, min(sizes[n % 2 == 0]))) for n in range(done, done + len(nicks))]
            cut += _converse(world, nicks, messages, limits)[None][0]
            done += len(nicks)
        speaker = world.actor("영희")
        speaker.wait_until_entered()
        rest = world.come_to_rest(speaker, hearer)
        _all_leave(speaker)
        log = read_log(world.db)
        joined = [event.uid for event in log.events if isinstance(event, Joined)]
        figures = [
            Figure("connections cut", f"{cut} of {samples}", "≥ 80 %", cut >= 0.8 * samples),
            exactly("who came in twice", len(joined) - len(set(joined)), 0),
        ]
        return Outcome("connection cut after byte k", world.report(rest), figures)


_SOON_BACK = Timing(first_retry_s=0.1)
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


# --- bad networks -----------------------------------------------------------------------------------------------------


def bad_network(folder: Path, *, trouble: str, calm_s: float, rough_s: float) -> Outcome:
    """One client's network drips, resets, or closes both ends at once, again and again; all others notice nothing."""
    with World(folder) as world, Proxy(world.port) as proxy:
        speaker, hearer = world.actor("철수"), world.actor("민수")
        victim = world.actor("영희", port=proxy.port)
        for actor in (speaker, hearer, victim):
            actor.wait_until_entered()
        pace_s = 0.02
        speaker.say(int((calm_s + rough_s) / pace_s), pace_s)
        began_at_s = time.monotonic()
        until(lambda: time.monotonic() - began_at_s >= calm_s, calm_s + 1)
        victim.say(20, rough_s / 20)
        _trouble(proxy, trouble, rough_s)
        proxy.behave(Manner.PASS)
        ended_at_s = time.monotonic()
        victim.wait_until_settled(20)
        speaker.wait_until_settled(int((calm_s + rough_s) / pace_s))
        rest = world.come_to_rest(speaker, hearer, victim)
        calm = latencies_ms(speaker.entries(), hearer.entries(), began_at_s, began_at_s + calm_s)
        rough = latencies_ms(speaker.entries(), hearer.entries(), began_at_s + calm_s, ended_at_s)
        report = world.report(rest)
        _all_leave(speaker, hearer, victim)
        return Outcome(f"network: {trouble}", report, [compared("the others' p99", calm, rough)])


def _trouble(proxy: Proxy, trouble: str, for_s: float) -> None:
    ends_at_s = time.monotonic() + for_s
    if trouble == DRIPS:
        proxy.behave(Manner.DRIP)
        until(lambda: time.monotonic() >= ends_at_s, for_s + 1)
        return
    while time.monotonic() < ends_at_s:
        connections = proxy.connections
        if trouble == RESETS:
            proxy.reset()
        else:
            proxy.close_both()
        until(lambda: proxy.connections > connections or time.monotonic() >= ends_at_s, for_s + 1)  # noqa: B023 -- at once
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
        _all_leave(hearer, victim)
        figures = [
            at_most("noticed by the server", server_s, NOTICE_S, "s"),
            at_most("noticed by the client", client_s, NOTICE_S, "s"),
        ]
        return Outcome("half-open", world.report(rest), figures)


# --- crowds -----------------------------------------------------------------------------------------------------------


def stalled_readers(folder: Path, *, readers: int, stalled: int, calm_s: float, rough_s: float, rate: float) -> Outcome:
    """Some readers stop reading at all; the others and the server don't care, and nothing is skipped afterwards."""
    with World(folder) as world:
        speaker = world.actor("말")
        awake, asleep = world.actor(*_crowd(readers - stalled, "귀")), world.actor(*_crowd(stalled, "잠"))
        for actor in (speaker, awake, asleep):
            actor.wait_until_entered()
        messages = int((calm_s + rough_s) * rate)
        speaker.say(messages, 1 / rate, padding=1900)
        began_at_s = time.monotonic()
        until(lambda: time.monotonic() - began_at_s >= calm_s, calm_s + 1)
        before_kib = world.server.resident_kib
        asleep.freeze()
        most_kib = 0

        def watched() -> bool:
            nonlocal most_kib
            most_kib = max(most_kib, world.server.resident_kib)
            return time.monotonic() - began_at_s >= calm_s + rough_s

        until(watched, calm_s + rough_s + 1)
        asleep.thaw()
        speaker.wait_until_settled(messages)
        rest = world.come_to_rest(speaker, awake, asleep)
        middle_s, end_s = began_at_s + calm_s, began_at_s + calm_s + rough_s
        calm = latencies_ms(speaker.entries(), awake.entries(), began_at_s, middle_s)
        rough = latencies_ms(speaker.entries(), awake.entries(), middle_s, end_s)
        figures = [
            compared("the others' p99", calm, rough),
            at_most("the server's memory, more than before", (most_kib - before_kib) / 1024, MEMORY_MIB, "MiB"),
        ]
        report = world.report(rest)
        return Outcome(f"{stalled} of {readers} readers stop for {rough_s:.0f} s", report, figures)


def stampede(folder: Path, *, clients: int, processes: int) -> Outcome:
    """All come back at once after a restart, and nobody is seen to come or go."""
    with World(folder) as world:
        nicks = _crowd(clients, "손님")
        crowd = [world.actor(*nicks[n::processes]) for n in range(processes)]
        for actor in crowd:
            actor.wait_until_entered()
        before = _rest_of(crowd)
        world.kill_server()
        started_at_s = time.monotonic()
        world.start_server()
        for actor in crowd:
            actor.wait_until_entered(2)
        back_s = max(_last_entered(actor) for actor in crowd) - started_at_s
        speaker = world.actor("말")
        speaker.wait_until_entered()
        rest = world.come_to_rest(speaker, *crowd)
        moves = [
            event for event in read_log(world.db).events if event.seq > before and isinstance(event, Joined | Left)
        ]
        figures = [
            at_most(f"{clients} clients are back", back_s, RECONNECTION_S, "s"),
            exactly("joins and leaves shown, but for the newcomer's", sum(one.nick != "말" for one in moves), 0),
        ]
        return Outcome(f"{clients} clients reconnect at once", world.report(rest), figures)


def _rest_of(crowd: Sequence[Actor]) -> int:
    """Until everybody has seen everybody come in."""
    newest = max(actor.newest_of_all() for actor in crowd)
    for actor in crowd:
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
        figures = [exactly("rounds without exactly one winner", sum(count != 1 for count in winners), 0)]
        return Outcome(f"nickname race of {threads}", world.report(rest), figures)


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


_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_SPELLINGS: Sequence[Callable[[str], str]] = (
    str,
    str.upper,
    str.lower,
    str.swapcase,
    lambda nick: unicodedata.normalize("NFD", nick),
    lambda nick: nick.translate(_FULL_WIDTH),
    lambda nick: unicodedata.normalize("NFD", nick.upper().translate(_FULL_WIDTH)),
)


# --- the rest ---------------------------------------------------------------------------------------------------------


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
        times = [event.at for event in read_log(world.db).events]
        jumps = sum(abs(after - before) > 3_000_000 for before, after in pairwise(times))
        reconnections = sum(actor.count(Entered) - 1 for actor in (speaker, hearer))
        figures = [exactly("jumps seen in the log", jumps, 4), exactly("connections lost", reconnections, 0)]
        return Outcome("clock set back and forth by an hour", world.report(rest), figures)


def restored_backup(folder: Path, *, clients: int, messages: int) -> Outcome:
    """An old backup is put in place of the log: everybody is told, and nothing is silently skipped from there on."""
    with World(folder) as world:
        crowd = world.actor(*_crowd(clients, "손님"))
        speaker = world.actor("영희")
        for actor in (crowd, speaker):
            actor.wait_until_entered()
        speaker.say(messages)
        speaker.wait_until_settled(messages)
        world.come_to_rest(speaker, crowd)
        backup = folder / "backup.db"
        assert run_server(folder / "server", "--db", str(world.db), "--backup", str(backup)).returncode == 0
        speaker.say(messages)
        speaker.wait_until_settled(2 * messages + 1)
        world.come_to_rest(speaker, crowd)
        world.kill_server()
        world.replace_log(backup)
        world.start_server()
        for actor in (crowd, speaker):
            actor.wait_until_entered(2)
        rest = world.come_to_rest(speaker, crowd)
        figures = [exactly("clients that were told", crowd.count(Broke) + speaker.count(Broke), clients + 1)]
        return Outcome("a restored old backup", world.report(rest), figures)
