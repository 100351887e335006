"""The arrows of the design, held over the real imports: who may know whom, and that nobody knows in circles.

Also imports inside functions count, since they are dependencies all the same; those for type checkers alone do not.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("server", "tui_client")

ALLOWED: dict[str, tuple[str, ...]] = {
    # Of ours, each module may import what matches; the first line that names it counts.
    "server": (),
    "server.protocol.*": ("server.protocol.*",),
    "server.protocol": (),
    "server.core_dumps": (),
    "server.signals": (),
    "server.tries": (),
    "server.secret_file": ("server.protocol.*", "server.log.whole_file"),
    "server.secret_setting": ("server.protocol.*", "server.arguments", "server.secret_file"),
    "server.guards": (
        *("server.protocol.*", "server.channel", "server.config", "server.line_reader", "server.peer", "server.rounds"),
        *("server.secret_file", "server.secret_setting", "server.tries"),
    ),
    "server.password_check": (
        *("server.protocol.*", "server.channel", "server.line_reader", "server.peer", "server.services"),
    ),
    "server.rate": (),
    "server.door_log": ("server.rate",),
    "server.config": ("server.protocol.*", "server.rate"),
    "server.arguments": ("server.protocol.*",),
    "server.limit_options": ("server.arguments", "server.config", "server.rate"),
    "server.options": (
        *("server", "server.protocol.*", "server.arguments", "server.config", "server.limit_options"),
        *("server.log.keeping", "server.secret_setting"),
    ),
    "server.log_lines": ("server.protocol.*",),
    "server.seal": (),
    "server.channel": ("server.seal",),
    "server.processors": (),
    "server.workload": ("server.config", "server.processors"),
    "server.doorkeeper": ("server.channel", "server.processors", "server.workload"),
    "server.certificate": ("server.protocol.*", "server.log.whole_file"),
    "server.tls": ("server.protocol.*", "server.config", "server.certificate"),
    "server.peer": (),
    "server.addresses": ("server.config", "server.peer", "server.rate"),
    "server.pace": ("server.protocol.*", "server.config"),
    "server.journal": (),
    "server.promise": (),
    "server.looks": ("server.protocol.*", "server.journal"),
    "server.members": ("server.protocol.*", "server.journal"),
    "server.roster": (
        *("server.protocol.*", "server.journal", "server.log.seating", "server.looks", "server.members"),
        "server.pace",
    ),
    "server.registry": ("server.protocol.*", "server.journal", "server.log.names", "server.looks"),
    "server.log": (),
    "server.log.hunt": ("server.protocol.*",),
    "server.log.forgotten": ("server.protocol.*",),
    "server.log.seating": (),
    "server.log.names": ("server.log.seating",),
    "server.log.name_table": ("server.log.names", "server.log.seating", "server.log.seats"),
    "server.log.sanctions": (),
    "server.log.sanction_table": ("server.log.sanctions", "server.log.store"),
    "server.sanctions": ("server.protocol.*", "server.log.sanctions"),
    "server.log.store": (
        *("server.protocol.*", "server.log.hunt", "server.log.forgotten", "server.log.names"),
        *("server.log.sanctions", "server.log.seating"),
    ),
    "server.log.whole_file": (),
    "server.log.database": (),
    "server.log.copying": ("server.log.database", "server.log.whole_file"),
    "server.log.failures": ("server.protocol.*", "server.log.store", "server.log.database"),
    "server.log.claim": ("server.protocol.*", "server.log.store", "server.log.database", "server.log.failures"),
    "server.log.rescue": ("server.protocol.*", "server.log.store", "server.log.copying", "server.log.whole_file"),
    "server.log.schema": (
        *("server.protocol.*", "server.log.store", "server.log.database", "server.log.copying"),
        "server.log.whole_file",
    ),
    "server.log.checking": ("server.log.database", "server.log.failures"),
    "server.log.seats": ("server.protocol.*", "server.log.seating", "server.log.store"),
    "server.log.known": ("server.protocol.*", "server.log.store", "server.log.failures", "server.log.forgotten"),
    "server.log.keeping": ("server.protocol.*", "server.log.failures", "server.log.forgotten"),
    "server.log.export": (
        *("server.protocol.*", "server.log.store", "server.log.database", "server.log.failures"),
        *("server.log.schema", "server.log.spoken"),
    ),
    "server.log.backup": (
        *("server.protocol.*", "server.log.store", "server.log.database", "server.log.failures"),
        *("server.log.schema", "server.log.checking", "server.log.copying"),
    ),
    "server.log.grams": ("server.protocol.*",),
    "server.log.postings": ("server.log.grams",),
    "server.log.search_index": ("server.log.grams", "server.log.postings"),
    "server.log.spoken": ("server.log.failures",),
    "server.log.indexer": ("server.log.postings", "server.log.search_index", "server.log.spoken"),
    "server.log.log_search": (
        *("server.protocol.*", "server.log.store", "server.log.hunt", "server.log.grams", "server.log.postings"),
        *("server.log.search_index", "server.log.spoken", "server.log.indexer"),
    ),
    "server.log.sqlite": (
        *("server.protocol.*", "server.log.store", "server.log.database", "server.log.failures", "server.log.schema"),
        *("server.log.checking", "server.log.claim", "server.log.rescue", "server.log.keeping", "server.log.known"),
        *("server.log.names", "server.log.name_table", "server.log.sanction_table", "server.log.sanctions"),
        *(
            "server.log.seating",
            "server.log.seats",
            "server.log.log_search",
            "server.log.indexer",
            "server.log.postings",
        ),
        "server.log.spoken",
    ),
    "server.log.tail": ("server.protocol.*", "server.log.store"),
    "server.rounds": (
        *("server.protocol.*", "server.log.names", "server.log.sanctions", "server.log.store", "server.members"),
        *("server.promise", "server.roster"),
    ),
    "server.moderating": (
        *("server.protocol.*", "server.log.sanctions", "server.roster", "server.rounds", "server.sanctions"),
    ),
    "server.speaking": (
        *("server.protocol.*", "server.config", "server.log.store", "server.log.forgotten"),
        *("server.moderating", "server.pace", "server.roster", "server.rounds"),
    ),
    "server.room": (
        *("server.protocol.*", "server.config", "server.log.seating", "server.log.store", "server.registry"),
        *("server.roster", "server.moderating", "server.rounds", "server.sanctions", "server.speaking"),
    ),
    "server.log.sequencer": (
        *("server.protocol.*", "server.log.store", "server.log.tail", "server.config"),
        *("server.room", "server.roster", "server.rounds"),
    ),
    "server.line_reader": ("server.protocol.*", "server.channel", "server.rate"),
    "server.reception": (
        *("server.protocol.*", "server.addresses", "server.channel", "server.config", "server.line_reader"),
        "server.peer",
        "server.rate",
    ),
    "server.operating": (*("server.protocol.*", "server.channel", "server.guards", "server.peer", "server.rounds"),),
    "server.registering": ("server.protocol.*", "server.addresses", "server.peer"),
    "server.reading": (
        *("server.protocol.*", "server.addresses", "server.channel", "server.line_reader", "server.peer"),
        "server.rounds",
    ),
    "server.client_threads": ("server.reception",),
    "server.presences": ("server.protocol.*",),
    "server.subscriber": (
        *("server.protocol.*", "server.channel", "server.log.store", "server.log.tail"),
        "server.presences",
    ),
    "server.broadcast": (
        "server.protocol.*",
        "server.log.store",
        "server.log.tail",
        "server.presences",
        "server.rounds",
        "server.subscriber",
    ),
    "server.vestibule": ("server.log.sequencer", "server.roster", "server.rounds"),
    "server.services": (
        *("server.protocol.*", "server.config", "server.channel", "server.log.store", "server.log.sequencer"),
        *("server.addresses", "server.broadcast", "server.rate", "server.room", "server.subscriber", "server.tls"),
        *("server.door_log", "server.doorkeeper", "server.guards", "server.vestibule"),
        *("server.log.tail", "server.registry", "server.sanctions"),
    ),
    "server.handshake": (
        *("server.protocol.*", "server.config", "server.channel", "server.line_reader", "server.reception"),
        *("server.rounds", "server.roster", "server.services", "server.subscriber", "server.password_check"),
        *("server.promise", "server.tls"),
    ),
    "server.arrival": (
        "server.protocol.*",
        "server.handshake",
        "server.reading",
        "server.services",
        "server.subscriber",
    ),
    "server.pages": ("server.protocol.*", "server.log.store"),
    "server.connection": (
        *(
            "server.pace",
            "server.pages",
            "server.peer",
            "server.protocol.*",
            "server.config",
            "server.channel",
            "server.line_reader",
            "server.handshake",
            "server.arrival",
            "server.reading",
            "server.reception",
            "server.registering",
            "server.operating",
        ),
        *("server.log.sequencer", "server.log.store", "server.rounds", "server.roster"),
        *("server.services", "server.subscriber"),
    ),
    "server.listener": ("server.addresses", "server.[!_a]*"),  # puts all parts together, but for the command line
    "server.archive": (
        *("server.protocol.*", "server.log.store", "server.log.backup", "server.log.export"),
        "server.log.whole_file",
    ),
    "server.__main__": (
        *("server.archive", "server.arguments", "server.config", "server.listener", "server.options"),
        *("server.protocol.*", "server.log.keeping", "server.log.store", "server.log.sqlite", "server.log_lines"),
        *("server.certificate", "server.core_dumps", "server.peer"),
        *("server.secret_file", "server.secret_setting", "server.signals"),
    ),
    "tui_client.korean.*": ("server.protocol.*", "tui_client.korean.*"),
    "tui_client.widgets.*": ("server.protocol.*", "tui_client.*"),
    "tui_client*": (
        *("server", "server.protocol.*", "server.arguments", "server.channel", "server.core_dumps", "tui_client.*"),
    ),
}

SCREEN = ("tui_client.app", "tui_client.*_app", "tui_client.widgets.*", "tui_client.__main__")
"""What is drawn, and what draws it: nobody else in the client may know it."""

FORBIDDEN: dict[str, tuple[str, ...]] = {
    # What the lines above would let pass.
    "server.listener": ("server.limit_options", "server.options"),
    "tui_client.widgets.*": ("tui_client.app", "tui_client.link", "tui_client.__main__", "tui_client.conversation"),
    "tui_client.link": ("tui_client.app", "tui_client.widgets.*"),
    "tui_client.doctor.*": ("tui_client.link",),
    "tui_client.timeline": ("tui_client.link",),
    "tui_client.commands": ("tui_client.link",),
}

ONLY_IN: dict[str, tuple[str, ...]] = {
    # Who may import these libraries.
    "textual": ("tui_client*",),
    "rich": ("tui_client*",),
    "sqlite3": (
        *("server.log.sqlite", "server.log.database", "server.log.copying", "server.log.schema", "server.log.checking"),
        *("server.log.claim", "server.log.failures", "server.log.seats", "server.log.known", "server.log.keeping"),
        *("server.log.name_table", "server.log.sanction_table", "server.log.export", "server.log.backup"),
        "server.log.rescue",
        *("server.log.search_index", "server.log.spoken", "server.log.indexer"),
    ),
    "argparse": ("server.arguments", "server.limit_options", "server.options", "tui_client.__main__"),
}

WITHOUT: dict[str, tuple[str, ...]] = {
    # Libraries that these must not know.
    "server.protocol*": (
        "socket",
        "select",
        "selectors",
        "threading",
        "time",
        "datetime",
        "logging",
        "random",
        "secrets",
    ),
    "server.room": ("socket", "threading", "time", "logging"),
    "server.moderating": ("socket", "threading", "time", "logging"),
    "server.speaking": ("socket", "threading", "time", "logging"),
    "server.sanctions": ("socket", "threading", "time", "logging"),
    "server.rounds": ("socket", "threading", "time", "logging"),
    "server.roster": ("socket", "threading", "time", "logging"),
    "server.journal": ("socket", "threading", "time", "logging"),
    "server.members": ("socket", "threading", "time", "logging"),
    "server.pace": ("socket", "threading", "time", "logging"),
    "server.rate": ("socket", "time", "logging"),
    "server.addresses": ("socket", "time", "logging"),
    "server.log.*": ("socket", "select", "selectors"),
    "tui_client.line.*": ("textual", "rich", "asyncio"),
    "tui_client.korean.*": ("textual", "rich", "asyncio", "threading", "socket"),
    "tui_client.doctor.*": ("textual", "rich", "asyncio"),
}


# --- the checker ------------------------------------------------------------------------------------------------------


def imports_of(source: str, modules: frozenset[str]) -> Iterator[str]:
    """The modules that `source` names; a submodule if `from package import submodule` names one of `modules`."""
    for node in _outside_type_checking(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                assert level == 0, "imports are absolute here"
                for name in names:
                    whole = f"{module}.{name.name}"
                    yield whole if whole in modules else str(module)


def _outside_type_checking(tree: ast.AST) -> Iterator[ast.AST]:
    yield tree
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield from _outside_type_checking(child)


def sources(root: Path) -> dict[str, str]:
    """Every module of ours, by name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = path.read_text(encoding="utf-8")
    return found


