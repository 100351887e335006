"""A JSON client written from PROTOCOL.md alone: it shares no code with the server's codec."""

import itertools
import json
import secrets
import ssl
from collections.abc import Callable, Mapping
from typing import Self

from tests.support.line_client import LineClient
from tests.support.waiting import DEADLINE_S


class Frame:
    """One received object; reading a field checks its type."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self.fields = fields
        self.kind = self.text("t") if "t" in fields else ""

    def __repr__(self) -> str:
        return f"Frame({dict(self.fields)!r})"

    def has(self, name: str) -> bool:
        return name in self.fields

    def text(self, name: str) -> str:
        value = self.fields[name]
        assert isinstance(value, str), f"{name} of {self.fields}"
        return value

    def number(self, name: str) -> int:
        value = self.fields[name]
        assert isinstance(value, int), f"{name} of {self.fields}"
        assert not isinstance(value, bool), f"{name} of {self.fields}"
        return value

    def truth(self, name: str) -> bool:
        value = self.fields[name]
        assert isinstance(value, bool), f"{name} of {self.fields}"
        return value

    def frames(self, name: str) -> "list[Frame]":
        value = self.fields[name]
        assert isinstance(value, list), f"{name} of {self.fields}"
        return [Frame(item) for item in value]

    def members(self) -> list[str]:
        """The nicknames in a `welcome`."""
        value = self.fields["members"]
        assert isinstance(value, list)
        return [str(member["nick"]) for member in value]


def new_secret() -> str:
    """What an installation makes once: 128 bits, hexadecimal."""
    return secrets.token_hex(16)


class JsonClient(LineClient):
    """A JSON connection; `hello` makes it a member. Is a `Chatter`."""

    def __init__(
        self,
        port: int,
        *,
        secret: str | None = None,
        device: str | None = None,
        reading: bool = True,
        receive_buffer: int | None = None,
        tls: ssl.SSLContext | None = None,
        source: str = "",
    ) -> None:
        self.nick = ""
        self.uid = ""
        self.secret = secret or new_secret()
        self.device = device
        """The secret that all clients of one installation have in common, if it tells it."""
        self.frames: list[Frame] = []
        self.public: list[str] = []
        self.private: list[str] = []
        self.departures: list[str] = []
        self.arrivals: list[str] = []
        self.refusals: list[str] = []
        self.answers_pings = True
        self._cids = (f"{secrets.token_hex(4)}-{number}" for number in itertools.count(1))
        self._requests = itertools.count(1)
        super().__init__(
            port, reading=reading, receive_buffer=receive_buffer, on_line=self._sort, tls=tls, source=source
        )

    @property
    def events(self) -> list[Frame]:
        """What is in the log, in the order received, replay included."""
        return [frame for frame in list(self.frames) if frame.has("seq") and frame.kind != "welcome"]

    def send(self, **fields: object) -> None:
        """One frame; the field `t` names it."""
        self.send_line(json.dumps(fields, ensure_ascii=False))

    def hello(self, nick: str) -> Frame:
        """Ask to come in, and return the `welcome`."""
        self.nick = nick
        self.ask_in(nick)
        return self.until(lambda frame: frame.kind == "welcome")

    def ask_in(self, nick: str) -> None:
        """Say who one is, and not wait for what comes of it."""
        installation = {"device": self.device} if self.device else {}
        self.send(t="hello", v=1, nick=nick, client=self.secret, **installation)

    def enter(self, nick: str) -> Self:
        """Like `hello`, and wait until the room says that it came in."""
        self.hello(nick)
        self.until(lambda frame: frame.kind == "joined" and frame.text("uid") == self.uid)
        return self

    def say(self, text: str, cid: str | None = None) -> str:
        """Returns the `cid`."""
        cid = cid or next(self._cids)
        self.send(t="say", cid=cid, text=text)
        return cid

    def say_and_wait(self, text: str, cid: str | None = None) -> Frame:
        """Say it and return the next echo of it."""
        seen = len(self.frames)
        cid = self.say(text, cid)
        return self.until(
            lambda frame: frame.kind == "message" and frame.fields.get("cid") == cid and frame.text("uid") == self.uid,
            after=seen,
        )

    def speak(self, text: str) -> None:
        self.say(text)

    def whisper(self, to: str, text: str) -> None:
        self.send(t="whisper", cid=next(self._cids), to=to, text=text)

    def leave(self) -> None:
        self.send(t="bye")

    def history(self, before: int, limit: int = 200) -> Frame:
        """One page."""
        number = next(self._requests)
        self.send(t="history", id=number, before=before, limit=limit)
        return self.until(lambda frame: frame.kind == "history" and frame.number("id") == number)

    def whole_history(self, page: int = 200) -> list[Frame]:
        """Everything this client may see, oldest first, page by page."""
        pages = [self.history(before=2**53, limit=page)]
        while pages[0].truth("more"):
            pages.insert(0, self.history(before=pages[0].frames("events")[0].number("seq"), limit=page))
        return [event for one in pages for event in one.frames("events")]

    def ping(self, number: int) -> None:
        """Ask, and wait for the answer."""
        self.send(t="ping", n=number)
        self.until(lambda frame: frame.kind == "pong" and frame.number("n") == number)

    def hear(self, sentence: str) -> None:
        """Wait for the public message `영희> 안녕`."""
        nick, _, text = sentence.partition("> ")
        self.until(lambda frame: frame.kind == "message" and frame.text("nick") == nick and frame.text("text") == text)

    def refused(self, code: str, *, after: int = 0) -> Frame:
        """Wait for a refusal with this code."""
        return self.until(lambda frame: frame.kind == "refused" and frame.text("code") == code, after=after)

    def until(self, predicate: Callable[[Frame], bool], timeout_s: float = DEADLINE_S, *, after: int = 0) -> Frame:
        """The first frame from index `after` on for which `predicate` holds."""
        seen = after
        found: list[Frame] = []

        def arrived(_line: str) -> bool:
            nonlocal seen
            new, seen = self.frames[seen:], len(self.frames)
            found.extend(frame for frame in new if predicate(frame))
            return bool(found)

        if not arrived(""):
            self.wait_for_line(arrived, timeout_s)
        return found[0]

    def _sort(self, line: str) -> None:
        if not line.startswith("{"):
            return
        frame = Frame(json.loads(line))
        self.frames.append(frame)
        match frame.kind:
            case "welcome":
                self.uid = frame.text("uid")
            case "message":
                self.public.append(f"{frame.text('nick')}> {frame.text('text')}")
            case "whisper" if frame.text("uid") == self.uid:
                self.private.append(f"[귓속말 전송] {frame.text('to')}에게: {frame.text('text')}")
            case "whisper":
                self.private.append(f"[귓속말] {frame.text('nick')}> {frame.text('text')}")
            case "joined":
                self.arrivals.append(frame.text("nick"))
            case "left":
                self.departures.append(frame.text("nick"))
            case "ping" if self.answers_pings:
                self.send(t="pong", n=frame.number("n"))
            case "refused":
                self.refusals.append(frame.text("text"))
