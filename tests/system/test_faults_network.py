"""Networks that cut, swallow, drip and reset: the short forms of `tests.bench.faults`."""

from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from server.log.sqlite import SqliteStore
from tests.faults.checker import check
from tests.faults.final_log import read_log
from tests.faults.forms import SHORT
from tests.faults.history import read_people
from tests.faults.person import make_talker
from tests.faults.proxy import Manner, Proxy
from tests.support.in_process import PATIENT, in_process
from tests.support.waiting import until
from tui_client.conversation import Timing
from tui_client.wire import Address

ANXIOUS = replace(PATIENT, ping_s=1.0)
"""The least that a client lets itself be told."""


def test_conversation_that_is_cut_after_any_byte_is_whole_in_the_end(tmp_path: Path) -> None:
    outcome = SHORT["cuts"](tmp_path / "world")
    assert not outcome.wrong, outcome.wrong


@pytest.mark.parametrize("trouble", ["drip", "resets", "both-close"])
def test_one_bad_network_costs_nobody_anything(tmp_path: Path, trouble: str) -> None:
    outcome = SHORT[trouble](tmp_path / "world")
    assert not outcome.wrong, outcome.wrong


def test_both_ends_notice_that_nothing_arrives_any_more_and_go_on_where_they_were(tmp_path: Path) -> None:
    """Twenty times as fast as in earnest; `half_open` has the real times."""
    db, histories = tmp_path / "chat.db", tmp_path / "histories"
    with in_process(store=SqliteStore(db), timeouts=ANXIOUS) as room, Proxy(room.port) as proxy:
        witness = room.json("민수")
        address, timing = Address(room.host, proxy.port), Timing(lost_after_s=1.0, welcome_s=1.0)
        talker, ask = make_talker(address, "영희", tmp_path / "home", histories, timing=timing)
        thread = Thread(target=talker.run)
        thread.start()
        witness.until(lambda frame: frame.kind == "joined" and frame.text("nick") == "영희")
        proxy.behave(Manner.SWALLOW)
        ask("say 3 0 0")
        witness.until(lambda frame: frame.kind == "presence" and not frame.truth("online"))
        until(lambda: proxy.connections > 1, what="the client notices nothing")
        proxy.behave(Manner.PASS)
        ask("leave")
        thread.join()
        witness.until(lambda frame: frame.kind == "left")
    report = check(read_people(histories), [read_log(db)])
    assert report.is_clean, report.faults.in_words
    assert (report.acknowledged, witness.departures, witness.arrivals.count("영희")) == (3, ["영희"], 1)
