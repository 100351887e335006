"""Searching."""

from datetime import date, timedelta

from tui_client.korean.hangul import Particle, attach

SEARCH_TITLE = "찾기"
SEARCH_PLACEHOLDER = "지난 대화에서 찾을 말"
SEARCHING = "찾는 중…"
SEARCH_HAS_MORE = "더 있음"
SEARCH_OFFLINE = "연결되어 있지 않아 찾을 수 없습니다. 연결되면 바로 찾습니다."
SEARCH_CONTEXT_TITLE = "앞뒤 대화"
SEARCH_MORE_HITS = "더 찾는 중…"

SEARCH_EXAMPLES = (
    ("회의 자료", "두 낱말이 다 들어 있는 메시지"),
    ("ㅎㅇ ㅈㄹ", "첫소리만으로 찾기"),
    ("@철수", "철수님이 한 말 모두 보기"),
    ("@철수 회의", "철수님이 한 말에서만 찾기"),
)
"""What can be typed, and what it finds."""

SEARCH_KEYS = (
    ("↑ ↓", "고르기", ""),
    ("Enter", "앞뒤 대화로", "screen.read"),
    ("Esc", "돌아가기", "screen.back"),
    ("F5", "다시 찾기", "screen.ask_again"),
    ("PgUp PgDn", "앞뒤 대화 넘기기", "screen.page_up"),
    ("Ctrl+T", "한/영 바꾸기", "screen.convert"),
    ("Ctrl+Y", "복사", "app.copy_last"),
    ("F1", "도움말", "app.help"),
)
"""While one types; as in `KEYS`."""

SEARCH_KEYS_EMPTY = (
    ("Esc", "돌아가기", "screen.back"),
    ("F5", "다시 찾기", "screen.ask_again"),
    ("Ctrl+T", "한/영 바꾸기", "screen.convert"),
)
"""While there is nothing to choose from."""

SEARCH_KEYS_READING = (
    ("↑ ↓", "넘기기", ""),
    ("F3", "다음 결과", "screen.next_hit(1)"),
    ("Shift+F3", "이전 결과", "screen.next_hit(-1)"),
    ("Esc", "찾을 말로", "screen.back"),
    ("F5", "다시 찾기", "screen.ask_again"),
)
"""While one reads around a hit."""

TODAY = "오늘"
YESTERDAY = "어제"


def hit_count(chosen: int, count: int) -> str:
    """`chosen` counts from 1."""
    return f"{chosen:,}/{count:,}건"


def no_hits(words: str, nick: str) -> str:
    """`nick` is whose words were searched, or nothing. Without `words` all that this person said was looked for."""
    if not words:
        return f"{nick}님이 한 말이 없습니다."
    what = attach(f"'{words}'", Particle.SUBJECT)
    return f"{nick}님이 한 말에는 {what} 없습니다." if nick else f"{what} 들어 있는 메시지가 없습니다."


def search_instead(text: str) -> str:
    return f"'{text}' 찾기: Ctrl+T"


def missed(whispers: int, mentions: int, messages: int) -> str:
    """What has come in while one searches; `messages` are those besides the mentions. Nothing if there was nothing."""
    parts = (("새 귓속말", whispers), ("나를 부른 메시지", mentions), ("새 메시지", messages))
    return " · ".join(f"{what} {count:,}개" for what, count in parts if count)


def day_of_hit(day: date, today: date) -> str:
    """At most 16 columns; a year other than this one is named."""
    if day == today:
        return TODAY
    if day == today - timedelta(days=1):
        return YESTERDAY
    this_year = f"{day.month}월 {day.day}일"
    return this_year if day.year == today.year else f"{day.year}년 {this_year}"


def short_day_of_hit(day: date, today: date) -> str:
    """At most 8 columns."""
    if timedelta(0) <= today - day <= timedelta(days=1):
        return day_of_hit(day, today)
    this_year = f"{day.month}/{day.day}"
    return this_year if day.year == today.year else f"{day.year % 100:02}/{this_year}"
