"""The packed files of this folder, read: see README.md for where they come from. Each is read once."""

import lzma
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent

BREAK, NO_BREAK = "÷", "×"


class Forms(NamedTuple):
    """One row of NormalizationTest: the same text as it may come, and in its normal forms."""

    source: str
    nfc: str
    nfd: str
    nfkc: str
    nfkd: str


class Emoji(NamedTuple):
    """One row of emoji-test."""

    text: str
    status: str


@cache
def naughty_strings() -> Sequence[str]:
    """The Big List of Naughty Strings; some hold line ends that are none to others."""
    return [line for line in _text("blns.txt") if line and not line.startswith("#")]


@cache
def json_cases() -> Mapping[str, bytes]:
    """JSONTestSuite's files: `y_…` must be accepted by a parser, `n_…` refused, of `i_…` either will do."""
    with tarfile.open(_FOLDER / "JSONTestSuite.tar.xz") as archive:
        found = {Path(member.name).name: archive.extractfile(member) for member in archive.getmembers()}
        return {name: content.read() for name, content in found.items() if content is not None}


@cache
def normal_forms() -> Sequence[Forms]:
    """All rows of all parts of NormalizationTest."""
    return [Forms(*map(_characters, row.split(";")[:5])) for row in _rows("NormalizationTest.txt") if row[0] != "@"]


@cache
def confusables() -> Mapping[str, str]:
    """Each character that looks like others, and what stands for all that look alike."""
    return {
        _characters(source): _characters(target)
        for source, target, *_ in (row.split(";") for row in _rows("confusables.txt"))
    }


@cache
def emoji() -> Sequence[Emoji]:
    """All emoji: `fully-qualified` are those recommended for interchange."""
    rows = (row.split(";") for row in _rows("emoji-test.txt"))
    return [Emoji(_characters(codes), status.strip()) for codes, status in rows]


@cache
def grapheme_clusters() -> Sequence[Sequence[str]]:
    """The texts of GraphemeBreakTest, each as its clusters."""
    return [
        [_characters(cluster.replace(NO_BREAK, " ")) for cluster in row.split(BREAK) if cluster.strip()]
        for row in _rows("GraphemeBreakTest.txt")
    ]


def _rows(name: str) -> Iterator[str]:
    for line in _text(name):
        if row := line.partition("#")[0].strip("\ufeff \t\r"):
            yield row


def _text(name: str) -> Sequence[str]:
    return lzma.decompress((_FOLDER / f"{name}.xz").read_bytes()).decode("utf-8").split("\n")


def _characters(codes: str) -> str:
    return "".join(chr(int(code, 16)) for code in codes.split())
