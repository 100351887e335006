"""What becomes of a log whose file was taken away under the server: deleted, moved, or another put in its place.

The files have no names any more, but are still there for whoever has them open: what is in them is put into one that has a name.
"""

import logging
import sqlite3
import time
from pathlib import Path

from server.log.copying import keep_copy
from server.log.store import StoreError
from server.log.whole_file import unused
from server.protocol import phrases

logger = logging.getLogger(__name__)


def rescue(source: sqlite3.Connection, path: Path, today: time.struct_time) -> StoreError:
    """Copy the log, which was at `path`, to a new file beside it; what to tell the person who runs the server."""
    try:
        rescued = unused(path.with_name(f"{path.name}.rescued-{time.strftime('%Y%m%d-%H%M%S', today)}"))
        rescued.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep_copy(source, rescued)
    except (sqlite3.Error, OSError):
        logger.exception("%s is gone, and what was in it could not be rescued", path)
        return StoreError(phrases.database_gone(str(path), None))
    logger.error("%s is gone; all that was said is in %s", path, rescued)
    return StoreError(phrases.database_gone(str(path), str(rescued)))
