"""Web addresses in what people write, without the sentence around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_client.links import encoded, find_links, is_safe, url_of


def links(text: str) -> list[str]:
    return [text[start:end] for start, end in find_links(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.kr", ["https://a.kr"]),
        ("여기 http://a.kr/b?c=1&d=2#e 봐", ["http://a.kr/b?c=1&d=2#e"]),
        ("HTTPS://A.KR/X", ["HTTPS://A.KR/X"]),
        ("www.a.kr 그리고 www.b.kr/c", ["www.a.kr", "www.b.kr/c"]),
        ("http://localhost:8000/x", ["http://localhost:8000/x"]),
        ("http://[::1]:8000/", ["http://[::1]:8000/"]),
        ("https://a.kr/b를 봐", ["https://a.kr/b"]),
        ("https://a.kr에서", ["https://a.kr"]),
        ("https://a.kr/에서", ["https://a.kr/"]),
        ("https://a.kr/b에서는요?", ["https://a.kr/b"]),
        ("https://a.kr/b라고", ["https://a.kr/b"]),
        ("https://ko.wikipedia.org/wiki/서울특별시 참고", ["https://ko.wikipedia.org/wiki/서울특별시"]),
        ("https://ko.wikipedia.org/wiki/서울_(도시)", ["https://ko.wikipedia.org/wiki/서울_(도시)"]),
        ("https://a.kr/2024년-회고", ["https://a.kr/2024년-회고"]),
        ("https://a.kr/?q=속삭&n=1", ["https://a.kr/?q=속삭&n=1"]),
        ("http://한글.한국/나무", ["http://한글.한국/나무"]),
        ("(https://a.kr/b)", ["https://a.kr/b"]),
        ("[글](https://a.kr/b_(c))", ["https://a.kr/b_(c)"]),
        ("https://a.kr/b.", ["https://a.kr/b"]),
        ("https://a.kr/b?!", ["https://a.kr/b"]),
        ("https://a.kr/b~~", ["https://a.kr/b"]),
        ("'https://a.kr/b', \"https://c.kr\"", ["https://a.kr/b", "https://c.kr"]),
        ("<https://a.kr/b>", ["https://a.kr/b"]),
        ("보기https://a.kr", ["https://a.kr"]),
        ("https://a.kr/%EA%B0%80%EB%82%98", ["https://a.kr/%EA%B0%80%EB%82%98"]),
        ("http://한글.한국에서 봐", ["http://한글.한국"]),
        ("http://한글.한국:8080/나무", ["http://한글.한국:8080/나무"]),
        ("www.네이버.com을", ["www.네이버.com"]),
        ("http://例え.中国", ["http://例え.中国"]),
        ("https://bank.kr@evil.kr/", []),
        ("http://user:pw@host.kr/x", []),
        ("http://user:80@host.kr/x https://a.kr", ["https://a.kr"]),
        ("https://a.kr/@영희", ["https://a.kr/@영희"]),
        ("javascript:alert(1) file:///etc data:x ftp://a.kr", []),
        ("xhttp://a.kr", []),
        ("http:// https://", []),
        ("www. www.a", []),
        ("http://[::1", []),
        ("말뿐인 메시지", []),
    ],
)
def test_addresses_end_where_the_sentence_goes_on(text: str, expected: list[str]) -> None:
    assert links(text) == expected


@given(
    st.text(st.sampled_from("http://www.a.kr/b를서울()[]?!~@:#%\x1b\x07\n\u202e 가"), max_size=60).map(
        "https://".__add__
    )
)
def test_whatever_is_found_is_safe_to_hand_to_a_terminal(text: str) -> None:
    for link in links(text):
        assert is_safe(url_of(link))
        assert encoded(url_of(link)).isascii()


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "javascript:x",
        "https://a.kr/\x1b]8;;",
        "https://a.kr/\u202e",
        "https://",
        "a.kr",
        "http://[x",
    ],
)
def test_nothing_but_the_web_is_safe(url: str) -> None:
    assert not is_safe(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.kr/b%20c", "https://a.kr/b%20c"),
        ("https://a.kr/서울?q=%20", "https://a.kr/%EC%84%9C%EC%9A%B8?q=%20"),
        ("http://한글.한국:80/가", "http://xn--bj0bj06e.xn--3e0b707e:80/%EA%B0%80"),
    ],
)
def test_hangul_in_an_address_is_encoded_for_the_terminal(url: str, expected: str) -> None:
    assert encoded(url) == expected
