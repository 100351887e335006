"""Connections within this process, for all that is tested here."""

from collections.abc import Iterator

import pytest

from tests.support.wires import SMALL_BUFFER, Wire, local_wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    with local_wire() as one:
        yield one


@pytest.fixture
def narrow() -> Iterator[Wire]:
    """One whose kernel takes a few KiB."""
    with local_wire(SMALL_BUFFER) as one:
        yield one
