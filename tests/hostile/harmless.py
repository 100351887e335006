"""Whether what comes out is harmless: told from the standards alone, nothing of the server's is asked.

0 bytes of ESC and of other C0, of C1 as bytes or in UTF-8, of bidi controls, of what is invisible and of what is no text at all.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

_C0_BUT_LINE_FEED: Final = "\x00-\x09\x0b-\x1f\x7f"
_C1: Final = "\x80-\x9f"
_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LINE_ENDS: Final = "\u2028\u2029"
_INVISIBLE: Final = (
    "\u00ad\u034f\u115f\u1160\u180e\u200b\u200c\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e0fff"
)
_NO_TEXT: Final = "\ud800-\udfff\ufffe\uffff"

_FLAGS: Final = re.compile("\U0001f3f4\U000e0067\U000e0062[\U000e0061-\U000e007a]{3}\U000e007f")

_attack = re.compile(f"[{_C0_BUT_LINE_FEED}{_C1}{_BIDI}{_LINE_ENDS}{_INVISIBLE}{_NO_TEXT}]").search
_CONTEXT: Final = 30


def assert_harmless(text: str) -> None:
    """Nothing in `text` but what is seen, line feeds, and the tags of the three flags that have them."""
    if found := _attack(_FLAGS.sub("", text)):
        around = text[max(0, found.start() - _CONTEXT) : found.end() + _CONTEXT]
        raise AssertionError(f"U+{ord(found[0]):04X} in {around!r}")


def assert_plain_harmless(data: bytes) -> None:
    """What a terminal at a plain connection gets: UTF-8 without a fault, and harmless."""
    assert_harmless(data.decode("utf-8"))


def assert_json_harmless(data: bytes) -> None:
    """What a JSON client gets: harmless as it is on the wire, and in every string that is in it, keys too."""
    assert_plain_harmless(data)
    for line in data.split(b"\n"):
        if line.startswith(b"{"):
            for text in _strings(json.loads(line)):
                assert_harmless(text)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(key)
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
