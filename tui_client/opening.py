"""Opening a link in the browser of whoever sits before this terminal, where that can be done. Knows nothing of the chat.

Only with the desktop's own opener: Python's `webbrowser` may start a browser in this very terminal, across the screen.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from tui_client.links import encoded, is_safe

_OPENERS = {"darwin": "open", "linux": "xdg-open"}


def opener(environ: Mapping[str, str]) -> str | None:
    """The program that opens links, or nothing: through ssh, a browser would open on the other machine."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return None
    if sys.platform == "linux" and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return None
    return shutil.which(_OPENERS.get(sys.platform, ""), path=environ.get("PATH"))


def open_link(url: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Open `url` in a browser and return at once; whether it could be tried."""
    address = encoded(url)
    if not is_safe(url):
        return False
    if sys.platform == "win32":
        os.startfile(address)  # noqa: S606
        return True
    program = opener(environ)
    if program is None:
        return False
    quiet = subprocess.DEVNULL
    try:
        subprocess.Popen([program, address], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603
    except OSError:
        return False
    return True
