"""Events in the words that everybody knows, as entries ready to be drawn. Gives every entry its number.

Pure but for the counter; the words are `server.protocol.phrases`'. Text from the wire is cleaned once more: this
screen trusts no server.
"""

from collections.abc import Iterable
from itertools import count
from typing import assert_never

from msgspec.structs import replace

from server.protocol import phrases, plain
from server.protocol.events import Announced, Event, Joined, Left, Moderated, Renamed, Said, Whispered
from server.protocol.text import MAX_TEXT_CHARS, MAX_TEXT_LINES, clean_text
from tui_client.entry import Entry, Kind, Move, Presence, State
from tui_client.mentions import find_mentions
from tui_client.roster import clean_nick


class Drawing:
    """Makes entries, each with a number of its own, for the client `uid` (set once it is known).

    `members` is everybody's nickname now, for finding who is mentioned; it is asked for only where one's own seems to be called.
    """

    def __init__(self, members: Iterable[str] = ()) -> None:
        self.uid = ""
        self.nick = ""
        self._members = members
        self._ids = count(1)

    def pending_say(self, nick: str, text: str, at_ms: int) -> Entry:
        """An own message that no echo has settled yet."""
        return self._pending(Kind.SAID, at_ms, phrases.said(nick, ""), nick, text)

    def pending_whisper(self, to: str, text: str, at_ms: int) -> Entry:
        """An own whisper that no echo has settled yet."""
        return self._pending(Kind.WHISPER_SENT, at_ms, phrases.whisper_sent(to, ""), to, text)

    def notice(self, text: str, at_ms: int) -> Entry:
        return self._told(Kind.NOTICE, text, at_ms)

    def error(self, text: str, at_ms: int) -> Entry:
        return self._told(Kind.ERROR, text, at_ms)

    def complaint(self, text: str, at_ms: int) -> Entry:
        """Why the own message above it can't be sent; it has no time of its own."""
        return replace(self.error(text, at_ms), state=State.FAILED)

    def of_event(self, event: Event, pending: Entry | None = None) -> Iterable[Entry]:
        """What stands for `event`, which settles `pending`. Who whispers to themselves sees both sides, as in plain."""
        nick = clean_nick(event.nick)
        match event:
            case Said():
                yield self._settled(Kind.SAID, event, phrases.said(nick, ""), nick, pending)
            case Whispered():
                if event.to_uid == self.uid:
                    yield self._settled(Kind.WHISPER_RECEIVED, event, phrases.whisper_received(nick, ""), nick, None)
                if event.uid == self.uid:
                    to = clean_nick(event.to)
                    yield self._settled(Kind.WHISPER_SENT, event, phrases.whisper_sent(to, ""), to, pending)
            case Joined():
                yield self._presence(event, phrases.joined(nick), Presence(Move.JOINED, nick, uid=event.uid))
            case Left():
                yield self._presence(event, phrases.left(nick), Presence(Move.LEFT, nick, uid=event.uid))
            case Renamed():
                was = clean_nick(event.was)
                yield self._presence(event, phrases.renamed(was, nick), Presence(Move.RENAMED, nick, was, event.uid))
            case Announced():
                yield self._of_operator(Kind.ANNOUNCEMENT, event, phrases.ANNOUNCEMENT, nick, bounded(event.text))
            case Moderated():
                told = plain.moderated(replace(event, nick=nick, target=clean_nick(event.target)))
                yield self._of_operator(Kind.MODERATION, event, "", "", told)
            case _:
                assert_never(event)

    def _settled(self, kind: Kind, event: Said | Whispered, label: str, speaker: str, pending: Entry | None) -> Entry:
        number = pending.id if pending else next(self._ids)
        mine = event.uid == self.uid
        text = bounded(event.text)
        mentions = find_mentions(text, self.nick, self._members) if kind is Kind.SAID and not mine else ()
        return Entry(
            *(number, kind, State.SETTLED, event.at, label, speaker, text, mine, event.seq),
            mentions=mentions,
            uid=event.uid,
        )

    def _presence(self, event: Joined | Left | Renamed, text: str, change: Presence) -> Entry:
        mine = event.uid == self.uid
        return Entry(next(self._ids), Kind.PRESENCE, State.SETTLED, event.at, "", "", text, mine, event.seq, change)

    def _of_operator(self, kind: Kind, event: Announced | Moderated, label: str, speaker: str, text: str) -> Entry:
        mine = event.uid == self.uid
        return Entry(next(self._ids), kind, State.SETTLED, event.at, label, speaker, text, mine, event.seq)

    def _pending(self, kind: Kind, at_ms: int, label: str, speaker: str, text: str) -> Entry:
        return Entry(next(self._ids), kind, State.PENDING, at_ms, label, speaker, text, mine=True)

    def _told(self, kind: Kind, text: str, at_ms: int) -> Entry:
        return Entry(next(self._ids), kind, State.SETTLED, at_ms, "", "", text)


def bounded(text: str) -> str:
    """`text` cleaned, and no longer than a message can be: a server that keeps no limits must not freeze the screen."""
    lines = clean_text(text[:MAX_TEXT_CHARS]).split("\n")
    return "\n".join(lines[:MAX_TEXT_LINES])
