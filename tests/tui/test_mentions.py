"""Who is called by name, whatever Korean grammar does to the name, and who is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_client.mentions import find_mentions


def mentioned(text: str, me: str, others: tuple[str, ...] = ()) -> list[str]:
    return [text[start:end] for start, end in find_mentions(text, me, others)]


CALLED = [
    ("영희", "영희", "영희"),
    ("영희", "영희야", "영희"),
    ("영희", "영희야, 밥 먹자", "영희"),
    ("영희", "이건 영희가 했어", "영희"),
    ("영희", "영희는?", "영희"),
    ("영희", "영희를 불러", "영희"),
    ("영희", "영희와 철수", "영희"),
    ("영희", "영희랑 갈래", "영희"),
    ("영희", "영희로 할게", "영희"),
    ("영희", "영희의 자료", "영희"),
    ("영희", "영희한테 물어봐", "영희"),
    ("영희", "영희한테서는 연락 없어?", "영희"),
    ("영희", "영희에게서는 들었어", "영희"),
    ("영희", "영희에게 보냈어", "영희"),
    ("영희", "영희께서 오셨어", "영희"),
    ("영희", "영희부터 하자", "영희"),
    ("영희", "영희까지도", "영희"),
    ("영희", "영희도", "영희"),
    ("영희", "영희만", "영희"),
    ("영희", "영희만은 안 돼", "영희"),
    ("영희", "영희보다 빨라", "영희"),
    ("영희", "영희처럼", "영희"),
    ("영희", "영희하고 나", "영희"),
    ("영희", "영희네 집", "영희"),
    ("영희", "영희야말로", "영희"),
    ("영희", "저는 영희예요", "영희"),
    ("영희", "범인은 영희였어!", "영희"),
    ("영희", "영희입니다", "영희"),
    ("영희", "영희라고 해", "영희"),
    ("영희", "영희님이 오셨네", "영희"),
    ("영희", "영희님, 안녕하세요", "영희"),
    ("영희", "영희씨도 와요", "영희"),
    ("영희", "영희양", "영희"),
    ("영희", "영희선배님께서는", "영희"),
    ("영희", "영희언니한테", "영희"),
    ("영희", "영희팀장님은요?", "영희"),
    ("영희", "ㅋㅋ영희야ㅠㅠ", "영희"),
    ("영희", "영희ㅋㅋㅋ", "영희"),
    ("영희", "(영희)", "영희"),
    ("영희", '"영희"라고?', "영희"),
    ("영희", "영희/철수", "영희"),
    ("영희", "영희~", "영희"),
    ("영희", "영희.", "영희"),
    ("영희", "영희… 왔어?", "영희"),
    ("영희", "@영희 봐 줘", "@영희"),
    ("영희", "이거 @영희한테", "@영희"),
    ("영희", "＠영희", "＠영희"),
    ("민준", "민준이가", "민준"),
    ("민준", "민준아!", "민준"),
    ("민준", "민준이한테는", "민준"),
    ("민준", "민준이야", "민준"),
    ("민준", "민준이랑", "민준"),
    ("민준", "민준이형이", "민준"),
    ("민준", "민준은 민준으로", "민준"),
    ("민준", "민준이었어", "민준"),
    ("한결", "한결로", "한결"),
    ("Bob", "bob!", "bob"),
    ("Bob", "ＢＯＢ 왔다", "ＢＯＢ"),
    ("ｂｏｂ", "Bob?", "Bob"),
    ("bob", "bob이 bob님", "bob"),
    ("bob", "bob가", "bob"),
    ("bob", "bob's", "bob"),
    ("Straße", "STRASSE야", "STRASSE"),
    ("영희_2", "영희_2님", "영희_2"),
    ("손님2", "손님2가", "손님2"),
    ("이", "@이", "@이"),
    ("이", "이님 안녕하세요", "이"),
    ("이", "이씨는?", "이"),
    ("이", "이!", "이"),
    ("ㅋㅋ", "@ㅋㅋ", "@ㅋㅋ"),
    ("ㅋㅋ", "ㅋㅋ님", "ㅋㅋ"),
    ("12", "12님", "12"),
]


@pytest.mark.parametrize(("me", "text", "span"), CALLED)
def test_name_is_found_however_it_is_inflected(me: str, text: str, span: str) -> None:
    assert mentioned(text, me)[0] == span


NOT_CALLED = [
    ("영희", ""),
    ("영희", "철수야"),
    ("영희", "영희롱"),
    ("영희", "안영희"),
    ("영희", "안영희가"),
    ("영희", "영희밥"),
    ("영희", "영희은"),
    ("영희", "영희이가"),
    ("영희", "영희아"),
    ("영희", "영희2"),
    ("영희", "영희_"),
    ("영희", "영희-2 왔어"),
    ("영희", "영희.txt"),
    ("영희", "영희abc"),
    ("영희", "http://x/영희"),
    ("영희", "https://a.kr/wiki/영희 봐"),
    ("영희", "a@영희.kr"),
    ("영희", "서울@영희 씨"),
    ("민준", "민준가"),
    ("민준", "민준야"),
    ("민준", "김민준"),
    ("한결", "한결으로"),
    ("bob", "bobby"),
    ("bob", "kabob"),
    ("bob", "bob_1"),
    ("bob", "bob.js"),
    ("bob", "bob@a.kr"),
    ("bob", "x-bob"),
    ("bob", "안bob"),
    ("이", "이가"),
    ("이", "이 사람은 이렇게"[1:]),
    ("이", "이거"),
    ("이", "이ㅋㅋ"),
    ("ㅋㅋ", "ㅋㅋ"),
    ("ㅋㅋ", "ㅋㅋㅋㅋ"),
    ("12", "12시"),
    ("12", "12 개"),
]


@pytest.mark.parametrize(("me", "text"), NOT_CALLED)
def test_name_is_not_found_inside_another_word(me: str, text: str) -> None:
    assert mentioned(text, me) == []


@pytest.mark.parametrize(
    ("me", "others", "text", "expected"),
    [
        ("영희", ("영희야",), "영희야 밥", []),
        ("영희", ("영희야",), "영희야야", []),
        ("영희", ("영희야",), "영희야말로", ["영희"]),
        ("영희", ("영희야",), "영희야, 영희는?", ["영희"]),
        ("영희야", ("영희",), "영희야 밥", ["영희야"]),
        ("영희", ("영희2", "bob"), "영희 왔어?", ["영희"]),
        ("영희", ("ㅋㅋ영희",), "ㅋㅋ영희 왔다", []),
        ("bob", ("Bob이",), "bob이 왔다", []),
        ("bob", ("big-bob",), "big-bob, bob!", ["bob"]),
    ],
)
def test_longest_name_is_meant(me: str, others: tuple[str, ...], text: str, expected: list[str]) -> None:
    assert mentioned(text, me, others) == expected


def test_every_mention_is_found_where_it_stands() -> None:
    assert find_mentions("ǅ 영희야 @영희", "영희", ()) == ((2, 4), (6, 9))


def test_characters_that_fold_into_several_move_no_mention() -> None:
    assert find_mentions("㎏ ﬃ 영희야", "영희", ()) == ((4, 6),)


@given(
    st.text(st.sampled_from("영희야@ 민준이가bobＢ㎏ㅋ2_-./h:"), max_size=30),
    st.sampled_from(["영희", "민준", "bob", "이"]),
)
def test_mentions_lie_in_the_text_in_order(text: str, me: str) -> None:
    spans = find_mentions(text, me, ("영희야", "민준이"))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert list(spans) == sorted(spans)


def test_a_wall_of_names_takes_no_time() -> None:
    assert find_mentions("영희" * 1000, "영희", ["영희야"]) == ()
    assert len(find_mentions("영희 " * 600, "영희", [f"영희{number}" for number in range(500)])) == 600
