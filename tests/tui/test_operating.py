"""What a client knows of its being an operator: the key, kept in memory and shown again on every connection."""

import itertools

from server.protocol.events import BecomeOperator, Done, Refused
from server.protocol.password import Password
from tui_client import strings
from tui_client.operating import Operating

KEY = Password("sesame-open")
HERE = "0f3a"


def operating() -> Operating:
    numbers = itertools.count(7)
    return Operating(lambda: next(numbers))


def test_who_has_no_key_shows_none() -> None:
    assert operating().come_in(HERE) is None
    assert not operating().has_key
    assert not operating().is_asked(0)


def test_a_key_is_shown_at_once_and_on_every_connection() -> None:
    one = operating()
    assert one.show_key(KEY, HERE) == BecomeOperator(7, KEY)
    assert one.take(Done(7, "운영자가 되었습니다.")) == "운영자가 되었습니다."
    assert one.come_in(HERE) == BecomeOperator(8, KEY)
    assert one.is_asked(8)
    assert not one.is_asked(7)


def test_that_it_is_still_right_is_told_as_what_it_is() -> None:
    one = operating()
    one.show_key(KEY, HERE)
    one.take(Done(7, "운영자가 되었습니다."))
    one.come_in(HERE)
    assert not one.is_operator
    assert one.take(Done(8, "운영자가 되었습니다.")) == strings.IS_OPERATOR_AGAIN
    assert one.is_operator


def test_a_wrong_key_is_forgotten() -> None:
    one = operating()
    one.show_key(KEY, HERE)
    assert one.take(Refused("auth_failed", "맞지 않습니다.", id=7)) == "맞지 않습니다."
    assert one.come_in(HERE) is None
    assert not one.is_operator


def test_a_right_key_outlives_a_busy_server_and_not_another_key() -> None:
    one = operating()
    one.show_key(KEY, HERE)
    one.take(Done(7, "운영자가 되었습니다."))
    one.come_in(HERE)
    one.take(Refused("too_many_tries", "나중에", id=8))
    assert one.come_in(HERE) == BecomeOperator(9, KEY)
    one.take(Refused("auth_failed", "바뀌었습니다.", id=9))
    assert not one.has_key


def test_what_the_server_says_is_one_clean_line() -> None:
    one = operating()
    one.show_key(KEY, HERE)
    told = one.take(Refused("auth_failed", "\x1b[2J하나\n둘" + "가" * 999, id=7))
    assert told.isprintable()
    assert len(told) <= 300


def test_another_server_is_not_shown_the_key_and_neither_is_the_first_one_again() -> None:
    one = operating()
    one.show_key(KEY, HERE)
    one.take(Done(7, "운영자가 되었습니다."))
    assert one.come_in("") is None
    assert one.come_in(HERE) is None
    assert (one.has_key, one.is_operator, one.is_asking) == (False, False, False)
