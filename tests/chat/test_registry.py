"""Which nicknames are kept for whom, without a room."""

import time

import pytest

from server.log.names import Registration, Released
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.nickname import nickname_key
from server.registry import MAX_NAMES, MAX_NAMES_EACH, MS_PER_DAY, SEEN_EVERY_MS, Registry
from tests.support.samples import AT, CHEOLSU, MINSU, YOUNGHEE

LAPSE_DAYS = 90


def kept(nick: str, uid: str = YOUNGHEE, *, seen_ms: int = AT) -> Registration:
    return Registration(nickname_key(nick), nick, uid, AT, seen_ms)


@pytest.fixture
def registry() -> Registry:
    return Registry([kept("영희1")], LAPSE_DAYS)


def refusal(registry: Registry, nick: str, uid: str) -> tuple[Code, str]:
    with pytest.raises(Refusal) as refused:
        registry.check(nick, uid)
    return refused.value.code, refused.value.text


def test_nobody_else_may_be_called_so(registry: Registry) -> None:
    assert refusal(registry, "영희1", CHEOLSU) == (Code.NICK_RESERVED, phrases.nick_registered("영희1"))
    registry.check("영희1", YOUNGHEE)
    registry.check("영희2", CHEOLSU)


@pytest.mark.parametrize("nick", ["영희l", "영희I", "영희ㅣ", "영희１"])
def test_nor_anything_that_is_taken_for_it(registry: Registry, nick: str) -> None:
    code, text = refusal(registry, nick, CHEOLSU)
    assert (code, "영희1" in text or nick == "영희１") == (Code.NICK_RESERVED, True)
    registry.check(nick, YOUNGHEE)


def test_nobody_registers_how_another_may_look_and_comes_back_beside_them() -> None:
    """`M1N1` is taken for `mini`: who is called either keeps the other from all."""
    registry = Registry([kept("M1N1")], LAPSE_DAYS)
    assert refusal(registry, "mini", CHEOLSU) == (
        Code.NICK_RESERVED,
        phrases.nick_like_registered("mini", "M1N1"),
    )


def test_what_is_given_up_is_free(registry: Registry) -> None:
    changes, told = registry.release("영희１", YOUNGHEE)
    assert (changes, told) == ([Released("영희1")], phrases.released("영희1"))
    registry.check("영희l", CHEOLSU)
    assert registry.names_of(YOUNGHEE) == []


@pytest.mark.parametrize(
    ("nick", "uid"), [("영희1", CHEOLSU), ("영희l", YOUNGHEE), ("없는이름", YOUNGHEE), ("", MINSU)]
)
def test_only_what_is_ones_own_can_be_given_up(registry: Registry, nick: str, uid: str) -> None:
    with pytest.raises(Refusal) as refused:
        registry.release(nick, uid)
    assert refused.value.code is Code.NO_SUCH_NICK
    assert registry.names_of(YOUNGHEE) == ["영희1"]


def test_three_at_most_are_kept_for_each(registry: Registry) -> None:
    for nick in ("둘", "셋"):
        registry.register(nick, YOUNGHEE, AT)
    with pytest.raises(Refusal) as refused:
        registry.register("넷", YOUNGHEE, AT)
    mine = ["영희1", "둘", "셋"]
    assert (refused.value.code, refused.value.text) == (Code.NICK_LIMIT, phrases.too_many_registered(mine))
    assert registry.names_of(YOUNGHEE) == mine
    assert len(mine) == MAX_NAMES_EACH
    registry.release("둘", YOUNGHEE)
    registry.register("넷", YOUNGHEE, AT)


def test_to_register_again_changes_nothing(registry: Registry) -> None:
    assert registry.register("영희1", YOUNGHEE, AT + 5) == ([], phrases.registered_already("영희1", ["영희1"]))


def test_what_was_not_seen_for_the_lapse_is_free() -> None:
    registry = Registry([kept("영희"), kept("철수", CHEOLSU, seen_ms=AT + 1)], LAPSE_DAYS)
    assert registry.lapse([], AT + LAPSE_DAYS * MS_PER_DAY) == []
    now_ms = AT + LAPSE_DAYS * MS_PER_DAY + 2
    assert registry.lapse([], now_ms) == [Released("영희"), Released("철수")]
    registry.check("영희", MINSU)


def test_who_is_here_all_the_time_loses_nothing() -> None:
    registry = Registry([kept("영희"), kept("yh")], LAPSE_DAYS)
    now_ms = AT + 2 * LAPSE_DAYS * MS_PER_DAY
    assert registry.lapse([YOUNGHEE], now_ms) == [kept("영희", seen_ms=now_ms), kept("yh", seen_ms=now_ms)]
    assert registry.lapse([], now_ms + LAPSE_DAYS * MS_PER_DAY) == []


def test_that_somebody_was_seen_is_written_once_an_hour(registry: Registry) -> None:
    assert registry.note_seen([YOUNGHEE, CHEOLSU], AT + SEEN_EVERY_MS - 1) == []
    assert registry.note_seen([YOUNGHEE], AT + SEEN_EVERY_MS) == [kept("영희1", seen_ms=AT + SEEN_EVERY_MS)]
    assert registry.note_seen([YOUNGHEE], AT + SEEN_EVERY_MS + 1) == []


def test_it_is_looked_for_once_an_hour_and_when_the_clock_was_put_back(registry: Registry) -> None:
    assert registry.is_due(AT)
    registry.lapse([], AT)
    later_ms = (AT, AT + SEEN_EVERY_MS - 1, AT + SEEN_EVERY_MS, AT - 1)
    assert [registry.is_due(now_ms) for now_ms in later_ms] == [False, False, True, True]


def test_a_clock_that_was_put_back_frees_nothing(registry: Registry) -> None:
    registry.lapse([], AT + LAPSE_DAYS * MS_PER_DAY)
    assert registry.lapse([YOUNGHEE], AT - 50 * MS_PER_DAY) == []
    assert registry.names_of(YOUNGHEE) == ["영희1"]


def test_everything_is_undone(registry: Registry) -> None:
    registry.begin()
    registry.release("영희1", YOUNGHEE)
    registry.register("철수0", CHEOLSU, AT)
    registry.lapse([], AT)
    registry.undo()
    assert registry.is_due(AT)
    assert (registry.names_of(YOUNGHEE), registry.names_of(CHEOLSU)) == (["영희1"], [])
    assert refusal(registry, "영희l", CHEOLSU)[0] is Code.NICK_RESERVED
    registry.check("철수O", MINSU)


def test_a_full_registry_takes_no_more_and_stays_quick() -> None:
    """All that there can be, from 20,000 installations: one more change, and a look at all of them."""
    registry = Registry((kept(f"손님{number:05}", f"{number:016x}") for number in range(MAX_NAMES)), LAPSE_DAYS)
    with pytest.raises(Refusal) as refused:
        registry.register("하나더", YOUNGHEE, AT)
    assert refused.value.code is Code.NICK_LIMIT
    started = time.thread_time()
    registry.release("손님00007", f"{7:016x}")
    registry.register("하나더", YOUNGHEE, AT)
    registry.lapse([], AT + 10 * SEEN_EVERY_MS)
    registry.check("손님이다", MINSU)
    assert time.thread_time() - started < 0.15
