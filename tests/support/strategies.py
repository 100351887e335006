"""What hypothesis draws from: everything that may travel, as values, and bytes cut in any way."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from server.protocol.errors import Refusal
from server.protocol.events import (
    MAX_DURATION_S,
    Action,
    Announce,
    Announced,
    Ban,
    BecomeOperator,
    Bye,
    Closing,
    Done,
    Event,
    Hello,
    HistoryPage,
    Joined,
    JsonCommand,
    Kick,
    Left,
    Limits,
    ListSanctions,
    Member,
    MemberAddress,
    Moderated,
    Mute,
    Ping,
    Pong,
    Presence,
    ReadHistory,
    Refused,
    Register,
    Rename,
    Renamed,
    Resume,
    Said,
    SanctionEntry,
    SanctionList,
    Say,
    Search,
    ServerFrame,
    Unban,
    Unmute,
    Unregister,
    Welcome,
    Whisper,
    Whispered,
)
from server.protocol.nickname import check_nickname
from server.protocol.password import Password
from server.protocol.text import check_text

_Value = TypeVar("_Value")

# --- bytes ------------------------------------------------------------------------------------------------------------


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """`data` in pieces, as a network might deliver it; `places` may lie anywhere, also outside."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


places = st.lists(st.integers(0, 2**16), max_size=12)


def byte_by_byte(data: bytes) -> list[bytes]:
    return [bytes([value]) for value in data]


# --- words ------------------------------------------------------------------------------------------------------------


def _is_accepted(raw: str) -> bool:
    try:
        check_nickname(raw)
    except Refusal:
        return False
    return True


def _is_sendable(raw: str) -> bool:
    try:
        check_text(raw)
    except Refusal:
        return False
    return True


nicks = (
    (st.text("영희철수ㅋaZ09_-漢é님이", min_size=1, max_size=8) | st.text(min_size=1, max_size=8))
    .filter(_is_accepted)
    .map(check_nickname)
)
"""Nicknames that pass the door."""

raw_texts = st.text(st.sampled_from("가a @＠/>[]\r\n\u2028\u0085\x1b님")) | st.text()
texts = raw_texts.filter(_is_sendable).map(check_text)
"""Messages that pass the door."""

uids = st.text("0123456789abcdef", min_size=16, max_size=16)
cids = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=36)
secrets = st.text("0123456789abcdefABCDEF", min_size=32, max_size=32)
safe_integers = st.integers(-(2**53), 2**53)
counts = st.integers(0, 2**53)
durations = st.integers(1, MAX_DURATION_S)


def optional(strategy: SearchStrategy[_Value]) -> SearchStrategy[_Value | None]:
    return st.none() | strategy


# --- frames -----------------------------------------------------------------------------------------------------------

events: SearchStrategy[Event] = st.one_of(
    st.builds(Said, counts, counts, uids, nicks, st.text(), optional(cids)),
    st.builds(Whispered, counts, counts, uids, nicks, uids, nicks, st.text(), optional(cids)),
    st.builds(Joined, counts, counts, uids, nicks),
    st.builds(Left, counts, counts, uids, nicks, st.text()),
    st.builds(Renamed, counts, counts, uids, nicks, nicks),
    st.builds(Announced, counts, counts, uids, nicks, st.text()),
    st.builds(
        Moderated,
        counts,
        counts,
        uids,
        nicks,
        st.sampled_from(Action) | st.text(),
        nicks | st.just(""),
        optional(counts),
    ),
)

json_commands: SearchStrategy[JsonCommand] = st.one_of(
    st.builds(
        Hello,
        safe_integers,
        st.text(),
        secrets,
        optional(st.builds(Resume, st.text(), safe_integers)),
        optional(st.builds(Password, st.text())),
    ),
    st.builds(Say, cids, st.text()),
    st.builds(Whisper, cids, st.text(), st.text(), optional(st.text())),
    st.builds(Rename, st.text()),
    st.builds(Register, safe_integers),
    st.builds(Unregister, safe_integers, optional(st.text())),
    st.builds(BecomeOperator, safe_integers, st.builds(Password, st.text())),
    st.builds(Kick, safe_integers, st.text()),
    st.builds(Ban, safe_integers, st.text(), optional(durations)),
    st.builds(Unban, safe_integers, st.text()),
    st.builds(Mute, safe_integers, st.text(), optional(durations)),
    st.builds(Unmute, safe_integers, st.text()),
    st.builds(Announce, safe_integers, st.text()),
    st.builds(ListSanctions, safe_integers),
    st.builds(ReadHistory, safe_integers, safe_integers, st.integers(1, 200)),
    st.builds(Search, safe_integers, st.text(), optional(st.text()), optional(safe_integers), st.integers(1, 200)),
    st.builds(Ping, safe_integers),
    st.builds(Pong, safe_integers),
    st.builds(Bye),
)

_seconds = st.floats(0, 1e6)
server_frames: SearchStrategy[ServerFrame] = st.one_of(
    events,
    st.builds(
        Welcome,
        v=counts,
        server=st.text(),
        uid=uids,
        nick=nicks,
        epoch=st.text(),
        seq=counts,
        replay_from=counts,
        members=st.lists(st.builds(Member, uids, nicks, st.booleans()), max_size=3).map(tuple),
        limits=st.builds(Limits, counts, counts, counts),
        ping_s=_seconds,
        grace_s=_seconds,
    ),
    st.builds(Presence, uids, nicks, st.booleans()),
    st.builds(
        HistoryPage,
        safe_integers,
        st.lists(events, max_size=3).map(tuple),
        st.booleans(),
        optional(counts),
        optional(counts),
    ),
    st.builds(Ping, safe_integers),
    st.builds(Pong, safe_integers),
    st.builds(Done, safe_integers, st.text()),
    st.builds(
        SanctionList,
        safe_integers,
        st.lists(st.builds(SanctionEntry, st.text(), st.text(), st.text(), counts, optional(counts)), max_size=3).map(
            tuple
        ),
        st.lists(st.builds(MemberAddress, uids, nicks, st.text()), max_size=3).map(tuple),
    ),
    st.builds(
        Refused, st.text(), st.text(), optional(cids), optional(counts), optional(safe_integers), optional(counts)
    ),
    st.builds(Closing, st.text(), st.text(), optional(counts)),
)
