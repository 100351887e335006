"""What is measured: cases, each of them systems that take turns. The names are those of the tables and of the goals."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.keeping import write
from tests.bench.server.peers import PEERS, System, chat_server, installed
from tests.bench.server.trials import Measure, flood, flood_beside, idle, many_idle, pace, stored

OURS: Final = "chat-server"
IN_MEMORY: Final = "chat-server --memory"
OVER_TLS: Final = "chat-server, TLS"
ALL_PLAIN: Final = "chat-server, all plain"
ALL_JSON: Final = "chat-server, all JSON"
BESIDE_A_STRAGGLER: Final = "chat-server, one stalled"

FLOODS: Final = (10, 100, 500, 1000)


@dataclass(frozen=True, slots=True)
class Trial:
    """One who takes turns."""

    system: System
    measure: Measure


@dataclass(frozen=True, slots=True)
class Case:
    """Figures that belong side by side."""

    name: str
    trials: Sequence[Trial]
    times: int = 1
    """How many times as many runs as planned: for a goal near 1 × three are too few where one in five is a sixth slower than the others."""


def flood_name(listeners: int) -> str:
    return f"flood, {listeners:,}"


EVERYONE: Final = "everyone talks, 500"
GENTLE: Final = "paced 100/s to 100"
BUSY: Final = "paced 1,000/s to 500"
IDLE: Final = "idle and connecting"
MANY: Final = "many idle"
DIALECTS: Final = "dialects, 500"
DURABLE: Final = "durable or not, 500"
TLS: Final = "TLS, 100"
STRAGGLER: Final = "a straggler, 100"
STORED: Final = "messages stored"


def stored_name(messages: int) -> str:
    return f"{messages:,} stored"


def cases(databases: Mapping[int, Path]) -> list[Case]:
    """All of them; `databases` are logs by how many messages they hold."""
    ours = chat_server(OURS)
    everybody = [ours, *installed(PEERS)]
    plain, json = chat_server(ALL_PLAIN, wires=("plain",)), chat_server(ALL_JSON, wires=("json",))
    tls, memory = chat_server(OVER_TLS, has_tls=True), chat_server(IN_MEMORY, "--memory")
    straggling = chat_server(BESIDE_A_STRAGGLER)
    full = [chat_server(stored_name(messages), database=path) for messages, path in databases.items()]
    return [
        *(_case(flood_name(listeners), everybody, flood(listeners)) for listeners in FLOODS),
        _case(EVERYONE, everybody, flood(500, speakers=500)),
        _case(GENTLE, everybody, pace(100, 100)),
        _case(BUSY, everybody, pace(1000, 500)),
        _case(IDLE, everybody, idle),
        _case(MANY, [ours], many_idle),
        _case(DIALECTS, [ours, plain, json], flood(500)),
        _case(DURABLE, [ours, memory], flood(500)),
        _case(TLS, [ours, tls], flood(100)),
        Case(STRAGGLER, [Trial(ours, flood(100)), Trial(straggling, flood_beside(1, 100))], times=3),
        Case(STORED, [Trial(system, stored) for system in full], times=3),
    ]


def _case(name: str, systems: Sequence[System], measure: Measure) -> Case:
    return Case(name, [Trial(system, measure) for system in systems])


def write_databases(sizes: Sequence[int], folder: Path, tell: Callable[[str], None]) -> dict[int, Path]:
    """Logs of so many messages, without a search index: what they cost should not depend on how far that has come.

    Those that are there from an earlier run are taken as they are: they are whole, and nobody ever writes into them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {messages: folder / f"{messages}-stored.db" for messages in sizes}
    for messages, path in paths.items():
        if not path.exists():
            tell(f"writing {messages:,} messages")
            with tempfile.TemporaryDirectory(dir=folder, prefix="unfinished-") as name:
                write(Path(name) / path.name, messages)
                (Path(name) / path.name).rename(path)
    return paths
