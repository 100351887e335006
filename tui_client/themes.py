"""The looks of the screen: themes, and the colours by which people are told apart. The only place where colours are numbers.

Everything else names theme variables, in `chat.tcss`.
"""

from typing import Final

_ON_DARK: Final = (
    *("#7cc7ff", "#ffb86b", "#8ee08a", "#ff9ec7", "#c7a6ff", "#f2d56b"),
    *("#6fe0d0", "#ff9a8a", "#b3d66b", "#9db4ff", "#e6a0f0", "#d8c0a0"),
)
_ON_LIGHT: Final = (
    *("#005f9e", "#9a4a00", "#1f6f1c", "#b0206a", "#6a35b8", "#7a5c00"),
    *("#00695c", "#b0301c", "#4c6600", "#3347b8", "#8a2a9a", "#6b4e2a"),
)

SPEAKER_COLOURS: Final = len(_ON_DARK)


def speaker_variables(*, dark: bool) -> dict[str, str]:
    """The theme variables `$speaker-0` to `$speaker-11`, legible on a dark or on a light background."""
    colours = _ON_DARK if dark else _ON_LIGHT
    return {f"speaker-{number}": colour for number, colour in enumerate(colours)}
