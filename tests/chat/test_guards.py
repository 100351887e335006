"""Guesses: three wrong ones a minute and address, two hashes at a time, and whoever is right is never kept out by that."""

from collections.abc import Callable
from itertools import count
from threading import Event, Lock

import pytest

from server.channel import Wakeup
from server.guards import MAX_AT_ONCE, MAX_WAITING, TURN_S, Guard, Hashing
from server.line_reader import Gone
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Refusal
from server.protocol.password import Password
from server.secret_file import Secret
from server.secret_setting import Kind
from server.tries import MAX_ADDRESSES, Tries
from tests.support.secret_files import cheap_secret
from tests.support.tasks import Task
from tests.support.waiting import DEADLINE_S, until

RIGHT, WRONG = Password("sesame-open"), Password("let-me-in")
HERE, THERE = Peer.of("192.0.2.1"), Peer.of("192.0.2.2")


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def guard(clock: Callable[[], float], secret: Secret | None = None, *, is_limited: bool = True) -> Guard:
    secret = secret or cheap_secret("sesame-open")
    return Guard(Kind.PASSWORD, secret, phrases.AUTH_FAILED, Hashing(), is_limited=is_limited, clock=clock)


def answer(guard: Guard, given: Password | None, peer: Peer = HERE, uid: str = "") -> str:
    """`right`, or the code of the refusal."""
    try:
        guard.check(given, peer, Wakeup(), uid)
    except Refusal as refusal:
        return refusal.code
    return "right"


# --- counting ---------------------------------------------------------------------------------------------------------


def test_three_may_be_wrong_in_any_minute(clock: Clock) -> None:
    one = guard(clock)
    said = []
    for at_s in (0, 10, 20, 30, 59, 60, 61, 70, 71, 80):
        clock.now_s = 1000 + at_s
        said.append(answer(one, WRONG))
    many, wrong = "too_many_tries", "auth_failed"
    assert said == [wrong, wrong, wrong, many, many, wrong, many, wrong, many, wrong]


@pytest.mark.parametrize("known", [True, False])
def test_who_was_wrong_too_often_is_not_told_that_they_are_right(clock: Clock, known: bool) -> None:
    one = guard(clock)
    if known:
        assert answer(one, RIGHT, THERE) == "right"
    assert [answer(one, given) for given in (WRONG, WRONG, WRONG, RIGHT)] == [*["auth_failed"] * 3, "too_many_tries"]
    assert answer(one, RIGHT, THERE) == "right"
    clock.now_s += 60
    assert answer(one, RIGHT) == "right"


def test_it_is_said_how_long_to_wait(clock: Clock) -> None:
    one = guard(clock)
    for _ in range(3):
        answer(one, WRONG)
    clock.now_s += 18.5
    with pytest.raises(Refusal) as refused:
        one.check(RIGHT, HERE, Wakeup())
    assert refused.value.retry_ms == 41_500
    assert refused.value.text == phrases.too_many_secrets(42)


def test_who_was_right_before_is_not_kept_out_by_others_at_the_same_address(clock: Clock) -> None:
    one = guard(clock)
    assert answer(one, RIGHT, uid="friend") == "right"
    assert [answer(one, WRONG, uid="guesser") for _ in range(4)] == [*["auth_failed"] * 3, "too_many_tries"]
    assert [answer(one, RIGHT, uid=uid) for uid in ("friend", "guesser", "")] == ["right", *["too_many_tries"] * 2]
    assert [answer(one, WRONG, uid="friend") for _ in range(4)] == [*["auth_failed"] * 3, "too_many_tries"]


def test_right_answers_and_none_at_all_are_not_counted(clock: Clock) -> None:
    one = guard(clock)
    assert [answer(one, RIGHT) for _ in range(20)] == ["right"] * 20
    assert [answer(one, given) for given in [None, Password("")] * 10] == ["auth_failed"] * 20
    assert [answer(one, WRONG) for _ in range(4)] == [*["auth_failed"] * 3, "too_many_tries"]


def test_whoever_shares_a_network_of_ipv6_shares_its_tries(clock: Clock) -> None:
    one = guard(clock)
    said = [answer(one, WRONG, Peer.of(f"2001:db8::{number}")) for number in range(1, 5)]
    assert said == [*["auth_failed"] * 3, "too_many_tries"]
    assert answer(one, WRONG, Peer.of("2001:db8:0:1::1")) == "auth_failed"


def test_without_limits_anybody_may_be_wrong(clock: Clock) -> None:
    one = guard(clock, is_limited=False)
    assert {answer(one, WRONG) for _ in range(20)} == {"auth_failed"}
    assert answer(one, RIGHT) == "right"


def test_what_is_held_is_bounded_and_shrinks() -> None:
    tries = Tries()
    for number in range(MAX_ADDRESSES + 1000):
        tries.note_wrong(str(number), 0.0)
    assert len(tries) == MAX_ADDRESSES
    assert tries.count(str(MAX_ADDRESSES + 999), 0.0) == 1
    for number in range(MAX_ADDRESSES):
        tries.note_wrong("somebody", 61.0 + number)
    assert len(tries) == 1
    assert len(tries._wrong_at["somebody"]) == tries.most


