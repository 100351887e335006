"""The screen as a whole, in eight scenes, is as it was when somebody last looked at it. See `scenes` for how to draw it anew."""

import difflib
from pathlib import Path
from time import monotonic

import pytest

from tests.support.picture import picture
from tests.tui.scenes import SCENES, Scene, played

DEADLINE_S = 5.0
DRAW_ANEW = "if it is meant to look like this: python -m tests.tui.scenes"


@pytest.fixture(autouse=True)
def usual_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the terminal is set to in which the tests run."""
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)


def differences(kept: str, drawn: str) -> str:
    lines = difflib.unified_diff(kept.splitlines(), drawn.splitlines(), "kept", "drawn", lineterm="", n=1)
    return "\n".join([*lines, DRAW_ANEW])


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
async def test_screen_looks_as_it_did(scene: Scene, tmp_path: Path) -> None:
    kept = scene.file.read_text(encoding="utf-8")
    async with played(scene, tmp_path) as chat:
        end = monotonic() + DEADLINE_S
        while picture(chat.app) != kept and monotonic() < end:
            await chat.pilot.pause(0.02)
        drawn = picture(chat.app)
    if drawn != kept:
        pytest.fail(differences(kept, drawn), pytrace=False)


def test_every_picture_belongs_to_a_scene() -> None:
    assert {file.name for file in SCENES[0].file.parent.iterdir()} == {scene.file.name for scene in SCENES}
