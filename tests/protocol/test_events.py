"""The vocabulary: what a frame is called, what may stand in it, who may see it, what a code means."""

import msgspec
import pytest

from server.protocol.errors import Code
from server.protocol.events import (
    MAX_PAGE,
    Cid,
    Event,
    JsonCommand,
    PageLimit,
    PlainCommand,
    SafeInteger,
    Secret,
    ServerFrame,
    visible_to,
)
from tests.support.samples import CHEOLSU, MINSU, YOUNGHEE, announced, joined, left, moderated, renamed, said, whispered

COMMANDS = {
    "Hello": "hello",
    "Say": "say",
    "Whisper": "whisper",
    "Rename": "nick",
    "Register": "register",
    "Unregister": "unregister",
    "BecomeOperator": "operator",
    "Kick": "kick",
    "Ban": "ban",
    "Unban": "unban",
    "Mute": "mute",
    "Unmute": "unmute",
    "Announce": "announce",
    "ListSanctions": "sanctions",
    "ReadHistory": "history",
    "Search": "search",
    "Ping": "ping",
    "Pong": "pong",
    "Bye": "bye",
}
FRAMES = {
    "Said": "message",
    "Whispered": "whisper",
    "Joined": "joined",
    "Left": "left",
    "Renamed": "renamed",
    "Announced": "announced",
    "Moderated": "moderated",
    "Welcome": "welcome",
    "Presence": "presence",
    "HistoryPage": "history",
    "Ping": "ping",
    "Pong": "pong",
    "Done": "done",
    "SanctionList": "sanctions",
    "Refused": "refused",
    "Closing": "closing",
}
CLOSING = {
    *("too_many_tries", "tls_required", "wrong_protocol", "bad_version", "server_full", "handshake_timeout"),
    *("slow", "replaced", "storage_error", "shutdown", "auth_failed", "ip_limit", "idle", "kicked", "banned"),
}
GOING_ON = {
    *("nick_in_use", "nick_invalid", "nick_reserved", "no_such_nick", "recipient_changed", "too_long", "empty"),
    *("bad_utf8", "bad_json", "bad_frame", "unknown_type", "unknown_command", "bad_state", "cid_conflict"),
    *("rate_limited", "storage_full", "nick_limit", "muted", "not_operator", "bad_target", "not_sanctioned"),
    "sanction_limit",
}


def names_on_the_wire(union: object) -> dict[str, str]:
    members: tuple[type[msgspec.Struct], ...] = getattr(union, "__args__", ())
    return {member.__name__: str(member.__struct_config__.tag) for member in members}


def test_each_frame_travels_under_the_name_of_the_contract() -> None:
    assert names_on_the_wire(JsonCommand) == COMMANDS
    assert names_on_the_wire(ServerFrame) == FRAMES


@pytest.mark.parametrize("union", [JsonCommand, PlainCommand, ServerFrame])
def test_what_was_said_cannot_be_changed(union: object) -> None:
    members: tuple[type[msgspec.Struct], ...] = getattr(union, "__args__", ())
    assert [member for member in members if not member.__struct_config__.frozen] == []


def test_everything_in_the_log_has_a_number_and_a_time() -> None:
    assert [event for event in Event.__args__ if event.__struct_fields__[:2] != ("seq", "at")] == []


def accepts(kind: object, value: object) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (SafeInteger, [0, 2**53, -(2**53)], [2**53 + 1, -(2**53) - 1, 10**40, "1", None]),
        (Cid, ["a", "!~", "c" * 36], ["", "c" * 37, "a b", "a\n", "가", "\x7f", 5]),
        (Secret, ["0" * 32, "abcdefABCDEF0123456789abcdef0123"], ["", "0" * 31, "0" * 33, "g" * 32, "0" * 32 + "\n"]),
        (PageLimit, [1, MAX_PAGE], [0, -1, MAX_PAGE + 1]),
    ],
    ids=["integer", "cid", "secret", "limit"],
)
def test_bounds(kind: object, good: list[object], bad: list[object]) -> None:
    assert [value for value in good if not accepts(kind, value)] == []
    assert [value for value in bad if accepts(kind, value)] == []


def test_only_a_whisper_is_not_for_everyone() -> None:
    public: list[Event] = [said(1), joined(2), left(3), renamed(4, "영이"), announced(5), moderated(6)]
    assert all(visible_to(event, uid) for event in public for uid in (YOUNGHEE, CHEOLSU, MINSU, ""))
    assert [uid for uid in (YOUNGHEE, CHEOLSU, MINSU, "") if visible_to(whispered(7), uid)] == [YOUNGHEE, CHEOLSU]


def test_codes_say_whether_the_connection_ends() -> None:
    assert {code.value for code in Code if code.closes} <= CLOSING
    assert {code.value for code in Code if not code.closes} <= GOING_ON
