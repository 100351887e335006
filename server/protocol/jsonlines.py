"""The JSON dialect: one line ⇄ one command or frame. Sans I/O, no state.

msgspec checks types and bounds while it decodes; what it lets through or trips over by itself is mended here, so that any bytes
give a value or a `Refusal`, and never another exception or worse.
"""

import re
from collections.abc import Sequence
from itertools import repeat
from typing import Final, TypeVar

import msgspec

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import (
    Event,
    Frame,
    HistoryPage,
    JsonCommand,
    Member,
    SafeInteger,
    Say,
    ServerFrame,
    Welcome,
    Whisper,
)
from server.protocol.password import Password
from server.protocol.text import excerpt

_Decoded = TypeVar("_Decoded")


class _Header(msgspec.Struct, frozen=True):
    t: str | msgspec.UnsetType = msgspec.UNSET


class _Cid(msgspec.Struct, frozen=True):
    cid: str


class _Question(msgspec.Struct, frozen=True):
    id: SafeInteger


def _plain_value(value: object) -> str:
    """What of our own is no type of JSON. Raises NotImplementedError."""
    if isinstance(value, Password):
        return value.reveal()
    raise NotImplementedError


def _own_value(kind: type, value: object) -> object:
    """The other way round. Raises ValueError, which says nothing of the value."""
    if kind is Password and isinstance(value, str):
        return Password(value)
    raise ValueError


class _Place(msgspec.Struct, frozen=True):
    seq: int


class _AnyPage(msgspec.Struct, frozen=True, tag_field="t", tag="history"):
    id: int
    events: tuple[msgspec.Raw, ...]
    more: bool
    before: int | None = None
    begins: int | None = None


_NO_MEMBERS: Final = b'"members":[]'

_encoder: Final = msgspec.json.Encoder(enc_hook=_plain_value)
_commands: Final[msgspec.json.Decoder[JsonCommand]] = msgspec.json.Decoder(JsonCommand, dec_hook=_own_value)
_frames: Final[msgspec.json.Decoder[ServerFrame]] = msgspec.json.Decoder(ServerFrame)
_headers: Final = msgspec.json.Decoder(_Header)
_cids: Final = msgspec.json.Decoder(_Cid)
_questions: Final = msgspec.json.Decoder(_Question)
_places: Final = msgspec.json.Decoder(_Place)
_pages: Final = msgspec.json.Decoder(_AnyPage)
_events: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Event)


def _types(union: object) -> frozenset[str]:
    return frozenset(str(member.__struct_config__.tag) for member in getattr(union, "__args__", ()))


MAX_NESTING: Final = 64
"""Our frames need three. msgspec recurses in C: with the limits of CPython 3.13 one line of brackets overflows a client's thread."""

_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+\\?"?', re.DOTALL)
"""Also one that never ends: from each quote in it the end would be looked for again, for a second in a line of 16 KiB."""

_BRACKET: Final = re.compile(rb"[][{}]")

_COMMAND_TYPES: Final = _types(JsonCommand)
_FRAME_TYPES: Final = _types(ServerFrame)
_EVENT_TYPES: Final = _types(Event)


def encode(frame: Frame) -> bytes:
    """`frame` as one line, its `\\n` included."""
    return _encoder.encode_lines([frame])  # of anything but a list msgspec 0.22 keeps the iterator, for good


def encode_members(members: Sequence[Member]) -> bytes:
    """The inside of an array of them, with a comma behind each."""
    return _encoder.encode(members)[1:-1] + b"," if members else b""


def encode_welcome(welcome: Welcome, members: Sequence[bytes]) -> Sequence[bytes]:
    """`welcome`, which has none itself, with these `members`, encoded, in one or more pieces: as one line in as many."""
    before, _, after = encode(welcome).partition(_NO_MEMBERS)  # in a string there would be a `\` before each quote
    pieces = list(members)
    pieces[0] = before + _NO_MEMBERS[:-1] + pieces[0]
    pieces[-1] += _NO_MEMBERS[-1:] + after
    return pieces


def decode_command(line: bytes) -> JsonCommand:
    """What a client says in `line`. Raises Refusal: BAD_UTF8, BAD_JSON, BAD_FRAME or UNKNOWN_TYPE."""
    command = _decode(_commands, line, _COMMAND_TYPES)
    if isinstance(command, Say | Whisper) and command.cid is None:
        raise Refusal(Code.BAD_FRAME, phrases.bad_frame(str(command.__struct_config__.tag)))
    return command


