"""What plain clients were sent, event by event: their lines have no numbers, so each is looked up in the log. For the checker. Pure.

Written from PROTOCOL.md alone. Everybody's messages are one line each, and no two are the same; comings and goings may repeat. The lines
become the entries that a client with numbers would have written, from its coming in to the end of its connection. A plain client that
comes back is somebody else, under a nickname that nobody had before.
"""

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from server.protocol.events import Announced, Event, Joined, Moderated, Renamed, Said, Whispered
from server.protocol.events import Left as LeftRoom
from tests.faults.history import Began, Broke, Entered, Entry, Heard, Invoked, Person, Run, Shown
from tests.faults.logs import Log
from tests.faults.report import Faults

_TOO_SLOW = re.compile(r"\[알림\] 읽는 속도가 느려 메시지 [0-9]+개를 건너뛰었습니다\.")
_NOTICES = "[알림] ", "닉네임을 입력하세요."
"""How lines begin that are no part of the room."""


def with_numbers(people: Sequence[Person], log: Log, faults: Faults) -> Sequence[Person]:
    """`people`, in whose histories there are events for lines. What can't be an event is a fault."""
    if not any(person.is_plain for person in people):
        return people
    index = _Index(log)
    said = frozenset(
        line
        for person in people
        for entry in person.entries
        if isinstance(entry, Invoked)
        for line in _spoken_lines(person.nick, entry.to, entry.text)
    )
    return [_numbered(person, index, said, faults) if person.is_plain else person for person in people]


class _Index:
    """A log by its lines."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._events: dict[str, list[Event]] = {}
        for event in log.events:
            for line in _lines(event):
                self._events.setdefault(line, []).append(event)

    def find(self, line: str, after: int) -> Event | None:
        """The next event after event `after` that reads so; else the last one that did."""
        alike = self._events.get(line, [])
        return next((event for event in alike if event.seq > after), alike[-1] if alike else None)


def _lines(event: Event) -> Sequence[str]:
    """How plain clients read it; of a whisper both sentences, whoever is sent which."""
    match event:
        case Said():
            return _spoken_lines(event.nick, "", event.text)
        case Whispered():
            return _spoken_lines(event.nick, event.to, event.text)
        case Joined():
            return [f"{event.nick}님이 입장하셨습니다."]
        case LeftRoom():
            return [f"{event.nick}님이 퇴장하셨습니다."]
        case Renamed():
            return [f"[알림] {event.was}님이 {event.nick}님으로 바꾸셨습니다."]
        case Announced() | Moderated():
            return []  # nobody is an operator here
        case _:
            assert_never(event)


def _spoken_lines(nick: str, to: str, text: str) -> Sequence[str]:
    return [f"[귓속말] {nick}> {text}", f"[귓속말 전송] {to}에게: {text}"] if to else [f"{nick}> {text}"]


def _numbered(person: Person, index: _Index, said: frozenset[str], faults: Faults) -> Person:
    return Person(
        person.nick, [Run(list(_Reading(person.nick, index, said, faults).entries(run))) for run in person.runs]
    )


class _Reading:
    """One connection, line by line."""

    def __init__(self, nick: str, index: _Index, said: frozenset[str], faults: Faults) -> None:
        self._nick = nick
        self._index = index
        self._said = said
        self._faults = faults
        self._joined = index.find(f"{nick}님이 입장하셨습니다.", 0)
        self._reached = 0
        """The last event that was read."""
        self._has_skipped = False

    def entries(self, run: Run) -> Iterator[Entry]:
        if self._joined is not None:
            seq = self._joined.seq
            self._reached = seq - 1
            yield Entered(self._joined.uid, self._nick, self._index.log.epoch_of(seq), seq, 0.0)
            yield Began(seq)
        for entry in run.entries:
            if isinstance(entry, Heard):
                yield from self._heard(entry)
            else:
                yield entry

    def _heard(self, heard: Heard) -> Iterator[Entry]:
        event = self._index.find(heard.line, self._reached)
        if event is None:
            yield from self._heard_no_event(heard.line)
        elif self._joined is None or event.seq < self._joined.seq:
            self._faults.phantom.append(f"{self._nick} was shown what is older than their coming in: {heard.line}")
        else:
            if self._has_skipped:
                yield Began(event.seq)
            self._has_skipped = False
            self._reached = max(self._reached, event.seq)
            yield _shown(event, self._index.log, heard.at_s)

    def _heard_no_event(self, line: str) -> Iterator[Entry]:
        if _TOO_SLOW.fullmatch(line):
            self._has_skipped = True
            yield Broke("too_slow")
        elif not line.startswith(_NOTICES):
            kind = self._faults.uncommitted if line in self._said else self._faults.phantom
            kind.append(f"{self._nick} was shown what is not in the log: {line}")


def _shown(event: Event, log: Log, at_s: float) -> Shown:
    text, cid = (event.text, event.cid) if isinstance(event, Said | Whispered) else (event.nick, None)
    tag = str(event.__struct_config__.tag)
    return Shown(log.epoch_of(event.seq), event.seq, tag, event.uid, text, at_s, cid)
