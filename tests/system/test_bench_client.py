"""The client's benchmark still measures what it says: run once with tiny numbers. How fast anything is, is not asked here."""

import pytest

from tests.bench.client import FULL, QUICK, Plan, Results, figures, measure, report
from tests.bench.growth import GrowthPlan
from tests.bench.idle import IdlePlan
from tests.bench.latency import LatencyPlan, percentile
from tests.bench.log_cost import LogPlan, Subject
from tests.bench.startup import StartupPlan
from tests.bench.table import Figure, figures_table
from tests.bench.tally import Tally

RATE = 500
TINY = Plan(
    log=LogPlan(runs=1, messages=1_500, bounded_richlog_messages=200, pages=2),
    latency=LatencyPlan(runs=1, rates=(0, RATE), keys=26, warm_up_s=0.1),
    startup=StartupPlan(runs=1),
    growth=GrowthPlan(stages=(100, 300)),
    idle=IdlePlan(runs=1, seconds=0.5, calm_s=0.1),
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return measure(TINY, tmp_path_factory.mktemp("bench"), lambda _progress: None)


def test_every_figure_is_there(results: Results) -> None:
    names = [figure.name for figure in figures(results)]
    assert names == [
        f"key → echo p95, {RATE:,}/s",
        "messages not shown",
        "start to first picture",
        "memory after 300 messages",
        "idle CPU",
        "append, RichLog / ours",
        "RSS of the log, RichLog / ours",
    ]
    assert all(name in report(results) for name in names)


def test_every_message_was_offered_and_shown(results: Results) -> None:
    silent, talking = results.latency
    assert (silent.messages, silent.missing, talking.missing, results.growth.missing) == (0, 0, 0, 0)
    assert talking.messages >= RATE / 2  # typing takes longer than half a second
    assert [stage.messages for stage in results.growth.stages] == [0, 100, 300]


def test_every_key_was_answered(results: Results) -> None:
    for run in results.latency:
        assert len(run.echoes_ms) == TINY.latency.keys
        assert min(run.echoes_ms) > 0


def test_each_log_held_all_that_it_was_given(results: Results) -> None:
    held = {subject: run.held for subject, [run] in results.log.items()}
    assert held[Subject.OURS] == held[Subject.OURS_UNBOUNDED] == TINY.log.messages
    assert held[Subject.RICH_LOG] >= TINY.log.messages
    assert held[Subject.RICH_LOG_BOUNDED] >= TINY.log.bounded_richlog_messages


def test_nothing_costs_nothing(results: Results) -> None:
    for [run] in results.log.values():
        assert min(run.append_us, run.page_ms, run.resize_ms) > 0
    for start in results.startup:
        assert min(start.python_ms, start.minimal_ms, start.chat_ms) > 0
    assert all(stage.resident_mib > 1 for stage in results.growth.stages)
    assert all(run.chatting_percent > 0 for run in results.idle)


@pytest.mark.parametrize("plan", [FULL, QUICK])
def test_the_latency_is_measured_at_the_rate_of_the_issue(plan: Plan) -> None:
    assert max(plan.latency.rates) == 5_000


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [((1, 2, 3), 0), ((1, 3), 1), ((1, 2), 1), ((1, 2, 2, 3), 1), ((2, 1, 3), 3), ((), 3)],
)
def test_what_is_lost_doubled_or_out_of_order_is_noticed(numbers: tuple[int, ...], missing: int) -> None:
    tally = Tally()
    tally.take(("철수", f"안녕 #{number}") for number in numbers)
    assert tally.missing({"철수": 3, "민수": 0}) == missing


def test_a_percentile_is_one_of_the_values() -> None:
    assert [percentile([40.0, 10.0, 30.0, 20.0], share) for share in (0.0, 0.5, 0.95, 1.0)] == [10.0, 20.0, 40.0, 40.0]


def test_a_missed_goal_is_not_overlooked() -> None:
    rows = figures_table([Figure("a", "1", "0", is_met=False), Figure("b", "0", "0", is_met=True), Figure("c", "5")])
    assert [row.split("|")[4].strip() for row in rows.splitlines()[2:]] == ["MISSED", "met", ""]
