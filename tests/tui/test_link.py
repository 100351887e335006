"""The link's thread, against a real socket that says what the test tells it to."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from msgspec.structs import replace

from server.protocol.events import PROTOCOL_VERSION, Hello, Rename, Said, Say, Welcome
from tests.support.scripted_server import Peer, ScriptedServer, unused_port
from tests.support.waiting import DEADLINE_S, until
from tui_client import strings
from tui_client.conversation import HelloRefused, Timing
from tui_client.link import Link
from tui_client.local_server import AlreadyRunning, Failed, LocalServer
from tui_client.mailbox import Connecting, Disconnected, GaveUp, LinkEvent
from tui_client.trust import Trust
from tui_client.wire import Address

QUICK = Timing(first_retry_s=0.01, max_retry_s=0.02)
PATIENT = Timing(first_retry_s=60, max_retry_s=60)
"""So that only a wish of the user's makes it try again."""


class Screen:
    """What the app does with a link: is woken, drains. Counts what it was woken for."""

    def __init__(
        self,
        address: Address,
        timing: Timing = QUICK,
        before_connect: Callable[[threading.Event], LocalServer] | None = None,
        max_waiting_events: int = 20_000,
        jitter: Callable[[], float] = lambda: 1.0,
        clock: Callable[[], float] = time.monotonic,
        trust: Trust | None = None,
    ) -> None:
        self.nick = "영희"
        self.events: list[LinkEvent] = []
        self.wakes = 0
        self._woken = threading.Semaphore(0)
        self.link = Link(
            address,
            lambda _: Hello(PROTOCOL_VERSION, self.nick, "0" * 32),
            self._wake,
            trust=trust,
            before_connect=before_connect,
            timing=timing,
            jitter=jitter,
            clock=clock,
            max_waiting_events=max_waiting_events,
        )

    def _wake(self) -> None:
        self.wakes += 1
        self._woken.release()

    def wait_for(self, condition: Callable[[LinkEvent], bool], max_items: int = 1000) -> LinkEvent:
        """Drain when woken until an event comes for which `condition` holds; later ones of its batch are kept."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            assert self._woken.acquire(timeout=max(0.0, deadline - time.monotonic())), f"only {self.events[-5:]}"
            new = self.link.drain(max_items)
            self.events += new
            for event in new:
                if condition(event):
                    return event

    def wait_until_connected(self) -> None:
        self.wait_for(lambda event: isinstance(event, Welcome))

    def wait_for_disconnection(self) -> Disconnected:
        event = self.wait_for(lambda event: isinstance(event, Disconnected))
        assert isinstance(event, Disconnected)
        return event

    def wait_for_end(self) -> GaveUp:
        event = self.wait_for(lambda event: isinstance(event, GaveUp))
        assert isinstance(event, GaveUp)
        return event

    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Said)]

    def leave(self) -> None:
        self.link.close()
        started = time.monotonic()
        self.link.join(DEADLINE_S)
        assert not self.link.is_alive
        assert time.monotonic() - started < 2


OpenScreen = Callable[..., Screen]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as made:
        yield made


@pytest.fixture
def open_screen(server: ScriptedServer) -> Iterator[OpenScreen]:
    """Starts a link, to `server` if no other address is given, and checks at the end that it goes in time."""
    with contextlib.ExitStack() as opened:

        def open_one(address: Address | None = None, timing: Timing = QUICK, **options: object) -> Screen:
            made = Screen(address or Address("127.0.0.1", server.port), timing, **options)  # type: ignore[arg-type]
            opened.callback(made.leave)
            made.link.start()
            return made

        yield open_one


def connect(server: ScriptedServer, screen: Screen) -> Peer:
    peer = server.accept()
    peer.greet()
    screen.wait_until_connected()
    return peer


def say(peer: Peer, seq: int, text: str) -> None:
    peer.send(t="message", seq=seq, at=1, uid="b" * 16, nick="철수", text=text)


# --- talking ----------------------------------------------------------------------------------------------------------


def test_hello_is_said_and_frames_arrive_in_order(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    peer = server.accept()
    hello = peer.greet()
    assert (hello.text("nick"), hello.text("client"), hello.number("v")) == ("영희", "0" * 32, 1)
    for number in range(100):
        say(peer, number + 2, str(number))
    screen.wait_for(lambda event: isinstance(event, Said) and event.text == "99")
    assert screen.events[0] == Connecting(1)
    assert isinstance(screen.events[1], Welcome)
    assert screen.texts() == [str(number) for number in range(100)]


def test_commands_are_written_in_order(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    peer = connect(server, screen)
    screen.link.send(*(Say(f"c{number}", str(number)) for number in range(50)))
    screen.link.send(Rename("영이"))
    assert [peer.receive_kind("say").text("text") for _ in range(50)] == [str(number) for number in range(50)]
    assert peer.receive_kind("nick").text("nick") == "영이"


def test_message_larger_than_the_kernels_buffers_arrives_whole(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    peer = connect(server, screen)
    commands = [Say(f"c{number}", "가" * 2000) for number in range(2000)]
    screen.link.send(*commands)
    assert all(peer.receive_kind("say").text("cid") == command.cid for command in commands)


def test_batch_wakes_the_screen_once(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    peer = connect(server, screen)
    wakes = screen.wakes
    for number in range(2, 502):
        say(peer, number, "더")
    until(lambda: screen.link.waiting_events == 500)
    assert screen.wakes == wakes + 1


def test_what_a_drain_leaves_wakes_the_screen_again(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    peer = connect(server, screen)
    for number in range(2, 102):
        say(peer, number, str(number))
    screen.wait_for(lambda event: isinstance(event, Said) and event.text == "101", max_items=7)
    assert len(screen.texts()) == 100


def test_server_waits_while_the_screen_takes_nothing(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen(max_waiting_events=1000)
    peer = connect(server, screen)
    line = '{"t":"message","seq":9,"at":1,"uid":"b","nick":"철수","text":"가"}\n'.encode()
    sent = peer.send_until_full(line * 100)
    until(lambda: screen.link.waiting_events >= 1000)
    assert screen.link.waiting_events < 1000 + 65536 // len(line) + 1
    received = count(1)
    screen.wait_for(lambda event: next(received) == sent * 100)


# --- what is handed over while there is no connection -----------------------------------------------------------------


def test_command_before_the_screen_has_seen_the_welcome_is_left_to_the_timeline(
    server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen()
    peer = server.accept()
    screen.link.send(Say("c1", "너무 일찍"))
    peer.greet()
    until(lambda: screen.link.waiting_events == 2)
    screen.link.send(Say("c2", "아직 일찍"))
    online_before = screen.link.is_online
    screen.wait_until_connected()
    assert (online_before, screen.link.is_online) == (False, True)
    screen.link.send(Say("c3", "이제"))
    assert peer.receive_kind("say").text("cid") == "c3"


def test_command_to_a_connection_that_is_gone_does_not_reach_the_next_one(
    server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen()
    connect(server, screen).close()
    screen.wait_for_disconnection()
    screen.link.send(Say("c1", "사이"))
    peer = connect(server, screen)
    screen.link.send(Say("c2", "뒤"))
    assert peer.receive_kind("say").text("cid") == "c2"


# --- coming back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [Peer.close, Peer.reset])
def test_lost_connection_is_told_and_made_again(
    server: ScriptedServer, open_screen: OpenScreen, part: Callable[[Peer], None]
) -> None:
    screen = open_screen()
    part(connect(server, screen))
    assert screen.wait_for_disconnection().text == strings.CONNECTION_LOST
    connect(server, screen)
    assert screen.events.count(Connecting(2)) == 1


def test_pauses_grow_to_their_bound_and_the_address_is_named(open_screen: OpenScreen) -> None:
    address = Address("127.0.0.1", unused_port())
    screen = open_screen(address, replace(QUICK, first_retry_s=0.001, max_retry_s=0.005))
    attempts = count(1)
    screen.wait_for(lambda event: isinstance(event, Disconnected) and next(attempts) == 5)
    refused = [event for event in screen.events if isinstance(event, Disconnected)][:5]
    assert [event.retry_in_s for event in refused] == [0.001, 0.002, 0.004, 0.005, 0.005]
    assert {event.text for event in refused} == {
        f"{address}에 연결할 수 없습니다. 그 주소에서 실행 중인 서버가 없습니다. 서버가 켜지면 저절로 연결합니다."
    }


@pytest.mark.parametrize(("dice", "pause_s"), [(0.0, 0.02), (0.1, 0.02), (0.5, 0.05), (0.99, 0.099)])
def test_pause_is_drawn_from_all_up_to_its_bound_but_never_nothing(
    open_screen: OpenScreen, dice: float, pause_s: float
) -> None:
    timing = Timing(first_retry_s=0.1, max_retry_s=0.1, min_retry_s=0.02)
    screen = open_screen(Address("127.0.0.1", unused_port()), timing, jitter=lambda: dice)
    assert screen.wait_for_disconnection().retry_in_s == pytest.approx(pause_s)


def test_machine_that_slept_finds_out_soon_that_nobody_is_there(
    server: ScriptedServer, open_screen: OpenScreen
) -> None:
    slept = [0.0]
    timing = replace(PATIENT, measure_after_s=1000, look_every_s=0.05, woken_lost_after_s=0.1)
    screen = open_screen(timing=timing, clock=lambda: time.monotonic() + slept[0])
    peer = connect(server, screen)
    slept[0] = 3600
    peer.receive_kind("ping")
    assert screen.wait_for_disconnection().text == strings.SERVER_SILENT


def test_machine_that_slept_keeps_a_connection_that_lives(server: ScriptedServer, open_screen: OpenScreen) -> None:
    slept = [0.0]
    timing = replace(PATIENT, measure_after_s=1000, look_every_s=0.05, woken_lost_after_s=DEADLINE_S)
    screen = open_screen(timing=timing, clock=lambda: time.monotonic() + slept[0])
    peer = connect(server, screen)
    slept[0] = 3600
    peer.send(t="pong", n=peer.receive_kind("ping").number("n"))
    say(peer, 2, "아직 있어요")
    screen.wait_for(lambda event: isinstance(event, Said))
    assert not any(isinstance(event, Disconnected) for event in screen.events)


def test_pause_that_the_machine_slept_through_is_over(server: ScriptedServer, open_screen: OpenScreen) -> None:
    slept = [0.0]
    timing = replace(PATIENT, look_every_s=0.05)
    screen = open_screen(timing=timing, clock=lambda: time.monotonic() + slept[0])
    connect(server, screen).close()
    assert screen.wait_for_disconnection().retry_in_s == 60
    slept[0] = 3600
    connect(server, screen)


def test_server_that_pings_is_answered(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    peer = connect(server, screen)
    peer.send(t="ping", n=5)
    assert peer.receive_kind("pong").number("n") == 5


def test_after_a_good_connection_the_pause_is_short_again(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen(timing=replace(QUICK, first_retry_s=0.001, max_retry_s=1, steady_after_s=0))
    for _ in range(3):
        connect(server, screen).close()
        assert screen.wait_for_disconnection().retry_in_s == 0.001


def test_user_need_not_wait_for_the_next_attempt(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen(timing=PATIENT)
    connect(server, screen).close()
    assert screen.wait_for_disconnection().retry_in_s == 60
    screen.link.retry_now()
    connect(server, screen)
    assert screen.events.count(Connecting(1)) == 2


def test_reason_of_the_server_is_told_although_we_were_just_writing(
    server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen()
    peer = connect(server, screen)
    peer.send(t="closing", code="shutdown", text="서버를 끕니다.")
    peer.reset()
    screen.link.send(Say("c1", "안녕"))
    assert screen.wait_for_disconnection().text == strings.closed_for("shutdown", "")


def test_server_that_shuts_down_says_why(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    peer = connect(server, screen)
    peer.send(t="closing", code="shutdown", text="서버를 끕니다.")
    peer.close()
    assert screen.wait_for_disconnection().text == strings.closed_for("shutdown", "")


@pytest.mark.parametrize("code", ["replaced", "bad_version"])
def test_who_was_sent_away_comes_back_only_when_asked_to(
    server: ScriptedServer, open_screen: OpenScreen, code: str
) -> None:
    screen = open_screen()
    connect(server, screen).send(t="closing", code=code, text="그만.")
    assert screen.wait_for_end() == GaveUp("그만.")
    assert not server.has_waiting(0.1)
    screen.link.retry_now()
    connect(server, screen)


def test_silent_server_is_asked_and_then_left(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen(timing=replace(PATIENT, ping_after_s=0.05, lost_after_s=0.05))
    peer = connect(server, screen)
    assert peer.receive_kind("ping").number("n") == 1
    assert screen.wait_for_disconnection().text == strings.SERVER_SILENT
    peer.wait_until_closed()


def test_server_that_answers_pings_is_kept(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen(timing=replace(PATIENT, ping_after_s=0.02, lost_after_s=5))
    peer = connect(server, screen)
    for number in range(1, 6):
        assert peer.receive_kind("ping").number("n") == number
        peer.send(t="pong", n=number)
    assert screen.link.is_online


# --- nobody, or somebody else, at the address -------------------------------------------------------------------------


def test_who_says_nothing_is_told_by_the_address(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen(timing=replace(QUICK, welcome_s=0.05))
    assert screen.wait_for_disconnection().text == strings.no_welcome(f"127.0.0.1:{server.port}")


def test_who_is_no_soksak_server_is_told_by_the_address(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    peer = server.accept()
    peer.receive_kind("hello")
    peer.send_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.close()
    assert screen.wait_for_disconnection().text == strings.not_soksak(f"127.0.0.1:{server.port}")


def test_name_is_looked_up(server: ScriptedServer, open_screen: OpenScreen) -> None:
    connect(server, open_screen(Address("localhost", server.port)))


@pytest.mark.parametrize("host", ["없는.주소.invalid", "a..b", "x" * 300])
def test_name_of_nobody_is_told(open_screen: OpenScreen, host: str) -> None:
    screen = open_screen(Address(host, 9))
    assert screen.wait_for_disconnection().text == strings.cannot_resolve(host)


def test_network_that_swallows_everything_is_told_after_a_while(open_screen: OpenScreen) -> None:
    with full_backlog() as address:
        screen = open_screen(address, replace(QUICK, connect_s=0.05))
        expected = f"{address}에 연결할 수 없습니다. 서버가 응답하지 않습니다. 저절로 다시 연결해 봅니다."
        assert screen.wait_for_disconnection().text == expected


# --- another nickname -------------------------------------------------------------------------------------------------


def refuse_nickname(peer: Peer) -> None:
    peer.receive_kind("hello")
    peer.send(t="refused", code="nick_in_use", text="쓰고 있습니다.")


def wait_for_refusal(screen: Screen) -> None:
    screen.wait_for(lambda event: event == HelloRefused("nick_in_use", "쓰고 있습니다."))


def test_another_nickname_is_tried_on_the_same_connection(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    peer = server.accept()
    refuse_nickname(peer)
    wait_for_refusal(screen)
    screen.nick = "영희2"
    screen.link.greet()
    assert peer.greet(nick="영희2").text("nick") == "영희2"
    screen.wait_until_connected()


def test_another_nickname_is_tried_on_a_new_connection_when_the_server_hung_up(
    server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen()
    peer = server.accept()
    refuse_nickname(peer)
    peer.send(t="closing", code="handshake_timeout", text="기다리는 시간이 지났습니다.")
    peer.close()
    wait_for_refusal(screen)
    assert not server.has_waiting(0.1)
    screen.nick = "영희2"
    screen.link.greet()
    assert server.accept().greet().text("nick") == "영희2"
    screen.wait_until_connected()
    assert not any(isinstance(event, Disconnected) for event in screen.events)


# --- leaving ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def full_backlog() -> Iterator[Address]:
    """An address where connecting neither succeeds nor fails: the queue of the listening socket is full."""
    with ScriptedServer(backlog=0) as server, contextlib.ExitStack() as waiting:
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", server.port))
        yield Address("127.0.0.1", server.port)


def test_goodbye_comes_after_everything_that_was_handed_over(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    peer = connect(server, screen)
    screen.link.send(*(Say(f"c{number}", "안녕") for number in range(100)))
    screen.link.close()
    kinds = [frame.kind for frame in peer.received_until_closed()]
    assert kinds == ["say"] * 100 + ["bye"]


def test_goodbye_is_heard_although_the_server_was_still_talking(
    server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen()
    peer = connect(server, screen)
    for number in range(2, 2000):
        say(peer, number, "계속 말하는 중")
    screen.link.close()
    peer.receive_kind("bye")
    peer.close()


def test_server_that_does_not_answer_the_goodbye_is_not_waited_for(
    server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen()
    connect(server, screen).send_until_full(b'{"t":"pong","n":1}\n' * 1000)
    screen.leave()


def test_leaving_while_waiting_for_the_next_attempt_is_immediate(open_screen: OpenScreen) -> None:
    screen = open_screen(Address("127.0.0.1", unused_port()), PATIENT)
    screen.wait_for_disconnection()
    screen.leave()


def test_leaving_while_connecting_is_immediate(open_screen: OpenScreen) -> None:
    with full_backlog() as address:
        screen = open_screen(address)
        screen.wait_for(lambda event: event == Connecting(1))
        screen.leave()


def test_leaving_before_the_welcome_says_goodbye_since_the_seat_may_be_given_already(
    server: ScriptedServer, open_screen: OpenScreen
) -> None:
    screen = open_screen()
    peer = server.accept()
    peer.receive_kind("hello")
    screen.leave()
    assert [frame.kind for frame in peer.received_until_closed()] == ["bye"]


def test_leaving_while_a_nickname_is_thought_of_is_immediate(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    refuse_nickname(server.accept())
    wait_for_refusal(screen)
    screen.leave()


def test_leaving_while_the_screen_takes_nothing_is_immediate(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen(max_waiting_events=10)
    peer = connect(server, screen)
    for number in range(2, 100):
        say(peer, number, "가")
    until(lambda: screen.link.waiting_events >= 10)
    screen.leave()


def test_leaving_after_having_been_sent_away_is_immediate(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    connect(server, screen).send(t="closing", code="replaced", text="그만.")
    screen.wait_for_end()
    screen.leave()


def test_leaving_twice_or_before_the_start_does_no_harm() -> None:
    screen = Screen(Address("127.0.0.1", 9))
    screen.leave()
    screen.leave()
    screen.link.start()
    screen.link.send(Say("c1", "안녕"))
    screen.link.retry_now()
    assert not screen.link.is_alive


def test_after_leaving_nothing_wakes_the_screen(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen()
    connect(server, screen)
    screen.leave()
    assert screen.link.drain(10) == []
    screen.link.greet()


# --- before the first connection --------------------------------------------------------------------------------------


def test_what_happened_before_connecting_is_told_first(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen(before_connect=lambda stop: Failed("시작하지 못했습니다."))
    connect(server, screen)
    assert screen.events[:2] == [Failed("시작하지 못했습니다."), Connecting(1)]


def test_server_that_runs_already_is_nothing_to_tell(server: ScriptedServer, open_screen: OpenScreen) -> None:
    screen = open_screen(before_connect=lambda stop: AlreadyRunning())
    connect(server, screen)
    assert screen.events[0] == Connecting(1)


def test_leaving_does_not_wait_for_a_server_to_start(open_screen: OpenScreen) -> None:
    waiting = threading.Event()

    def wait(stop: threading.Event) -> LocalServer:
        waiting.set()
        stop.wait(DEADLINE_S)
        return AlreadyRunning()

    screen = open_screen(before_connect=wait)
    assert waiting.wait(DEADLINE_S)
    screen.leave()


def test_fault_of_our_own_is_told_in_a_sentence(server: ScriptedServer, open_screen: OpenScreen) -> None:
    def fail(stop: threading.Event) -> LocalServer:
        raise ZeroDivisionError

    assert open_screen(before_connect=fail).wait_for_end() == GaveUp(strings.LINK_FAILED)
