"""What a client process writes down of itself while it runs: one JSON line for each thing, in the vocabulary of Jepsen.

One file for each run of each person, `NICK.RUN.jsonl`; a person who is killed and comes back begins another one. So is each connection of
a plain client a person by itself: nobody can know it again. Every line is one
write, so a kill loses nothing that was written, and at most the last line is torn. Times are on the monotonic clock, which all
processes of a machine share.
"""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

import msgspec
from msgspec import Struct

SUFFIX: Final = ".jsonl"

Break = Literal["gap", "rolled_back", "new_log", "too_slow"]
"""`gap`: what was missed is no longer kept. `too_slow`: the server has skipped something for a plain client."""


class Operation(Struct, frozen=True, tag_field="op", omit_defaults=True):
    """Base of all records."""


class Invoked(Operation, frozen=True, tag="invoked"):
    """A message is about to be said: to everyone, or to the one named `to`."""

    cid: str
    text: str
    at_s: float
    to: str = ""


class Kept(Operation, frozen=True, tag="kept"):
    """It was noted in the outbox: from now on a kill of the client is no excuse."""

    cid: str


class Acknowledged(Operation, frozen=True, tag="acknowledged"):
    """Its echo came."""

    cid: str
    at_s: float


class Refused(Operation, frozen=True, tag="refused"):
    """It was refused for good, and its writer was told."""

    cid: str
    code: str


class Entered(Operation, frozen=True, tag="entered"):
    """A welcome came, for the first time or again; what is replayed begins with `replay_from`."""

    uid: str
    nick: str
    epoch: str
    replay_from: int
    at_s: float


class Began(Operation, frozen=True, tag="began"):
    """From event `seq` on everything will be shown."""

    seq: int


class Broke(Operation, frozen=True, tag="broke"):
    """The user was told that what follows does not continue what came before."""

    how: Break


class Shown(Operation, frozen=True, tag="shown"):
    """An event appeared on the screen; `kind` is its name on the wire, `text` what was said, or the nickname that came or went."""

    epoch: str
    seq: int
    kind: str
    uid: str
    text: str
    at_s: float
    cid: str | None = None


class Heard(Operation, frozen=True, tag="heard"):
    """A line came to a plain client, in place of all that has a number; the checker looks up which event it is."""

    line: str
    at_s: float


class Left(Operation, frozen=True, tag="left"):
    """The person left by their own will; so many messages were still pending."""

    pending: int


class Cut(Operation, frozen=True, tag="cut"):
    """The connection of a plain client ended, and with it its place in the room."""


Entry = Invoked | Kept | Acknowledged | Refused | Entered | Began | Broke | Shown | Heard | Left | Cut

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Entry)


class Notebook(Protocol):
    """Where a run is written down."""

    def write(self, *entries: Entry) -> None: ...


class Writer:
    """Appends to one run's file."""

    def __init__(self, folder: Path, nick: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        run = len(list(folder.glob(f"{nick}.*{SUFFIX}")))
        path = folder / f"{nick}.{run:03}{SUFFIX}"
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)

    def write(self, *entries: Entry) -> None:
        if entries:
            os.write(self._descriptor, b"".join(_encoder.encode(entry) + b"\n" for entry in entries))

    def close(self) -> None:
        os.close(self._descriptor)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one person."""

    entries: Sequence[Entry]

    def of(self, *kinds: type[Entry]) -> bool:
        return any(isinstance(entry, kinds) for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Person:
    """All runs of one person, in order."""

    nick: str
    runs: Sequence[Run]

    @property
    def entries(self) -> Iterable[Entry]:
        return (entry for run in self.runs for entry in run.entries)

    @property
    def is_plain(self) -> bool:
        return any(isinstance(entry, Heard) for entry in self.entries)

    @property
    def uids(self) -> frozenset[str]:
        return frozenset(entry.uid for entry in self.entries if isinstance(entry, Entered))


class Reader:
    """Follows one run's file while it is written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.entries: list[Entry] = []
        self.counts: Counter[type[Entry]] = Counter()
        self.newest_shown = 0
        """The `seq` of what was shown last."""

    def read(self) -> None:
        """All that is new; a line that is not finished is left for later."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        new = [_decoder.decode(line) for line in whole.splitlines()]
        self.entries += new
        self.counts.update(map(type, new))
        self.newest_shown = next((one.seq for one in reversed(new) if isinstance(one, Shown)), self.newest_shown)


def read_people(folder: Path, nick: str = "*") -> Sequence[Person]:
    """Everybody who has left a history in `folder`, or only the one called `nick`."""
    runs: dict[str, list[Run]] = {}
    for path in sorted(folder.glob(f"{nick}.*{SUFFIX}")):
        owner, _, _ = path.name.removesuffix(SUFFIX).rpartition(".")
        reader = Reader(path)
        reader.read()
        runs.setdefault(owner, []).append(Run(reader.entries))
    return [Person(nick, all_of_them) for nick, all_of_them in runs.items()]
