"""Programs of other people that the tests talk to."""

import os
import shutil

import pytest


def need(program: str) -> str:
    """The path of `program`. Without it the test is skipped, but in CI, where nothing is skipped, it fails."""
    path = shutil.which(program)
    if path is None:
        absent = f"{program} is not installed"
        if "CI" in os.environ:
            pytest.fail(absent)
        pytest.skip(absent)
    return path