def graph_of(found: Mapping[str, str]) -> dict[str, set[str]]:
    return {name: set(imports_of(source, frozenset(found))) for name, source in found.items()}


def matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def ours(name: str) -> bool:
    return name.partition(".")[0] in PACKAGES


def violations(graph: Mapping[str, set[str]]) -> list[str]:
    """`importer → imported` for every arrow that should not be."""
    return sorted(
        f"{importer} → {imported}"
        for importer, all_imported in graph.items()
        for imported in all_imported
        if not (_may_know(importer, imported) if ours(imported) else _may_use(importer, imported))
    )


def _may_know(importer: str, imported: str) -> bool:
    allowed = next((arrows for pattern, arrows in ALLOWED.items() if fnmatchcase(importer, pattern)), ())
    forbidden = [arrow for pattern, arrows in FORBIDDEN.items() if fnmatchcase(importer, pattern) for arrow in arrows]
    looks_at_the_screen = matches(imported, SCREEN) and not matches(importer, SCREEN)
    return matches(imported, allowed) and not matches(imported, forbidden) and not looks_at_the_screen


def _may_use(importer: str, library: str) -> bool:
    top = library.partition(".")[0]
    missed = [name for pattern, names in WITHOUT.items() if fnmatchcase(importer, pattern) for name in names]
    return top not in missed and matches(importer, ONLY_IN.get(top, ("*",)))


