"""What may stand behind a name without a blank: titles and particles, in chains (`영희님한테서는`). Pure functions.

A chain is right if each link goes with the end of the one before it (`민준이가`, but `영희가`). After what is not Hangul
(`bob`, `山`) nobody can tell by looking, and both forms are right.
"""

from typing import Final

from server.protocol.syllables import is_open, is_syllable, parts_of

_TITLES: Final = (
    *("님", "씨", "군", "양", "선배", "후배", "선생", "쌤", "샘", "형", "누나", "누", "언니", "오빠", "동생"),
    *("사원", "주임", "대리", "과장", "차장", "부장", "실장", "팀장", "원장", "사장", "회장", "반장", "이사", "대표"),
    *("교수", "박사", "작가", "기자"),
)
"""`누` for `누님`: each may have a `님` behind it."""

_AFTER_ANY: Final = (
    *(
        "의",
        "도",
        "만",
        "께",
        "께서",
        "에",
        "에서",
        "에게",
        "에게서",
        "에게로",
        "한테",
        "한테서",
        "한테로",
        "더러",
        "보고",
    ),
    *(
        "부터",
        "까지",
        "마저",
        "조차",
        "처럼",
        "같이",
        "같은",
        "만큼",
        "보다",
        "하고",
        "밖에",
        "뿐",
        "대로",
        "마다",
        "커녕",
    ),
    *("말고", "빼고", "네", "들", "따라", "치고", "대신", "포함", "때문", "때문에", "덕분", "덕분에", "꺼", "거"),
    *("입니다", "입니까", "인데", "인가", "인지", "일까", "일지", "임", "이세요", "이십니다", "이시죠", "이신", "요"),
)
_AFTER_CONSONANT: Final = ("이", "은", "을", "과", "아", "이었")
_AFTER_VOWEL: Final = (
    *("가", "는", "를", "와", "야", "야말로", "랑", "나", "든", "든지", "라도", "라고", "라는", "라면", "라서", "란"),
    *("여", "시여", "며", "고", "면", "다", "지", "죠", "예요", "에요", "냐", "니", "였"),
)
"""Behind a consonant these have an `이` before them, which is a link of its own."""

_AFTER_COPULA: Final = ("어", "어요", "다", "다고", "는데", "지", "네", "나", "음", "습니다", "으면")
_TOWARDS, _TOWARDS_AFTER_CONSONANT = ("로", "로서", "로써"), ("으로", "으로서", "으로써")

_MAX_LINKS: Final = 5
"""More than anybody says; it bounds the search."""

MAX_TAIL: Final = 24
"""No tail that can follow a name is longer, in characters."""


def can_follow(tail: str, name: str) -> bool:
    """Whether `tail` is nothing but titles and particles that may stand behind `name`."""
    if len(tail) > MAX_TAIL:
        return False
    return _is_titled(tail, name[-1:], titles=2) or (
        tail.startswith("이") and _goes_behind_consonant(name[-1:]) and _is_titled(tail[1:], "이", titles=2)
    )


def _is_titled(tail: str, before: str, titles: int) -> bool:
    """Whether `tail`, behind the character `before`, is at most so many titles and then particles."""
    if _is_chain(tail, before, _MAX_LINKS):
        return True
    return titles > 0 and any(
        tail.startswith(title) and _is_titled(tail[len(title) :], title[-1], titles - 1) for title in _TITLES
    )


def _is_chain(tail: str, before: str, links: int) -> bool:
    if not tail:
        return True
    return links > 0 and any(
        tail.startswith(link) and _is_chain(tail[len(link) :], link[-1], links - 1) for link in _links_behind(before)
    )


def _links_behind(before: str) -> tuple[str, ...]:
    """The particles that may stand behind the character `before`."""
    if before in ("였", "었"):
        return _AFTER_COPULA
    if not (before and is_syllable(before)):
        return _AFTER_ANY + _AFTER_CONSONANT + _AFTER_VOWEL + _TOWARDS + _TOWARDS_AFTER_CONSONANT
    match parts_of(before)[-1]:
        case "":
            return _AFTER_ANY + _AFTER_VOWEL + _TOWARDS
        case "ㄹ":
            return _AFTER_ANY + _AFTER_CONSONANT + _TOWARDS
        case _:
            return _AFTER_ANY + _AFTER_CONSONANT + _TOWARDS_AFTER_CONSONANT


def _goes_behind_consonant(before: str) -> bool:
    return not (before and is_syllable(before)) or not is_open(before)
