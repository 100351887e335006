"""What becomes of own messages that are not sent, as far as it is the same on the screen and by lines. Pure.

Two kinds, told apart in every word: what waits goes by itself, what failed doesn't.
"""

from collections.abc import Sequence

from server.protocol.errors import Code
from server.protocol.plain import WHISPER_SIGN
from server.protocol.text import excerpt
from tui_client import strings
from tui_client.intents import NotDone
from tui_client.outbox import Letter
from tui_client.speaking import Speaking

_WORTH_REPEATING = frozenset({Code.NO_SUCH_NICK, Code.CID_CONFLICT, Code.STORAGE_FULL, Code.RATE_LIMITED})
"""What may go well another time as it stands; the server's other codes are about what was written, or to whom."""


def send_all_again(timeline: Speaking, now_ms: int, *, is_online: bool) -> None:
    """Let everything that failed wait once more. Raises NotDone if nothing did."""
    failed = timeline.failed
    if not failed:
        waiting = len(timeline.pending)
        raise NotDone(strings.waits(waiting, is_online=is_online) if waiting else strings.NOTHING_FAILED)
    for letter in failed:
        timeline.send_again(letter.cid, now_ms)


def throw_away(timeline: Speaking) -> str:
    """Forget what failed; if nothing did, what waits. What was done. Raises NotDone if there is neither.

    Never both at once: what waits may be wanted by whoever is tired of what failed.
    """
    if timeline.failed:
        return throw_away_failed(timeline)
    if timeline.pending:
        return take_back(timeline)
    raise NotDone(strings.NOTHING_UNSENT)


def throw_away_failed(timeline: Speaking) -> str:
    """Forget what failed; what was done."""
    count = sum(timeline.throw_away(letter.cid) for letter in timeline.failed)
    return strings.thrown_away(count, len(timeline.retractable))


def take_back(timeline: Speaking) -> str:
    """Forget what waits, but for what may have reached the server; what was done. Raises NotDone if there is nothing else."""
    count = sum(timeline.throw_away(letter.cid) for letter in timeline.retractable)
    if not count:
        raise NotDone(strings.MAY_STAND if timeline.pending else strings.NOTHING_UNSENT)
    return strings.taken_back(count, len(timeline.pending))


def should_be_revised(letter: Letter) -> bool:
    """Whether a message that failed would fail again as it stands."""
    return any(letter.code == code for code in Code) and letter.code not in _WORTH_REPEATING


def line_of(letter: Letter, max_chars: int) -> str:
    """Enough of a message to be recognised, and whom it is to."""
    return excerpt(f"{WHISPER_SIGN}{letter.to} {letter.text}" if letter.to else letter.text, max_chars)


def find(letters: Sequence[Letter], cid: str) -> Letter | None:
    """The one of `letters` with this `cid`, if it is still among them."""
    return next((letter for letter in letters if letter.cid == cid), None)