def cycle_in(graph: Mapping[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle; empty if there are none."""
    try:
        TopologicalSorter({name: {one for one in known if one in graph} for name, known in graph.items()}).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


# --- what holds -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    return graph_of(sources(REPOSITORY))


def test_every_arrow_is_one_of_the_design(graph: dict[str, set[str]]) -> None:
    assert violations(graph) == []


def test_nobody_knows_in_circles(graph: dict[str, set[str]]) -> None:
    assert cycle_in(graph) == []


def test_every_module_of_the_server_has_its_line(graph: dict[str, set[str]]) -> None:
    assert [name for name in graph if not matches(name, ALLOWED)] == []


def test_no_line_is_about_nobody(graph: dict[str, set[str]]) -> None:
    patterns = {*ALLOWED, *FORBIDDEN, *WITHOUT, *(one for importers in ONLY_IN.values() for one in importers)}
    assert [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in graph)] == []


def test_the_packages_themselves_import_nothing(graph: dict[str, set[str]]) -> None:
    packages = {
        path.parent.relative_to(REPOSITORY).as_posix().replace("/", ".")
        for path in REPOSITORY.glob("server/**/__init__.py")
    }
    assert {package: graph[package] for package in packages if graph[package]} == {}


# --- that the checker sees it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("server.protocol.plain", "import server.config"),
        ("server.protocol.text", "from server.log import store"),
        ("server.protocol.framing", "import socket"),
        ("server.log.tail", "from server.broadcast import Broadcaster"),
        ("server.log.sequencer", "from server import channel"),
        ("server.channel", "from server.protocol import phrases"),
        ("server.room", "def late():\n    import threading"),
        ("server.connection", "import tui_client.strings"),
        ("server.listener", "import textual.app"),
        ("server.listener", "from server.options import Options"),
        ("server.__main__", "import argparse"),
        ("server.subscriber", "import sqlite3"),
        ("server", "from server.protocol import events"),
        ("tui_client.timeline", "from server.room import Room"),
        ("tui_client.link", "from tui_client.app import ChatApp"),
        ("tui_client.widgets.members", "from tui_client import link"),
        ("tui_client.line.chat", "from tui_client.connected_app import ConnectedApp"),
        ("tui_client.commands", "from tui_client.personal_app import PersonalApp"),
        ("tui_client.settings", "from tui_client.widgets import members"),
        ("tui_client.korean.particles", "import textual"),
    ],
)
def test_a_forbidden_import_is_found(graph: dict[str, set[str]], importer: str, line: str) -> None:
    found = sources(REPOSITORY)
    found[importer] += f"\n{line}\n"
    [violation] = set(violations(graph_of(found))) - set(violations(graph))
    assert violation.startswith(f"{importer} → ")


def test_a_circle_is_found(graph: dict[str, set[str]]) -> None:
    circle = cycle_in({**graph, "server.log.store": graph["server.log.store"] | {"server.room"}})
    assert {"server.log.store", "server.room"} <= set(circle)


def test_imports_for_type_checkers_are_no_arrows() -> None:
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import socket\n"
    assert set(imports_of(source, frozenset())) == {"typing"}
