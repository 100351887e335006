"""A copy of a log that can be put in its place, made while a server writes to it or not, and looked at before it is relied on."""

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

from server.log.checking import find_damage
from server.log.copying import copy_pages
from server.log.database import connect, connect_to_existing
from server.log.failures import store_error
from server.log.schema import version_of
from server.log.store import StoreError
from server.protocol import phrases


def back_up(source: Path, target: Path) -> None:
    """Copy the log `source` into the empty file `target`. Raises StoreError about `source`, OSError about `target`."""
    try:
        with closing(connect_to_existing(source)) as connection:
            if not version_of(connection, source):
                raise StoreError(phrases.database_missing(str(source)))
            copy_pages(connection, target)
        with closing(connect(target)) as copy:
            find_damage(copy)
    except FileNotFoundError as error:
        raise StoreError(phrases.database_missing(str(source))) from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") in ("SQLITE_FULL", "SQLITE_IOERR_WRITE"):  # we only write to the copy
            raise OSError(errno.ENOSPC, str(error)) from error
        raise store_error(source, error) from error
    except OSError as error:
        raise store_error(source, error) from error