def decode_says(lines: Sequence[bytes]) -> list[Say] | None:
    """What a client says in `lines`, if each is a `say`: as `decode_command`, line by line, but looked at together."""
    block = b"".join(lines)
    if not all(map(bytes.startswith, lines, repeat(b"{"))):
        return None
    # Each has a bracket by now, and one of them may have all the others.
    if block.count(b"[") + block.count(b"{") >= len(lines) + MAX_NESTING:
        return None
    try:
        block.decode("utf-8")
        says = [say for say in map(_commands.decode, lines) if isinstance(say, Say) and say.cid is not None]
    except (UnicodeDecodeError, msgspec.DecodeError):
        return None
    return says if len(says) == len(lines) else None


def decode_frame(line: bytes) -> ServerFrame:
    """What the server says in `line`. Raises Refusal as `decode_command` does; UNKNOWN_TYPE means a newer server.

    Events of a kind that only a newer server knows are left out of a page, as they are where they come alone.
    """
    try:
        return _decode(_frames, line, _FRAME_TYPES)
    except Refusal as refusal:
        page = _page_of_a_newer_server(line) if refusal.code is Code.BAD_FRAME else None
        if page is None:
            raise
        return page


def _page_of_a_newer_server(line: bytes) -> HistoryPage | None:
    """The page without what nobody here knows; None if something else is wrong with it, too."""
    try:
        page = _pages.decode(line)
        kinds = [_headers.decode(raw).t for raw in page.events]
        known = tuple(_events.decode(raw) for raw, kind in zip(page.events, kinds, strict=True) if kind in _EVENT_TYPES)
        before = _places.decode(page.events[0]).seq if page.before is None and page.events else page.before
    except msgspec.DecodeError:
        return None
    if msgspec.UNSET in kinds:
        return None
    return HistoryPage(page.id, known, page.more, before, page.begins)


def _decode(decoder: msgspec.json.Decoder[_Decoded], line: bytes, known: frozenset[str]) -> _Decoded:
    if _is_nested_too_deeply(line):
        raise Refusal(Code.BAD_JSON, phrases.BAD_JSON)
    try:
        if not line.isascii():
            line.decode("utf-8")  # msgspec skips over fields that nobody knows, whatever bytes are in them
        return decoder.decode(line)
    except UnicodeDecodeError:
        raise Refusal(Code.BAD_UTF8, phrases.BAD_UTF8) from None
    except msgspec.ValidationError:
        raise _refusal_of_shape(line, known) from None
    except msgspec.DecodeError:
        raise Refusal(Code.BAD_JSON, phrases.BAD_JSON) from None


def _is_nested_too_deeply(line: bytes) -> bool:
    """Whether brackets outside strings are nested beyond `MAX_NESTING`; counted only in lines that have so many at all."""
    if line.count(b"[") + line.count(b"{") <= MAX_NESTING:
        return False
    depth = 0
    for bracket in _BRACKET.finditer(
        _STRING.sub(b"", line)
    ):  # all at once, thousands would keep every other thread waiting
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > MAX_NESTING:
            return True
    return False


def _refusal_of_shape(line: bytes, known: frozenset[str]) -> Refusal:
    """Why a line that is JSON is no frame; it names the `cid` or `id`, if there is one, so that its sender learns which."""
    try:
        frame_type = _headers.decode(line).t
    except msgspec.DecodeError:
        return Refusal(Code.BAD_FRAME, phrases.UNTYPED_FRAME)
    if isinstance(frame_type, msgspec.UnsetType):
        return Refusal(Code.BAD_FRAME, phrases.UNTYPED_FRAME)
    if frame_type not in known:
        return Refusal(
            Code.UNKNOWN_TYPE, phrases.unknown_type(excerpt(frame_type)), cid=_cid_of(line), question=_question_in(line)
        )
    return Refusal(Code.BAD_FRAME, phrases.bad_frame(frame_type), cid=_cid_of(line), question=_question_in(line))


def _cid_of(line: bytes) -> str | None:
    try:
        cid = _cids.decode(line).cid
    except msgspec.DecodeError:
        return None
    return cid if len(cid) <= 36 and cid.isascii() and cid.isprintable() else None


def _question_in(line: bytes) -> int | None:
    try:
        return _questions.decode(line).id
    except msgspec.DecodeError:
        return None
