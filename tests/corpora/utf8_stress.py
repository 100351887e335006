"""The cases of Markus Kuhn's UTF-8 stress test, made from the definition of UTF-8, under his section numbers.

Bytes as somebody might send them in one line, so none holds a line end.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

_BY_LENGTH: Final = ((0x00, 0x7F), (0xC0, 0x1F), (0xE0, 0x0F), (0xF0, 0x07), (0xF8, 0x03), (0xFC, 0x01))
"""Of sequences of 1 to 6 bytes: how the first begins, and which bits of it count."""

_SURROGATES: Final = (0xD800, 0xDB7F, 0xDB80, 0xDBFF, 0xDC00, 0xDF80, 0xDFFF)
_PLANES: Final = range(0x10000, 0x110000, 0x10000)


def encode(code: int, length: int) -> bytes:
    """`code` in `length` bytes, whether that is too many or the code too large for Unicode."""
    prefix, _ = _BY_LENGTH[length - 1]
    later = [0x80 | code >> 6 * place & 0x3F for place in reversed(range(length - 1))]
    return bytes([prefix | code >> 6 * (length - 1), *later])


@cache
def stress_cases() -> Mapping[str, bytes]:
    """All cases by section."""
    return dict([*_boundaries(), *_malformed(), *_overlong(), *_illegal()])


def _boundaries() -> Iterator[tuple[str, bytes]]:
    yield "1 kosme", "κόσμε".encode()
    first = 0
    for length, (_, bits) in enumerate(_BY_LENGTH, 1):
        last = (bits + 1 << 6 * (length - 1)) - 1
        yield f"2.1.{length} first of {length}", encode(first, length)
        yield f"2.2.{length} last of {length}", encode(last, length)
        first = last + 1
    for number, code in enumerate((0xD7FF, 0xE000, 0xFFFD, 0x10FFFF, 0x110000), 1):
        yield f"2.3.{number} U+{code:04X}", encode(code, 3 if code < 0x10000 else 4)


def _malformed() -> Iterator[tuple[str, bytes]]:
    continuations = bytes(range(0x80, 0xC0))
    yield "3.1.1 first continuation", b"\x80"
    yield "3.1.2 last continuation", b"\xbf"
    for count in range(2, 8):
        yield f"3.1.{count + 1} {count} continuations", b"\x80\xbf\x80\xbf\x80\xbf\x80"[:count]
    yield "3.1.9 all continuations", continuations
    for number, (prefix, bits) in enumerate(_BY_LENGTH[1:], 1):
        yield f"3.2.{number} lonely starts", b"".join(bytes([prefix | low, 0x20]) for low in range(bits + 1))
    cut = [encode(0, length)[:-1] for length in range(2, 7)]
    cut += [encode((bits + 1 << 6 * place) - 1, place + 1)[:-1] for place, (_, bits) in enumerate(_BY_LENGTH) if place]
    for number, piece in enumerate(cut, 1):
        yield f"3.3.{number} last byte missing", piece
    yield "3.4 all of 3.3", b"".join(cut)
    for number, piece in enumerate((b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"), 1):
        yield f"3.5.{number} impossible", piece


def _overlong() -> Iterator[tuple[str, bytes]]:
    for length in range(2, 7):
        yield f"4.1.{length - 1} overlong slash", encode(ord("/"), length)
        yield f"4.3.{length - 1} overlong NUL", encode(0, length)
    last = 0x7F
    for length in range(2, 7):
        yield f"4.2.{length - 1} largest overlong", encode(last, length)
        last = (_BY_LENGTH[length - 1][1] + 1 << 6 * (length - 1)) - 1


def _illegal() -> Iterator[tuple[str, bytes]]:
    for number, code in enumerate(_SURROGATES, 1):
        yield f"5.1.{number} U+{code:04X}", encode(code, 3)
    pairs = [(high, low) for high in (0xD800, 0xDB7F, 0xDB80, 0xDBFF) for low in (0xDC00, 0xDFFF)]
    for number, (high, low) in enumerate(pairs, 1):
        yield f"5.2.{number} U+{high:04X} U+{low:04X}", encode(high, 3) + encode(low, 3)
    yield "5.3.1 U+FFFE", encode(0xFFFE, 3)
    yield "5.3.2 U+FFFF", encode(0xFFFF, 3)
    yield "5.3.3 U+FDD0 to U+FDEF", b"".join(encode(code, 3) for code in range(0xFDD0, 0xFDF0))
    yield (
        "5.3.4 last two of each plane",
        b"".join(encode(plane + low, 4) for plane in _PLANES for low in (0xFFFE, 0xFFFF)),
    )
