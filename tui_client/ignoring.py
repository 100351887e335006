"""Whom this client's user ignores: nothing that they say is shown. Pure state; who keeps it on disk is handed in.

People are known by their `uid`, so that another nickname doesn't help them; under which one they were ignored is kept to name them by.
Somebody ignored who has not spoken since this client began is told of once when they do: what isn't seen would be forgotten.
"""

from collections.abc import Callable, Mapping
from typing import Final

from server.protocol import phrases
from server.protocol.events import Event, Said, Whispered
from server.protocol.nickname import nickname_key
from tui_client import strings
from tui_client.intents import NotDone
from tui_client.partners import Partner

MOST_IGNORED: Final = 1_000


class Ignoring:
    """By `uid`, the nickname under which each was ignored. `note` keeps one on disk, or lets go of it: with no nickname. It gives what
    the user should be told then, mostly nothing.
    """

    def __init__(
        self, ignored: Mapping[str, str] | None = None, note: Callable[[str, str], str] = lambda _uid, _nick: ""
    ) -> None:
        self._nicks = dict(ignored or {})
        self._note = note
        self._told: set[str] = set()

    @property
    def nicks(self) -> Mapping[str, str]:
        """By `uid`."""
        return self._nicks

    def hides(self, event: Event, me: str) -> bool:
        """Whether the client `me` doesn't want to see `event`."""
        return isinstance(event, Said | Whispered) and event.uid in self._nicks and event.uid != me

    def is_first_of(self, uid: str) -> bool:
        """Whether it is the first time that something of `uid` is hidden: asked once, it is so once."""
        is_first = uid not in self._told
        self._told.add(uid)
        return is_first

    def find(self, nick: str) -> str:
        """The `uid` of who was ignored under this nickname; nothing if nobody was."""
        key = nickname_key(nick)
        return next((uid for uid, known in self._nicks.items() if nickname_key(known) == key), "")

    def change(self, who: Partner, me: str) -> str:
        """Ignore somebody from now on, or listen to them again; what their user is told. Raises NotDone.

        `who` has no `uid` if nobody is called so now; then it is who was ignored under that nickname.
        """
        uid = who.uid or self.find(who.nick)
        if uid in self._nicks:
            self._nicks = {one: nick for one, nick in self._nicks.items() if one != uid}
            return _joined(strings.ignoring_no_more(who.nick), self._note(uid, ""))
        if not uid:
            raise NotDone(phrases.absent(who.nick))
        if uid == me:
            raise NotDone(strings.NOT_ONESELF_TO_IGNORE)
        if len(self._nicks) >= MOST_IGNORED:
            raise NotDone(strings.too_many_ignored(MOST_IGNORED))
        self._nicks = {**self._nicks, uid: who.nick}
        self._told.add(uid)
        return _joined(strings.ignoring(who.nick), self._note(uid, who.nick))

    def told(self) -> str:
        """Who is ignored."""
        nicks = sorted(self._nicks.values())
        return strings.ignored_people(nicks) if nicks else strings.NOBODY_IGNORED


def _joined(text: str, notice: str) -> str:
    return f"{text} {notice}" if notice else text
