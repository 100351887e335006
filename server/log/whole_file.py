"""A new file that is there whole and durable, or not at all, and never in the place of another. Readable for its owner alone.

Knows files, nothing of what is in them.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Somewhere to write what shall stand at `path` when the block ends well. Raises FileExistsError, OSError.

    After a crash, what was written by then may be left beside it, under a name with `.part-` in it.
    """
    if path.exists():
        raise FileExistsError(path)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.part-")
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
        sync(part)
        _put(part, path)
        sync(path.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def _put(part: Path, path: Path) -> None:
    """Give `part` the name `path`. Raises FileExistsError if somebody else was there first."""
    try:
        path.hardlink_to(part)  # in one step, and never in the place of another
    except FileExistsError:
        raise
    except OSError:  # a file system without links: take the name, then replace what we took it with
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        part.replace(path)
    else:
        part.unlink()


def unused(path: Path) -> Path:
    """`path`, or if something is there, `path` with a number behind it."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return next(one for one in chain([path], numbered) if not one.exists())


def sync(path: Path) -> None:
    """Wait until what is in the file or folder `path` has reached the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders, and needs no such thing
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
