"""The programs people already have: netcat, ncat, telnet and socat take part in a chat."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support.process_client import ProcessClient
from tests.support.room import Room, barrier
from tests.support.tools import need


@dataclass(frozen=True)
class Peer:
    """How to connect a program to a port of this machine."""

    arguments: Callable[[int], list[str]]
    terminal: bool = False

    def start(self, port: int) -> ProcessClient:
        return ProcessClient(self.arguments(port), terminal=self.terminal)


# telnet looks for its control characters in the lower seven bits of a byte, which tears Hangul ("안녕" holds 0x85,
# like ^E), unless it may speak binary. It asks for that at ports other than 23 only when a minus stands before the port.
PEERS = {
    "nc.openbsd": Peer(lambda port: [need("nc.openbsd"), "127.0.0.1", str(port)]),
    "ncat": Peer(lambda port: [need("ncat"), "127.0.0.1", str(port)]),
    "ncat-crlf": Peer(lambda port: [need("ncat"), "--crlf", "127.0.0.1", str(port)]),
    "telnet": Peer(lambda port: [need("telnet"), "-8", "--", "127.0.0.1", f"-{port}"], terminal=True),
    "telnet-piped": Peer(lambda port: [need("telnet"), "-8E", "--", "127.0.0.1", f"-{port}"]),
    "socat": Peer(lambda port: [need("socat"), "-", f"TCP4:127.0.0.1:{port}"]),
    "socat-crlf": Peer(lambda port: [need("socat"), "-", f"TCP4:127.0.0.1:{port},crnl"]),
}


@pytest.fixture(params=list(PEERS.values()), ids=list(PEERS))
def program(request: pytest.FixtureRequest) -> Peer:
    """One of the programs."""
    assert isinstance(request.param, Peer)
    return request.param


def test_a_common_program_takes_part_in_a_chat(program: Peer, room: Room) -> None:
    friend, other = room.plain("철수"), room.json("민수")
    with program.start(room.server.port) as peer:
        peer.send_line("영희")
        peer.wait_for_line("영희님이 입장하셨습니다.")
        friend.speak("어서 오세요, 한글도 됩니다")
        peer.wait_for_line("철수> 어서 오세요, 한글도 됩니다")
        peer.send_line("안녕하세요 여러분")
        for member in (friend, other):
            member.hear("영희> 안녕하세요 여러분")
        peer.send_line("@철수 비밀이에요")
        peer.wait_for_line("[귓속말 전송] 철수에게: 비밀이에요")
        friend.wait_for_line("[귓속말] 영희> 비밀이에요")
        other.whisper("영희", "저도 비밀")
        peer.wait_for_line("[귓속말] 민수> 저도 비밀")
        peer.send_line("/종료")
        friend.wait_for_line("영희님이 퇴장하셨습니다.")
        peer.finish_input()
        peer.wait_until_ended()
    barrier(other, friend, other)
    assert not any("비밀" in line for line in other.public)
    assert friend.departures == ["영희"]


def test_a_program_that_waits_is_asked_for_a_nickname(program: Peer, room: Room) -> None:
    with program.start(room.server.port) as peer:
        peer.wait_for_line("닉네임을 입력하세요.")
        peer.send_line("영희")
        peer.wait_for_line("영희님이 입장하셨습니다.")


def test_a_program_that_is_killed_leaves_once(program: Peer, room: Room) -> None:
    friend = room.plain("철수")
    with program.start(room.server.port) as peer:
        peer.send_line("영희")
        peer.wait_for_line("영희님이 입장하셨습니다.")
    friend.wait_for_line("영희님이 퇴장하셨습니다.")
    barrier(friend, friend)
    assert friend.departures == ["영희"]


def test_netcat_with_all_its_input_at_once_says_it_and_leaves(room: Room) -> None:
    friend = room.plain("철수")
    with ProcessClient([need("nc.openbsd"), "-N", "127.0.0.1", str(room.server.port)]) as peer:
        peer.send_line("영희\n안녕하세요\n잘 지내세요")
        peer.finish_input()
        friend.wait_for_line("영희님이 퇴장하셨습니다.")
    assert friend.public == ["영희> 안녕하세요", "영희> 잘 지내세요"]
