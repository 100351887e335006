"""The server's benchmark still measures what it says: run once with tiny numbers. How fast anything is, is not asked here."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench.results_file import MARK as BEHIND
from tests.bench.results_file import RESULTS, with_figures
from tests.bench.server.__main__ import IN_VAIN, INTERRUPTED, is_whole, main, parse, report
from tests.bench.server.cases import DIALECTS, EVERYONE, FLOODS, OURS, STORED, flood_name, write_databases
from tests.bench.server.chart import chart
from tests.bench.server.goals import goals, missed
from tests.bench.server.load import Load
from tests.bench.server.orders import FellSilent, Flood, Pace, Setup
from tests.bench.server.pacing import WARM_UP_S
from tests.bench.server.peers import NAIVE, NGIRCD, REDIS, System, chat_server
from tests.bench.server.results import Results, Sample, case_table
from tests.bench.server.trials import Bench, Measure, Plan, flood, flood_beside, idle, pace, stored
from tests.bench.server.wires import MARK, TEXTS, wires
from tests.bench.table import Figure
from tests.support.server_process import REPOSITORY
from tests.support.waiting import until

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


def test_every_trial_begins_with_the_log_as_it_was_written(bench: Bench, tmp_path: Path) -> None:
    [log] = write_databases([500], tmp_path / "logs", print).values()
    before = log.read_bytes()
    figures = stored(bench, chat_server(database=log))
    assert figures["missing"] == 0
    assert figures["deliveries"] > 0
    assert (log.read_bytes(), list(log.parent.iterdir())) == (before, [log])


def test_a_log_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    told: list[str] = []
    for _ in range(2):
        write_databases([0, 10], tmp_path / "logs", told.append)
    assert len(told) == 2


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


def test_without_a_latency_there_is_no_report_of_latencies(tmp_path: Path) -> None:
    """All that is said is too early to be timed: that is not a latency of 0."""
    with NAIVE.start(tmp_path / "server") as server:
        setup = Setup(server.port, ("naive",), HEARERS, 2, "t")
        with Load(setup, tmp_path) as load, pytest.raises(FellSilent):
            load.pace(Pace(100, WARM_UP_S / 2))


def processes_below(folder: Path) -> list[int]:
    """Whose home lies there, or who were told of it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            known = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            found += [int(process.name)] * (f"{folder}/soksak-bench-".encode() in known)
    return found


@pytest.mark.parametrize(
    ("tell", "number"),
    [
        pytest.param(os.killpg, signal.SIGINT, id="as a terminal does"),
        pytest.param(os.kill, signal.SIGTERM, id="as kill does"),
    ],
)
def test_an_interrupted_run_leaves_nothing_and_nobody(
    tell: Callable[[int, int], None], number: signal.Signals, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.bench.server", "--quick", "--only", DIALECTS, "--runs", "9"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, start_new_session=True
    ) as running:
        until(lambda: len(processes_below(tmp_path)) == 2)  # the server and its load
        tell(running.pid, number)
        assert running.stderr is not None
        told = running.stderr.read().decode()
    assert (running.returncode, list(tmp_path.iterdir()), processes_below(tmp_path)) == (INTERRUPTED, [], [])
    assert "Traceback" not in told
    assert "interrupted" in told


@pytest.mark.parametrize("options", [["--quick"], ["--only", DIALECTS], ["--runs", "3"]])
def test_only_a_whole_run_takes_the_place_of_what_is_published(options: list[str]) -> None:
    assert is_whole(parse(["--databases", "logs", "--json", "a"]), [], Results())
    assert not is_whole(parse(options), [], Results())


def test_a_run_without_a_peer_is_not_whole_and_says_so() -> None:
    assert not is_whole(parse([]), [NGIRCD], Results())
    assert "ngIRCd (Debian's ngircd)" in report(Results(), [NGIRCD])


@pytest.mark.parametrize("runs", ["0", "-1", "some"])
def test_no_runs_at_all_meet_no_goals(runs: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse([f"--runs={runs}"])
    assert goals(Results()) == [Figure("trials that failed", "0", "0", is_met=True)]


@pytest.mark.parametrize("option", ["--json", "--chart"])
def test_where_nothing_can_be_written_nothing_is_measured(option: str, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "a"):
        with pytest.raises(SystemExit, match="2"):
            parse([option, str(path)])


def test_where_no_log_can_be_kept_one_sentence_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        assert main(["--quick", "--only", STORED, "--databases", str(tmp_path / "file")]) == IN_VAIN
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert "it can't go on:" in capsys.readouterr().err


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
    assert case_table(failed, flood_name(500)).splitlines()[2].split() == ["|", OURS, "|", "failed", "|"]
    assert not is_whole(parse([]), [], failed)


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


def kept(name: str) -> Results:
    """The rates that stand in the real file."""
    _, _, figures = RESULTS.read_text(encoding="utf-8").partition("\n## server\n")[2].partition(BEHIND)
    table = figures.partition(f"\n| {name} ")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")] for line in table.splitlines()[2:]]
    return Results([Sample(name, row[1], {"deliveries/s": float(row[2].replace(",", ""))}) for row in rows])


def words_of(picture: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_the_picture_shows_what_the_tables_say() -> None:
    tables = Results([one for size in FLOODS for one in kept(flood_name(size)).samples])
    assert words_of(RESULTS.with_name("server.svg").read_text(encoding="utf-8")) == words_of(chart(tables))


@pytest.mark.parametrize(
    ("row", "case"),
    [
        ("500명 방, 1초당 전달", flood_name(500)),
        ("100명 방, 1초당 전달", flood_name(100)),
        ("10명 방, 1초당 전달", flood_name(10)),
        ("500명이 모두 말할 때", EVERYONE),
    ],
)
def test_the_readme_says_what_the_tables_say(row: str, case: str) -> None:
    rates = [kept(case).value(case, system, "deliveries/s") or 0 for system in (OURS, NGIRCD.name, REDIS.name)]
    cells = " | ".join(f"{rate / 10_000:,.0f}만" for rate in rates)
    assert f"| {row} | {cells} |" in (REPOSITORY / "README.md").read_text(encoding="utf-8")
