"""How long something is to last, as people type it."""

import pytest

from server.protocol.events import MAX_DURATION_S
from tui_client.korean.durations import read_duration

DAY = 24 * 60 * 60


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        *(("30초", 30), ("10분", 600), ("2시간", 7200), ("3일", 3 * DAY), ("2주", 14 * DAY), ("1주일", 7 * DAY)),
        *(("1시간 30분", 5400), ("1일12시간", DAY + 43_200), (" 10 분 ", 600), ("１０분", 600)),
        *(("30s", 30), ("10m", 600), ("2H", 7200), ("3d", 3 * DAY), ("1w", 7 * DAY), ("90min", 5400)),
        *(("10qns", 600), ("2tlrks", 7200), ("3dlf", 3 * DAY), ("10ㅡ", 600)),
        *(("3660일", MAX_DURATION_S), ("3661일", MAX_DURATION_S + DAY), ("0분", 0), ("9" * 30 + "초", int("9" * 30))),
    ],
)
def test_a_time_is_so_many_seconds(typed: str, seconds: int) -> None:
    assert read_duration(typed) == seconds


@pytest.mark.parametrize(
    "typed",
    ["", "10", "분", "-5분", "10분 뒤", "열 분", "1.5시간", "10분10", "철수", "10년"],
)
def test_what_is_no_time_is_none(typed: str) -> None:
    assert read_duration(typed) is None
