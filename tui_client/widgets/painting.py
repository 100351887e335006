"""The words of the message log's looks: what of an entry is text, and which component class colours what. Pure functions.

Other people's text is shown character by character as it is: never markup, and no control character reaches the screen.
Colours are the style sheet's; here they are only names of component classes.
"""

from zlib import crc32

from server.protocol.nickname import nickname_key
from tui_client.entry import Entry, Kind, State
from tui_client.themes import SPEAKER_COLOURS

TIME = "message-log--time"
LABEL = "message-log--label"
GROUPED = "message-log--grouped"
"""A label that says again who speaks."""
ME = "message-log--me"
SPEAKERS = tuple(f"message-log--speaker-{number}" for number in range(SPEAKER_COLOURS))
WHISPER = "message-log--whisper"
ANNOUNCEMENT = "message-log--announcement"
PRESENCE = "message-log--presence"
MODERATION = "message-log--moderation"
NOTICE = "message-log--notice"
ERROR = "message-log--error"
PENDING = "message-log--pending"
FAILED = "message-log--failed"
LOST = "message-log--lost"
MENTION = "message-log--mention"
MENTION_TIME = "message-log--mention-time"
LINK = "message-log--link"
HIT = "message-log--hit"
CURRENT = "message-log--current"
RULE = "message-log--rule"
DAY = "message-log--day"
UNREAD = "message-log--unread"
PLACEHOLDER = "message-log--placeholder"

COMPONENTS = frozenset(
    {TIME, LABEL, GROUPED, ME, *SPEAKERS, WHISPER, ANNOUNCEMENT, PRESENCE, MODERATION, NOTICE, ERROR, PENDING, FAILED}
    | {LOST}
    | {MENTION, MENTION_TIME, LINK, HIT, CURRENT, RULE, DAY, UNREAD, PLACEHOLDER}
)

KINDS: dict[Kind, tuple[str, ...]] = {
    Kind.SAID: (),
    Kind.WHISPER_RECEIVED: (WHISPER,),
    Kind.WHISPER_SENT: (WHISPER,),
    Kind.ANNOUNCEMENT: (ANNOUNCEMENT,),
    Kind.PRESENCE: (PRESENCE,),
    Kind.MODERATION: (MODERATION,),
    Kind.NOTICE: (NOTICE,),
    Kind.ERROR: (ERROR,),
}
STATES: dict[State, tuple[str, ...]] = {
    State.PENDING: (PENDING,),
    State.SETTLED: (),
    State.FAILED: (FAILED,),
    State.LOST: (LOST,),
}

_SCATTER = 2259
"""The smallest factor that gives eleven of the twelve commonest given names a colour of their own; a checksum alone gives seven."""

_REPLACEMENT = 0xFFFD
_UNPRINTABLE = (
    {code: 0x2400 + code for code in range(0x20) if code != ord("\n")}
    | {0x7F: 0x2421}
    | dict.fromkeys(range(0x80, 0xA0), _REPLACEMENT)  # C1: some terminals obey these like ESC sequences
    | dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)), _REPLACEMENT)  # bidi
    | dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT)  # a lone surrogate cannot be written to a terminal at all
)


def visible(text: str) -> str:
    """`text` with every character that a terminal could obey replaced by a visible one, one for one."""
    return text if text.isprintable() else text.translate(_UNPRINTABLE)


def body(entry: Entry) -> str:
    """What of an entry is text: label and words, without time and frame. A selection counts characters of this."""
    return visible(entry.label + entry.text)


def speaker_component(entry: Entry) -> str:
    """The component class of the speaker's colour."""
    if entry.mine and entry.kind is Kind.SAID:  # in a whisper sent, the name is the recipient's
        return ME
    return colour_of(entry.speaker)


def colour_of(nick: str) -> str:
    """The component class of a nickname's colour: the same however it is written, on every machine."""
    number = crc32(nickname_key(nick).encode("utf-8", "replace"))
    return SPEAKERS[(number * _SCATTER >> 9) % SPEAKER_COLOURS]
