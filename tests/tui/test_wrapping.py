"""How text is laid into columns: nothing too wide, nothing lost, nothing torn."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_client.wrapping import clusters, cut, pad, wrap

CHARACTERS = st.one_of(
    st.sampled_from("가나다 ab  ㅋ\n、한글😀"),
    st.sampled_from(["👨‍👩‍👧", "🇰🇷", "👍🏽", "1️⃣", "e\u0301", "각", "🇰", "\x1b", "\u3000"]),
    # About joiners outside of emoji rich does not agree with itself; cleaned text has none.
    st.characters(exclude_characters="\u200d\ufe0f"),
)
TEXTS = st.lists(CHARACTERS, max_size=60).map("".join)


def rows(text: str, columns: int, indent: int = 0) -> list[str]:
    return [text[span.start : span.end] for span in wrap(text, columns, indent)]


@given(TEXTS, st.integers(2, 30), st.integers(0, 10))
def test_no_row_is_wider_than_the_screen(text: str, columns: int, indent: int) -> None:
    indent = min(indent, columns - 2)
    first, *others = rows(text, columns, indent)
    assert cell_len(first) <= columns
    assert all(cell_len(row) <= columns - indent for row in others)


@given(TEXTS, st.integers(1, 30), st.integers(0, 10))
def test_only_blanks_and_newlines_vanish_between_rows(text: str, columns: int, indent: int) -> None:
    spans = wrap(text, columns, min(indent, columns - 1))
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    assert edges == sorted(edges)
    assert all(set(text[end:start]) <= {" ", "\n"} for end, start in zip(edges[::2], edges[1::2], strict=True))


@given(TEXTS, st.integers(2, 30))
def test_no_grapheme_is_torn(text: str, columns: int) -> None:
    lines = text.replace(" ", "\n")  # as single words, so that every break lies inside one
    allowed = {0, len(lines)} | {i for i, char in enumerate(lines) if char == "\n"} | after_newlines(lines)
    offset = 0
    for word in lines.split("\n"):
        allowed |= {offset + cluster.start for cluster in clusters(word)}
        offset += len(word) + 1
    assert {edge for span in wrap(lines, columns) for edge in span} <= allowed


def after_newlines(text: str) -> set[int]:
    return {i + 1 for i, char in enumerate(text) if char == "\n"}


@given(TEXTS)
def test_clusters_cover_every_character(text: str) -> None:
    found = clusters(text)
    assert [cluster.start for cluster in found] == [0, *(cluster.end for cluster in found)][: len(found)]
    assert all(before.end == after.start for before, after in pairwise(found))
    assert (found[-1].end if found else 0) == len(text)


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("", 10, [""]),
        ("안녕하세요", 10, ["안녕하세요"]),
        ("안녕하세요", 9, ["안녕하세", "요"]),
        ("오늘 점심 뭐 먹을까요", 12, ["오늘 점심 뭐", "먹을까요"]),
        ("긴낱말이여기까지온다 끝", 8, ["긴낱말이", "여기까지", "온다 끝"]),
        ("ab https://example.com", 10, ["ab ", "https://ex", "ample.com"]),
        ("ab (WWW.example.com/a)", 10, ["ab ", "(WWW.examp", "le.com/a)"]),
        ("봐:https://example.com 끝", 10, ["봐:", "https://ex", "ample.com ", "끝"]),
        ("https://a.kr https://example.com", 13, ["https://a.kr ", "https://examp", "le.com"]),
        ("abhttps://example.com", 10, ["abhttps://", "example.co", "m"]),
        ("첫 줄\n\n  셋째 줄", 20, ["첫 줄", "", "  셋째 줄"]),
        ("가   나", 4, ["가  ", "나"]),
        ("👨‍👩‍👧👨‍👩‍👧🇰🇷🇰🇷", 4, ["👨‍👩‍👧👨‍👩‍👧", "🇰🇷🇰🇷"]),
        ("한", 1, ["한"]),
    ],
)
def test_rows_break_where_a_reader_would(text: str, columns: int, expected: list[str]) -> None:
    assert rows(text, columns) == expected


def test_address_stays_behind_the_label_where_the_next_row_has_no_more_room() -> None:
    assert rows("철수> https://example.com/abc", 16, 6) == ["철수> https://ex", "ample.com/", "abc"]
    assert rows("철수> 봐 https://example.com", 16, 6) == ["철수> 봐 ", "https://ex", "ample.com"]


def test_rows_after_the_first_leave_room_for_the_indent() -> None:
    assert rows("영희> 안녕하세요 여러분", 12, indent=6) == ["영희> 안녕하", "세요 ", "여러분"]


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("영희", 4, "영희"),
        ("영희야", 5, "영희…"),
        ("영희야", 4, "영…"),
        ("영희", 1, "…"),
        ("영희", 0, ""),
        ("🇰🇷🇰🇷", 3, "🇰🇷…"),
    ],
)
def test_names_are_cut_by_columns(text: str, columns: int, expected: str) -> None:
    assert cut(text, columns) == expected


@pytest.mark.parametrize(("text", "expected"), [("영희", "영희  "), ("영희야 안녕", "영희… "), ("", "      ")])
def test_padding_fills_to_the_column(text: str, expected: str) -> None:
    assert pad(text, 6) == expected
