"""What people say to each other, made up: the same text for everything that is measured side by side.

Mostly short lines and whole sentences, now and then a long paragraph, a link, emoji or the reader's name; somebody who speaks
often sends a few messages in a row. A pure function of the seed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

READER = "영희"
"""Who reads it all, and is called by name now and then."""

SPEAKERS = ("철수", "민수", "지영", "하늘")

_SHORT = (
    *("네", "ㅋㅋㅋㅋ", "아하", "좋아요!", "감사합니다", "ㅎㅎ 그러게요", "오 대박", "확인했습니다", "잠시만요"),
    *("넵 알겠습니다", "ㅠㅠ", "아 맞다"),
)
_SENTENCES = (
    "오늘 점심 뭐 먹을까요? 어제 간 데 또 가도 괜찮을 것 같은데",
    "회의 자료는 제가 정리해서 오후에 올려 둘게요.",
    "배포는 3시에 하기로 했으니까 그 전에 코드 리뷰 한 번만 부탁드려요",
    "어제 말한 버그 찾았어요. 한글 두 글자가 경계에서 잘려서 그랬네요.",
    "주말에 비 온다고 하던데 등산은 다음 주로 미루는 게 어때요?",
    "방금 서버 다시 시작했습니다. 혹시 안 되는 분 있으면 말씀해 주세요!",
    "이거 python -m pytest -x 로 돌리면 바로 재현됩니다",
    "그 얘기는 이따가 만나서 하는 게 나을 것 같아요.",
)
_EMOJI = ("👍", "😂", "🎉", "🙏", "❤️", "👩‍💻", "🇰🇷", "🔥")
_LINKS = (
    "https://example.com/게시판/2024/11/안녕하세요?page=3&sort=recent#댓글-42",
    "https://github.com/Textualize/textual/issues/5333",
    "http://wiki.example.co.kr/%EC%84%9C%EB%B2%84/운영-안내.html",
)


@dataclass(frozen=True, slots=True)
class Line:
    """What one of `SPEAKERS` says, in one line."""

    speaker: str
    text: str


def conversation(seed: int) -> Iterator[Line]:
    """Lines without end, always the same for a seed."""
    random = Random(seed)
    while True:
        speaker = random.choice(SPEAKERS)
        for _ in range(random.choice((1, 1, 1, 2, 2, 4))):
            yield Line(speaker, _text(random))


def _text(random: Random) -> str:
    kind = random.random()
    if kind < 0.45:
        text = random.choice(_SHORT)
    elif kind < 0.90:
        text = random.choice(_SENTENCES)
    elif kind < 0.95:
        text = " ".join(random.choices(_SENTENCES, k=random.randint(3, 9)))
    else:
        text = f"{random.choice(_SENTENCES)} {random.choice(_LINKS)}"
    if random.random() < 0.12:
        text += f" {random.choice(_EMOJI) * random.randint(1, 3)}"
    return f"{READER}야 {text}" if random.random() < 0.005 else text
