"""All of the corpora, sent as everything that can be sent, at a real server: what comes out at the others, in its log and its file."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from server.protocol.errors import Refusal
from server.protocol.password import Password
from server.protocol.text import check_text
from server.secret_file import new_secret, write_secret
from tests.corpora.files import json_cases
from tests.hostile.attacker import answer, answered, frame, frames, lines, nicknames_at_the_door, objects, texts
from tests.hostile.harmless import assert_harmless, assert_json_harmless, assert_plain_harmless
from tests.support.json_client import JsonClient
from tests.support.plain_client import PlainClient
from tests.support.room import Room, barrier
from tests.support.server_process import ServerProcess, run_server
from tests.support.waiting import until
from tests.system.test_line_mode import Script

KEY = "열쇠 꾸러미 123"
ENTRY = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [a-z_.]+: .+")


ORDERS = (
    *(
        ("kick", "nick"),
        ("ban", "target"),
        ("unban", "target"),
        ("mute", "nick"),
        ("unmute", "nick"),
        ("announce", "text"),
    ),
    *(("operator", "key"), ("unregister", "nick"), ("history", "before")),
)
"""What somebody who is no operator may try, and which of its fields is text."""


@dataclass(frozen=True)
class Battered:
    """A room after the attack, everybody still in it."""

    server: ServerProcess
    plain: PlainClient
    json: JsonClient
    line: Script
    plain_attacker: PlainClient
    json_attacker: JsonClient
    at_the_door: tuple[bytes, ...]


@pytest.fixture(scope="module")
def battered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Battered]:
    home = tmp_path_factory.mktemp("battered")
    with ExitStack() as ends:
        key_file = home / "operator-key"
        write_secret(key_file, new_secret(Password(KEY)))
        options = ("--log-level", "debug", "--max-clients", "2000", "--operator-key-file", str(key_file))
        server = ends.enter_context(ServerProcess(home, *options))
        room = Room(server, ends)
        witness, listener = room.plain("구경꾼"), room.json("목격자")
        script = Script(home / "script", "--nick", "줄", "--port", str(server.port))
        ends.callback(script.end)
        witness.wait_for_line("줄님이 입장하셨습니다.")
        attackers = room.plain("평문"), room.json("제이슨")
        _talk(*attackers)
        _rename(*attackers)
        _announce(room.json("운영"))
        doors = tuple(nicknames_at_the_door(server.port))
        barrier(witness, witness, listener, text="공격은 끝났습니다")
        until(lambda: "구경꾼> 공격은 끝났습니다" in script.shown)
        yield Battered(server, witness, listener, script, *attackers, doors)


def _talk(plain: PlainClient, client: JsonClient) -> None:
    """Everything as a message to all and to each of the others, in either dialect, and as a line and a frame."""
    for name in ("구경꾼", "목격자", "줄"):
        plain.send_bytes(b"".join(f"@{name} ".encode() + line + b"\n" for line in lines()))
        client.send_bytes(b"".join(frames(whisper_to(name))))
    plain.send_bytes(b"".join(line + b"\n" for line in lines()))
    client.send_bytes(b"".join(frames(lambda text, cid: {"t": "say", "cid": cid, "text": text})))
    client.send_bytes(b"".join(frames(lambda text, cid: {"t": "say", "cid": text, "text": "이름표"})))
    client.send_bytes(b"".join(frames(lambda text, cid: {"t": text, "cid": cid, "id": 1})))
    for kind, field in ORDERS:
        some = 5 if kind != "operator" else 400  # each wrong key is hashed, without limits one after the other
        client.send_bytes(b"".join(list(frames(order(kind, field)))[::some]))
    searches = list(frames(lambda text, _: {"t": "search", "id": 7, "query": text[:90], "limit": 1}))
    client.send_bytes(b"".join(searches[::10]))
    client.send_bytes(b"".join(line + b"\n" for line in [*lines(), *objects()]))
    answered(client)


def _announce(operator: JsonClient) -> None:
    """Even an operator can't do harm with a text."""
    operator.send(t="operator", id=1, key=KEY)
    operator.until(lambda frame: frame.kind == "done")
    operator.send_bytes(b"".join(frames(order("announce", "text"))))
    answered(operator)


def whisper_to(name: str) -> Callable[[str, str], Mapping[str, object]]:
    # A `cid` is ASCII, and no two are the same.
    return lambda text, cid: {"t": "whisper", "cid": f"{name.encode().hex()[:12]}{cid}", "to": name, "text": text}


