"""What a person can do and see in the room, whichever dialect carries it. Scenarios are written against this."""

from collections.abc import Sequence
from typing import Protocol


class Chatter(Protocol):
    """Somebody in the room. What was received is kept in order, in the words of the plain dialect."""

    nick: str

    def speak(self, text: str) -> None: ...

    def whisper(self, to: str, text: str) -> None: ...

    def leave(self) -> None:
        """Say goodbye as this dialect does (`/종료`, `bye`)."""

    @property
    def public(self) -> Sequence[str]:
        """`영희> 안녕하세요`, one entry for each message."""

    @property
    def private(self) -> Sequence[str]:
        """`[귓속말] 영희> 비밀` and `[귓속말 전송] 철수에게: 비밀`."""

    @property
    def departures(self) -> Sequence[str]:
        """Nicknames of those who left."""

    @property
    def arrivals(self) -> Sequence[str]:
        """Nicknames of those who came, oneself included."""

    @property
    def refusals(self) -> Sequence[str]:
        """Sentences that said no."""

    def wait_until_closed(self) -> None: ...
