"""Comings, goings and new nicknames in a row, told in one sentence: what they come to, not each step. Pure functions.

Whoever came and went again has only looked in, and whoever was cut off and returned is there as before; another person under the
same nickname is another person. The words are `strings`'; this module decides who belongs into which of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from server.protocol import phrases
from server.protocol.nickname import nickname_key
from tui_client import strings
from tui_client.entry import Move, Presence

_A_PAIR: Final = 2
_BETWEEN: Final = " · "
_IN_FULL: Final = {Move.JOINED: phrases.joined, Move.LEFT: phrases.left}


class _Person:
    """What became of one person: the nickname before all this, the one after it, and whether they were away in between.

    No nickname stands for not being there.
    """

    def __init__(self, before: str, after: str) -> None:
        self.before = before
        self.after = after
        self.name = after or before
        """The last one they had."""
        self.was_away = False

    @property
    def has_another_name(self) -> bool:
        return self.before != self.after

    @property
    def names(self) -> set[str]:
        """As they were known, and as they are or were last, each in the spelling in which names are compared."""
        return {nickname_key(name) for name in (self.before, self.name) if name}

    @property
    def last_known_as(self) -> str:
        """The nickname they went with, and the one that everybody knew."""
        is_known = nickname_key(self.before) == nickname_key(self.name)
        return self.name if is_known else strings.known_as(self.name, self.before)

    def come(self, nick: str) -> None:
        self.after = self.name = nick

    def go(self) -> None:
        self.after = ""
        self.was_away = True


def fold(changes: Sequence[Presence]) -> str:
    """What `changes`, in order, come to: `철수, 민수님이 들어왔습니다 · 영희님이 나갔습니다`.

    Two people who have nothing to do with each other are told in PROTOCOL's sentences, which are no longer then.
    """
    if are_strangers(changes):
        return " ".join(_IN_FULL[change.move](change.nick) for change in changes)
    return _BETWEEN.join(_sentences(_people(changes)))


def are_strangers(changes: Sequence[Presence]) -> bool:
    """Whether they are two, of two people, who only came or went."""
    people = {_key(change, change.nick) for change in changes if change.move in _IN_FULL}
    return len(changes) == len(people) == _A_PAIR


def _key(change: Presence, nick: str) -> tuple[str, str]:
    """Who is meant: one client may be here under several nicknames."""
    return change.uid, nickname_key(nick)


def _people(changes: Iterable[Presence]) -> Sequence[_Person]:
    """Everybody in `changes`, in the order of their first appearance, and what became of them."""
    everybody: list[_Person] = []
    known_as: dict[tuple[str, str], _Person] = {}

    def known(key: tuple[str, str], new: _Person) -> _Person:
        person = known_as.get(key)
        if person is None:
            person = known_as[key] = new
            everybody.append(person)
        return person

    for change in changes:
        match change.move:
            case Move.JOINED:
                known(_key(change, change.nick), _Person("", change.nick)).come(change.nick)
            case Move.LEFT:
                known(_key(change, change.nick), _Person(change.nick, change.nick)).go()
            case Move.RENAMED:
                person = known(_key(change, change.was), _Person(change.was, change.was))
                del known_as[_key(change, change.was)]
                known_as[_key(change, change.nick)] = person
                person.come(change.nick)
    return everybody


def _sentences(people: Sequence[_Person]) -> Iterator[str]:
    came = [person.after for person in people if person.after and not person.before]
    gone = [person for person in people if person.before and not person.after]
    stayed = [person for person in people if person.before and person.after]
    went = [strings.went([person.last_known_as for person in gone])] if gone else []
    names_now = _names_now(people)
    if has_successor := any(person.names & names_now for person in gone):
        yield from went  # or it would read as if who has the nickname now had gone
    if came:
        yield strings.came(came)
    if back := [person.after for person in stayed if person.was_away and not person.has_another_name]:
        yield strings.came_back(back)
    if renamed := [(person.before, person.after) for person in stayed if person.has_another_name]:
        yield strings.took_new_names(renamed)
    if restored := [person.after for person in stayed if not person.was_away and not person.has_another_name]:
        yield strings.took_old_names(restored)
    if not has_successor:
        yield from went
    if passed := [person.name for person in people if not person.before and not person.after]:
        yield strings.looked_in(list(dict.fromkeys(passed)))  # a script may look in under one nickname again and again


def _names_now(people: Sequence[_Person]) -> set[str]:
    """What those are called who have just come, or are called something else now."""
    return {nickname_key(person.after) for person in people if person.after and person.has_another_name}
