"""A secret that a person types: the room's password, an operator's key. What it is can only be asked for by name.

Nothing that shows values (a repr, a log, a traceback with its locals) shows more than that there is one.
"""

import hmac
import re
import unicodedata
from typing import Final

_MOST_LOOKED_AT: Final = 1_024
"""Characters: four times what a password may have, so that what is longer stays wrong. Normalising any number of marks would take long."""

_BLANKS: Final = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


class Password:
    """Compared as RFC 8265 has it (OpaqueString): NFC, since macOS types 한 as ㅎ, ㅏ, ㄴ, and every blank is the same blank."""

    __slots__ = ("_text",)

    def __init__(self, typed: str) -> None:
        self._text = unicodedata.normalize("NFC", _BLANKS.sub(" ", typed[:_MOST_LOOKED_AT]))[:_MOST_LOOKED_AT]

    def reveal(self) -> str:
        """What was typed, for whoever sends or compares it."""
        return self._text

    def encode(self) -> bytes:
        """The same, to be hashed: whatever was typed, also what is no UTF-8."""
        return self._text.encode("utf-8", "surrogatepass")

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Password) and hmac.compare_digest(self.encode(), other.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash would tell something of it

    def __repr__(self) -> str:
        return "Password(…)"
