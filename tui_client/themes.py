"""The looks of the screen: themes, and the colours by which people are told apart. The only place where colours are numbers.

Everything else names theme variables, in `chat.tcss`. Every text stands at least 4.5 : 1 off what it stands on (WCAG 2.1, 1.4.3): the
tests compute it from the style sheet. What the themes are called is in `strings`.
"""

from collections.abc import Mapping
from typing import Final

from textual.app import App, ReturnType
from textual.color import Color
from textual.theme import Theme

_ON_DARK: Final = (
    *("#82d9ff", "#dfa14d", "#8aedb4", "#fea2d5", "#dbcaff", "#cdcb65"),
    *("#18c6c9", "#f28d8a", "#98b98d", "#7baffc", "#c598eb", "#f8caa4"),
)
_ON_LIGHT: Final = (
    *("#025bba", "#7c2501", "#005200", "#9b2a7a", "#5f4f7d", "#524001"),
    *("#006868", "#ac262d", "#556400", "#362c97", "#681074", "#8b4f02"),
)
"""Found by moving twelve hues, on dark and on light alike (blue, orange, green, …), apart as far as the contrast lets them: in Oklab
no two are nearer than 0.1."""

SPEAKER_COLOURS: Final = len(_ON_DARK)


def speaker_variables(*, dark: bool) -> dict[str, str]:
    """The theme variables `$speaker-0` to `$speaker-11`, legible on a dark or on a light background."""
    colours = _ON_DARK if dark else _ON_LIGHT
    return {f"speaker-{number}": colour for number, colour in enumerate(colours)}


def _theme(
    name: str,
    *,
    dark: bool,
    background: str,
    surface: str,
    panel: str,
    foreground: str,
    muted: str,
    faint: str,
    primary: str,
    secondary: str,
    accent: str,
    warning: str,
    error: str,
    success: str,
) -> Theme:
    """A theme whose texts are these colours as they are: Textual would mix them with white or black, and fade what is muted."""
    chosen = Color.parse(background).blend(Color.parse(primary), 0.3).hex
    variables = {
        "text-muted": muted,
        "text-disabled": faint,
        "text-primary": primary,
        "text-secondary": secondary,
        "text-accent": accent,
        "text-warning": warning,
        "text-error": error,
        "text-success": success,
        "foreground-muted": muted,
        "foreground-disabled": faint,
        "block-cursor-background": primary,
        "block-cursor-foreground": background,
        "block-cursor-blurred-background": chosen,
        "block-cursor-blurred-foreground": foreground,
        "block-hover-background": panel,
        "screen-selection-background": chosen,
        "screen-selection-foreground": foreground,
        "input-selection-background": chosen,
        "input-selection-foreground": foreground,
        "link-background-hover": chosen,
        "link-color": primary,
        "link-color-hover": foreground,
        **speaker_variables(dark=dark),
    }
    return Theme(
        name=name,
        dark=dark,
        background=background,
        surface=surface,
        panel=panel,
        foreground=foreground,
        primary=primary,
        secondary=secondary,
        accent=accent,
        warning=warning,
        error=error,
        success=success,
        variables=variables,
    )


THEMES: Final = (
    _theme(  # ink: its near-black, and the indigo and plum of dyed cloth
        "meok",
        dark=True,
        background="#16171b",
        surface="#1e2025",
        panel="#26282e",
        foreground="#dedbd2",
        muted="#a8a59e",
        faint="#94928c",
        primary="#86b3d9",
        secondary="#a3b18a",
        accent="#c9a2e0",
        warning="#e6bb6a",
        error="#f28f85",
        success="#93c98a",
    ),
    _theme(  # moonlight on a night sky
        "dalbit",
        dark=True,
        background="#0f1726",
        surface="#162136",
        panel="#1d2a44",
        foreground="#d9e1f2",
        muted="#9eadc9",
        faint="#8797b4",
        primary="#86b4ff",
        secondary="#7fc8d8",
        accent="#f0d58a",
        warning="#f2ab6d",
        error="#ff939b",
        success="#7fd3a4",
    ),
    _theme(  # high contrast: 7 : 1 and more everywhere
        "godaebi",
        dark=True,
        background="#000000",
        surface="#0c0c0c",
        panel="#1c1c1c",
        foreground="#ffffff",
        muted="#c6c6c6",
        faint="#a6a6a6",
        primary="#6cc4ff",
        secondary="#8ee6d2",
        accent="#ff9bf2",
        warning="#ffd84a",
        error="#ff8a80",
        success="#6ff08c",
    ),
    _theme(  # mulberry paper and ink
        "hanji",
        dark=False,
        background="#f8f3e8",
        surface="#fffbf2",
        panel="#ece4d3",
        foreground="#2a2521",
        muted="#5a5348",
        faint="#685f52",
        primary="#27567f",
        secondary="#4f5f2e",
        accent="#84316f",
        warning="#7d4f00",
        error="#ac2318",
        success="#28622c",
    ),
    _theme(  # celadon
        "cheongja",
        dark=False,
        background="#e9f0eb",
        surface="#f4f9f5",
        panel="#d8e4dc",
        foreground="#1c2b28",
        muted="#42554f",
        faint="#51635b",
        primary="#0c5f68",
        secondary="#2f5d7c",
        accent="#54429c",
        warning="#774800",
        error="#a81f1f",
        success="#266a1a",
    ),
    _theme(  # white porcelain painted in cobalt
        "baekja",
        dark=False,
        background="#ffffff",
        surface="#f8f9fc",
        panel="#eceff5",
        foreground="#0d1117",
        muted="#454c58",
        faint="#565e6b",
        primary="#1b3f9c",
        secondary="#0b5e6b",
        accent="#7b1f7a",
        warning="#704300",
        error="#a30f0f",
        success="#14591f",
    ),
)
"""In the order of `strings.THEME_TITLES`, in which they are offered."""


def use_themes(app: App[ReturnType], chosen: str, environ: Mapping[str, str]) -> None:
    """Make the themes known to `app`, which then wears `chosen`, or what its user asks Textual for in `TEXTUAL_THEME`.

    Call this before the app runs: what Textual does on a change of theme reads every style sheet again, which would delay the
    first picture; as long as nothing was read in another theme, its variables and its classes are all there is to do.
    """
    for theme in THEMES:
        app.register_theme(theme)
    wished = environ.get("TEXTUAL_THEME", "")
    app.set_reactive(App.theme, wished if wished in app.available_themes else chosen)
    app.stylesheet.set_variables(app.get_css_variables())
    dark = app.current_theme.dark
    for name, worn in ((f"-theme-{app.theme}", True), ("-dark-mode", dark), ("-light-mode", not dark)):
        app.set_class(worn, name, update=False)
