"""Reading the past is charged to the address it is read for, and done by the reader's own thread: nobody else waits for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from server.addresses import MAX_READERS
from server.config import Config, PerAddress, Timeouts
from server.log.store import Page
from server.pages import history_page
from server.protocol.events import ReadHistory
from server.protocol.search import SearchPattern
from server.rate import Rate
from server.subscriber import CATCH_UP_BYTES
from tests.support.in_process import PATIENT, InProcess, in_process
from tests.support.json_client import JsonClient
from tests.support.samples import MINSU, conversation, records, said, whispered
from tests.support.seams import Memory
from tests.support.tasks import Task
from tests.support.waiting import until

EVENTS = 3000
SLOW = Rate(1000, 2000)
STANDSTILL = Rate(100, 0.001)
QUICK_S = 0.5


class WatchedStore(Memory):
    """Notes which threads have read the past, and how many events."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: set[int] = set()
        self.events_read = 0

    def read_after(self, seq: int, viewer: str, limit: int) -> list[tuple[int, bytes]]:
        self.readers.add(threading.get_ident())
        rows = super().read_after(seq, viewer, limit)
        self.events_read += len(rows)
        return rows

    def search(self, pattern: SearchPattern, nick: str | None, before: int, viewer: str, limit: int) -> Page:
        self.readers.add(threading.get_ident())
        return super().search(pattern, nick, before, viewer, limit)


@contextmanager
def reading_room(
    rate: Rate, *, store: Memory | None = None, replay_events: int = 1, timeouts: Timeouts = PATIENT
) -> Iterator[InProcess]:
    """A room with a past, in which this machine's clients may read at `rate`."""
    if store is None:
        store = WatchedStore()
        store.append(conversation(1, EVENTS))
    limits = PerAddress(connections=100, new=Rate(1000, 1000), reading=rate)
    config = Config(per_address=limits, limit_loopback=True, replay_events=replay_events)
    with in_process(store=store, config=config, timeouts=timeouts) as room:
        yield room


def resume(room: InProcess, nick: str, seq: int = 0, *, reading: bool = True) -> JsonClient:
    """Somebody who comes back, having seen nothing after `seq`."""
    client = room.json_stranger(reading=reading)
    client.nick = nick
    resume = {"epoch": room.server._services.store.epoch, "seq": seq}
    client.send(t="hello", v=1, nick=nick, client=client.secret, resume=resume)
    return client


def seqs(client: JsonClient) -> list[int]:
    return [event.number("seq") for event in client.events]


def echo_s(client: JsonClient) -> float:
    began = time.monotonic()
    client.say_and_wait("들리나요")
    return time.monotonic() - began


# --- coming back ------------------------------------------------------------------------------------------------------


def test_the_past_is_replayed_whole_in_order_and_at_its_pace() -> None:
    with reading_room(SLOW) as room:
        began = time.monotonic()
        client = resume(room, "영희")
        client.until(lambda frame: frame.kind == "joined")
        assert time.monotonic() - began >= 0.9 * (EVENTS - SLOW.burst - 256) / SLOW.per_s
        assert seqs(client) == list(range(1, EVENTS + 2))


def test_what_is_said_meanwhile_follows_the_past() -> None:
    with reading_room(SLOW) as room:
        speaker, reader = room.json("철수"), resume(room, "영희")
        for number in range(20):
            speaker.say_and_wait(f"{number}")
        reader.hear("철수> 19")
        assert seqs(reader) == list(range(1, EVENTS + 23))


def test_a_long_past_is_read_by_whoever_asks_for_it_and_by_nobody_else() -> None:
    with reading_room(Rate(10_000, 10_000)) as room:
        resume(room, "영희").until(lambda frame: frame.kind == "joined")
        store = room.server._services.store
        assert isinstance(store, WatchedStore)
        assert store.readers
        others = [thread for thread in threading.enumerate() if not thread.name.startswith("Dummy")]
        assert store.readers.isdisjoint(thread.ident for thread in others)  # clients' threads have no name


def test_what_is_long_is_not_read_in_vain() -> None:
    store = WatchedStore()
    store.append(records(*(said(seq, "가" * 2000) for seq in range(1, 1501))))
    with reading_room(Rate(1e6, 1e6), store=store) as room:
        resume(room, "영희").until(lambda frame: frame.kind == "joined")
        assert store.events_read < 1.5 * 1500


def test_who_waits_for_the_past_keeps_nobody_waiting() -> None:
    with reading_room(STANDSTILL) as room:
        bystander = room.json("철수")
        readers = [resume(room, f"손님{number}") for number in range(5)]
        bystander.until(lambda frame: frame.kind == "joined" and frame.text("nick") == "손님4")
        assert max(echo_s(bystander) for _ in range(10)) < QUICK_S
        assert all(len(reader.events) < EVENTS for reader in readers)


def test_coming_back_again_and_again_does_not_help() -> None:
    with reading_room(Rate(EVENTS, 0.001)) as room:
        first = resume(room, "영희")
        first.until(lambda frame: frame.kind == "joined")
        first.leave()
        again = resume(room, "철수")
        again.until(lambda frame: frame.kind == "welcome")
        again.send(t="ping", n=1)
        assert Task(lambda: again.until(lambda frame: frame.kind == "pong")).waits()
        assert seqs(again) == []


