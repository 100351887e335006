"""One thing that `chat-tui --doctor` has looked at, and what it found. Pure values."""

from enum import Enum, auto

from msgspec import Struct


class Level(Enum):
    """How good it is."""

    GOOD = auto()
    CAUTION = auto()
    """The chat works, but not as well as it could; or it can't be told."""
    PROBLEM = auto()
    """The chat does not work, or not in Korean."""


class Check(Struct, frozen=True):
    """`finding` is what is so, `advice` what to change, if anything; all Korean. `command` is what to copy for it, to the letter."""

    title: str
    level: Level
    finding: str
    advice: str = ""
    command: str = ""


def good(title: str, finding: str) -> Check:
    return Check(title, Level.GOOD, finding)


def caution(title: str, finding: str, advice: str, command: str = "") -> Check:
    return Check(title, Level.CAUTION, finding, advice, command)


def problem(title: str, finding: str, advice: str, command: str = "") -> Check:
    return Check(title, Level.PROBLEM, finding, advice, command)