# --- hashing ----------------------------------------------------------------------------------------------------------


class SlowSecret(Secret):
    """Takes until it is let go on; counts who is at it."""

    gate = Event()
    lock = Lock()
    now = most = total = 0

    def matches(self, given: Password) -> bool:
        cls = type(self)
        with self.lock:
            cls.now, cls.total = cls.now + 1, cls.total + 1
            cls.most = max(cls.most, cls.now)
        assert self.gate.wait(DEADLINE_S)
        with self.lock:
            cls.now -= 1
        return super().matches(given)


@pytest.fixture
def slow() -> type[SlowSecret]:
    class Slow(SlowSecret):
        gate, lock = Event(), Lock()

    return Slow


def made(kind: type[SlowSecret]) -> Secret:
    plain = cheap_secret("sesame-open")
    return kind(plain.salt, plain.digest, plain.log_n)


def test_no_more_than_two_are_hashed_at_a_time(slow: type[SlowSecret], clock: Clock) -> None:
    one = guard(clock, made(slow))
    numbers = count()
    answers: list[str] = []
    tasks = [Task(lambda: answers.append(answer(one, WRONG, Peer.of(f"192.0.2.{next(numbers)}")))) for _ in range(12)]
    until(lambda: slow.now == MAX_AT_ONCE and one._hashing.waiting == 10)
    slow.gate.set()
    for task in tasks:
        assert task.finish() is None
    assert (answers, slow.most, slow.total) == (["auth_failed"] * 12, MAX_AT_ONCE, 12)


def test_a_classroom_behind_one_address_comes_in_at_once(slow: type[SlowSecret], clock: Clock) -> None:
    """They wait for each other, and are not taken for guesses; and once somebody was right, nothing is hashed any more."""
    one = guard(clock, made(slow))
    answers: list[str] = []
    tasks = [Task(lambda: answers.append(answer(one, RIGHT))) for _ in range(30)]
    until(lambda: one._hashing.waiting == 28)
    slow.gate.set()
    for task in tasks:
        assert task.finish() is None
    assert (answers, slow.total) == (["right"] * 30, 2)


def test_guesses_that_come_at_once_are_no_more_than_three(slow: type[SlowSecret], clock: Clock) -> None:
    one = guard(clock, made(slow))
    answers: list[str] = []
    tasks = [Task(lambda: answers.append(answer(one, WRONG))) for _ in range(20)]
    until(lambda: one._hashing.waiting == 18)
    slow.gate.set()
    for task in tasks:
        assert task.finish() is None
    assert sorted(answers) == [*["auth_failed"] * 3, *["too_many_tries"] * 17]
    assert slow.total == 3


def test_the_last_try_is_not_had_twice_at_once(slow: type[SlowSecret], clock: Clock) -> None:
    one = guard(clock, made(slow))
    slow.gate.set()
    assert [answer(one, WRONG) for _ in range(2)] == ["auth_failed"] * 2
    slow.gate.clear()
    answers: list[str] = []
    tasks = [Task(lambda: answers.append(answer(one, WRONG))) for _ in range(2)]
    until(lambda: one._hashing.waiting == 1)
    slow.gate.set()
    for task in tasks:
        assert task.finish() is None
    assert sorted(answers) == ["auth_failed", "too_many_tries"]
    assert slow.total == 3


def test_who_would_wait_too_long_is_told_so(slow: type[SlowSecret], clock: Clock) -> None:
    one = guard(clock, made(slow))
    tasks = [Task(lambda: answer(one, WRONG, THERE)) for _ in range(MAX_AT_ONCE)]
    until(lambda: slow.now == MAX_AT_ONCE)
    answers: list[str] = []
    late = Task(lambda: answers.append(answer(one, RIGHT)))
    until(lambda: one._hashing.waiting == 1)
    clock.now_s += TURN_S
    assert late.finish() is None
    assert answers == ["server_full"]
    one._hashing.waiting += MAX_WAITING
    assert answer(one, RIGHT) == "server_full"
    slow.gate.set()
    for task in tasks:
        task.finish()


def test_nobody_is_waited_for_when_the_server_stops(slow: type[SlowSecret], clock: Clock) -> None:
    one, stopping = guard(clock, made(slow)), Wakeup()
    tasks = [Task(lambda: answer(one, WRONG, THERE)) for _ in range(MAX_AT_ONCE)]
    until(lambda: slow.now == MAX_AT_ONCE)
    waiting = Task(lambda: one.check(RIGHT, HERE, stopping))
    until(lambda: one._hashing.waiting == 1)
    stopping.set()
    assert isinstance(waiting.finish(), Gone)
    slow.gate.set()
    for task in tasks:
        task.finish()


def test_a_crowd_of_guesses_does_not_open_another_way_to_guess(slow: type[SlowSecret], clock: Clock) -> None:
    """With all turns taken a wrong answer counts all the same, once it is known what is right."""
    one = guard(clock, made(slow))
    slow.gate.set()
    assert answer(one, RIGHT, THERE) == "right"
    one._hashing.running, one._hashing.waiting = MAX_AT_ONCE, MAX_WAITING
    assert [answer(one, WRONG) for _ in range(4)] == [*["auth_failed"] * 3, "too_many_tries"]
    assert slow.total == 1
