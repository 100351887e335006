"""The client's benchmark still measures what it says: run once with tiny numbers. How fast anything is, is not asked here."""

import asyncio
from time import monotonic

import pytest

from tests.bench.client import FULL, QUICK, Plan, Results, figures, measure, report
from tests.bench.day import DayPlan
from tests.bench.growth import GrowthPlan
from tests.bench.heartbeat import EVERY_S, Heartbeat, longest_ms
from tests.bench.idle import IdlePlan
from tests.bench.joining import JoiningPlan, count_wrong, people_told
from tests.bench.latency import LatencyPlan, percentile
from tests.bench.log_cost import LogPlan, Subject
from tests.bench.returning import ReturningPlan
from tests.bench.startup import StartupPlan
from tests.bench.table import Figure, figures_table
from tests.bench.tally import Tally

RATE = 500
TINY = Plan(
    log=LogPlan(runs=1, messages=1_500, bounded_richlog_messages=200, pages=2),
    latency=LatencyPlan(runs=1, rates=(0, RATE), keys=26, warm_up_s=0.1),
    startup=StartupPlan(runs=1),
    joining=JoiningPlan(runs=1, people=30, seconds=0.2),
    returning=ReturningPlan(runs=1, seen=20, missed=100),
    growth=GrowthPlan(stages=(100, 300)),
    day=DayPlan(hours=(1, 2), messages=300, visitors=3),
    idle=IdlePlan(runs=1, seconds=0.5, calm_s=0.1, people=5),
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return measure(TINY, tmp_path_factory.mktemp("bench"), lambda _progress: None)


def test_every_figure_is_there(results: Results) -> None:
    names = [figure.name for figure in figures(results)]
    assert names == [
        f"key → echo p95, {RATE:,}/s",
        "key → echo p95, 30 join",
        "longest block, 30 join",
        "not shown, or wrong",
        "100 missed, on the screen",
        "start to first picture",
        "memory after 300 messages",
        "memory after 2 h of chat",
        "idle CPU, 5 members",
        "append, RichLog / ours",
        "RSS of the log, RichLog / ours",
    ]
    assert all(name in report(results) for name in names)


def test_every_message_was_offered_and_shown(results: Results) -> None:
    silent, talking = results.latency
    assert results.growth is not None
    assert (silent.messages, silent.missing, talking.missing, results.growth.missing) == (0, 0, 0, 0)
    assert results.missing == 0
    assert talking.messages >= RATE / 2  # typing takes longer than half a second
    assert [stage.messages for stage in results.growth.stages] == [0, 100, 300]


def test_everybody_came_while_keys_were_answered(results: Results) -> None:
    [joining] = results.joining
    assert (joining.people, joining.wrong) == (30, 0)
    assert min(joining.echoes_ms) > 0
    assert 0.2 * 29 / 30 <= joining.joined_in_s < 10


def test_what_was_missed_is_shown_soon_after_the_connection_was_made(results: Results) -> None:
    [returning] = results.returning
    assert (returning.missed, returning.missing) == (100, 0)
    assert 0 < returning.seconds < 10


def test_the_hours_of_a_day_are_looked_at(results: Results) -> None:
    assert results.day is not None
    assert [(hour.number, hour.messages) for hour in results.day.hours] == [(1, 300), (2, 600)]
    assert all(hour.resident_mib > 1 for hour in results.day.hours)


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
    assert results.growth is not None
    assert all(stage.resident_mib > 1 for stage in results.growth.stages)
    assert all(run.chatting_percent > 0 for run in results.idle)


@pytest.mark.parametrize("plan", [FULL, QUICK])
def test_as_much_is_asked_as_the_issue_says(plan: Plan) -> None:
    assert (plan.joining.people, plan.returning.missed, plan.day.hours[0], plan.day.hours[-1]) == (1_000, 10_000, 1, 24)
    assert plan.joining.seconds <= 1
    assert round(plan.day.messages * 24, -2) == 200_000


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


@pytest.mark.parametrize(
    ("row", "people"),
    [
        ("손님1, 손님2, 손님3 외 1,197명이 들어왔습니다 (~18:33)", 1_200),
        ("손님1, 손님2님이 들어왔습니다 · 손님3님이 나갔습니다", 2),
        ("손님1님이 입장하셨습니다.", 1),
        ("손님1, 손님2님이 나갔습니다", 0),
        ("철수> 손님1님이 들어왔습니다", 0),
    ],
)
def test_a_row_tells_of_so_many_who_came(row: str, people: int) -> None:
    assert people_told(row) == people


@pytest.mark.parametrize(
    ("members", "rows", "wrong"),
    [
        (["가", "나"], ["가, 나님이 들어왔습니다"], 0),
        (["가"], ["가, 나님이 들어왔습니다"], 1),
        (["가", "나", "다"], ["가, 나님이 들어왔습니다"], 1),
        (["가", "나"], ["가님이 입장하셨습니다."], 1),
        (["가", "나"], ["가, 나님이 들어왔습니다", "나님이 입장하셨습니다."], 1),
    ],
)
def test_who_is_missing_or_told_twice_is_noticed(members: list[str], rows: list[str], wrong: int) -> None:
    assert count_wrong(Tally(members=members, rows=rows), {"가", "나"}) == wrong


async def test_a_block_is_noticed_as_long_as_it_was() -> None:
    heartbeat = Heartbeat()
    heartbeat.start()
    began_s = monotonic()
    await asyncio.sleep(0)
    while monotonic() < began_s + 0.1:
        pass
    while not heartbeat.blocks:
        await asyncio.sleep(EVERY_S)
    assert 90 <= longest_ms(heartbeat.blocks, began_s, monotonic()) <= 1000 * (monotonic() - began_s)
    assert longest_ms(heartbeat.blocks, began_s - 1, began_s - 0.5) == 0
    assert longest_ms(heartbeat.blocks, monotonic() + 0.5, monotonic() + 1) == 0


def test_a_percentile_is_one_of_the_values() -> None:
    assert [percentile([40.0, 10.0, 30.0, 20.0], share) for share in (0.0, 0.5, 0.95, 1.0)] == [10.0, 20.0, 40.0, 40.0]


def test_a_missed_goal_is_not_overlooked() -> None:
    rows = figures_table([Figure("a", "1", "0", is_met=False), Figure("b", "0", "0", is_met=True), Figure("c", "5")])
    assert [row.split("|")[4].strip() for row in rows.splitlines()[2:]] == ["MISSED", "met", ""]
