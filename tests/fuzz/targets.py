"""What is fed with bytes: each target takes any, and raises nothing. What the protocol refuses is an answer; anything else is a fault.

No sockets, no threads, no clock. Each holds more than that nothing is raised: what a fuzzer finds otherwise is only the half of it.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Final

from server.protocol import jsonlines, plain
from server.protocol.errors import Refusal
from server.protocol.events import Event, Hello, Limits, Member, Rename, Say, ServerFrame, Welcome, Whisper, visible_to
from server.protocol.framing import (
    MAX_JSON_LINE,
    MAX_PLAIN_LINE,
    MAX_UNTERMINATED,
    LineBuffer,
    Overlong,
    TelnetFilter,
    UnterminatedLine,
)
from server.protocol.nickname import MAX_NICK_CHARS, MAX_NICK_COLUMNS, check_nickname, nickname_key
from server.protocol.search import SearchPattern
from server.protocol.text import MAX_TEXT_CHARS, as_log_entry, check_text, clean_text, column_width, excerpt
from server.roster import Seat
from tests.hostile.harmless import assert_harmless
from tests.support.rounds import LoggedRoom, asking
from tests.support.samples import CHEOLSU, MINSU, YOUNGHEE
from tui_client.commands import parse
from tui_client.conversation import Conversation, Timing
from tui_client.entry import Entry
from tui_client.line.editor import LineEditor
from tui_client.links import find_links
from tui_client.mentions import find_mentions
from tui_client.timeline import Timeline
from tui_client.wrapping import clusters, wrap

Target = Callable[[bytes], None]

_ADDRESS: Final = "127.0.0.1:12345"
_UIDS: Final = {"영희": YOUNGHEE, "철수": CHEOLSU, "민수": MINSU}
_TIMING: Final = Timing(measure_after_s=float("inf"))
_WELCOME: Final = Welcome(
    *(1, "test", YOUNGHEE, "영희", "e1", 0, 1),
    tuple(Member(uid, nick) for nick, uid in _UIDS.items()),
    Limits(2000, 20, 16384),
    *(20, 30),
)
_ROOM_LASTS: Final = 200
"""Inputs after which a room, and who sits in it, are made anew: so that memory tells of leaks, not of what a room remembers."""


def _text(data: bytes) -> str:
    """Any text: also lone surrogates, which JSON can escape."""
    return data.decode("utf-8", "surrogatepass" if data[:1] == b"s" else "surrogateescape") if data else ""


def _any_text(data: bytes) -> str:
    try:
        return _text(data)
    except UnicodeDecodeError:
        return data.decode("latin-1")


# --- the server's door ----------------------------------------------------------------------------------------------------


def plain_line(data: bytes) -> None:
    """A line of somebody who is in the room."""
    try:
        command = plain.decode_command(data)
    except Refusal as refusal:
        assert_harmless(refusal.text)
        assert_harmless(plain.encode_notice(refusal.text).decode())
    else:
        if isinstance(command, Say | Whisper):
            assert_harmless(command.text)


def json_command(data: bytes) -> None:
    """A line of a client's."""
    try:
        command = jsonlines.decode_command(data)
    except Refusal as refusal:
        assert_harmless(refusal.text + (refusal.cid or ""))
    else:
        assert jsonlines.decode_command(jsonlines.encode(command).removesuffix(b"\n")) == command


def json_frame(data: bytes) -> None:
    """A line of a server's."""
    try:
        frame = jsonlines.decode_frame(data)
    except Refusal as refusal:
        assert_harmless(refusal.text)
    else:
        assert jsonlines.decode_frame(jsonlines.encode(frame).removesuffix(b"\n")) == frame


def cleaning(data: bytes) -> None:
    text = clean_text(_any_text(data))
    assert_harmless(text)
    assert clean_text(text) == text
    assert unicodedata.is_normalized("NFC", text)
    assert_harmless(excerpt(_any_text(data)))
    assert_harmless(as_log_entry(_any_text(data)).encode("utf-8", "backslashreplace").decode())


def nickname(data: bytes) -> None:
    raw = _any_text(data)
    assert nickname_key(nickname_key(raw)) == nickname_key(raw)
    try:
        nick = check_nickname(raw)
    except Refusal as refusal:
        assert_harmless(refusal.text)
        return
    assert check_nickname(nick) == nick
    assert_harmless(nick)
    assert not set(nick) & set("> [@/\n:")
    assert len(nick) <= MAX_NICK_CHARS
    assert column_width(nick) <= MAX_NICK_COLUMNS


def framing(data: bytes) -> None:
    """Lines are the same however they are cut; telnet's commands are the same however they are cut."""
    data = data[:MAX_UNTERMINATED]  # beyond it, it matters whether the end is in sight
    size = 1 + data[0] % 7 if data else 1
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert _lines([data]) == _lines(pieces)


def _lines(pieces: Sequence[bytes]) -> list[bytes | None]:
    telnet, buffer = TelnetFilter(), LineBuffer(MAX_PLAIN_LINE)
    try:
        return [
            None if isinstance(line, Overlong) else line for one in pieces for line in buffer.feed(telnet.feed(one))
        ]
    except UnterminatedLine:
        return []


# --- the client -------------------------------------------------------------------------------------------------------------


