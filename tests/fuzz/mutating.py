"""Inputs for a fuzzer that knows nothing but bytes: seeds, taken apart and put together again. The same seed gives the same inputs."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from random import Random
from typing import Final

from tests.corpora.files import json_cases
from tests.hostile.attacker import MAX_LINE, lines, objects

MAX_INPUT: Final = 20_000
"""Bytes: a little more than the longest line that is read."""

_SHORT: Final = 120

_CONTROLS: Final = b"\n|\r\n|\r|\x00|\x1b[|\x1b]0;|\x07|\x9b|\xff|\xff\xfa|\xff\xf0|\xff\xfd\x01|\x16\x03\x01| |\t|GET / HTTP/1.1|SSH-2.0"
_JSON_SIGNS: Final = (
    rb'{ } [ ] " \ : , null true 1e999 -0 9007199254740993 0.5 \u0000 \ud800 \udc00 \u202e \u001b[ {"a": ["b",'
)
_FRAMES: Final = b"""{"t":"say","cid":"c","text":"
{"t":"whisper","cid":"c","to":"
{"t":"nick","nick":"
{"t":"hello","v":1,"nick":"
{"t":"search","id":1,"limit":1,"query":"
{"t":"history","id":1,"before":9,"limit":2}
{"t":"operator","id":1,"key":"
{"t":"announce","id":1,"text":"
{"t":"ban","id":1,"target":"
{"t":"ping","n":1}
{"t":"bye"}
{"t":"message","seq":1,"at":0,"uid":"b","nick":"
{"t":"joined","seq":
{"t":"left","seq":2,"at":0,"uid":"
{"t":"closing","code":"
{"t":"history","id":0,"events":[
{"t":"presence","uid":"
{"t":"refused","code":"rate_limited","retry_ms":
"text":"
"cid":"
"},"""
_TEXTS: Final = """
@ // / [ >_ http:// www. https://a.kr/( 영희 철수 /닉 /목록 /종료 @철수 ＠민수 ㅎㅇ 회으 님이_입장하셨습니다. [알림] … ﷺ ﬁ ㎏ İ ß ς
"""
_ODD: Final = "\u200d|\ufe0f|🏽|👩|\u0301|ᅡ|ᆨ|ᄀ|가|\u202e|\u2028|\u0085|\u3164|🇰|1\ufe0f\u20e3|\u0378|\ue000|\uffff|\u1160|\u0e33|…ﬁ가"

_WORDS: Final = (
    *_CONTROLS.split(b"|"),
    *_JSON_SIGNS.split(),
    *_FRAMES.split(b"\n"),
    *(word.replace("_", " ").encode() for word in _TEXTS.split()),
    *(word.encode() for word in _ODD.split("|")),
    *("\U0001f3f4\U000e0067\U000e0062".encode(), b"[" * 70, b'"' + b'\\"' * 20),
)
"""What means something to somebody."""


@cache
def seeds() -> Sequence[bytes]:
    """The corpora; what is longer than any line only as a beginning."""
    return [seed[:MAX_LINE] for seed in (*lines(), *objects(), *json_cases().values(), *_WORDS)]


class Mutator:
    """An endless stream of inputs."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._kinds: Sequence[Callable[[bytearray], None]] = (
            *(self._flip, self._flip, self._insert_word, self._insert_word, self._insert_word, self._remove),
            *(self._repeat, self._splice, self._splice, self._replace, self._swap),
        )

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield self.next()

    def next(self) -> bytes:
        """A seed after one to six changes; sometimes two lines, sometimes words alone."""
        random = self._random
        data = bytearray(self._seed())
        if random.random() < 0.3:
            data = bytearray(b"".join(random.choices(_WORDS, k=random.randrange(1, 9))))
        for _ in range(random.randrange(1, 7)):
            random.choice(self._kinds)(data)
        return bytes(data[:MAX_INPUT])

    def _seed(self) -> bytes:
        """Mostly not more than a few words of it: short inputs are tried faster, and fail in the same ways."""
        seed = self._random.choice(seeds())
        if len(seed) <= _SHORT or self._random.random() < 0.05:
            return seed
        start = self._random.randrange(len(seed) - _SHORT)
        return seed[start : start + _SHORT]

    def _place(self, data: bytearray) -> int:
        return self._random.randrange(len(data) + 1)

    def _flip(self, data: bytearray) -> None:
        if data:
            data[self._random.randrange(len(data))] = self._random.randrange(256)

    def _insert_word(self, data: bytearray) -> None:
        place = self._place(data)
        data[place:place] = self._random.choice(_WORDS)

    def _remove(self, data: bytearray) -> None:
        start = self._place(data)
        del data[start : start + self._random.randrange(1, 9)]

    def _repeat(self, data: bytearray) -> None:
        """Rarely very often: what grows with the square shows itself."""
        start = self._place(data)
        piece = bytes(data[start : start + self._random.randrange(1, 17)])
        [times] = self._random.choices((2, 20, 500, 5000), (60, 37, 2, 1))
        data[start:start] = (piece * times)[: MAX_INPUT - min(len(data), MAX_INPUT)]

    def _splice(self, data: bytearray) -> None:
        other = self._seed()
        start = self._random.randrange(len(other) + 1)
        data[self._place(data) :] = other[start:]

    def _replace(self, data: bytearray) -> None:
        start = self._place(data)
        data[start : start + self._random.randrange(1, 9)] = self._random.randbytes(self._random.randrange(1, 9))

    def _swap(self, data: bytearray) -> None:
        middle = self._place(data)
        data[:] = data[middle:] + data[:middle]
