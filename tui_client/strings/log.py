"""The room's log: days, who came and went, what this program tells its user."""

from collections.abc import Sequence
from datetime import date

from tui_client.korean.hangul import Particle, attach

# --- the room's log: what this program tells its user -----------------------------------------------------------------

NEW_LOG = "서버가 다시 시작되었고, 그 전의 대화는 서버에 남아 있지 않습니다."
SERVER_RESTARTED = "서버가 다시 시작되었습니다."
GAP = "연결이 끊긴 동안의 메시지 가운데 일부는 여기에 나오지 않습니다."


def nick_lost(reason: str) -> str:
    return f"{reason} '/닉 새이름'으로 정하면 다시 들어갑니다."


def not_sent(reason: str) -> str:
    return f"보내지 못했습니다. {reason}"


CRASHED = "프로그램 내부 오류로 끝냅니다. 다시 실행해 보세요. 자세한 내용은 상태 폴더의 client.log에 있습니다."

# --- the log: days, and who came and went -----------------------------------------------------------------------------

UNREAD_DIVIDER = "여기까지 읽었습니다"

_WEEKDAYS = "월화수목금토일"
_ALL_NAMED, _SOME_NAMED = 5, 3
"""Up to so many people are named; if there are more, only so many of them."""


def date_divider(day: date, today: date) -> str:
    """A year other than this one is named."""
    year = "" if day.year == today.year else f"{day.year}년 "
    return f"{year}{day.month}월 {day.day}일 {_WEEKDAYS[day.weekday()]}요일"


def _people(nicks: Sequence[str]) -> str:
    """Ends in a consonant, so that the particle behind it is the same for all."""
    if len(nicks) <= _ALL_NAMED:
        return f"{', '.join(nicks)}님"
    return f"{', '.join(nicks[:_SOME_NAMED])} 외 {len(nicks) - _SOME_NAMED:,}명"


def came(nicks: Sequence[str]) -> str:
    return f"{_people(nicks)}이 들어왔습니다"


def came_back(nicks: Sequence[str]) -> str:
    return f"{_people(nicks)}이 다시 들어왔습니다"


def went(nicks: Sequence[str]) -> str:
    return f"{_people(nicks)}이 나갔습니다"


def looked_in(nicks: Sequence[str]) -> str:
    return f"{_people(nicks)}이 다녀갔습니다"


def took_new_names(names: Sequence[tuple[str, str]]) -> str:
    """Nicknames before and after."""
    if len(names) > _SOME_NAMED:
        return f"{_people([before for before, _ in names])}이 닉네임을 바꿨습니다"
    return " · ".join(f"{before}님이 닉네임을 {attach(after, Particle.TOWARDS)} 바꿨습니다" for before, after in names)


def known_as(last: str, before: str) -> str:
    """Somebody who has had another nickname until just now."""
    return f"{last}({before})"


def took_old_names(nicks: Sequence[str]) -> str:
    return f"{_people(nicks)}이 닉네임을 바꿨다가 되돌렸습니다"


def told_until(told: str, clock: str) -> str:
    """What stands under the time at which it began, and went on until another."""
    return f"{told} (~{clock})"
