"""The grams of a text and the probes of a pattern: what matches has a gram of each probe, and few others have."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.log.grams import Probe, grams_of, probes_of, speaker_gram
from server.protocol.errors import Refusal
from server.protocol.search import SearchPattern
from tests.support.korean_chat import SmallTalk


def has(grams: set[str], probe: Probe) -> bool:
    """Whether one of `grams` is what `probe` asks for."""
    return any(
        probe.first_key <= gram[:-1] <= probe.last_key and probe.first_behind <= ord(gram[-1]) <= probe.last_behind
        for gram in grams
    )


def is_candidate(query: str, text: str) -> bool:
    grams = grams_of(text)
    return all(has(grams, probe) for probe in probes_of(SearchPattern(query), None))


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("회의", {"회의", "의 ", "ㅎㅇ ", "ㅇ  "}),
        ("OK", {"ok ", "k  "}),
        ("a 회", {"회 ", "a  ", "ㅎ  "}),
        ("a회", {"a회", "회 ", "aㅎ ", "ㅎ  "}),
        ("ㄳ", {"ㄱㅅ ", "ㅅ  "}),
        ("㎏", {"kg ", "g  "}),
        ("\n ", set()),
    ],
)
def test_the_grams_of_a_text(text: str, grams: set[str]) -> None:
    assert grams_of(text) == grams


@pytest.mark.parametrize(
    ("query", "texts", "others"),
    [
        ("회의", ["회의", "오늘 회의록"], ["의회", "회 의", "회장의"]),
        ("회으", ["회의", "회으"], ["회이", "회"]),
        ("여", ["영", "여", "a영"], ["이", "ㅇ"]),
        ("ㅎㅇ", ["회의", "ㅎㅇ", "하양"], ["ㅎ ㅇ", "이하", "핫"]),
        ("회ㅇ", ["회의", "회ㅇ"], ["회사"]),
        ("ㅎ의", ["회의", "ㅎ의"], ["이의"]),
        ("ㄳ", ["감사", "ㄳ"], ["가", "사가"]),
        ("error", ["ERROR", "errors"], ["terror rr", "err or"][1:]),
        ("서버 회의", ["회의 서버"], ["회의", "서버"]),
        ("´", ["´"], []),
    ],
)
def test_candidates_are_what_matches_and_little_else(query: str, texts: list[str], others: list[str]) -> None:
    assert [text for text in [*texts, *others] if is_candidate(query, text)] == texts


_alphabet = st.sampled_from("가각나회의횡여영ㅎㅇㄱㅅㄳㅏaAbß1 .\nﬁ㎏´ﷺＡﾡ😀")


@given(st.text(_alphabet, min_size=1, max_size=6), st.text(_alphabet, max_size=20), st.text(_alphabet, max_size=5))
@example("회이 ㄳ", "감사 회의", "회이")
@settings(deadline=None, max_examples=1000)
def test_whatever_matches_is_a_candidate(query: str, text: str, around: str) -> None:
    try:
        pattern = SearchPattern(query)
    except Refusal:
        return
    for candidate in (text, around + query + text, text + query):
        if pattern.matches(candidate):
            assert is_candidate(query, candidate)


def test_small_talk_is_found_and_few_messages_are_looked_at_in_vain() -> None:
    talk = SmallTalk()
    texts = [talk.text() for _ in range(2000)]
    for query in ("회의", "ㅎㅇㄹ", "서버 배포", "회으", "error", "나중에"):
        found = [text for text in texts if SearchPattern(query).matches(text)]
        candidates = [text for text in texts if is_candidate(query, text)]
        assert set(found) <= set(candidates)
        assert len(candidates) <= len(found) + 20


def test_a_query_of_a_hundred_words_asks_for_a_few() -> None:
    assert len(probes_of(SearchPattern(" ".join("가나다라마바사아자차카타파하" * 3)), "영희")) <= 12


def test_the_speaker_is_asked_for_first_and_under_any_spelling() -> None:
    assert speaker_gram("ＭＩＮＡ") == speaker_gram("mina") != speaker_gram("영희")
    key, number = speaker_gram("Mina")
    assert probes_of(SearchPattern("회의"), "mina")[0] == Probe(key, key, number, number)
    assert probes_of(SearchPattern("", may_be_empty=True), "mina") == [Probe(key, key, number, number)]
