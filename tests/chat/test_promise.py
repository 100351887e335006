"""What one thread gives and others wait for."""

import pytest

from server.promise import Promise
from tests.support.tasks import Task
from tests.support.waiting import DEADLINE_S


def test_all_who_wait_get_the_value() -> None:
    promise, got = Promise[str](), list[str]()
    waiting = [Task(lambda: got.append(promise.result(DEADLINE_S))) for _ in range(3)]
    assert all(task.waits() for task in waiting)
    promise.set_result("영희")
    assert [task.finish() for task in waiting] == [None] * 3
    assert got == ["영희"] * 3
    assert (promise.result(0), promise.exception(0), promise.done()) == ("영희", None, True)


def test_or_the_error() -> None:
    promise, error = Promise[str](), ValueError("없습니다")
    waiting = Task(promise.result)
    promise.set_exception(error)
    assert waiting.finish() is error
    assert (promise.exception(0), promise.done()) == (error, True)
    with pytest.raises(ValueError, match="없습니다"):
        promise.result(0)


def test_nobody_waits_for_longer_than_they_want() -> None:
    promise = Promise[str]()
    for wait in (promise.result, promise.exception):
        with pytest.raises(TimeoutError):
            wait(0.01)
    assert not promise.done()
    promise.set_result("철수")
    assert promise.result(0) == "철수"
