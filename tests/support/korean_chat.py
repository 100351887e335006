"""A room's worth of Korean small talk, made up: as many messages as wanted, the same ones for the same seed.

Words are as uneven as in a real room (Zipf), particles and endings stick to them, and there is laughter, English, numbers and links.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

from server.protocol.events import Event, Said, Whispered

NICKS = ("영희", "철수", "민수", "지수", "하늘", "바다", "수영", "Mina", "준호", "서연", "배포봇", "다람쥐")


def _list(words: str) -> list[str]:
    return words.split()


_WORDS = _list("""
회의 자료 오늘 내일 점심 커피 서버 배포 코드 리뷰 테스트 버그 이슈 문서 일정 확인 부탁 감사 저녁 아침 사람 시간 생각 문제 방법
화면 입력 한글 검색 결과 파일 폴더 주소 메일 전화 약속 장소 지하철 버스 날씨 비 눈 바람 여름 겨울 주말 휴가 여행 사진 영화 음악
노래 게임 축구 야구 책 공부 시험 학교 회사 팀장 동료 친구 가족 고양이 강아지 집 방 문 창문 책상 의자 컴퓨터 노트북 키보드 마우스
터미널 프로그램 데이터 베이스 색인 속도 메모리 디스크 네트워크 연결 오류 로그 기록 버전 릴리스 브랜치 커밋 설계 구현 개발 운영 보안
""")
_COMMON = _list(
    "아 네 저 그 이거 그거 지금 진짜 아마 그냥 다시 먼저 나중에 혹시 그럼 근데 그래서 일단 조금 많이 잘 안 못"
)
_PARTICLES = ["", "", *_list("이 가 을 를 은 는 에 에서 으로 도 만 까지 부터 이랑 한테")]
_ENDINGS = [
    *_list(
        "해요 했어요 할게요 합니다 했습니다 하시죠 인가요? 이에요 네요 죠 습니다. 할까요? 됐어요 있어요 없어요 같아요"
    ),
    *("해 주세요", "하는 중입니다", "해 볼게요", "안 돼요", "좋겠다", "ㅋㅋ", "ㅠㅠ", "!"),
]
_LONE = _list("ㅋㅋㅋ ㅇㅇ ㅎㅎ 넵 네네 ㄱㅅ 오 헐 굿 ㅇㅋ 👍 수고하셨습니다 LGTM")
_ENGLISH = _list(
    "ok deploy release hotfix main merge review test server client docker build error timeout https api json python"
)
_SYLLABLES = "가나다라마바사아자차카타파하거너더러머버서어저고노도로모보소오조구누두루무부수우주기니디리미비시이지강남동산정선영현민준성"


class SmallTalk:
    """Says one thing after another."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        invented = ("".join(self._random.choices(_SYLLABLES, k=self._random.choice((2, 2, 3)))) for _ in range(20_000))
        self._nouns = [*_WORDS, *dict.fromkeys(invented)]
        self._weights = list(accumulate(1 / (rank + 10) for rank in range(len(self._nouns))))

    def text(self) -> str:
        """One message."""
        choice = self._random.random()
        if choice < 0.12:
            return self._random.choice(_LONE)
        if choice < 0.15:
            return f"https://example.org/{self._random.choice(_ENGLISH)}/{self._random.randrange(10_000)}"
        words = [self._word() for _ in range(self._random.choice((1, 2, 3, 3, 4, 5, 7)))]
        return " ".join(words) + self._random.choice(_ENDINGS)

    def _word(self) -> str:
        choice = self._random.random()
        if choice < 0.25:
            return self._random.choice(_COMMON)
        if choice < 0.30:
            return self._random.choice(_ENGLISH)
        if choice < 0.33:
            return str(self._random.randrange(2000))
        [noun] = self._random.choices(self._nouns, cum_weights=self._weights)
        return noun + self._random.choice(_PARTICLES)

    def events(self, first: int, count: int, nicks: Sequence[str] = NICKS) -> Iterator[Event]:
        """Events `first`, `first` + 1, …: mostly messages, one in twenty a whisper."""
        for seq in range(first, first + count):
            speaker, hearer = self._random.sample(range(len(nicks)), 2)
            cid, at = f"{self._random.getrandbits(128):032x}", 1_763_800_000_000 + 1000 * seq
            uid, nick = uid_of_number(speaker), nicks[speaker]
            if self._random.random() < 0.05:
                yield Whispered(seq, at, uid, nick, uid_of_number(hearer), nicks[hearer], self.text(), cid)
            else:
                yield Said(seq, at, uid, nick, self.text(), cid)


def uid_of_number(number: int) -> str:
    """The uid of the so-and-so-many-th nickname."""
    return f"{number:016x}"


def batches(events: Iterator[Event], size: int) -> Iterator[list[Event]]:
    """`events`, so many at a time."""
    while batch := list(islice(events, size)):
        yield batch
