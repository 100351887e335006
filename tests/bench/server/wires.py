"""What each system's clients say and hear, as bytes: how to come in, how to say a line, and by what to know that one arrived.

All say the same texts. Each of these holds MARK once and nothing else on any wire holds it, so that counting marks counts messages,
whatever surrounds them. No sockets here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from server.protocol import phrases

MARK: Final = b"^"

TEXTS: Final = tuple(
    MARK + saying.encode()
    for saying in (
        "오늘 저녁에 다 같이 모여서 밥 먹을까요?",
        "배포는 내일 아침 열 시로 미뤘습니다 ㅠㅠ",
        "리뷰 고맙습니다, 바로 고쳐서 올릴게요!",
        "회의 자료는 공유 폴더에 올려 두었어요.",
    )
)
"""55 bytes or so each: with a nickname before it a line as people write them."""

Steps = Sequence[tuple[bytes, bytes]]
"""What is sent, and what has then to be heard before the next is."""

_ROOM: Final = b"#bench"


class Wire(Protocol):
    """One system's, or dialect's."""

    @property
    def echoes(self) -> bool:
        """Whether a speaker hears what it says itself."""
        ...

    @property
    def speaks_apart(self) -> bool:
        """Whether those who listen can't speak, and speakers need connections of their own."""
        ...

    def coming_in(self, nick: str) -> Steps:
        """How a listener becomes one."""
        ...

    def block(self, texts: Sequence[bytes], number: int) -> bytes:
        """Messages as they are sent; `number` is that of the first of them among those of its speaker."""
        ...


@dataclass(frozen=True, slots=True)
class Plain:
    """chat-server, as netcat speaks to it."""

    echoes: bool = True
    speaks_apart: bool = False

    def coming_in(self, nick: str) -> Steps:
        return [(f"{nick}\n".encode(), phrases.joined(nick).encode())]

    def block(self, texts: Sequence[bytes], number: int) -> bytes:
        return b"%b\n" % b"\n".join(texts)


@dataclass(frozen=True, slots=True)
class Json:
    """chat-server, as its own client does. `tag` keeps the cids of one run apart from those of another."""

    tag: str
    echoes: bool = True
    speaks_apart: bool = False

    def coming_in(self, nick: str) -> Steps:
        secret = sha256(f"{self.tag} {nick}".encode()).hexdigest()[:32]
        hello = f'{{"t":"hello","v":1,"nick":"{nick}","client":"{secret}"}}\n'
        return [(hello.encode(), b'"t":"welcome"')]

    def block(self, texts: Sequence[bytes], number: int) -> bytes:
        line = b'{"t":"say","cid":"%b%%x","text":"%%b"}\n' % self.tag.encode()
        return b"".join([line % numbered for numbered in enumerate(texts, number)])


@dataclass(frozen=True, slots=True)
class Irc:
    """RFC 1459 as far as one needs it."""

    echoes: bool = False
    speaks_apart: bool = False

    def coming_in(self, nick: str) -> Steps:
        # 376 ends the message of the day, 422 says that there is none, 366 ends the list of names.
        registering = f"NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n".encode()
        return [(registering, b" 422 "), (b"JOIN %b\r\n" % _ROOM, b" 366 ")]

    def block(self, texts: Sequence[bytes], number: int) -> bytes:
        before = b"PRIVMSG %b :" % _ROOM
        return before + (b"\r\n" + before).join(texts) + b"\r\n"


@dataclass(frozen=True, slots=True)
class Redis:
    """Redis' own, RESP 2."""

    echoes: bool = True
    speaks_apart: bool = True

    def coming_in(self, nick: str) -> Steps:
        return [(b"SUBSCRIBE %b\r\n" % _ROOM, b":1\r\n")]

    def block(self, texts: Sequence[bytes], number: int) -> bytes:
        publish = b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n" % (len(_ROOM), _ROOM)
        return b"".join([b"%b$%d\r\n%b\r\n" % (publish, len(text), text) for text in texts])


@dataclass(frozen=True, slots=True)
class Naive:
    """The server of `naive.py`."""

    echoes: bool = True
    speaks_apart: bool = False

    def coming_in(self, nick: str) -> Steps:
        return [(f"{nick}\n".encode(), f"{nick} joined".encode())]

    def block(self, texts: Sequence[bytes], number: int) -> bytes:
        return b"%b\n" % b"\n".join(texts)


def wires(tag: str) -> Mapping[str, Wire]:
    """All of them by name; see Json for `tag`."""
    return {"plain": Plain(), "json": Json(tag), "irc": Irc(), "redis": Redis(), "naive": Naive()}
