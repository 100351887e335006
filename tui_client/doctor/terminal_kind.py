"""Which terminal it is, told from what it answers and from the environment. Pure."""

from collections.abc import Mapping
from enum import Enum

from tui_client import strings
from tui_client.terminal import is_iterm2


class Kind(Enum):
    """Terminals that need a word of their own; the value is how they are called."""

    TMUX = "tmux"
    SCREEN = "GNU screen"
    ITERM2 = "iTerm2"
    APPLE = strings.APPLE_TERMINAL
    KITTY = "kitty"
    WEZTERM = "WezTerm"
    GHOSTTY = "Ghostty"
    FOOT = "foot"
    ALACRITTY = "Alacritty"
    VTE = "GNOME Terminal (VTE)"
    KONSOLE = "Konsole"
    VSCODE = "VS Code"
    WINDOWS_TERMINAL = "Windows Terminal"
    XTERM = "xterm"
    LINUX = strings.LINUX_CONSOLE
    OTHER = ""


_BY_VERSION = {
    "tmux": Kind.TMUX,
    "iterm2": Kind.ITERM2,
    "kitty": Kind.KITTY,
    "wezterm": Kind.WEZTERM,
    "ghostty": Kind.GHOSTTY,
    "foot": Kind.FOOT,
    "vte": Kind.VTE,
    "konsole": Kind.KONSOLE,
    "xterm.js": Kind.VSCODE,
    "xterm": Kind.XTERM,
}
"""How the answer to XTVERSION begins."""

_BY_PROGRAM = {
    "Apple_Terminal": Kind.APPLE,
    "WezTerm": Kind.WEZTERM,
    "ghostty": Kind.GHOSTTY,
    "vscode": Kind.VSCODE,
}
_BY_VARIABLE = {
    "WT_SESSION": Kind.WINDOWS_TERMINAL,
    "KITTY_WINDOW_ID": Kind.KITTY,
    "ALACRITTY_WINDOW_ID": Kind.ALACRITTY,
    "KONSOLE_VERSION": Kind.KONSOLE,
    "VTE_VERSION": Kind.VTE,
}
_BY_TERM = {"linux": Kind.LINUX, "foot": Kind.FOOT, "alacritty": Kind.ALACRITTY, "xterm-kitty": Kind.KITTY}


def terminal_kind(environ: Mapping[str, str], version: str) -> Kind:
    """`version` is its answer to XTVERSION. A multiplexer counts: what is around it is not reached directly."""
    if "TMUX" in environ:
        return Kind.TMUX
    if "STY" in environ:
        return Kind.SCREEN
    begins = version.casefold()
    if found := next((kind for name, kind in _BY_VERSION.items() if begins.startswith(name)), None):
        return found
    if is_iterm2(environ):
        return Kind.ITERM2
    if found := _BY_PROGRAM.get(environ.get("TERM_PROGRAM", "")):
        return found
    if found := _BY_TERM.get(environ.get("TERM", "")):
        return found
    return next((kind for name, kind in _BY_VARIABLE.items() if name in environ), Kind.OTHER)