def test_what_a_client_has_seen_is_not_charged() -> None:
    with reading_room(STANDSTILL) as room:
        for number in range(10):
            client = resume(room, f"손님{number}", EVENTS)
            client.until(lambda frame: frame.kind == "joined")
            client.reset()


def test_a_server_stops_at_once_though_somebody_waits_for_the_past() -> None:
    with reading_room(STANDSTILL) as room:
        reader = resume(room, "영희")
        reader.until(lambda frame: frame.kind == "message")
        assert Task(room.stop).finish(1.5) is None
        reader.wait_until_closed()
        assert reader.frames[-1].text("code") == "shutdown"


@pytest.mark.parametrize("how", ["gone", "replaced"])
def test_who_is_gone_or_replaced_is_not_read_for(how: str) -> None:
    with reading_room(STANDSTILL, timeouts=replace(PATIENT, grace_s=0)) as room:
        witness, reader = room.json("철수"), resume(room, "영희")
        reader.until(lambda frame: frame.kind == "message")
        if how == "gone":
            reader.reset()
            witness.until(lambda frame: frame.kind == "left", 3)
        else:
            with ExitStack() as clients:
                other = clients.enter_context(JsonClient(room.port, secret=reader.secret))
                other.hello("영희")
                reader.wait_until_closed(3)


def test_who_reads_nothing_of_the_past_is_ended_and_holds_little() -> None:
    store = Memory()
    store.append(records(*(said(seq, "가" * 2000) for seq in range(1, 1501))))
    with reading_room(
        Rate(1e6, 1e6), store=store, timeouts=replace(PATIENT, slow_reader_s=0.5, farewell_s=0.2)
    ) as room:
        witness, _ = room.json("철수"), resume(room, "영희", reading=False)
        peak = 0

        def has_gone() -> bool:
            nonlocal peak
            peak = max([peak, *(channel.backlog_bytes for channel in room.channels)])
            return any(frame.kind == "presence" and not frame.truth("online") for frame in list(witness.frames))

        until(has_gone)
        assert 0 < peak < 2 * CATCH_UP_BYTES


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_whispers_of_others_that_were_passed_over_are_charged() -> None:
    store, charged = Memory(), list[int]()
    store.append(records(*(whispered(seq) for seq in range(1, 500))))
    for only in (False, True):
        assert history_page(store, MINSU, ReadHistory(1, 2**53, 1, only), charged.append).events == ()
    assert charged == [499, 499]


def test_pages_beyond_what_an_address_may_read_wait() -> None:
    with reading_room(Rate(400, 1000)) as room:
        reader, neighbour = room.json("영희"), room.json("철수")
        began = time.monotonic()
        for client in (reader, neighbour, reader, neighbour, reader):
            client.history(EVENTS)
        assert time.monotonic() - began >= 0.9 * (800 - 400) / 1000


def test_searches_are_charged_by_what_they_look_at() -> None:
    with reading_room(Rate(1, 8000)) as room:
        reader = room.json("영희")
        began = time.monotonic()
        for number in range(2):
            reader.send(t="search", id=number, query="없는 말")
            reader.until(lambda frame: frame.kind == "history" and frame.number("id") == number)  # noqa: B023 -- at once
        assert time.monotonic() - began >= 0.9 * (1000 + EVENTS) / 8000


def test_who_must_wait_for_a_page_is_heard_first_and_keeps_nobody_waiting() -> None:
    with reading_room(STANDSTILL) as room:
        reader, bystander = room.json("영희"), room.json("철수")
        reader.history(EVENTS)
        reader.say("이 말은 기다리지 않습니다")
        for number in range(2, 5):
            reader.send(t="history", id=number, before=EVENTS)
        bystander.hear("영희> 이 말은 기다리지 않습니다")
        assert max(echo_s(bystander) for _ in range(10)) < QUICK_S
        began = time.monotonic()
        room.stop()
        assert time.monotonic() - began < 1.5


def test_this_machine_reads_as_much_as_it_likes() -> None:
    store = Memory()
    store.append(conversation(1, EVENTS))
    config = Config(per_address=PerAddress(reading=STANDSTILL))
    with in_process(store=store, config=config) as room:
        reader = room.json("영희")
        assert len(reader.whole_history()) == EVENTS + 1


def test_few_are_welcomed_at_a_time() -> None:
    """What that takes would be held for each of ten thousand who come at once."""
    with in_process() as chat, ExitStack() as held:
        member, newcomer = chat.json("영희"), chat.json_stranger()
        for _ in range(MAX_READERS):
            held.enter_context(chat.server._services.addresses.readers)
        newcomer.ask_in("철수")
        member.until(lambda frame: frame.kind == "joined" and frame.text("nick") == "철수")
        for text in "가나다":
            member.say_and_wait(text)
        assert newcomer.lines == []
        held.close()
        newcomer.until(lambda frame: frame.kind == "welcome")
