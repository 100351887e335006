"""Disks that are full or fail, for a server that runs: real ones where that goes, and system calls that say so.

A full disk is a small tmpfs, or the system's limit on the size of a process's files, which any user may set. Everything else is strace,
which makes the calls of a running process fail for as long as it is attached (strace(1), "Tampering").
"""

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.tools import need
from tests.support.waiting import DEADLINE_S

# What SQLite calls to write and to sync, and what everybody else does: only the log's files are troubled.
WRITE, READ, SYNC = "pwrite64", "pread64", "fdatasync"


@contextmanager
def injected(pid: int, *faults: str) -> Iterator[None]:
    """Let calls of the process fail, as in `fdatasync:error=EIO`, until the block ends."""
    options = [part for fault in faults for part in ("-e", f"inject={fault}")]
    calls = ",".join(fault.partition(":")[0] for fault in faults)
    strace = subprocess.Popen(
        [need("strace"), "-f", "-o", os.devnull, "-e", f"trace={calls}", *options, "-p", str(pid)],
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert strace.stderr is not None
        told = strace.stderr.readline()
        assert "attached" in told, told
        yield
    finally:
        strace.terminate()
        with suppress(subprocess.TimeoutExpired):
            strace.communicate(timeout=DEADLINE_S)


class FullDisk:
    """Somewhere to keep a log, that can be filled under a running server and emptied again."""

    def __init__(self, folder: Path, fill: Callable[[int], AbstractContextManager[None]]) -> None:
        self.log = folder / "chat.db"
        self.filled_for = fill
        """Full for the process with this pid, until the block ends."""


@contextmanager
def small_tmpfs(folder: Path) -> Iterator[FullDisk]:
    """A disk of two MiB."""
    folder.mkdir()
    mounted = subprocess.run(
        [need("mount"), "-t", "tmpfs", "-o", "size=2m", "soksak-test", str(folder)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"may not mount: {mounted.stderr.strip()}")
    ballast = folder / "ballast"

    @contextmanager
    def fill(_pid: int) -> Iterator[None]:
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1024))
        yield
        ballast.unlink()

    try:
        yield FullDisk(folder, fill)
    finally:
        subprocess.run([need("umount"), "--lazy", str(folder)], check=True)  # lazily: a server may still be there


@contextmanager
def limited_files(folder: Path) -> Iterator[FullDisk]:
    """No file of the process may become larger than its largest now."""
    resource = pytest.importorskip("resource")
    folder.mkdir()

    @contextmanager
    def fill(pid: int) -> Iterator[None]:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        largest = max(path.stat().st_size for path in folder.iterdir())
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, hard))
        yield
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))

    yield FullDisk(folder, fill)


def _tampered(code: int) -> Callable[[Path], AbstractContextManager[FullDisk]]:
    name = errno.errorcode[code]

    @contextmanager
    def disk(folder: Path) -> Iterator[FullDisk]:
        folder.mkdir()
        # `fsync` is our own question whether there is room: SQLite says `fdatasync`.
        yield FullDisk(folder, lambda pid: injected(pid, f"{WRITE}:error={name}", f"fsync:error={name}"))

    disk.__name__ = name
    return disk


DISKS = (small_tmpfs, limited_files, _tampered(errno.ENOSPC), _tampered(errno.EDQUOT))
