"""The start screen and the chat screen."""

import math

APP_NAME = "속삭"

# --- the start screen -------------------------------------------------------------------------------------------------

START_TITLE = "속삭에 오신 것을 환영합니다"
START_QUESTION = "어떤 닉네임을 쓰시겠어요?"
START_PLACEHOLDER = "닉네임"
START_HINT = "Enter로 들어가기 · Ctrl+Q로 나가기"
NICK_AGAIN_TITLE = "닉네임을 다시 정해 주세요"

# --- the chat screen --------------------------------------------------------------------------------------------------

COMPOSER_PLACEHOLDER = "메시지 (@닉네임 귓속말, /도움말)"
WHISPERS_TITLE = "귓속말"
EMPTY_ROOM = "아직 대화가 없습니다. 먼저 말을 걸어 보세요."
NO_WHISPERS = "아직 귓속말이 없습니다. '@닉네임 메시지'로 보낼 수 있습니다."

KEYS = (
    ("Enter", "보내기", ""),
    ("F1", "도움말", "app.help"),
    ("Ctrl+P", "메뉴", "app.palette"),
    ("Ctrl+F", "찾기", "app.search"),
    ("Ctrl+Q", "나가기", "app.quit"),
    ("Ctrl+J", "줄 바꿈", ""),
    ("Ctrl+R", "귓속말 답장", "app.reply"),
    ("Ctrl+O", "링크", "app.links"),
    ("PgUp", "지난 대화", "screen.page_up"),
    ("Tab", "다른 창", "screen.next_pane(1)"),
)
"""Key, what it does, and the action behind it; the most needed first."""

KEYS_READING = (
    ("Enter", "보내기", ""),
    ("↑ ↓", "한 줄씩", ""),
    ("Esc", "입력란으로", "screen.compose"),
    ("PgUp", "지난 대화", "screen.page_up"),
    ("Home", "처음으로", "screen.top"),
    ("End", "맨 아래로", "screen.bottom"),
    ("Tab", "다른 창", "screen.next_pane(1)"),
    ("Ctrl+Y", "마지막 메시지 복사", "app.copy_last"),
    ("F1", "도움말", "app.help"),
)
"""While a log has the focus."""

KEYS_MEMBERS = (
    ("Enter", "귓속말하기", ""),
    ("↑ ↓", "고르기", ""),
    ("Esc", "입력란으로", "screen.compose"),
    ("Tab", "다른 창", "screen.next_pane(1)"),
    ("F1", "도움말", "app.help"),
    ("Ctrl+P", "메뉴", "app.palette"),
)
"""While the list of members has it."""

KEYS_OFFLINE = (("F5", "다시 연결", "app.reconnect"),)
KEYS_FAILED = (("F8", "못 보낸 메시지", "app.unsent"),)
KEYS_WAITING = (("F8", "기다리는 메시지", "app.unsent"),)

HOW_TO_QUIT = "나가려면 Ctrl+Q를 누르거나 /종료를 입력하세요."

STATE_ONLINE = "연결됨"
STATE_CONNECTING = "연결 중…"
STATE_NICK_NEEDED = "닉네임을 정해 주세요"
STATE_STOPPED = "연결 안 됨"
STATE_STORAGE_FULL = "서버 저장 공간 부족"
STATE_STORAGE_FULL_SHORT = "공간 부족"
STATE_RECONNECTING_SHORT = "다시 연결 중"


def state_reconnecting(attempt: int) -> str:
    return f"다시 연결 중… ({attempt}번째)"


def state_online(round_trip_s: float) -> str:
    """With how long the way to the server and back takes."""
    ms = round_trip_s * 1000
    return f"{STATE_ONLINE} · {'1ms 미만' if ms < 1 else f'{ms:,.0f}ms'}"


def state_offline(retry_in_s: float) -> str:
    return f"연결 끊김 · {_whole_seconds(retry_in_s)}초 뒤 다시 연결"


def state_offline_short(retry_in_s: float) -> str:
    return f"끊김 · {_whole_seconds(retry_in_s)}초"


def state_no_room(retry_in_s: float) -> str:
    """The server is well, but lets nobody in."""
    return f"들어갈 수 없음 · {_whole_seconds(retry_in_s)}초 뒤 다시 시도"


def state_no_room_short(retry_in_s: float) -> str:
    return f"못 들어감 · {_whole_seconds(retry_in_s)}초"


def _whole_seconds(seconds: float) -> int:
    return max(1, math.ceil(seconds))


def unread(count: int) -> str:
    return f"안 읽음 {count:,}" if count else ""


def unread_short(count: int) -> str:
    return f"새 글 {count:,}" if count else ""


def waiting(count: int) -> str:
    """Own messages that can't be sent for now."""
    return f"기다리는 메시지 {count:,}개" if count else ""


def waiting_short(count: int) -> str:
    return f"기다림 {count:,}" if count else ""


def members_title(count: int) -> str:
    """Nobody is here before one is oneself."""
    return f"사람 {count}명" if count else TAB_MEMBERS


MEMBER_ME = "(나)"
MEMBER_AWAY = "끊김"

TAB_ROOM = "대화"
TAB_WHISPERS = "귓속말"
TAB_MEMBERS = "사람"

UNSENT_PLACEHOLDER = "찾을 말 (초성도 됩니다)"
UNSENT_KEYS = "↑ ↓ 고르기 · Enter 정하기 · Esc 닫기"
SEND_AGAIN, REVISE, THROW_AWAY, KEEP = "다시 보내기", "고쳐 쓰기", "버리기", "그대로 두기"
SEND_AGAIN_ABOUT, REVISE_ABOUT = "쓴 그대로 한 번 더 보냅니다", "입력란에 되돌려 놓습니다"
THROW_AWAY_ABOUT, KEEP_ABOUT = "보내지 않고 지웁니다", "저절로 보낼 때까지 기다립니다"
REVISE_ELSEWHERE = "입력하던 것을 보내거나 지우고, 귓속말에서는 Esc로 나온 뒤에 고쳐 쓰세요."
ALL_MARK, ALL_AT_ONCE = "모두", "한꺼번에 정하기"
WAITS, IS_SENT = "기다리는 중", "보내는 중"


def unsent_title(failed: int, waiting: int) -> str:
    """What the list is of."""
    if failed and waiting:
        return f"보내지 못한 것 {failed:,}개 · 기다리는 것 {waiting:,}개"
    return f"보내지 못한 메시지 {failed:,}개" if failed else f"기다리는 메시지 {waiting:,}개"


def send_all_again(count: int) -> str:
    return f"보내지 못한 메시지 {count:,}개 모두 다시 보내기"


def throw_all_away(count: int) -> str:
    return f"보내지 못한 메시지 {count:,}개 모두 버리기"


def take_all_back(count: int) -> str:
    return f"기다리는 메시지 {count:,}개 모두 버리기"


NOT_TO_ALL = (
    "귓속말 탭이라 아무에게도 보내지 않았습니다. "
    "Shift+Tab을 눌러 대화 탭에서 보내거나, '@닉네임 메시지'로 귓속말을 보내세요."
)


BELOW = "맨 아래로 ↓ End"
"""Scrolled up, with nothing new below."""

GOING_HOME = "처음으로 가는 중… 다른 키로 멈춤"


def unread_below(count: int) -> str:
    return f"새 메시지 {count:,}개 ↓ End"