def order(kind: str, field: str) -> Callable[[str, str], Mapping[str, object]]:
    return lambda text, _: {"t": kind, "id": 1, field: text}


def _rename(plain: PlainClient, client: JsonClient) -> None:
    plain.send_bytes(b"".join("/닉 ".encode() + line + b"\n" for line in lines()))
    client.send_bytes(b"".join(frames(lambda text, _: {"t": "nick", "nick": text})))
    answered(client)


def test_the_server_has_lived_through_it(battered: Battered) -> None:
    assert battered.server.running
    answered(battered.json)
    assert battered.server.resident_kib < 250_000


def test_nothing_that_attacks_comes_out_at_a_plain_client(battered: Battered) -> None:
    for client in (battered.plain, battered.plain_attacker):
        assert_plain_harmless(client.received.data)


def test_nothing_that_attacks_comes_out_at_a_json_client(battered: Battered) -> None:
    for client in (battered.json, battered.json_attacker):
        assert_json_harmless(client.received.data)


def test_nothing_that_attacks_is_answered_at_the_door(battered: Battered) -> None:
    assert len(battered.at_the_door) == len(lines()) + len(texts())
    for received in battered.at_the_door:
        assert_json_harmless(received)
    assert sum(b"welcome" in received for received in battered.at_the_door) > 10, "some are fine nicknames"


def test_nothing_that_attacks_comes_out_of_line_mode(battered: Battered) -> None:
    assert_harmless("\n".join(battered.line.shown))
    assert len(battered.line.messages) > len(texts())


def test_whatever_may_be_said_has_arrived_clean_at_everybody(battered: Battered) -> None:
    """Or nothing harmful came out only because nothing came out."""
    said = [clean for text in texts() if (clean := _sendable(text))]
    assert len(said) > 1_000
    heard = {text for line in battered.json.public for text in [line.partition("> ")[2]]}
    assert [text for text in said if text not in heard] == []
    shown = {line.partition("> ")[2] for line in battered.plain.lines}
    assert [row for text in said for row in text.split("\n") if row not in shown] == []


def test_no_line_at_a_plain_client_is_anything_but_what_it_seems(battered: Battered) -> None:
    """Every line begins as the dialect says: with a nickname that somebody has, with what is private or a notice, or it tells of one."""
    nicks = {frame.text("nick") for frame in battered.json.events}
    for line in battered.plain.lines:
        speaker = line.partition("> ")[0]
        assert line.startswith(("[귓속말", "[알림] ", "[공지] ")) or speaker in nicks or line.endswith("하셨습니다."), (
            line
        )


def test_the_log_has_one_harmless_line_for_each_entry(battered: Battered) -> None:
    written = battered.server.stderr
    assert_harmless(written)
    entries = written.removesuffix("\n").split("\n")
    assert len(entries) > 100
    assert [entry for entry in entries if not ENTRY.fullmatch(entry)] == []
    assert not any(nick in written for nick in ("구경꾼", "이름표", "paypal"))


def test_what_is_exported_is_harmless(battered: Battered) -> None:
    exported = run_server(battered.server.home, "--export", "-")
    assert exported.returncode == 0
    assert len(exported.stdout) > 100_000
    assert_json_harmless(exported.stdout.encode())


@pytest.mark.parametrize("name", ["n_structure_100000_opening_arrays.json", "n_structure_open_array_object.json"])
def test_what_is_nested_beyond_any_line_ends_its_connection_alone(battered: Battered, name: str) -> None:
    assert_json_harmless(answer(battered.server.port, json_cases()[name] + b"\n"))
    assert_json_harmless(answer(battered.server.port, frame(t="hello") + json_cases()[name] + b"\n"))
    answered(battered.json)


def _sendable(text: str) -> str:
    try:
        return check_text(text)
    except Refusal:
        return ""


def test_the_scanner_sees_what_it_is_for() -> None:
    for attack in ("\x1b[2J", "\x9b2J", "\u202e", "\r", "\u2028", "\u200b", "\ud800"):
        with pytest.raises(AssertionError):
            assert_harmless(f"가{attack}나")
        with pytest.raises(AssertionError):
            assert_json_harmless(frame(t=[{"x": f"가{attack}나"}]))
    with pytest.raises(UnicodeDecodeError):
        assert_plain_harmless(b"\x9b2J")
