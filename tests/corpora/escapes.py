"""What attacks whoever shows a text: sequences that terminals obey, markup, bidi, forged lines, width bombs.

From ECMA-48, xterm's Control Sequences and the manuals of kitty, iTerm2, tmux and screen. Each is text as a JSON client can say it;
`as_bytes` has them as a plain client can send them, line ends apart.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

_ST: Final = "\x1b\\"

_CSI: Final = """
2J 3J H 31m 5m 8m ?25l ?1049h ?1049l ?7h 4h 20h ?5h ?1000h ?2004l ?2026h 1;3r !p 6n 5n c >c >q =c x ?u >31u 14t 18t 20t 21t
8;1;1t 2t 22;2t 5i 4i 999999999999b 9999;9999H 9999C 9999S 9999L 9999P 9999X ?0$p 0"p 1*x
"""
"""Erase, move, hide, switch modes; reports, which come back as if they had been typed; titles, printing, repeating without end."""

_OSC: Final = """
0;제목 1;제목 2;제목 l제목 4;1;? 10;? 11;red 104 50;? 7;file:///etc 8;;http://evil.example/ 9;알림 9;4;1;50
777;notify;제목;본문 99;;본문 52;c;7Iug66Kw 52;c;? 52;p;! 133;A 633;E;ls 1337;ClearScrollback 1337;SetMark
1337;CopyToClipboard= 1337;File=inline=1:AAAA 1337;ReportCellSize 3;?WM_NAME 5522;type=read
"""
"""Titles, colours, links, notifications, the clipboard, files: what terminals do for programs."""

_STRINGS: Final = (
    *("P$qm", "P+q544e", "P0;1|17/61", "Pq#0;2;0;0;0~-", "Ptmux;\x1b\x1b[2J", "P1$tx", "P@kitty-cmd{}"),
    *("_Ga=T,f=24;AAAA", "^비밀", "X시작", "k제목"),
)
"""DCS, APC, PM, SOS, and screen's title."""

_ESCAPES: Final = (*"c78=>no|}~DEMNOZ[]P", "#8", "(0", ")0", "*0", "%@", "%G", "")
"""Reset, character sets, one more line; and beginnings that wait for an end."""

_MARKUP: Final = """
[@click=app.quit()]누르세요[/] [@click=app.bell]x [/b] [/] [ ] [[ \\[b] [b][/i] [link=http://evil.example]x[/link] [on_red]
[$error]x[/] [귓속말] [알림]관리자 [#fff] {0} %s%n ${HOME} <script> :smile: &lt; \\x1b[2J ^[[2J $(ls)
"""
"""To Textual and rich, or to whoever else reads more than text in a text."""

BIDI: Final = (
    *(
        f"a{control}b{control}"
        for control in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ),
    "\u202egpj.exe\u202c",
    "access\u2066 // 관리자만\u2069\u2066",
    "\u202e> 희영",
    "שלום \u202e123\u202c עולם",
    "\u200b\u2060\ufeff\u00ad\u180e\u034f비\u200c밀\U000e0001\U000e0041\U000e007f",
)

FORGED: Final = (
    *(
        f"네{end}[알림] 서버를 끕니다"
        for end in ("\r", "\r\n", "\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
    ),
    "영희> 안녕\r철수> 바보",
    "바보\b\b\b\b천재",
    "네\n영희님이 퇴장하셨습니다.",
    '네\x00\n{"t":"closing","code":"shutdown","text":""}',
    "ㅤ\n[귓속말] 영희> 비밀",
)
"""What would be a line of somebody else's, or of the server's, if its line end counted."""

WIDTH_BOMBS: Final = (
    "👩\u200d" * 600 + "👩",
    "👩🏽\u200d" * 450,
    "👩" + "🏽" * 1500,
    "🏽" * 1500,
    "ᄀ" + "ᅡ" * 1500,
    "각" + "ᆨ" * 1500,
    "ᄀ" * 900,
    "가" + "\ud7cb" * 1500,
    "🇰" * 1501,
    "1\ufe0f\u20e3" * 600,
    "❤\ufe0f" * 900,
    "a" + "\u0301" * 1900,
    ("a" + "\u0489" * 60) * 30,
    "H̡̫̤̤̣͉̤ͭ̓̓̇͗̎̀ơ̯̗̱̘̮͒̄̀̈ͤ̀͡w͓̲͙͖̥͉̹͋ͬ̊ͦ̂̀̚ " * 20,
    "क" + "ा" * 1500,
    "a" + "\u20dd" * 1500,
    "﷽" * 1500,
    "\U00012219" * 1500,
    "\U00017000" * 1500,
    "\u0d4e" * 1500,
    "a" + "\U00011f01" * 1500,
    "ｶ" + "ﾞ" * 1500,
    "가" * 2000,
    "\u2800" * 1999 + "x",
    "x" + "\u3000" * 1998 + "x",
    "W" * 2000,
    "\n" * 19 + "x",
    "가\n" * 19 + "가",
)
"""What is laid out in few columns and drawn in many, or the other way round, or in many rows."""


@cache
def sequences() -> Sequence[str]:
    """What terminals obey, in the forms that text can have: with ESC, and with C1."""
    return [*_seven_bit(), *map(_eight_bit, _seven_bit()), *_controls()]


@cache
def hostile_texts() -> Sequence[str]:
    """All of this module, as texts of at most what may be said at once."""
    return [*(f"가{sequence}나" for sequence in sequences()), *_MARKUP.split(), *BIDI, *FORGED, *WIDTH_BOMBS]


def as_bytes(text: str) -> Sequence[bytes]:
    """`text` as a line's bytes: C1 in UTF-8, and as the single bytes that 8-bit terminals obey."""
    line = text.replace("\n", "\r").encode()
    raw = b"".join(
        bytes([ord(char)]) if "\x80" <= char <= "\x9f" else char.encode() for char in text.replace("\n", "\r")
    )
    return [line] if raw == line else [line, raw]


def _seven_bit() -> Iterator[str]:
    yield from (f"\x1b[{end}" for end in (*_CSI.split(), "1 q"))
    yield from (f"\x1b]{command}{end}" for command in _OSC.split() for end in ("\x07", _ST, ""))
    yield from (f"\x1b{command}{end}" for command in _STRINGS for end in (_ST, ""))
    yield from (f"\x1b{end}" for end in _ESCAPES)


def _eight_bit(sequence: str) -> str:
    """`sequence` with its introducer, and its end, as one C1 character each."""
    introducer = sequence[1:2]
    if not ("@" <= introducer <= "_"):
        return sequence
    return (chr(ord(introducer) + 0x40) + sequence[2:]).replace(_ST, "\x9c")


def _controls() -> Iterator[str]:
    yield from (chr(code) * 3 for code in (*range(0x20), *range(0x7F, 0xA0)) if code != 0x0A)
    yield "\x0e\x0f\x08 \x08\x7f"
    yield "\x18\x1a\x1b\x1b[\x1b["
