"""What the checker has found: each fault in words, and how much was looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

_WORDS_KEPT: Final = 20
"""How many faults of a kind are told in words; all are counted."""


@dataclass(slots=True)
class Faults:
    """Each fault in words; a run without any is a proof. What the kinds mean: see `checker`."""

    lost: list[str] = field(default_factory=list)
    duplicate: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    divergent: list[str] = field(default_factory=list)
    phantom: list[str] = field(default_factory=list)
    uncommitted: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Mapping[str, int]:
        return {kind.name: len(getattr(self, kind.name)) for kind in fields(self)}

    @property
    def in_words(self) -> str:
        """The first of each kind."""
        told = ((kind.name, getattr(self, kind.name)) for kind in fields(self))
        return "\n".join(f"{name}: {one}" for name, all_of_them in told for one in all_of_them[:_WORDS_KEPT])


@dataclass(slots=True)
class Report:
    """What was looked at, and what was wrong with it."""

    faults: Faults = field(default_factory=Faults)
    invoked: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    """Neither acknowledged nor refused, nor sure to be safe."""
    shown: int = 0
    breaks: int = 0
    """How often a user was told that something is missing or other than before."""

    @property
    def is_clean(self) -> bool:
        return not any(self.faults.counts.values())
