"""Of those who are turned back the log is told, and never more than so much."""

import pytest

from server.door_log import DoorLog
from server.rate import Rate


def test_each_is_a_line_with_its_address_and_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    DoorLog().note("203.0.113.7", "it did without TLS", 0.0)
    assert caplog.messages == ["203.0.113.7 is turned back: it did without TLS"]


def test_what_is_too_much_is_counted_and_told_with_the_next_one(caplog: pytest.LogCaptureFixture) -> None:
    door = DoorLog(Rate(2, 0.1))
    for number in range(1000):
        door.note("203.0.113.7", f"{number}", 0.0)
    door.note("203.0.113.8", "later", 10.0)
    assert caplog.messages == [
        "203.0.113.7 is turned back: 0",
        "203.0.113.7 is turned back: 1",
        "203.0.113.8 is turned back: later (998 lines like this were left out before)",
    ]
    door.note("203.0.113.9", "again", 20.0)
    assert caplog.messages[-1] == "203.0.113.9 is turned back: again"
