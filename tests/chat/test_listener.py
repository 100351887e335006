"""The whole server: where it listens, how it stops, what it is when its log fails, what one client can cost."""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from server.config import Config
from server.listener import ListenError, bind, start_server
from server.log.names import NameChange
from server.log.seating import KeptSeat
from server.log.store import Record, Store, StoreError
from server.protocol import phrases
from tests.support.in_process import PATIENT, SHORT, InProcess, in_process
from tests.support.plain_client import PlainClient
from tests.support.samples import records, said
from tests.support.seams import BROKEN, GatedStore, Memory
from tests.support.tasks import Task
from tests.support.waiting import DEADLINE_S, until


@pytest.fixture
def room() -> Iterator[InProcess]:
    with in_process() as one:
        yield one


# --- listening --------------------------------------------------------------------------------------------------------


def test_a_free_port_is_taken_and_told(room: InProcess) -> None:
    assert room.host == "127.0.0.1"
    assert room.port > 0
    room.plain("영희")


def sentence(host: str, port: int) -> str:
    with pytest.raises(ListenError) as refused:
        bind(host, port).close()
    return refused.value.text


def test_a_port_in_use_is_said(room: InProcess) -> None:
    assert sentence("127.0.0.1", room.port) == phrases.port_in_use("127.0.0.1", room.port)


@pytest.mark.parametrize(
    "host", ["203.0.113.1", "no such host", "::1", "a" * 300, "가" * 100], ids=lambda host: host[:12]
)
def test_an_address_that_is_not_ours_is_said(host: str) -> None:
    assert sentence(host, 0) == phrases.address_unusable(host)


@contextmanager
def nobody_special() -> Iterator[None]:
    """For root, who may use every port: be somebody else for a moment."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(own)


@pytest.mark.skipif(os.name != "posix", reason="ports are for everybody there")
def test_a_port_of_the_system_is_said() -> None:
    with nobody_special():
        told = sentence("127.0.0.1", 1)
    assert told == phrases.port_forbidden("127.0.0.1", 1)


def test_who_cannot_listen_touches_no_log(room: InProcess) -> None:
    opened: list[Config] = []

    def open_store(config: Config) -> Store:
        opened.append(config)
        return Memory(10)

    with pytest.raises(ListenError):
        start_server(Config(port=room.port), open_store, lambda: None)
    assert opened == []


def test_who_cannot_open_the_log_gives_the_port_back() -> None:
    def fail(_config: Config) -> Store:
        raise StoreError(BROKEN)

    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    with pytest.raises(StoreError) as failed:
        start_server(Config(port=port), fail, lambda: None)
    bind("127.0.0.1", port).close()
    assert failed.value.text == BROKEN


class Unreadable(Memory):
    """Opens, and then can't say who was in the room."""

    is_closed = False

    def seated(self) -> tuple[KeptSeat, ...]:
        raise StoreError(BROKEN)

    def close(self) -> None:
        super().close()
        self.is_closed = True


def test_a_log_of_no_use_is_let_go_of_with_its_threads() -> None:
    store = Unreadable()
    with pytest.raises(StoreError):
        start_server(Config(port=0), lambda _config: store, lambda: None)
    assert store.is_closed


class Lossy(Memory):
    """Finds out at the end that it has lost something."""

    def close(self) -> None:
        super().close()
        raise StoreError(BROKEN)


def test_what_is_found_to_be_lost_at_the_end_is_told_to_the_owner() -> None:
    with in_process(store=Lossy()) as room:
        assert room.server.storage_failure is None
    assert room.server.storage_failure == BROKEN


# --- stopping ---------------------------------------------------------------------------------------------------------


def test_everybody_is_told_of_a_stop_in_their_dialect(room: InProcess) -> None:
    plain, json, stranger, begun = room.plain("영희"), room.json("철수"), room.stranger(), room.json_stranger()
    begun.send_bytes(b"{}\n")
    begun.refused("bad_frame")
    until(lambda: len(room.channels) == 4)
    room.stop()
    for client in (plain, json, stranger, begun):
        client.wait_until_closed()
    assert plain.lines[-1] == stranger.lines[-1] == phrases.NOTICE + phrases.SHUTDOWN
    assert [client.frames[-1].text("code") for client in (json, begun)] == ["shutdown", "shutdown"]


