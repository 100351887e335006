"""Where a text has web addresses, and how they are opened. Pure functions.

An address begins with `http://`, `https://` or `www.`. Everybody writes particles right behind it (`https://a.kr/b를`), and
Hangul may be part of it all the same (`https://ko.wikipedia.org/wiki/서울`). So:
- letters other than Latin ones belong to an address where they begin something: behind `/ = ? & # _ + : ~ @ ( -`, and behind
  each other; and behind a Latin letter or a digit if the address goes on behind them (`/2024년-회고`);
- but not if they are the end of it and nothing but particles (`https://a.kr/에서`);
- a host is Latin altogether, or written in dotted Hangul (`http://한글.한국`), its last label in one script (`www.네이버.com을`).
An address with a user in it (`https://bank.kr@evil.kr`) leads elsewhere than it seems to, and is no link.
A particle behind Hangul (`/wiki/서울은`) can't be told from a word, and stays.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlsplit

from server.protocol.patterns import when_used
from tui_client.korean.particles import can_follow

MAX_CHARS: Final = 2_000
"""Of one address: as long as a message may be."""

_LETTER: Final = r"[^\W\x00-\x7f]"
_SIGN: Final = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]"
_TOP: Final = rf"(?:[A-Za-z][A-Za-z0-9-]+|한국|닷컴|닷넷|{_LETTER}{{2,}})"
"""The last label of a host: the Korean ones that there are (IANA, Root Zone Database) come first, since particles follow them, too."""

_HOST: Final = (
    rf"(?:\[[0-9A-Fa-f:.]{{2,45}}\]|(?:[\w-]*{_LETTER}[\w-]*\.)+{_TOP}|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)"
)
_BEHIND: Final = rf"(?:{_SIGN}|(?<=[/=?&#_+:~@(-]){_LETTER}+|{_LETTER}+(?=[-_/=&]\w))"
_LINK: Final = when_used(
    rf"(?<![A-Za-z0-9])(?:https?://|www\.(?=[\w-]+\.)){_HOST}(?::\d{{1,5}})?(?:[/?#]{_BEHIND}{{0,{MAX_CHARS}}})?",
    re.IGNORECASE,
)
_USER: Final = re.compile(r"(?::[^\s/?#@]*)?@")
_LAST_LETTERS: Final = re.compile(rf"(?<=/){_LETTER}+\Z")

_CLOSING: Final = {")": "(", "]": "["}
_PUNCTUATION: Final = ".,:;!?'~*"
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))


def find_links(text: str) -> tuple[tuple[int, int], ...]:
    """Where the addresses in `text` begin and end."""
    if "://" not in text and "www." not in text.lower():
        return ()
    return tuple(_links(text))


def _links(text: str) -> Iterator[tuple[int, int]]:
    for match in _LINK().finditer(text):
        address = _without_end(match[0])
        if is_safe(url_of(address)) and not _USER.match(text, match.end()):
            yield match.start(), match.start() + len(address)


def _without_end(address: str) -> str:
    """`address` without what belongs to the sentence around it: particles, punctuation, brackets opened before it."""
    while True:
        last = address[-1]
        opening = _CLOSING.get(last)
        if last in _PUNCTUATION or (opening and address.count(last) > address.count(opening)):
            address = address[:-1]
        elif (letters := _LAST_LETTERS.search(address)) and can_follow(letters[0], ""):
            return address[: letters.start()]
        else:
            return address


def url_of(link: str) -> str:
    """The URL that is meant by an address as found in a text, to be shown: `www.a.kr` → `https://www.a.kr`."""
    return link if "://" in link else f"https://{link}"


def is_safe(url: str) -> bool:
    """Whether `url` leads to the web and nowhere else, and holds no character that a terminal could obey."""
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that hold no address
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url


def encoded(url: str) -> str:
    """`url` in ASCII alone, as terminals and browsers want it: `/서울` becomes `/%EC%84%9C%EC%9A%B8`, a Hangul host IDNA."""
    if url.isascii():
        return url
    scheme, _, rest = url.partition("://")
    host = re.split("[/?#:]", rest, maxsplit=1)[0]
    try:
        ascii_host = host.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_host = quote(host)
    return f"{scheme}://{ascii_host}{quote(rest[len(host) :], safe=_ASCII)}"
