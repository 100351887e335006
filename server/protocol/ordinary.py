"""The one fast path on the way in: what a busy client sends, many ordinary messages at once, is understood and cleaned in a few calls
into C.

Each function gives exactly what its dialect's `decode_command` and then `text.check_text` would give line by line, or None when anything
at all is not ordinary: then it is looked at line by line. Pure, safe on any thread.

A line costs 0.3 µs here if it is plain and 0.7 µs if it is JSON; one by one it is 1.5 µs.
"""

import re
from collections.abc import Sequence
from typing import Final

from server.protocol import jsonlines
from server.protocol.events import Say
from server.protocol.framing import Dialect
from server.protocol.text import MAX_TEXT_CHARS, is_everyday

_BEGINS_ODDLY: Final = re.compile("^(?![!-.0-?A-~\uac00-\ud7a3\u3131-\u3163])", re.MULTILINE)
"""Before a line that is empty, or may be a whisper or a command, whatever stands before the sign."""


def ordinary_messages(lines: Sequence[bytes], dialect: Dialect) -> list[Say] | None:
    """What `lines`, at least one, say in `dialect`, if each is a message on one line and of everyday characters."""
    return _json_messages(lines) if dialect is Dialect.JSON else _plain_messages(lines)


def _plain_messages(lines: Sequence[bytes]) -> list[Say] | None:
    try:
        text = b"\n".join(lines).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if _BEGINS_ODDLY.search(text) or not is_everyday(text):
        return None
    texts = text.split("\n")
    return [Say(None, each) for each in texts] if max(map(len, texts)) <= MAX_TEXT_CHARS else None


def _json_messages(lines: Sequence[bytes]) -> list[Say] | None:
    says = jsonlines.decode_says(lines)
    if says is None:
        return None
    texts = [say.text for say in says]
    text = "\n".join(texts)
    if text.count("\n") >= len(texts) or not is_everyday(text) or not all(map(str.strip, texts)):
        return None
    return says if max(map(len, texts)) <= MAX_TEXT_CHARS else None
