"""A server that is killed and started again, clients that write down what they see, and at the end the checker's word.

Everything lies below one folder and ends with the `with` block.
"""

import signal
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.faults.actor import PATIENCE_S, Actor
from tests.faults.checker import check
from tests.faults.final_log import read_log, soundness
from tests.faults.history import SUFFIX, Acknowledged, Kept, Refused, Shown, read_people
from tests.faults.logs import Log
from tests.faults.netcat import Netcat
from tests.faults.report import Report
from tests.support.server_process import ServerProcess


class World:
    """One server at one port with one log, and everybody who was ever there."""

    def __init__(self, folder: Path, *options: str, module: str = "server", db: Path | None = None) -> None:
        self.folder = folder
        self.histories = folder / "histories"
        self.db = db or folder / "chat.db"
        self.histories.mkdir(parents=True)
        self.starts = 1
        self._log = Log([], [])
        """As far as it was read."""
        self._older_logs: list[Log] = []
        """What stood before the log was replaced."""
        self._options = options
        self._module = module
        self._runs: dict[str, int] = {}
        self._stack = ExitStack()
        self.server = self._start_server(0)
        self.port = self.server.port

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # --- the server ---------------------------------------------------------------------------------------------------

    def _start_server(self, port: int) -> ServerProcess:
        options = ("--db", str(self.db), "--port", str(port), *self._options)
        return self._stack.enter_context(ServerProcess(self.folder / "server", *options, module=self._module))

    def kill_server(self) -> None:
        """kill -9; what is left of the log must be sound."""
        self.server.stop(signal.SIGKILL)
        found = soundness(self.db)
        assert found == "ok", found

    def start_server(self) -> None:
        """Again, at the same port."""
        self.starts += 1
        self.server = self._start_server(self.port)

    def restart_server(self) -> None:
        """kill -9, and start it again."""
        self.kill_server()
        self.start_server()

    def replace_log(self, other: Path) -> None:
        """While no server runs: put `other` in its place."""
        self._older_logs.append(self.read_log())
        self._log = Log([], [])
        for part in ("-wal", "-shm"):
            self.db.with_name(self.db.name + part).unlink(missing_ok=True)
        other.replace(self.db)

    def read_log(self) -> Log:
        """The log with all that it has forgotten, if it is read again before it can forget what it did not have yet."""
        self._log = read_log(self.db).remembering(self._log)
        return self._log

    # --- the clients --------------------------------------------------------------------------------------------------

    def actor(self, *nicks: str, port: int | None = None, window: int = 1) -> Actor:
        """A process of these people, who are on their way in."""
        histories = {nick: self.next_history(nick) for nick in nicks}
        one = Actor(self.folder, histories, port or self.port, window)
        self._stack.callback(one.close)
        return one

    def netcat(self, name: str, *, port: int | None = None, pace_s: float = 0.05, whispers_to: str = "") -> Netcat:
        """A plain client, who is on the way in."""
        one = Netcat(port or self.port, name, self.histories, pace_s=pace_s, whispers_to=whispers_to)
        self._stack.callback(one.close)
        return one

    def next_history(self, nick: str) -> Path:
        run = self._runs[nick] = self._runs.get(nick, -1) + 1
        return self.histories / f"{nick}.{run:03}{SUFFIX}"

    def unsettled(self, nick: str) -> frozenset[str]:
        """The messages of all runs of this person that were kept, and neither came back nor were refused since.

        Who is killed right after an echo was taken in may not have noted that it was the acknowledgement; the next run sees it as the past.
        """
        entries = [one for person in read_people(self.histories, nick) for one in person.entries]
        settled = {one.cid for one in entries if isinstance(one, Acknowledged | Refused | Shown)}
        return frozenset(one.cid for one in entries if isinstance(one, Kept)) - settled

    # --- the end ------------------------------------------------------------------------------------------------------

    def come_to_rest(self, speaker: Actor, *hearers: Actor, timeout_s: float = PATIENCE_S) -> int:
        """Let `speaker`, who has said all, say one thing more, and wait until everybody has seen it; its number in the log."""
        before = speaker.count(Acknowledged)
        speaker.say(1)
        speaker.wait(lambda: speaker.count(Acknowledged) > before, "the last word does not stand", timeout_s)
        rest = speaker.newest_shown()
        for hearer in hearers:
            hearer.wait(lambda: hearer.newest_shown() >= rest, f"has not seen {rest}", timeout_s)  # noqa: B023 -- at once
        return rest

    def report(self, rest_seq: int | None = None) -> Report:
        """The checker's word on all that has happened so far."""
        return check(read_people(self.histories), [*self._older_logs, self.read_log()], rest_seq=rest_seq)
