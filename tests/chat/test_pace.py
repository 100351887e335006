"""How much one member may send, and in which order, second by second."""

from itertools import count

import pytest

from server.config import Sending
from server.pace import DEBT_S, FRESH, Pace, rate_limited
from server.protocol.errors import Code, Refusal

LIMITS = Sending(messages=10, messages_per_s=3.0, bytes=16_384, bytes_per_s=4_096.0)
NOW = 5_000.0


def sent_at_once(pace: Pace, size_bytes: int, now_s: float) -> int:
    """How many messages of that size may be sent in one go."""
    for sent in count():
        pace, wait_s = pace.spend(size_bytes, LIMITS, now_s)
        if wait_s:
            return sent
    raise AssertionError


@pytest.mark.parametrize(("size_bytes", "expected"), [(1, 10), (1_638, 10), (1_639, 9), (4_096, 4), (16_384, 1)])
def test_a_full_bucket_holds_so_much(size_bytes: int, expected: int) -> None:
    assert sent_at_once(FRESH, size_bytes, NOW) == expected


@pytest.mark.parametrize(("size_bytes", "wait_s"), [(1, 1 / 3), (8_192, 2.0)])
def test_who_waits_as_long_as_was_said_may_send(size_bytes: int, wait_s: float) -> None:
    pace = FRESH
    while True:
        after, told_s = pace.spend(size_bytes, LIMITS, NOW)
        if told_s:
            break
        pace = after
    assert told_s == pytest.approx(wait_s, abs=0.01)
    assert pace.spend(size_bytes, LIMITS, NOW + told_s)[1] == 0
    assert pace.spend(size_bytes, LIMITS, NOW + told_s - 0.01)[1] > 0


def test_over_a_minute_no_more_is_sent_than_what_flows_in() -> None:
    pace, now_s, sent = FRESH, NOW, 0
    while now_s < NOW + 60:
        after, wait_s = pace.spend(10, LIMITS, now_s)
        now_s += wait_s
        if not wait_s:
            pace, sent = after, sent + 1
    assert 189 <= sent <= 191


def test_a_bucket_never_holds_more_than_it_can() -> None:
    used = FRESH.spend(1, LIMITS, NOW)[0]
    assert sent_at_once(used, 1, NOW + 1_000_000) == 10


def test_what_was_too_early_says_when_to_come_again() -> None:
    refusal = rate_limited(0.3331)
    assert (refusal.code, refusal.retry_ms) == (Code.RATE_LIMITED, 334)


# --- what was put off comes first -------------------------------------------------------------------------------------


def refused_turn(pace: Pace, cid: str | None, now_s: float = NOW) -> Refusal | None:
    try:
        pace.check_turn(cid, now_s)
    except Refusal as refusal:
        return refusal
    return None


def test_nothing_overtakes_what_was_put_off() -> None:
    pace = FRESH.owing(rate_limited(0.3), "c1", NOW)
    refusal = refused_turn(pace, "c2")
    assert refusal is not None
    assert (refusal.code, refusal.cid, refusal.retry_ms) == (Code.RATE_LIMITED, "c2", 300)
    assert refused_turn(pace, "c1") is None


def test_when_it_has_come_the_others_follow() -> None:
    pace = FRESH.owing(rate_limited(0.3), "c1", NOW)
    assert refused_turn(pace.settled("c9"), "c2") is not None
    assert refused_turn(pace.settled("c1"), "c2") is None


def test_what_its_sender_has_given_up_is_not_waited_for_for_ever() -> None:
    pace = FRESH.owing(rate_limited(0.3), "c1", NOW)
    assert refused_turn(pace, "c2", NOW + DEBT_S - 0.1) is not None
    assert refused_turn(pace, "c2", NOW + DEBT_S) is None


def test_on_a_new_connection_nothing_is_on_its_way() -> None:
    assert refused_turn(FRESH.owing(rate_limited(0.3), "c1", NOW).unburdened(), "c2") is None


def test_what_is_refused_for_good_is_not_waited_for() -> None:
    assert FRESH.owing(Refusal(Code.NO_SUCH_NICK, ""), "c1", NOW) is FRESH


def test_what_has_no_name_can_not_come_again() -> None:
    assert FRESH.owing(rate_limited(0.3), None, NOW) is FRESH
