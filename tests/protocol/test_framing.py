"""Bytes become lines, however they are cut; telnet's bytes vanish; the first bytes tell the dialect."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.protocol.framing import (
    MAX_UNTERMINATED,
    OVERLONG,
    LineBuffer,
    Overlong,
    TelnetFilter,
    UnterminatedLine,
    is_foreign,
    is_json,
    is_tls,
)
from tests.support.strategies import byte_by_byte, cut, places

LIMIT = 9

LINES: dict[str, tuple[bytes, list[bytes | Overlong]]] = {
    "one line": (b"hello\n", [b"hello"]),
    "Hangul": ("영희야\n".encode(), ["영희야".encode()]),
    "several lines": (b"a\nb\nc\n", [b"a", b"b", b"c"]),
    "CR LF": (b"a\r\nb\r\n", [b"a", b"b"]),
    "only one CR is dropped": (b"a\r\r\n", [b"a\r"]),
    "a CR elsewhere ends nothing": (b"a\rb\n", [b"a\rb"]),
    "empty lines": (b"\n\r\n\n", [b"", b"", b""]),
    "other line ends end nothing": ("a\u2028b\v\f\n".encode(), ["a\u2028b\v\f".encode()]),
    "NUL and bytes that are not UTF-8": (b"\x00\xff\xfe\n", [b"\x00\xff\xfe"]),
    "exactly as long as allowed": (b"x" * LIMIT + b"\n", [b"x" * LIMIT]),
    "one byte too long": (b"x" * (LIMIT + 1) + b"\n", [OVERLONG]),
    "exactly as long as allowed, with CR": (b"x" * LIMIT + b"\r\n", [b"x" * LIMIT]),
    "one byte too long, with CR": (b"x" * (LIMIT + 1) + b"\r\n", [OVERLONG]),
    "one byte too long, the byte being a CR": (b"x" * LIMIT + b"\r\r\n", [OVERLONG]),
    "a CR where the kept part ends": (b"x" * (LIMIT + 1) + b"\ry\n", [OVERLONG]),
    "much too long": (b"x" * 5 * LIMIT + b"\nok\n", [OVERLONG, b"ok"]),
    "too long twice": (b"x" * 50 + b"\n" + b"y" * 50 + b"\n", [OVERLONG, OVERLONG]),
}


def fed(buffer: LineBuffer, pieces: list[bytes]) -> list[bytes | Overlong]:
    return [line for piece in pieces for line in buffer.feed(piece)]


@pytest.mark.parametrize(("data", "lines"), LINES.values(), ids=LINES)
def test_lines_come_whole_in_pieces_and_before_others(data: bytes, lines: list[bytes | Overlong]) -> None:
    assert fed(LineBuffer(LIMIT), [data]) == lines
    assert fed(LineBuffer(LIMIT), byte_by_byte(data)) == lines
    buffer = LineBuffer(LIMIT)
    assert fed(buffer, [data + b"more"]) == lines
    assert buffer.unfinished == b"more"
    assert fed(buffer, [b"\n"]) == [b"more"]


@given(st.binary() | st.lists(st.sampled_from([b"\n", b"\r", b"x" * 4, b"x"])).map(b"".join), places)
@settings(deadline=None)
def test_cutting_changes_nothing(data: bytes, at: list[int]) -> None:
    expected = [line.removesuffix(b"\r") for line in data.split(b"\n")[:-1]]
    got = fed(LineBuffer(LIMIT), cut(data, at))
    assert got == [line if len(line) <= LIMIT else OVERLONG for line in expected]


def test_what_has_no_newline_is_no_line() -> None:
    buffer = LineBuffer(LIMIT)
    assert buffer.feed(b"half") == []
    assert buffer.unfinished == b"half"


def test_of_a_line_too_long_hardly_more_is_kept_than_is_allowed() -> None:
    buffer = LineBuffer(LIMIT)
    for _ in range(100):
        buffer.feed(b"x" * 100)
    assert len(buffer.unfinished) <= LIMIT + 2


@pytest.mark.parametrize("size", [1, 7, MAX_UNTERMINATED])
def test_a_line_that_never_ends_is_given_up(size: int) -> None:
    buffer = LineBuffer(LIMIT)
    for _ in range(MAX_UNTERMINATED // size):
        buffer.feed(b"x" * size)
    with pytest.raises(UnterminatedLine):
        buffer.feed(b"x" * 7)


def test_a_newline_starts_the_count_anew() -> None:
    buffer = LineBuffer(LIMIT, max_unterminated_bytes=16)
    for _ in range(5):
        assert fed(buffer, [b"x" * 16, b"\n"]) == [OVERLONG]
    buffer.feed(b"ok\n" + b"x" * 16)
    with pytest.raises(UnterminatedLine):
        buffer.feed(b"x")


def test_the_limit_may_change_between_two_pieces() -> None:
    buffer = LineBuffer(LIMIT)
    buffer.feed(b"x" * 6)
    buffer.max_line_bytes = 4
    assert buffer.feed(b"\nyyyy\nyyyyy\n") == [OVERLONG, b"yyyy", OVERLONG]


# --- telnet -----------------------------------------------------------------------------------------------------------

IAC, WILL, WONT, DO, DONT, SB, SE = b"\xff", b"\xfb", b"\xfc", b"\xfd", b"\xfe", b"\xfa", b"\xf0"

NEGOTIATIONS = {
    "nothing": b"",
    "WILL": IAC + WILL + b"\x01",
    "WONT": IAC + WONT + b"\x03",
    "DO": IAC + DO + b"\x18",
    "DONT": IAC + DONT + b"\x22",
    "an option that looks like a letter": IAC + DO + b"a",
    "an option that is a newline": IAC + WILL + b"\n",
    "an option that is 255": IAC + DO + IAC,
    "a command": IAC + b"\xf6",
    "an escaped 255": IAC + IAC,
    "a subnegotiation": IAC + SB + b"\x18\x00xterm-256color" + IAC + SE,
    "an empty subnegotiation": IAC + SB + IAC + SE,
    "a subnegotiation with an escaped 255": IAC + SB + b"\x1f\x00" + IAC + IAC + b"\x00\x18" + IAC + SE,
    "a subnegotiation with SE and newlines inside": IAC + SB + b"\x18" + SE + b"\n{" + IAC + SE,
    "several": IAC + DO + b"\x03" + IAC + WILL + b"\x18" + IAC + SB + b"\x1f\x00\x50" + IAC + SE + IAC + b"\xf1",
}


def filtered(pieces: list[bytes]) -> bytes:
    telnet = TelnetFilter()
    return b"".join(map(telnet.feed, pieces))


@pytest.mark.parametrize("negotiation", NEGOTIATIONS.values(), ids=NEGOTIATIONS)
def test_negotiations_vanish_wherever_they_stand(negotiation: bytes) -> None:
    before, after = "안녕".encode(), "하세요\r\n".encode()
    data = negotiation + before + negotiation + after + negotiation
    assert filtered([data]) == before + after
    assert filtered(byte_by_byte(data)) == before + after


@given(st.lists(st.sampled_from([IAC, WILL, SB, SE, b"\x01", b"a", "가".encode()]) | st.binary(max_size=3)), places)
@settings(deadline=None)
def test_telnet_is_filtered_the_same_in_any_cut(parts: list[bytes], at: list[int]) -> None:
    data = b"".join(parts)
    whole = filtered([data])
    assert filtered(cut(data, at)) == whole
    assert IAC not in whole


@given(st.text().map(str.encode), st.sampled_from(sorted(NEGOTIATIONS.values())), st.integers(0))
@settings(deadline=None)
def test_nobodys_text_is_touched(text: bytes, negotiation: bytes, place: int) -> None:
    start, end = cut(text, [place])
    assert filtered([text]) == text
    assert filtered([start + negotiation + end]) == text


@pytest.mark.parametrize("size", [1, 1000])
def test_a_negotiation_that_never_ends_is_given_up(size: int) -> None:
    with pytest.raises(UnterminatedLine):
        filtered([IAC + SB] + [b"x" * size] * (MAX_UNTERMINATED // size + 1))


def test_negotiating_often_is_no_crime() -> None:
    telnet = TelnetFilter()
    for _ in range(MAX_UNTERMINATED // 10):
        assert telnet.feed(IAC + DO + b"\x18" + IAC + WILL + b"\x18" + b"a") == b"a"


# --- which dialect ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "tls", "json"),
    [(b"\x16", True, False), (b"{", False, True), (b"\x15", False, False), (b"", False, False), (b"a", False, False)],
)
def test_the_first_byte_tells_tls_and_json(first: bytes, tls: bool, json: bool) -> None:
    assert (is_tls(first), is_json(first)) == (tls, json)


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"{verb} / HTTP/1.1".encode()
            for verb in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH")
        ),
        b"CONNECT example.org:443 HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 5 6",
        b"SSH-2.0-OpenSSH_9.2",
    ],
)
def test_browsers_ssh_and_proxies_are_recognised(line: bytes) -> None:
    assert is_foreign(line)


@pytest.mark.parametrize("line", [b"", b"GET", b"GETTY", b"get /", b"SSH", b"PROXY", b" GET /", "영희".encode()])
def test_a_nickname_is_not_taken_for_a_browser(line: bytes) -> None:
    assert not is_foreign(line)