def conversation(data: bytes) -> None:
    """What a server says, from its first byte on or after its welcome."""
    talk = Conversation(_ADDRESS, _TIMING, 0)
    talk.greet(Hello(1, "영희", "0" * 32), 0)
    timeline = Timeline("영희", partial(str, 0))
    if data[:1] != b"w":
        _hear(talk, timeline, jsonlines.encode(_WELCOME))
    for start in range(0, len(data), 700):
        for entry in _hear(talk, timeline, data[start : start + 700]):
            _draw(entry)
    talk.due(100.0)


def _hear(talk: Conversation, timeline: Timeline, data: bytes) -> list[Entry]:
    heard = talk.receive(data, 1.0)
    frames = [one for one in heard if isinstance(one, ServerFrame)]
    changes = timeline.receive(frames, 0)
    if talk.ending is not None:
        assert_harmless(getattr(talk.ending, "text", ""))
    return [*changes.room, *changes.whispers]


def _draw(entry: Entry) -> None:
    assert_harmless(entry.label + entry.text)
    assert len(entry.text) <= 4 * MAX_TEXT_CHARS
    wrap(entry.text, 30, 6)
    find_links(entry.text)


def typed(data: bytes) -> None:
    """What somebody types or pastes, in the composer and in line mode."""
    text = _any_text(data)
    parse(text)
    editor = LineEditor()
    for done in editor.type(text):
        assert done is not None
    assert_harmless("".join(editor.view(40)).replace("\u200d", ""))


def shown(data: bytes) -> None:
    """Searched, linked, cut and wrapped."""
    query, _, rest = _any_text(data).partition("\n")
    text = clean_text(rest)[:MAX_TEXT_CHARS]
    for words in (query, text[len(text) // 2 :][:2]):
        _search(words, text)
    for start, end in (*find_links(text), *find_mentions(text, "영희", ("영희야",))):
        assert 0 <= start < end <= len(text)
    assert sum(one.end - one.start for one in clusters(text)) == len(text)
    assert all(0 <= one.start <= one.end <= len(text) for one in wrap(text, 20, 4))


def _search(query: str, text: str) -> None:
    try:
        pattern = SearchPattern(query)
    except Refusal as refusal:
        assert_harmless(refusal.text)
    else:
        spans = pattern.find_all(text)
        assert bool(spans) == pattern.matches(text)
        assert all(0 <= start < end <= len(text) for start, end in spans)


# --- from one end to the other ------------------------------------------------------------------------------------------------


class Chain:
    """Bytes of one member → lines → commands → the room → events → both dialects → another member's screen."""

    def __init__(self) -> None:
        self._inputs = count()
        self._begin()

    def _begin(self) -> None:
        self._room = LoggedRoom()
        self._seats = {nick: self._room.seat(nick, uid) for nick, uid in _UIDS.items()}
        self._talk = Conversation(_ADDRESS, _TIMING, 0)
        self._talk.greet(Hello(1, "영희", "0" * 32), 0)
        self._timeline = Timeline("영희", partial(str, 0))
        _hear(self._talk, self._timeline, jsonlines.encode(_WELCOME))

    def __call__(self, data: bytes) -> None:
        if next(self._inputs) % _ROOM_LASTS == 0:
            self._begin()
        is_json = data[:1] == b"{"
        buffer = LineBuffer(MAX_JSON_LINE if is_json else MAX_PLAIN_LINE)
        try:
            lines = buffer.feed((data if is_json else TelnetFilter().feed(data)) + b"\n")
        except UnterminatedLine:
            return
        for line in lines:
            self._obey(line, is_json=is_json)

    def _obey(self, line: bytes | Overlong, *, is_json: bool) -> None:
        seat = self._seats["철수"]
        try:
            if isinstance(line, Overlong) or (command := _understood(line, is_json=is_json)) is None:
                return
        except Refusal as refusal:
            assert_harmless(refusal.text)
            return
        played = self._room.play(asking(seat, command))
        for _, answer in played.answers:
            if isinstance(answer, Refusal):
                assert_harmless(answer.text)
        self._show(played.events, seat)

    def _show(self, events: Sequence[Event], speaker: Seat[str]) -> None:
        for viewer in (YOUNGHEE, MINSU, speaker.uid):
            seen = [event for event in events if visible_to(event, viewer)]
            for event in seen:
                assert_harmless(plain.encode_event(event, viewer).decode())
            if viewer == YOUNGHEE:
                for entry in _hear(self._talk, self._timeline, b"".join(map(jsonlines.encode, seen))):
                    _draw(entry)
        assert self._talk.ending is None


def _understood(line: bytes, *, is_json: bool) -> Say | Whisper | Rename | None:
    """As a connection does. Raises Refusal."""
    command = jsonlines.decode_command(line) if is_json else plain.decode_command(line)
    match command:
        case Say():
            return Say(command.cid, check_text(command.text))
        case Whisper():
            return Whisper(command.cid, command.to, check_text(command.text), command.to_uid)
        case Rename():
            return Rename(check_nickname(command.nick))
        case _:
            return None


TARGETS: Final[Mapping[str, Target]] = {
    "plain line": plain_line,
    "json command": json_command,
    "json frame": json_frame,
    "cleaning": cleaning,
    "nickname": nickname,
    "framing": framing,
    "conversation": conversation,
    "typed": typed,
    "shown": shown,
    "whole chain": Chain(),
}
"""All of them, by the names under which they are told of."""
