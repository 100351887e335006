"""All threads of a server and of its clients in one process that switches between them as often as it can: the rare becomes common."""

import sys
import threading
from pathlib import Path

import pytest

from server.log.sqlite import SqliteStore
from tests.faults.checker import check
from tests.faults.final_log import read_log
from tests.faults.history import read_people
from tests.faults.person import make_talker
from tests.faults.proxy import Proxy
from tests.support.in_process import in_process
from tests.support.waiting import until
from tui_client.conversation import Timing
from tui_client.wire import Address

NICKS = ("영희", "철수", "민수", "바다")
MESSAGES = 100


@pytest.mark.parametrize("window", [1, 50])
def test_threads_that_interrupt_each_other_at_every_step_break_no_promise(tmp_path: Path, window: int) -> None:
    db, histories = tmp_path / "chat.db", tmp_path / "histories"
    with in_process(store=SqliteStore(db)) as room, Proxy(room.port) as proxy:
        sys.setswitchinterval(1e-6)  # `in_process` sets it back
        address, timing = Address(room.host, proxy.port), Timing(first_retry_s=0.1)
        talkers = [
            make_talker(address, nick, tmp_path / nick, histories, window=window, timing=timing) for nick in NICKS
        ]
        threads = [threading.Thread(target=talker.run) for talker, _ in talkers]
        for thread in threads:
            thread.start()
        for _, ask in talkers:
            ask(f"say {MESSAGES} 0 0")
        until(lambda: proxy.down.passed > 20_000)
        proxy.reset()
        for _, ask in talkers:
            ask("leave")
        for thread in threads:
            thread.join()
    report = check(read_people(histories), [read_log(db)])
    assert report.is_clean, report.faults.in_words
    assert (report.acknowledged, report.unknown) == (len(NICKS) * MESSAGES, 0)
