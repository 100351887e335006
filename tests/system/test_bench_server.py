"""The server's benchmark still measures what it says: run once with tiny numbers. How fast anything is, is not asked here."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench.results_file import MARK as BEHIND
from tests.bench.results_file import RESULTS, with_figures
from tests.bench.server.cases import FLOODS, OURS, flood_name
from tests.bench.server.chart import chart
from tests.bench.server.goals import goals, missed
from tests.bench.server.load import Load
from tests.bench.server.orders import Flood, Setup
from tests.bench.server.peers import NAIVE, NGIRCD, REDIS, System, chat_server
from tests.bench.server.results import Results, Sample, case_table
from tests.bench.server.room import FellSilent
from tests.bench.server.trials import Bench, Measure, Plan, flood, flood_beside, idle, pace
from tests.bench.server.wires import MARK, TEXTS, wires

TINY = Plan(runs=1, flood_s=0.3, warm_up_s=0.1, pace_s=0.5, idle=20, many=20, stored=(0,))
HEARERS = 12


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(TINY, tmp_path)


@pytest.mark.parametrize("system", [chat_server(), chat_server("TLS", "--memory", has_tls=True), NAIVE])
def test_every_delivery_of_a_flood_is_counted(bench: Bench, system: System) -> None:
    figures = flood(HEARERS)(bench, system)
    assert figures["missing"] == 0
    assert figures["deliveries"] > 0
    assert figures["deliveries"] % HEARERS == 0


@pytest.mark.parametrize("measure", [flood(HEARERS, speakers=HEARERS), flood_beside(1, HEARERS), pace(200, HEARERS)])
def test_nothing_is_missing_however_the_room_talks(bench: Bench, measure: Measure) -> None:
    assert measure(bench, chat_server())["missing"] == 0


def test_whoever_is_idle_came_in_and_hears(bench: Bench) -> None:
    figures = idle(bench, chat_server())
    assert figures["clients"] == TINY.idle
    assert figures["connections/s"] > 0


def test_a_log_may_have_been_talked_in_before(bench: Bench, tmp_path: Path) -> None:
    again = chat_server(database=tmp_path / "log.db")
    assert [flood(HEARERS)(bench, again)["missing"] for _ in range(2)] == [0, 0]


# --- what must not pass for whole -------------------------------------------------------------------------------------


class _Forgetful:
    """Everybody hears everything, but one, who is never told what holds the second text."""

    def __init__(self, victim: int) -> None:
        self._victim = victim
        self._clients: list[socket.socket] = []
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                self._clients.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client.makefile("rb") as lines:
            client.sendall(lines.readline().strip() + b" joined\n")
            for line in lines:
                with self._lock:
                    for place, hearer in enumerate(self._clients):
                        if place != self._victim or TEXTS[1] not in line:
                            hearer.sendall(line)


@pytest.fixture(params=[0, HEARERS - 1])
def forgetful(request: pytest.FixtureRequest) -> Iterator[_Forgetful]:
    """The first counts what it hears, the last weighs it."""
    server = _Forgetful(request.param)
    yield server
    server.close()


def test_what_one_was_not_told_is_missing(forgetful: _Forgetful, tmp_path: Path) -> None:
    setup = Setup(forgetful.port, ("naive",), HEARERS, 1, "t", patience_s=0.3, at_once=1)
    with Load(setup, tmp_path) as load:
        flooded = load.flood(Flood(0.1))
    assert flooded.missing > 0
    assert flooded.deliveries == flooded.messages * HEARERS - flooded.missing


# --- what is said, and what comes of it -------------------------------------------------------------------------------


def test_whoever_is_not_let_in_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(FellSilent):
        Load(Setup(silent.getsockname()[1], ("plain",), 1, 1, "t", patience_s=0.2), tmp_path)


@pytest.mark.parametrize("name", wires("t"))
def test_every_message_holds_one_mark_on_every_wire(name: str) -> None:
    assert wires("t")[name].block(TEXTS * 3, 1).count(MARK) == 3 * len(TEXTS)


def results(ours: float, peer: float, missing: int = 0) -> Results:
    return Results(
        [
            Sample(flood_name(size), system, {"deliveries/s": rate, "missing": missing})
            for size in FLOODS
            for system, rate in ((OURS, ours), (NGIRCD.name, peer), (REDIS.name, peer), (NAIVE.name, ours / 100))
        ]
    )


def test_a_missed_goal_is_not_overlooked() -> None:
    assert not missed(goals(results(9e6, 1e6)))
    assert missed(goals(results(7.9e6, 1e6)))
    assert missed(goals(results(9e6, 1e6, missing=1)))


def test_a_trial_that_failed_is_no_figure_and_no_success() -> None:
    failed = Results([Sample(flood_name(500), OURS, {}, failure="it ended")])
    assert missed(goals(failed))
    assert OURS in case_table(failed, flood_name(500))


def test_the_chart_has_a_bar_for_each_rate() -> None:
    picture = ElementTree.fromstring(chart(results(9e6, 1e6)))
    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 4 * len(FLOODS)


# --- where the figures are kept ---------------------------------------------------------------------------------------

KEPT = f"# Results\n\n## client\n\nours\n\n## server\n\nHow to read it.\n\n{BEHIND}\n\nold | figures\n\n## tail\n\nof others\n"


def test_a_section_gets_the_new_figures_and_keeps_what_is_said_above_them() -> None:
    new = with_figures(KEPT, "server", "new | figures\n")
    assert new == KEPT.replace("old | figures", "new | figures")
    assert with_figures(new, "server", "new | figures") == new


def test_the_last_section_ends_with_the_file() -> None:
    last = KEPT[: KEPT.index("## tail")]
    assert with_figures(last, "server", "new") == last.replace("old | figures\n\n", "new\n")


@pytest.mark.parametrize("section", ["client", "nobody's"])
def test_where_nothing_is_marked_nothing_is_overwritten(section: str) -> None:
    with pytest.raises(ValueError, match=r"client|not found"):
        with_figures(KEPT, section, "new")


def test_the_real_file_has_its_mark() -> None:
    assert "chat-server" in with_figures(RESULTS.read_text(encoding="utf-8"), "server", "chat-server")
