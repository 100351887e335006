"""What a search finds, and where: the one rule of both sides."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.nickname import nickname_key
from server.protocol.search import _ODD, MAX_QUERY_CHARS, SearchPattern, _fold_character, fold
from server.protocol.text import clean_text


def found(query: str, text: str) -> list[str]:
    """The hits, as they stand in the text."""
    return [text[start:end] for start, end in SearchPattern(query).find_all(text)]


@pytest.mark.parametrize(
    ("query", "text", "hits"),
    [
        ("회의", "내일 회의, 회의실에서", ["회의", "회의"]),
        ("회의", "회 의", []),
        ("의", "회의", ["의"]),
        ("자료 회의", "회의 자료와 회의록", ["회의", "자료", "회의"]),
        ("자료 회의", "회의만", []),
        ("가나 나다", "가나다", ["가나다"]),
        ("가나 다라", "가나다라", ["가나", "다라"]),
        ("가 가나", "가나 가", ["가나", "가"]),
        ("  회의\n자료\u3000", "자료 회의", ["자료", "회의"]),
        # letters of either case, full width, ligatures, signs made of several characters
        ("HELLO", "hello Ｈｅｌｌｏ", ["hello", "Ｈｅｌｌｏ"]),
        ("ｈｅ", "Hello", ["He"]),
        ("strasse", "STRASSE Straße", ["STRASSE", "Straße"]),
        ("fi", "oﬁce", ["ﬁ"]),
        ("f", "ﬁ", ["ﬁ"]),
        ("kg", "5㎏", ["㎏"]),
        ("k g", "㎏", ["㎏"]),
        ("a", "İi̇", []),
        ("é", "café e\u0301", ["é"]),
        ("나\u1100", "나가", ["나가"]),
        # what has a meaning elsewhere
        ("a.b", "axb a.b", ["a.b"]),
        ("[ㅎ", "[하", ["[하"]),
        (r"\d", r"1 \d", [r"\d"]),
        ("%", "100%", ["%"]),
        ("😀", "ㅋㅋ😀", ["😀"]),
        ("\n", "가\n나", None),
    ],
)
def test_words(query: str, text: str, hits: list[str] | None) -> None:
    if hits is None:
        with pytest.raises(Refusal):
            SearchPattern(query)
    else:
        assert found(query, text) == hits
        assert SearchPattern(query).matches(text) == bool(hits)


@pytest.mark.parametrize(
    ("query", "text", "hits"),
    [
        ("ㅎㅇ", "내일 회의", ["회의"]),
        ("ㅎㅇ", "ㅎㅇ 하이", ["ㅎㅇ", "하이"]),
        ("회ㅇ", "회의 회사", ["회의"]),
        ("ㅎ의", "회의 논의", ["회의"]),
        ("ㅎㅇㄹ", "회의록", ["회의록"]),
        ("ㄲ", "까 가", ["까"]),
        ("ㄱ", "까 가", ["가"]),
        ("ㅋㅋ", "ㅋㅋㅋㅋ 크크", ["ㅋㅋ", "ㅋㅋ", "크크"]),
        ("ㅎ ㅇ", "이것 하나", ["이", "하"]),
        ("ㄱㅅ", "감사", ["감사"]),
        ("ㄳ", "ㄳ 감사", ["ㄳ", "감사"]),  # what an input method may make of the two keys
        ("ㅄ", "부산 ㅄ 값", ["부산", "ㅄ"]),
        ("ㅏ", "ㅏ 가", ["ㅏ"]),
        ("ﾡ", "ㄱ 가", ["ㄱ", "가"]),
        ("ㄱ", "ﾡ", ["ﾡ"]),
    ],
)
def test_initial_consonants(query: str, text: str, hits: list[str]) -> None:
    assert found(query, text) == hits


@pytest.mark.parametrize(
    ("query", "text", "hits"),
    [
        ("여", "수영 여기", ["영", "여"]),
        ("회으", "회의", ["회의"]),
        ("호", "회의", ["회"]),
        ("회이", "회의", []),
        ("회의", "회읭", ["회읭"]),
        ("영", "여기", []),
        ("여기", "영기 여긴", ["여긴"]),
        ("여 기", "영 기", []),
        ("기 여", "영 기", ["영", "기"]),
        ("영", "엮", []),
    ],
)
def test_an_open_syllable_at_the_end_is_still_being_typed(query: str, text: str, hits: list[str]) -> None:
    assert found(query, text) == hits


def test_hits_do_not_vanish_while_a_word_is_typed() -> None:
    for typed in ("ㅎ", "호", "회", "회ㅇ", "회으", "회의", "회의ㄹ", "회의로", "회의록"):
        assert found(typed, "오늘 회의록입니다") != []


@pytest.mark.parametrize("query", ["", " \n\u3000", "\u200b\ufeff\u3164", "\u115f"])
def test_a_query_with_nothing_in_it_is_refused(query: str) -> None:
    with pytest.raises(Refusal) as refused:
        SearchPattern(query)
    assert (refused.value.code, refused.value.text) == (Code.EMPTY, phrases.QUERY_EMPTY)


@pytest.mark.parametrize("query", ["", " \n\u200b"])
def test_where_nothing_need_be_typed_everything_is_a_hit_and_nothing_is_marked(query: str) -> None:
    pattern = SearchPattern(query, may_be_empty=True)
    for text in ("회의", "ok", ""):
        assert pattern.matches(text)
        assert pattern.find_all(text) == []


def test_a_query_that_is_too_long_is_refused() -> None:
    SearchPattern(f"  {'가' * MAX_QUERY_CHARS}  ")
    with pytest.raises(Refusal) as refused:
        SearchPattern("가" * (MAX_QUERY_CHARS + 1))
    assert refused.value.code is Code.TOO_LONG
    assert str(MAX_QUERY_CHARS) in refused.value.text


def test_a_query_is_cleaned_as_a_message_is() -> None:
    assert SearchPattern(" \u202e한\u200b글\ud800 ").query == "한글\ufffd"
    assert found(unicodedata.normalize("NFD", "회의"), "회의") == ["회의"]


# --- whatever comes ---------------------------------------------------------------------------------------------------

_alphabet = st.sampled_from("가각나회의횡여영ㅎㅇㄱㅅㄳㅏaAbß1 .\nﬁ㎏´ﷺＡé\u0301ﾡ😀\u200b\\[^") | st.characters()
queries = st.text(_alphabet, min_size=1, max_size=5)
texts = st.text(_alphabet, max_size=30)


def pattern_of(query: str) -> SearchPattern | None:
    try:
        return SearchPattern(query)
    except Refusal:
        return None


@given(queries, texts)
@settings(deadline=None, max_examples=500)
def test_hits_lie_in_the_text_in_order_and_apart(query: str, text: str) -> None:
    pattern = pattern_of(query)
    if pattern is not None:
        edges = [edge for span in pattern.find_all(text) for edge in span]
        assert edges == sorted(edges)
        assert all(0 <= start < end <= len(text) for start, end in pattern.find_all(text))
        assert pattern.matches(text) == bool(edges)


@given(texts, st.data())
@settings(deadline=None, max_examples=300)
def test_every_piece_of_a_text_is_found_in_it(raw: str, data: st.DataObject) -> None:
    text = clean_text(raw)
    start = data.draw(st.integers(0, len(text)))
    pattern = pattern_of(text[start : start + 5])
    if pattern is not None and clean_text(text[start : start + 5]) == text[start : start + 5]:
        assert pattern.matches(text)


@given(texts)
@settings(deadline=None, max_examples=300)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("text", ["…", "가…나", "…ﬁ가", "회의…㎏ 가", "˚…İ가"])
def test_a_character_that_becomes_several_is_several_whatever_stands_beside_it(text: str) -> None:
    assert fold(text) == "".join(map(fold, text))
    for word in ("가", "...", "…"):
        for start, end in SearchPattern(word).find_all(text):
            assert text[start:end] in ("가", "…")


def test_the_fast_path_of_folding_folds_alike() -> None:
    fast = [chr(code) for code in range(0x20000) if not _ODD.search(chr(code))]
    assert len(fast) > 30_000
    assert [one for one in fast if one.lower() != _fold_character(one)] == []


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20))
def test_letters_are_compared_as_those_of_nicknames(text: str) -> None:
    """But for jamo, and for what normalising moves across characters."""
    plain = re.sub(
        "[\u1100-\u11ff\u3131-\u318e\uffa0-\uffdc\ua960-\ua97f\ud7b0-\ud7ff]", "", unicodedata.normalize("NFKC", text)
    )
    if not any(map(unicodedata.combining, unicodedata.normalize("NFKD", plain))):
        assert fold(plain) == nickname_key(plain)
