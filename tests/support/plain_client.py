"""A plain client: what netcat would be, with the received lines sorted by what they say."""

import ssl
from typing import Self

from tests.support.line_client import LineClient

_CAME = "님이 입장하셨습니다."
_WENT = "님이 퇴장하셨습니다."
_NOTICE = "[알림] "


class PlainClient(LineClient):
    """A plain connection; `enter` makes it a member. Is a `Chatter`."""

    def __init__(
        self,
        port: int,
        *,
        reading: bool = True,
        receive_buffer: int | None = None,
        tls: ssl.SSLContext | None = None,
        source: str = "",
    ) -> None:
        self.nick = ""
        self.public: list[str] = []
        self.private: list[str] = []
        self.departures: list[str] = []
        self.arrivals: list[str] = []
        self.refusals: list[str] = []
        super().__init__(
            port, reading=reading, receive_buffer=receive_buffer, on_line=self._sort, tls=tls, source=source
        )

    def enter(self, nick: str) -> Self:
        """Give the nickname and wait until the room says that it came in."""
        self.nick = nick
        self.send_line(nick)
        self.wait_for_line(nick + _CAME)
        return self

    def speak(self, text: str) -> None:
        self.send_line(text)

    def whisper(self, to: str, text: str) -> None:
        self.send_line(f"@{to} {text}")

    def leave(self) -> None:
        self.send_line("/종료")

    def hear(self, sentence: str) -> None:
        """Wait for the public message `영희> 안녕`."""
        self.wait_for_line(sentence)

    def _sort(self, line: str) -> None:
        if line.startswith(_NOTICE):
            self.refusals.append(line.removeprefix(_NOTICE))
        elif line.startswith("[귓속말"):
            self.private.append(line)
        elif "> " in line:
            self.public.append(line)
        elif line.endswith(_CAME):
            self.arrivals.append(line.removesuffix(_CAME))
        elif line.endswith(_WENT):
            self.departures.append(line.removesuffix(_WENT))
