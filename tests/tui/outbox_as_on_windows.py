"""A program: an outbox whose files behave as on Windows, on a system that has `/proc`. Its argument is a folder.

There a file that is open can neither be renamed nor deleted, a region is what is locked, and a file that wasn't opened as binary gets two
characters for each end of a line.
"""

import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

O_BINARY = 0x8000
LK_NBLCK = 2
open_really, write_really = os.open, os.write
opened_as_text: set[int] = set()


def open_(path: str, flags: int, mode: int = 0o777) -> int:
    descriptor = open_really(path, flags & ~O_BINARY, mode)
    (opened_as_text.discard if flags & O_BINARY else opened_as_text.add)(descriptor)
    return descriptor


def write(descriptor: int, data: bytes) -> int:
    write_really(descriptor, data.replace(b"\n", b"\r\n") if descriptor in opened_as_text else data)
    return len(data)


def unless_open(move: Callable[..., None]) -> Callable[..., None]:
    def move_what_is_closed(path: Path, *others: object) -> None:
        if any(os.path.realpath(descriptor) == str(path) for descriptor in Path("/proc/self/fd").iterdir()):
            raise PermissionError(13, "in use", str(path))
        move(path, *others)

    return move_what_is_closed


def locking(descriptor: int, mode: int, count: int) -> None:
    assert (mode, count) == (LK_NBLCK, 1)
    assert 2**24 < os.lseek(descriptor, 0, os.SEEK_CUR) < 2**31, "behind what is read, and where 32 bits can count"
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(13, "locked") from None


msvcrt = ModuleType("msvcrt")
vars(msvcrt).update(LK_NBLCK=LK_NBLCK, locking=locking)
sys.modules["msvcrt"] = msvcrt
vars(os).update(
    O_BINARY=O_BINARY, open=open_, write=write, rename=unless_open(os.rename), unlink=unless_open(os.unlink)
)

import server.protocol.text  # noqa: E402, F401 -- asks what system this is

sys.platform = "win32"
from tui_client.letter_file import Letter  # noqa: E402
from tui_client.outbox import Outbox  # noqa: E402

folder = Path(sys.argv[1]).resolve()


def outbox() -> tuple[Outbox, list[str]]:
    made = Outbox(folder, "s:1")
    return made, [letter.text for letter in made.take_up("영희")]


first, _ = outbox()
for number in range(3):
    first.keep(Letter(f"c{number}", str(number), 0))
first.settle("c1")
second, found = outbox()
assert found == [], "the first window is still open"
first.close()
third, found = outbox()
assert found == ["0", "2"], found
third.keep(Letter("c3", "3" * 300_000, 0))  # too long to go on with the same file
third.keep(Letter("c4", "4", 0))
for cid in ("c0", "c2", "c3", "c4"):
    third.settle(cid)
(folder / "damaged.jsonl").write_bytes(b"nonsense\n")
fourth, _ = outbox()
assert [path.suffix for path in folder.iterdir()].count(".damaged") == 1
for one in (second, third, fourth):
    one.close()
assert [path.name for path in folder.iterdir()] == ["damaged.damaged"], list(folder.iterdir())
told = [notice for one in (first, second, third) for notice in one.take_notices()]
assert told == [], told
assert len(fourth.take_notices()) == 1
