"""One file of an outbox: what was said and has no echo yet, a line for each thing that happened to it.

A line is a checksum, a blank and a JSON object, and is only ever appended, in one write: a client that is killed leaves whole lines
behind, and what else may befall a file is seen line by line. Readable, so that a person can still get their words out of a damaged one.
Whoever writes a file holds its lock until it ends, however it ends: by that others see that somebody still takes care of it.
"""

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final
from zlib import crc32

import msgspec
from msgspec import Meta, Struct, field

from server.protocol.events import Cid, Say, Whisper
from server.protocol.text import MAX_TEXT_CHARS

SUFFIX: Final = ".jsonl"
_UNFINISHED: Final = ".new"

BEGUN_ANEW_BYTES: Final = 256 * 1024
"""A file that has grown so long consists of what was sent long ago."""

MAX_BYTES: Final = 16 * 1024 * 1024
"""What is read of a file; ours are begun anew long before they are so big."""

_CHECKSUM_DIGITS: Final = 8

_CLOSED: Final = -1
_FLAGS: Final = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
"""Windows would write two characters for each end of a line otherwise."""


class Letter(Struct, frozen=True, omit_defaults=True):
    """One own message on its way: `to` somebody alone, or to everyone. With a `code` the server has refused it for good, for `reason`."""

    cid: Cid
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS)]
    at: int
    """When it was written: milliseconds since the Unix epoch, UTC."""
    to: str = ""
    to_uid: str = ""
    code: str = ""
    reason: str = ""
    sent: bool = False
    """Whether it may stand in the room's log: it was handed to a connection on which no answer to it has come."""

    @property
    def command(self) -> Say | Whisper:
        """What is sent."""
        return Whisper(self.cid, self.to, self.text, self.to_uid or None) if self.to else Say(self.cid, self.text)


class Kept(Struct, frozen=True, omit_defaults=True, tag="keep"):
    """`letter` is to be sent, or has failed, in place of the one with the `cid` `instead_of`. `server` and `client` say whose it is."""

    server: str
    client: str
    letter: Letter
    instead_of: str = ""


class Gone(Struct, frozen=True, tag="drop"):
    """The letter with this `cid` needs no care any more."""

    cid: str


Record = Kept | Gone

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Record)


class Contents(Struct):
    """What a file says in the end."""

    kept: dict[str, Kept] = field(default_factory=dict)
    """By `cid`, in the order in which they are to be sent."""
    spoilt_lines: int = 0
    """How many lines can't be read."""

    def follow(self, record: Record) -> None:
        match record:
            case Kept(letter=letter, instead_of=instead_of):
                self.kept.pop(instead_of, None)
                self.kept[letter.cid] = record
            case Gone(cid):
                self.kept.pop(cid, None)


def encode(record: Record) -> bytes:
    """`record` as a line."""
    return _checked(_encoder.encode(record)) + b"\n"


def _checked(json: bytes) -> bytes:
    return b"%08x %b" % (crc32(json), json)


def decode(data: bytes) -> Contents:
    """What the lines in `data` come to. Nothing is ever raised: a line that is not what was written counts as spoilt."""
    contents = Contents()
    *lines, torn = data.split(b"\n")
    contents.spoilt_lines = bool(torn)
    for line in lines:
        json = line[_CHECKSUM_DIGITS + 1 :]
        try:
            if line != _checked(json):
                raise msgspec.DecodeError
            contents.follow(_decoder.decode(json))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            contents.spoilt_lines += 1
    return contents


class LetterFile:
    """An open and locked file; every method may raise OSError."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def create(cls, folder: Path, name: str, records: Iterable[Record]) -> "LetterFile":
        """A new file with `records` in it, which appears as a whole, and locked."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        unfinished, path = folder / (name + _UNFINISHED), folder / (name + SUFFIX)
        made = cls(unfinished, os.open(unfinished, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            _lock(made._descriptor)
            made.append(*records)
            made._rename(path)
        except OSError:
            made.close()
            unfinished.unlink(missing_ok=True)
            raise
        return made

    @classmethod
    def claim(cls, path: Path) -> "LetterFile | None":
        """The file at `path`, if whoever wrote it has ended."""
        try:
            descriptor = os.open(path, _FLAGS)
        except FileNotFoundError:
            return None  # somebody else has just taken care of it
        if not _lock(descriptor) or not os.fstat(descriptor).st_nlink:
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    @property
    def is_worn_out(self) -> bool:
        """Whether another one should take its place: it is too long, or somebody has deleted it, and what is written to it is lost."""
        found = os.fstat(self._descriptor)
        return found.st_size > BEGUN_ANEW_BYTES or not found.st_nlink

    def read(self) -> Contents:
        with open(self._descriptor, "rb", closefd=False) as file:
            file.seek(0)
            return decode(file.read(MAX_BYTES))

    def append(self, *records: Record) -> None:
        """All of `records`, or none of them."""
        size_bytes, data = os.fstat(self._descriptor).st_size, b"".join(map(encode, records))
        try:
            while data:  # once, but on a disk that has just become full: then the second time says so
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, size_bytes)  # or the next line would begin in the middle of one
            raise

    def empty(self) -> None:
        """Forget all lines; works on a full disk too."""
        os.ftruncate(self._descriptor, 0)

    def sync(self) -> None:
        """Have the disk itself hold what was appended: so it survives a loss of power too."""
        os.fsync(self._descriptor)

    def put_aside(self) -> Path:
        """Give the file a name under which it is never read again, and let go of it; which name."""
        self.close()
        return self.path.rename(self.path.with_suffix(".damaged"))

    def remove(self) -> None:
        """Delete the file, and let go of it. Emptied first: who has it open, or finds it because it can't be deleted, finds nothing."""
        try:
            self.empty()
        finally:
            self.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file, and of its lock. May be called again."""
        descriptor, self._descriptor = self._descriptor, _CLOSED
        if descriptor != _CLOSED:
            os.close(descriptor)

    def _rename(self, path: Path) -> None:
        if sys.platform == "win32":
            # What is open has to keep its name there. Whoever takes the file up in between sends what is in it; that is said once.
            self.close()
            self.path.rename(path)
            self._descriptor = os.open(path, _FLAGS)
            _lock(self._descriptor)
        else:
            self.path.rename(path)
        self.path = path


if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE: Final = 1 << 30
    """Far behind the end: what is locked there can't be read by others. No further, since the C library counts in 32 bits."""

    def _lock(descriptor: int) -> bool:
        """Whether the file is ours now. As below, it is where nothing can be locked."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        except OSError:
            return True
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        """Whether the file is ours now. Where nothing can be locked, as on some networks, it always is.

        That harms nobody: what two clients send under one `cid` is said once.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True
