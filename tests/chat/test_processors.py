"""On which processors a thread may run, asked of the real system."""

import sys
from collections.abc import Iterator

import pytest

from server.processors import all_processors, stay_on, this_processor

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="known to Linux alone here"),
    pytest.mark.usefixtures("_same_processors"),
]


@pytest.fixture
def _same_processors() -> Iterator[None]:
    before = all_processors()
    yield
    stay_on(before)


def test_a_thread_runs_where_it_was_told_to_stay() -> None:
    for processor in sorted(all_processors()):
        stay_on({processor})
        assert all_processors() == this_processor() == {processor}


@pytest.mark.parametrize("processors", [(), (100_000,)])
def test_where_it_may_not_be_it_stays_as_it_is(processors: tuple[int, ...]) -> None:
    before = all_processors()
    stay_on(processors)
    assert all_processors() == before
