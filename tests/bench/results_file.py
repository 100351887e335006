"""Where the figures of the last whole run are kept: RESULTS.md, a section for each benchmark, and in it first how to read them."""

from pathlib import Path
from typing import Final

RESULTS: Final = Path(__file__).with_name("RESULTS.md")

MARK: Final = "<!-- What follows, up to the next heading, is written by the benchmark. -->"


def with_figures(document: str, section: str, figures: str) -> str:
    """`document`, with `figures` behind the mark in its section `section`. Raises ValueError if that has no such mark."""
    begin = document.index(f"## {section}\n")
    next_one = document.find("\n## ", begin)
    end = len(document) if next_one < 0 else next_one + 1
    head, mark, _ = document[begin:end].partition(MARK)
    if not mark:
        raise ValueError(section)
    return (
        document[:begin]
        + head
        + mark
        + "\n\n"
        + figures.strip()
        + "\n"
        + ("" if next_one < 0 else "\n")
        + document[end:]
    )


def keep_figures(section: str, figures: str, path: Path = RESULTS) -> None:
    """Put them into the file. Raises ValueError, OSError."""
    path.write_text(with_figures(path.read_text(encoding="utf-8"), section, figures), encoding="utf-8")
