"""Disks that are full or fail, and a log that is put back to how it was."""

from pathlib import Path
from typing import Final

from tests.faults.actor import crowd
from tests.faults.figures import Outcome, exactly
from tests.faults.history import Acknowledged, Broke, Entered
from tests.faults.world import World
from tests.support.disk_trouble import SYNC, injected, limited_files
from tests.support.server_process import run_server
from tests.support.waiting import until

_FULL: Final = "디스크가 가득 차"
"""As the server's own log has it."""


def full_disk(folder: Path, *, fills: int, senders: int, messages: int) -> Outcome:
    """The disk fills up again and again while several talk; everybody waits, and goes on by themselves."""
    folder.mkdir()
    with limited_files(folder / "disk") as disk, World(folder / "world", db=disk.log) as world:
        talking, hearer = world.actor(*crowd(senders, "말")), world.actor("귀")
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
        talking = [world.actor(nick) for nick in crowd(2, "말")]
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


def restored_backup(folder: Path, *, clients: int, messages: int) -> Outcome:
    """An old backup is put in place of the log: everybody is told, and nothing is silently skipped from there on."""
    with World(folder) as world:
        hearers = world.actor(*crowd(clients, "손님"))
        speaker = world.actor("영희")
        for actor in (hearers, speaker):
            actor.wait_until_entered()
        speaker.say(messages)
        speaker.wait_until_settled(messages)
        world.come_to_rest(speaker, hearers)
        backup = folder / "backup.db"
        assert run_server(folder / "server", "--db", str(world.db), "--backup", str(backup)).returncode == 0
        speaker.say(messages)
        speaker.wait_until_settled(2 * messages + 1)
        world.come_to_rest(speaker, hearers)
        world.kill_server()
        world.replace_log(backup)
        world.start_server()
        for actor in (hearers, speaker):
            actor.wait_until_entered(2)
        rest = world.come_to_rest(speaker, hearers)
        facts = [exactly("clients that were told", hearers.count(Broke) + speaker.count(Broke), clients + 1)]
        return Outcome("a restored old backup", world.report(rest), facts)
