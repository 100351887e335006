"""Which messages have which grams: the rows of the search index, how they are made and read. No SQL, no threads.

The log is cut into blocks of `BLOCK` seqs. For every block and key there is one row: the characters that stand behind the key, in
order, and for each the messages that have this gram. So a range of characters is one slice of the row.

A row is little-endian: its checksum, the count of characters, the characters, where the offsets of each end (4 bytes each), and
the offsets of the messages in the block (2 bytes each). The checksum is there because SQLite would not notice a spoiled row, and
we would not notice that a message isn't found.
"""

import struct
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import Final
from zlib import crc32

from server.log.grams import grams_of, speaker_gram

BLOCK: Final = 8192
"""Seqs in a block. Larger ones take less room, but up to so many messages are not indexed yet, and looked at one by one."""


class DamagedRow(Exception):
    """A row is not what was written."""


class Block:
    """One block, as it is filled."""

    def __init__(self, number: int) -> None:
        self.number = number
        # bytearrays, through which the garbage collector doesn't walk: there are ten thousands.
        self._grams: defaultdict[str, bytearray] = defaultdict(bytearray)
        self._speakers: defaultdict[int, bytearray] = defaultdict(bytearray)

    def add(self, seq: int, nick: str, text: str) -> None:
        """Take a message in; they come in order."""
        offset = (seq % BLOCK).to_bytes(2, "little")
        for gram in grams_of(text):
            self._grams[gram] += offset
        self._speakers[speaker_gram(nick)[1]] += offset

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """(key, row) of every key, in order."""
        by_key: defaultdict[str, dict[int, bytearray]] = defaultdict(dict)
        for gram, offsets in self._grams.items():
            by_key[gram[:-1]][ord(gram[-1])] = offsets
        by_key[speaker_gram("")[0]] = self._speakers
        for key in sorted(by_key):
            yield key, _row(by_key[key])


def _row(by_character: dict[int, bytearray]) -> bytes:
    characters = sorted(by_character)
    all_offsets = [by_character[one] for one in characters]
    ends = accumulate(len(offsets) // 2 for offsets in all_offsets)
    head = struct.pack(f"<{1 + 2 * len(characters)}I", len(characters), *characters, *ends)
    body = b"".join((head, *all_offsets))
    return struct.pack("<I", crc32(body)) + body


def offsets_in(row: bytes, first_behind: int, last_behind: int) -> tuple[int, ...]:
    """The offsets of the messages that have a gram with one of these characters behind the key, some of them repeatedly.

    Raises DamagedRow.
    """
    if len(row) < 8 or crc32(memoryview(row)[4:]) != int.from_bytes(row[:4], "little"):
        raise DamagedRow
    count = int.from_bytes(row[4:8], "little")
    numbers = struct.unpack_from(f"<{2 * count}I", row, 8)
    first, behind_last = bisect_left(numbers, first_behind, 0, count), bisect_right(numbers, last_behind, 0, count)
    start = numbers[count + first - 1] if first else 0
    end = numbers[count + behind_last - 1] if behind_last else 0
    return struct.unpack_from(f"<{max(0, end - start)}H", row, 8 + 8 * count + 2 * start)