class RememberedStore(Memory):
    """Lets the test see what was in it when it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_what_was_said_before_a_stop_is_kept_and_a_stop_is_no_leaving() -> None:
    store = RememberedStore(1000)
    with in_process(store=store) as room:
        clients = [room.json(f"손님{number}") for number in range(5)]
        for client in clients:
            client.say_and_wait("안녕")
        room.stop()
    kinds = [type(record.event).__name__ for record in store._records]
    assert kinds == ["Joined"] * 5 + ["Said"] * 5
    assert store.closed


def test_neither_sleepers_nor_who_never_stops_delay_a_stop(room: InProcess) -> None:
    sleeper, chatterbox = room.json_stranger(reading=False), room.plain("영희")
    sleeper.send(t="hello", v=1, nick="철수", client=sleeper.secret)
    flooding = Task(lambda: flood(chatterbox))
    chatterbox.wait_for_line("영희> 안녕하세요")
    stopping = Task(room.stop)
    assert stopping.finish(3) is None
    flooding.finish()


def test_a_stop_is_not_delayed_by_a_long_farewell() -> None:
    with in_process(timeouts=replace(PATIENT, farewell_s=60)) as room:
        room.plain("영희")
        assert Task(room.stop).finish(3) is None
        room.wait_until_alone()


def flood(client: PlainClient) -> None:
    """Talk for as long as anybody listens."""
    with suppress(OSError):
        while True:
            client.send_bytes("안녕하세요\n".encode() * 1000)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted where Linux lists them")
def test_a_stopped_server_leaves_no_thread_and_no_descriptor() -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    threads, before = set(threading.enumerate()), descriptors()
    with in_process() as room:
        room.plain("영희").speak("안녕")
        room.json("철수").leave()
        room.stranger()
    assert set(threading.enumerate()) <= threads
    assert descriptors() == before


def test_being_alone_is_measured_from_the_last_connection_on(room: InProcess) -> None:
    until(lambda: room.server.idle_s() > 0.05)
    client = room.plain("영희")
    assert room.server.idle_s() == 0
    client.close()
    until(lambda: room.server.idle_s() > 0)
    assert room.server.idle_s() < 5


# --- when the log fails -----------------------------------------------------------------------------------------------


class BreakingStore(Memory):
    broken = False

    def append(self, records: Sequence[Record], names: Sequence[NameChange] = ()) -> None:
        if self.broken:
            raise StoreError(BROKEN)
        super().append(records, names)


def test_a_log_that_fails_is_told_to_everybody_and_to_the_owner() -> None:
    store, failures = BreakingStore(1000), threading.Semaphore(0)
    with in_process(store=store, on_failure=failures.release) as room:
        plain, json = room.plain("영희"), room.json("철수")
        store.broken = True
        plain.speak("이 말은 없던 말입니다")
        assert failures.acquire(timeout=DEADLINE_S)
        assert room.server.storage_failure
        room.stop()
        for client in (plain, json):
            client.wait_until_closed()
        assert plain.lines[-1] == phrases.NOTICE + phrases.STORAGE_ERROR
        assert json.frames[-1].text("code") == "storage_error"
        assert not [line for line in plain.lines + json.lines if "없던 말" in line]


def test_a_server_that_stops_as_asked_has_not_failed(room: InProcess) -> None:
    room.plain("영희")
    room.stop()
    assert room.server.storage_failure is None


# --- what one client can cost -----------------------------------------------------------------------------------------


def test_nothing_is_said_before_it_is_committed() -> None:
    store = GatedStore()
    store.gate.set()
    with in_process(store=store) as room:
        clients = [room.json("영희"), room.json("철수")]
        store.gate.clear()
        store.reached.clear()
        clients[0].say("안녕")
        assert store.reached.wait(DEADLINE_S)
        clients[1].ping(1)
        assert [client.public for client in clients] == [[], []]
        store.gate.set()
        for client in clients:
            client.hear("영희> 안녕")


def test_answers_nobody_reads_do_not_pile_up() -> None:
    """A page of history is a large answer to a small question, and many questions fit into one packet."""
    store = Memory()
    store.append(records(*(said(seq, "가" * 2000) for seq in range(1, 201))))
    with in_process(store=store, timeouts=SHORT) as room:
        greedy = room.json_stranger(reading=False)
        greedy.send(t="hello", v=1, nick="영희", client=greedy.secret)
        greedy.send_bytes(b'{"t":"history","id":1,"before":300}\n' * 1000)
        until(lambda: bool(room.channels))
        peak = 0

        def is_cut_off() -> bool:
            nonlocal peak
            peak = max([peak, *(channel.backlog_bytes for channel in room.channels)])
            return not room.channels

        until(is_cut_off)
        assert peak < 2_000_000
