"""What one does about others: as an operator for all, and on one's own screen."""

from collections.abc import Sequence
from datetime import datetime


def until(text: str, at: datetime) -> str:
    """`text` ends with a full stop."""
    return f"{text} ({at.month}월 {at.day}일 {at:%H:%M}까지)"


# --- what is typed ----------------------------------------------------------------------------------------------------

KICK_USAGE = "'/추방 닉네임'처럼 한 사람을 입력하세요."
BAN_USAGE = "'/차단 닉네임', '/차단 닉네임 3일', '/차단 203.0.113.7 2시간'처럼 입력하세요."
UNBAN_USAGE = "'/차단해제 닉네임'이나 '/차단해제 주소'처럼 하나를 입력하세요."
MUTE_USAGE = "'/조용히 닉네임'이나 '/조용히 닉네임 10분'처럼 입력하세요."
UNMUTE_USAGE = "'/조용히해제 닉네임'처럼 한 사람을 입력하세요."
ANNOUNCE_USAGE = "'/공지 글'처럼 모두에게 알릴 글을 함께 입력하세요."
IGNORE_USAGE = "'/무시 닉네임'처럼 한 사람을 입력하세요. '/무시'만 입력하면 누구를 무시하는지 봅니다."


def no_duration(typed: str) -> str:
    return f"'{typed}' 대신 30초, 10분, 2시간, 3일처럼 숫자와 단위를 입력하세요."


def duration_beyond(typed: str, most_days: int) -> str:
    """Nothing at all, or longer than anything is kept."""
    return f"'{typed}' 대신 1초에서 {most_days:,}일 사이로 입력하세요. 기한을 두지 않으려면 빼고 입력하세요."


MUTED = "운영자가 메시지와 귓속말, 닉네임 바꾸기를 막았습니다."
MUTE_IS_OVER = "조용히 있을 시간이 끝났습니다. 이제 다시 말할 수 있습니다."


# --- being an operator ------------------------------------------------------------------------------------------------

OPERATOR_TITLE = "운영자"
OPERATOR_QUESTION = "운영자 키를 입력하세요. 이 프로그램을 끝낼 때까지만 기억합니다."
OPERATOR_KEYS = "Enter로 확인 · Esc로 그만두기"
OPERATOR_AGAIN = "키를 다시 입력하세요."
OPERATOR_WRONG = f"운영자 키가 맞지 않습니다. {OPERATOR_AGAIN}"
OPERATOR_KEY_BEHIND = "명령 뒤에 적은 것은 지웠습니다. 키는 명령에 적지 말고 여기에만 입력하세요."
IS_OPERATOR_AGAIN = "다시 연결되어 운영자가 되었습니다."
KEY_NOT_SHOWN = "다른 서버가 되어 운영자 키를 보내지 않았습니다. 이 서버의 키를 알면 '/운영자'를 입력하세요."
OPERATOR_MARK = "운영자"
LINE_OPERATOR_PROMPT = "운영자 키: "
LINE_OPERATOR_QUESTION = "운영자 키를 입력하세요. 화면에는 보이지 않습니다. 그만두려면 빈 줄을 입력하세요."

SANCTIONS_TITLE = "제재와 사람"
SANCTIONS_PLACEHOLDER = "닉네임이나 주소로 골라내기"
SANCTIONS_KEYS = "Enter 명령을 입력란에 넣기 · Esc 닫기"
SANCTIONS_LOST = "연결이 끊겨 제재 목록을 받지 못했습니다. '/제재'를 다시 입력하세요."
SANCTION_KINDS = {"ban": "차단", "mute": "조용히"}
AWAY_SINCE_START = "다시 연결되기를 기다리는 중"
COMPOSER_IS_FULL = "입력하던 것을 보내거나 지운 뒤에 고르세요."


LINE_OPERATOR_WRONG = f"{OPERATOR_WRONG} 화면에는 보이지 않습니다. 그만두려면 빈 줄을 입력하세요."
LINE_KEY_WOULD_BE_SEEN = "여기서는 키가 화면에 보여 물어볼 수 없습니다. --line 없이 chat-tui를 실행하세요."


def line_sanction(kind: str, target: str, about: str) -> str:
    return f"{kind} {target} — {about}"


def line_address(nick: str, address: str) -> str:
    return f"{nick} — {address}"


def sanction_about(by: str, until: datetime | None) -> str:
    when = f"{until.month}월 {until.day}일 {until:%H:%M}까지" if until else "풀 때까지"
    return f"{when} · {by}님"


# --- ignoring ---------------------------------------------------------------------------------------------------------

NOBODY_IGNORED = "무시하는 사람이 없습니다. '/무시 닉네임'을 입력하면 그 사람의 말이 보이지 않습니다."
NOT_ONESELF_TO_IGNORE = "자기 자신은 무시할 수 없습니다. 다른 사람의 닉네임을 입력하세요."


def too_many_ignored(most: int) -> str:
    return f"{most:,}명까지만 무시할 수 있습니다. '/무시'로 보고 필요 없는 사람은 다시 보이게 하세요."


def ignoring(nick: str) -> str:
    return f"이제 {nick}님의 말과 귓속말이 보이지 않습니다. 다시 보려면 이렇게 입력하세요: /무시 {nick}"


def ignoring_no_more(nick: str) -> str:
    return f"이제 {nick}님의 말이 다시 보입니다."


def not_kept_until_later(path: str) -> str:
    return f"이 컴퓨터에 적어 두지 못해 프로그램을 끝내면 잊습니다. 폴더의 권한을 확인하세요: {path}"


def ignored_people(nicks: Sequence[str]) -> str:
    return f"무시하는 사람 {len(nicks):,}명: {', '.join(nicks)}"


def ignored_spoke(nick: str) -> str:
    return f"무시하는 {nick}님의 말은 보이지 않습니다. 다시 보려면 이렇게 입력하세요: /무시 {nick}"
