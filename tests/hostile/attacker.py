"""Somebody who sends all of the corpora at a room, as everything that can be sent."""

import contextlib
import json
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from tests.corpora.escapes import as_bytes, hostile_texts
from tests.corpora.files import confusables, json_cases, naughty_strings
from tests.corpora.utf8_stress import stress_cases
from tests.support.json_client import JsonClient
from tests.support.waiting import DEADLINE_S

MAX_LINE: Final = 16_000
"""Longer ones are refused for their length alone, and end the connection when they go on."""

LOOK_ALIKES: Final = 300
"""Of thousands of characters that look like others."""

_PLACE: Final = "여기에"


@cache
def texts() -> Sequence[str]:
    """What is text: naughty strings, hostile texts, a look-alike of an ordinary word in every so many scripts."""
    step = len(confusables()) // LOOK_ALIKES
    return [*naughty_strings(), *hostile_texts(), *(f"p{char}ypal" for char in list(confusables())[::step])]


@cache
def lines() -> Sequence[bytes]:
    """What can be sent as one line: all texts, in 8 bits where that differs, and what is no UTF-8."""
    raw = [line for text in texts() for line in as_bytes(text)]
    return [line.replace(b"\n", b"\r") for line in [*raw, *stress_cases().values()]]


@cache
def objects() -> Sequence[bytes]:
    """JSONTestSuite's cases as lines, each as it is, as a text and as a field that nobody knows."""
    short = [case.replace(b"\n", b" ") for case in json_cases().values() if len(case) < MAX_LINE // 2]
    wrapped = [(b'{"t":"say","cid":"c%d","text":' % number) + case + b"}" for number, case in enumerate(short)]
    unknown = [b'{"t":"ping","n":1,"x":' + case + b"}" for case in short]
    return [*short, *wrapped, *unknown]


def frame(**fields: object) -> bytes:
    """One frame, everything but ASCII escaped, as long as that fits into a line."""
    escaped = json.dumps(fields).encode()
    return (escaped if len(escaped) < MAX_LINE else json.dumps(fields, ensure_ascii=False).encode()) + b"\n"


def frames(make: Callable[[str, str], Mapping[str, object]]) -> Iterator[bytes]:
    """What `make` makes of each text and a `cid` of its own; also of what is no UTF-8, as it is."""
    for number, text in enumerate(texts()):
        yield frame(**make(text, f"t{number}"))
    for number, raw in enumerate(stress_cases().values()):
        harmless = raw.replace(b"\\", b"").replace(b'"', b"")  # the frame itself is to be JSON
        yield frame(**make(_PLACE, f"u{number}")).replace(json.dumps(_PLACE).encode()[1:-1], harmless)


def nicknames_at_the_door(port: int) -> Iterator[bytes]:
    """Come in under every line and every text, in both dialects; yield what the server answers."""
    for line in lines():
        yield answer(port, line + b"\n")
    for text in texts():
        yield answer(port, frame(t="hello", v=1, nick=text, client=secrets.token_hex(16)) + frame(t="bye"))


def answer(port: int, data: bytes) -> bytes:
    """All that a connection gets that says `data` and then nothing more."""
    received = bytearray()
    # Whoever is turned away while still talking may be cut off.
    with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            received += piece
    return bytes(received)


def answered(client: JsonClient) -> None:
    """The server has handled all that `client` sent, and answers."""
    client.ping(secrets.randbelow(1 << 50))
