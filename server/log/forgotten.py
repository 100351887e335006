"""What is left of a message when the log no longer keeps it: enough to know it again. Pure values.

Whoever sends it a second time, after whatever time, learns that it stood, and nothing is said twice. Under its `cid` nothing else
can be said.
"""

from dataclasses import dataclass
from hashlib import blake2b

from server.protocol.events import Said, Say, Whisper, Whispered
from server.protocol.nickname import nickname_key


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A message that stood in the log. `digest` is that of what was said, `to_uid` is only that of a whisper."""

    seq: int
    at: int
    digest: bytes
    to_uid: str | None

    def again(self, uid: str, nick: str, command: Say | Whisper) -> Said | Whispered | None:
        """The event as it was, if it is `command` of `uid` that it came from; under the nickname that `uid` has now."""
        if said_digest(command) != self.digest:
            return None
        if isinstance(command, Say):
            return Said(self.seq, self.at, uid, nick, command.text, command.cid)
        return Whispered(self.seq, self.at, uid, nick, self.to_uid or "", command.to, command.text, command.cid)


def key_digest(uid: str, cid: str) -> bytes:
    """What a message is found by: 16 bytes, so that two never have the same."""
    return blake2b(f"{uid} {cid}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def said_digest(said: Said | Whispered | Say | Whisper) -> bytes:
    """The same for a command and for the event that comes of it: the kind, the recipient's name and the text."""
    to = nickname_key(said.to) if isinstance(said, Whispered | Whisper) else ""
    return blake2b(f"{to}\n{said.text}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
