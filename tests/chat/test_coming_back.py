"""Connections that break and come back, over real sockets: what was missed, what was sent twice, and what the others see of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.log.sqlite import SqliteStore
from tests.support.in_process import PATIENT, InProcess, in_process
from tests.support.json_client import Frame, JsonClient
from tests.support.room import barrier
from tests.support.waiting import until

BRIEF = replace(PATIENT, grace_s=1.5)
"""A grace that a test can wait for, and long enough to come back in on a busy machine."""


@pytest.fixture
def room() -> Iterator[InProcess]:
    with in_process() as one:
        yield one


def drop(client: JsonClient, *witnesses: JsonClient) -> None:
    """Cut a connection off, and wait until that was noticed."""
    client.reset()
    for witness in witnesses:
        wait_for_presence(witness, client.nick, online=False)


def wait_for_presence(witness: JsonClient, nick: str, *, online: bool, after: int = 0) -> Frame:
    return witness.until(
        lambda frame: frame.kind == "presence" and frame.text("nick") == nick and frame.truth("online") is online,
        after=after,
    )


def come_back(room: InProcess, client: JsonClient) -> JsonClient:
    """A new connection of the same client, put where the old one was."""
    again = room.json_stranger(secret=client.secret)
    again.nick, again.uid = client.nick, client.uid
    resume = {"epoch": client.frames[0].text("epoch"), "seq": client.events[-1].number("seq")}
    again.send(t="hello", v=1, nick=client.nick, client=client.secret, resume=resume)
    again.until(lambda frame: frame.kind == "welcome")
    return again


def seqs(client: JsonClient) -> list[int]:
    return [frame.number("seq") for frame in client.events]


# --- a connection breaks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["close", "reset"])
def test_who_is_cut_off_has_not_left(room: InProcess, how: str) -> None:
    young, cheol, plain = room.json("영희"), room.json("철수"), room.plain("민수")
    young.close() if how == "close" else young.reset()
    presence = wait_for_presence(cheol, "영희", online=False)
    assert presence.fields == {"t": "presence", "uid": young.uid, "nick": "영희", "online": False}
    barrier(plain, plain, cheol)
    assert (cheol.departures, plain.departures) == ([], [])


def test_who_comes_back_sees_exactly_what_was_missed_and_nobody_sees_a_thing(room: InProcess) -> None:
    young, cheol, plain = room.json("영희"), room.json("철수"), room.plain("민수")
    barrier(plain, plain, young, text="있을 때")
    drop(young, cheol)
    cheol.say_and_wait("하나")
    cheol.whisper("영희", "너에게만")
    cheol.until(lambda frame: frame.kind == "whisper")
    plain.speak("둘")
    barrier(plain, plain, cheol)
    missed = [seq for seq in seqs(cheol) if seq > seqs(young)[-1]]
    again = come_back(room, young)
    wait_for_presence(cheol, "영희", online=True)
    again.hear("민수> 여기까지")
    assert again.frames[0].number("replay_from") == seqs(young)[-1] + 1
    assert seqs(again) == missed
    assert again.private == ["[귓속말] 철수> 너에게만"]
    barrier(again, again, cheol, plain, text="다 같이")
    assert (cheol.arrivals.count("영희"), cheol.departures) == (1, [])
    assert (plain.arrivals, plain.departures) == (["민수"], [])


def test_what_was_sent_twice_stands_once(room: InProcess) -> None:
    young, cheol = room.json("영희"), room.json("철수")
    young.say_and_wait("하나", "c1")
    drop(young, cheol)
    again = come_back(room, young)
    again.say("하나", "c1")
    again.say("둘", "c2")
    again.hear("영희> 둘")
    cheol.hear("영희> 둘")
    assert cheol.public == ["영희> 하나", "영희> 둘"]
    echo = again.until(lambda frame: frame.kind == "message" and frame.text("text") == "하나")
    assert echo.number("seq") == young.events[-1].number("seq"), "it learns that it stood already"


def test_an_old_connection_that_still_stands_is_told_that_it_was_replaced(room: InProcess) -> None:
    young, cheol = room.json("영희"), room.json("철수")
    again = come_back(room, young)
    young.wait_until_closed()
    assert (young.frames[-1].kind, young.frames[-1].text("code")) == ("closing", "replaced")
    barrier(again, again, cheol)
    assert [frame for frame in cheol.frames if frame.kind in ("presence", "left")] == []
    assert cheol.arrivals == ["영희", "철수"]


def test_a_seat_that_was_left_is_not_kept(room: InProcess) -> None:
    young, cheol = room.json("영희"), room.json("철수")
    young.leave()
    gone = cheol.until(lambda frame: frame.kind == "left")
    assert gone.text("reason") == "quit"
    assert [frame for frame in cheol.frames if frame.kind == "presence"] == []


def test_a_newcomer_sees_who_is_away_and_hears_who_comes_back(room: InProcess) -> None:
    young, cheol = room.json("영희"), room.json("철수")
    drop(young, cheol)
    newcomer = room.json("민수")
    members = {one.text("nick"): one.fields.get("away", False) for one in newcomer.frames[0].frames("members")}
    assert members == {"영희": True, "철수": False, "민수": False}
    come_back(room, young)
    wait_for_presence(newcomer, "영희", online=True)
    assert [frame.truth("online") for frame in newcomer.frames if frame.kind == "presence"] == [True]


def test_a_nickname_in_grace_belongs_to_its_client(room: InProcess) -> None:
    young, cheol = room.json("영희"), room.json("철수")
    drop(young, cheol)
    stranger = room.json_stranger()
    stranger.send(t="hello", v=1, nick="영희", client=stranger.secret)
    stranger.refused("nick_in_use")


def test_two_windows_of_one_client_are_told_apart(room: InProcess) -> None:
    witness, first = room.json("철수"), room.json("영희")
    second = room.json("영희2", secret=first.secret)
    drop(second, witness)
    assert first.uid == second.uid
    barrier(first, first, witness)
    assert [frame.text("nick") for frame in witness.frames if frame.kind == "presence"] == ["영희2"]


def test_when_the_grace_is_over_there_is_one_left(room: InProcess) -> None:
    with in_process(timeouts=BRIEF) as brief:
        young, cheol, plain = brief.json("영희"), brief.json("철수"), brief.plain("민수")
        drop(young, cheol)
        plain.wait_for_line("영희님이 퇴장하셨습니다.")
        gone = cheol.until(lambda frame: frame.kind == "left")
        assert (gone.text("nick"), gone.text("reason")) == ("영희", "lost")
        seen = len(cheol.frames)
        again = come_back(brief, young)
        cheol.until(lambda frame: frame.kind == "joined" and frame.text("nick") == "영희", after=seen)
        barrier(again, again, cheol, plain)
        assert (plain.departures, cheol.departures) == (["영희"], ["영희"])


def test_both_ends_may_close_at_once(room: InProcess) -> None:
    """The client closes while the server throws its connection out for another one of it."""
    cheol, young = room.json("철수"), room.json("영희")
    for _ in range(20):
        again = room.json_stranger(secret=young.secret)
        again.nick = young.nick
        again.send(t="hello", v=1, nick="영희", client=young.secret)
        young.close()
        again.until(lambda frame: frame.kind == "welcome")
        young = again
    barrier(young, young, cheol)
    assert (cheol.arrivals, cheol.departures) == (["철수", "영희"], [])
    until(lambda: len(room.channels) == 2)


# --- a server ends and starts again -----------------------------------------------------------------------------------

MANY = 50


def test_many_who_come_back_after_a_restart_have_neither_left_nor_joined(tmp_path: Path) -> None:
    path = tmp_path / "soksak.db"
    with in_process(store=SqliteStore(path)) as first:
        clients = [first.json(f"손님{number}") for number in range(MANY)]
        barrier(clients[0], *clients, text="끝나기 전")
        first.stop()
        for client in clients:
            client.wait_until_closed()
    store = SqliteStore(path)
    before = store.head
    with in_process(store=store) as second:
        assert all(member.away for member in second.server._services.room.members)
        again = [come_back(second, client) for client in clients]
        barrier(again[0], *again, text="다시 만난 뒤")
        for client in again:
            assert seqs(client) == [before + 1]
            wait_until_nobody_is_away(client)


def wait_until_nobody_is_away(client: JsonClient) -> None:
    """As far as a client can know: by its welcome and all that it was told since."""

    def away() -> set[str]:
        nicks = {one.text("nick") for one in client.frames[0].frames("members") if one.has("away")}
        for frame in list(client.frames):
            if frame.kind == "presence":
                nicks = nicks - {frame.text("nick")} if frame.truth("online") else nicks | {frame.text("nick")}
        return nicks

    until(lambda: not away())


def test_who_does_not_come_back_after_a_restart_leaves_after_the_grace(tmp_path: Path) -> None:
    path = tmp_path / "soksak.db"
    with in_process(store=SqliteStore(path)) as first:
        young, _ = first.json("영희"), first.json("철수")
    with in_process(store=SqliteStore(path), timeouts=BRIEF) as second:
        again = come_back(second, young)
        gone = again.until(lambda frame: frame.kind == "left")
        assert (gone.text("nick"), gone.text("reason")) == ("철수", "lost")
        barrier(again, again)
        assert again.departures == ["철수"]


def test_a_plain_seat_is_free_at_once_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "soksak.db"
    with in_process(store=SqliteStore(path)) as first:
        young, _ = first.json("영희"), first.plain("철수")
        young.until(lambda frame: frame.kind == "joined" and frame.text("nick") == "철수")
    with in_process(store=SqliteStore(path)) as second:
        plain = second.plain("철수")
        again = come_back(second, young)
        barrier(plain, plain, again)
        assert (again.departures, again.arrivals) == (["철수"], ["철수"])
