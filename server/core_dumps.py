"""No core dumps: what a program knows, passwords too, would lie in a file. Used by both commands."""

import sys
from contextlib import suppress


def leave_no_core() -> None:
    """Have the system write none if this process dies; also of those that it starts."""
    if sys.platform == "win32":
        return
    import resource  # does not exist there

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
