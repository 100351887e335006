"""Every Korean sentence of the client. Nothing is decided here; the room's own words are in `server.protocol.phrases`.

A sentence says what happened and what to do next. Nicknames and addresses are given as text and must have been cleaned.
"""

import errno
import math
from datetime import date, timedelta

from tui_client.hangul import Particle, attach

APP_NAME = "속삭"

# --- the command line -------------------------------------------------------------------------------------------------

ARG_DESCRIPTION = "속삭: 터미널에서 하루 종일 켜 두는 채팅"
ARG_NICK = "대화방에서 쓸 닉네임. 주지 않으면 화면에서 물어봅니다."
ARG_HOST_NAME = "주소"
ARG_PORT_NAME = "포트"
ARG_NICK_NAME = "닉네임"

NOT_A_TERMINAL = (
    "화면을 그릴 수 있는 터미널이 아닙니다. 터미널에서 실행하세요. 스크립트에서는 netcat으로 접속할 수 있습니다."
)


def arg_host(default: str) -> str:
    return f"접속할 서버의 주소 (기본값: {default}). 주면 서버를 저절로 시작하지 않습니다."


def arg_port(default: int) -> str:
    return f"접속할 서버의 포트 (기본값: {default}). 주면 서버를 저절로 시작하지 않습니다."


# --- the start screen -------------------------------------------------------------------------------------------------

START_TITLE = "속삭에 오신 것을 환영합니다"
START_QUESTION = "어떤 닉네임을 쓰시겠어요?"
START_PLACEHOLDER = "닉네임"
START_HINT = "Enter로 들어가기 · Ctrl+Q로 나가기"
NICK_AGAIN_TITLE = "닉네임을 다시 정해 주세요"

# --- the chat screen --------------------------------------------------------------------------------------------------

COMPOSER_PLACEHOLDER = "메시지를 입력하세요 (@닉네임 귓속말, /도움말)"
WHISPERS_TITLE = "귓속말"
EMPTY_ROOM = "아직 대화가 없습니다. 먼저 말을 걸어 보세요."
NO_WHISPERS = "아직 귓속말이 없습니다. '@닉네임 메시지'로 보낼 수 있습니다."

KEYS = (
    ("Enter", "보내기", ""),
    ("Ctrl+J", "줄 바꿈", ""),
    ("F1", "도움말", "app.help"),
    ("Ctrl+Q", "나가기", "app.quit"),
    ("PgUp", "지난 대화", "screen.page_up"),
    ("Tab", "다른 창", "app.focus_next"),
)
"""Key, what it does, and the action behind it; the most needed first."""

KEYS_OFFLINE = (("F5", "다시 연결", "app.reconnect"),)

HOW_TO_QUIT = "나가려면 Ctrl+Q를 누르거나 /종료를 입력하세요."

STATE_ONLINE = "연결됨"
STATE_CONNECTING = "연결 중…"
STATE_NICK_NEEDED = "닉네임을 정해 주세요"
STATE_STOPPED = "연결 안 됨"


def state_reconnecting(attempt: int) -> str:
    return f"다시 연결 중… ({attempt}번째)"


def state_online(round_trip_s: float) -> str:
    """With how long the way to the server and back takes."""
    ms = round_trip_s * 1000
    return f"{STATE_ONLINE} · {'1ms 미만' if ms < 1 else f'{ms:,.0f}ms'}"


def state_offline(retry_in_s: float) -> str:
    return f"연결 끊김 · {max(1, math.ceil(retry_in_s))}초 뒤 다시 연결"


def unread(count: int) -> str:
    return f"안 읽음 {count:,}" if count else ""


def members_title(count: int) -> str:
    return f"사람 {count}명"


MEMBER_ME = "(나)"
MEMBER_AWAY = "재연결"

TAB_ROOM = "대화"
TAB_WHISPERS = "귓속말"
TAB_MEMBERS = "사람"

NOT_TO_ALL = "귓속말을 보고 있어 아무에게도 보내지 않았습니다. 모두에게 보내려면 F2로 대화로 옮기고, 귓속말은 '@닉네임 메시지'로 보내세요."


def unread_below(count: int) -> str:
    return f"새 메시지 {count:,}개 ↓ End"


# --- help -------------------------------------------------------------------------------------------------------------

HELP_TITLE = "도움말"
HELP_CLOSE = "↑ ↓ 넘기기 · Esc 닫기"

HELP = (
    (
        "입력하는 것",
        (
            ("메시지", "모두에게 보냅니다."),
            ("@닉네임 메시지", "그 사람에게만 귓속말을 보냅니다."),
            ("/목록", "지금 있는 사람을 봅니다. (/list)"),
            ("/닉 새이름", "닉네임을 바꿉니다. (/nick)"),
            ("/도움말", "이 도움말을 봅니다. (/help)"),
            ("/종료", "나갑니다. (/quit, /exit)"),
            ("//… @@…", "'/'나 '@'로 시작하는 메시지를 보냅니다."),
        ),
    ),
    (
        "누르는 것",
        (
            ("Enter", "보냅니다."),
            ("Ctrl+J", "메시지 안에서 줄을 바꿉니다."),
            ("Ctrl+L", "입력한 것을 지웁니다. Ctrl+Z로 되살립니다."),
            ("↑ ↓", "전에 보낸 메시지를 다시 꺼냅니다."),
            ("PgUp PgDn", "지난 대화를 넘겨 봅니다. 맨 위에서는 더 오래된 대화를 불러옵니다."),
            ("Home End", "맨 위로, 맨 아래로 갑니다."),
            ("Tab", "대화, 사람, 귓속말, 입력 사이를 옮겨 다닙니다."),
            ("Esc", "입력하는 곳으로 돌아옵니다."),
            ("F5", "끊긴 연결을 바로 다시 시도합니다."),
            ("Ctrl+C", "골라 놓은 글을 복사합니다."),
            ("Ctrl+Q", "나갑니다."),
        ),
    ),
    (
        "보이는 것",
        (
            ("흐린 메시지", "아직 서버에 닿지 않은 내 메시지입니다."),
            ("실패 표시", "보내지 못한 메시지입니다. 까닭은 바로 아래에 나옵니다."),
        ),
    ),
)

# --- what was typed, and is not sent ----------------------------------------------------------------------------------

FAILED_MARK = "실패"
TOO_MANY_PENDING = "보내지 못한 메시지가 너무 많습니다. 연결된 뒤에 다시 보내세요."
NOT_CONNECTED = "서버에 연결되어 있지 않습니다. 연결된 뒤에 다시 해 보세요."


def text_too_long(chars: int, lines: int, max_chars: int, max_lines: int) -> str:
    return (
        f"메시지가 너무 깁니다({chars:,}자, {lines:,}줄). "
        f"{max_chars:,}자, {max_lines}줄 이내로 나누어 보내거나 Ctrl+L로 지우세요."
    )


def unknown_command(word: str, nearest: str) -> str:
    """`nearest` is the known command that was perhaps meant, or nothing."""
    if nearest:
        meant = attach(f"'{nearest}'", Particle.OBJECT)
        return f"모르는 명령입니다: {word} — {meant} 뜻하셨나요?"
    return f"모르는 명령입니다: {word} — '/도움말'로 명령을 볼 수 있고, '/'로 시작하는 메시지는 '//'로 보냅니다."


# --- the room's log: what this program tells its user -----------------------------------------------------------------

NEW_LOG = "서버가 다시 시작되었고, 그 전의 대화는 서버에 남아 있지 않습니다."
SERVER_RESTARTED = "서버가 다시 시작되었습니다."
GAP = "연결이 끊긴 동안의 메시지 가운데 일부는 여기에 나오지 않습니다."


def nick_lost(reason: str) -> str:
    return f"{reason} '/닉 새이름'으로 정하면 다시 들어갑니다."


def not_sent(reason: str) -> str:
    return f"보내지 못했습니다. {reason}"


CRASHED = "프로그램 안에서 오류가 나 끝냅니다. 자세한 내용은 상태 폴더의 client.log에 있습니다."

# --- the connection ---------------------------------------------------------------------------------------------------

CONNECTION_LOST = "서버와 연결이 끊겼습니다. 다시 연결합니다."
SERVER_SILENT = "서버가 대답하지 않아 연결을 끊었습니다. 다시 연결합니다."
SERVER_GARBLED = "서버가 알아볼 수 없는 것을 보내 연결을 끊었습니다. 다시 연결합니다."
LINK_FAILED = "프로그램 안에서 오류가 나 연결을 이어 갈 수 없습니다. 프로그램을 다시 시작하세요."

_CONNECT_REASONS = {
    errno.ECONNREFUSED: "그 주소에서 기다리는 서버가 없습니다. 서버가 켜지면 저절로 연결합니다.",
    errno.ETIMEDOUT: "서버가 대답하지 않습니다. 저절로 다시 연결해 봅니다.",
    errno.EHOSTUNREACH: "그 주소에 닿을 수 없습니다. 네트워크를 확인하세요.",
    errno.ENETUNREACH: "네트워크에 연결되어 있지 않습니다. 네트워크를 확인하세요.",
    errno.ENETDOWN: "네트워크가 꺼져 있습니다. 네트워크를 확인하세요.",
    errno.EADDRNOTAVAIL: "쓸 수 없는 주소입니다. --host를 확인하세요.",
    errno.EACCES: "그 주소에 접속할 권한이 없습니다. 방화벽을 확인하세요.",
    errno.EPERM: "그 주소에 접속할 권한이 없습니다. 방화벽을 확인하세요.",
    errno.ECONNRESET: "서버가 연결을 끊었습니다. 저절로 다시 연결해 봅니다.",
}


def stopped(reason: str) -> str:
    return f"{reason} 다시 연결하려면 F5를 누르세요."


def cannot_connect(address: str, error_number: int) -> str:
    """`error_number` is the system's `errno`."""
    reason = _CONNECT_REASONS.get(error_number) or system_error(error_number)
    return f"{address}에 연결할 수 없습니다. {reason}"


def cannot_resolve(host: str) -> str:
    return f"'{host}' 주소를 찾을 수 없습니다. 이름이나 IPv4 주소가 맞는지, 네트워크가 되는지 확인하세요."


def not_soksak(address: str) -> str:
    return f"{address}에 있는 것은 속삭 서버가 아닙니다. 주소와 포트를 확인하세요."


def no_welcome(address: str) -> str:
    return f"{address}에서 속삭 서버의 대답이 없습니다. 주소와 포트를 확인하세요."


def hung_up(address: str) -> str:
    return f"{address}에서 바로 연결을 끊었습니다. 잠시 뒤에 다시 연결합니다."


def newer_server(version: int) -> str:
    return f"서버가 프로토콜 {version}판을 씁니다. 이 프로그램을 새로 설치하세요."


# --- the server of one's own ------------------------------------------------------------------------------------------


def server_started(address: str) -> str:
    return f"{address}에 서버가 없어 이 컴퓨터에서 새로 시작했습니다. 모두 나가고 10분이 지나면 저절로 꺼집니다."


def server_not_started(reason: str) -> str:
    return f"채팅 서버를 시작하지 못했습니다. {reason}"


def server_ended(last_words: str, log_path: str) -> str:
    """`last_words` is the last line that the server wrote, or nothing."""
    told = f"{last_words} " if last_words else ""
    return server_not_started(f"{told}자세한 기록: {log_path}")


def server_not_ready(log_path: str) -> str:
    return server_not_started(f"시간 안에 준비되지 않았습니다. 자세한 기록: {log_path}")


def system_error(number: int) -> str:
    """`number` is the system's `errno`."""
    return f"시스템 오류 {number}번입니다."


def folder_not_writable(folder: str) -> str:
    return f"폴더에 쓸 수 없습니다. 권한을 확인하세요: {folder}"


# --- themes -----------------------------------------------------------------------------------------------------------

THEME_TITLES = (
    ("meok", "먹"),
    ("dalbit", "달빛"),
    ("godaebi", "고대비"),
    ("hanji", "한지"),
    ("cheongja", "청자"),
    ("baekja", "백자"),
)
"""Every theme's name, and what it is called; the first is what one begins with."""

THEME_ABOUT = (
    ("meok", "어두운 화면, 먹빛 바탕에 쪽빛"),
    ("dalbit", "어두운 화면, 밤하늘 바탕에 달빛"),
    ("godaebi", "어두운 화면, 검은 바탕에 또렷한 글자"),
    ("hanji", "밝은 화면, 한지 바탕에 먹글씨"),
    ("cheongja", "밝은 화면, 옅은 비색 바탕"),
    ("baekja", "밝은 화면, 흰 바탕에 또렷한 글자"),
)

# --- settings ---------------------------------------------------------------------------------------------------------

SETTINGS_HEAD = (
    "속삭의 설정입니다. 값을 고치고 저장하면 다음에 시작할 때부터 쓰입니다.",
    "속삭 안에서 설정을 바꿀 때에도 여기에 적히고, 직접 쓴 주석은 그대로 남습니다.",
)

_SETTINGS_EXPLAINED = {
    "theme": (
        "화면의 색입니다.",
        *(f'  "{name}": {dict(THEME_TITLES)[name]} ({about})' for name, about in THEME_ABOUT),
    ),
    "notify": (
        "다른 창을 보고 있을 때 무엇을 알릴지 정합니다.",
        '  "mentions": 귓속말과 내 이름이 나온 메시지',
        '  "all": 모든 메시지',
        '  "none": 알리지 않음',
    ),
    "bell": ("알릴 때 터미널의 종을 울립니다. true 또는 false",),
    "desktop": (
        "알림을 터미널에 어떻게 전할지 정합니다. 터미널마다 알아듣는 것이 다릅니다.",
        '  "osc9": iTerm2, WezTerm, Ghostty, Windows Terminal',
        '  "osc777": foot, urxvt',
        '  "osc99": kitty',
        '  "off": 데스크톱 알림 없음',
        "tmux 안에서는 'set -g allow-passthrough on'이 있어야 합니다.",
    ),
    "focus": (
        "다른 창을 보고 있는지 어떻게 알지 정합니다.",
        '  "auto": 터미널이 알려 줍니다.',
        '  "always-away": 터미널이 알려 주지 않을 때 씁니다. 보고 있을 때에도 알립니다.',
    ),
    "fold_presence": ("들어오고 나간 것을 한 줄로 접어 보여 줍니다. true 또는 false",),
    "show_members": ("자리가 있으면 사람 목록을 보여 줍니다. true 또는 false",),
}


def settings_explained(key: str) -> tuple[str, ...]:
    """What a key in the file is for, line by line."""
    return _SETTINGS_EXPLAINED[key]


SETTINGS_NOT_READABLE = "파일을 읽을 수 없습니다. 권한을 확인하세요."
SETTINGS_TOO_LARGE = "파일이 너무 커서 설정 파일로 볼 수 없습니다."
SETTINGS_TOO_DEEP = "괄호가 너무 깊이 겹쳐 있습니다."


def settings_bad_line(line: int) -> str:
    return f"{line}번째 줄을 읽을 수 없습니다. '이름 = 값' 꼴인지, 따옴표가 맞는지, 같은 이름이 두 번 나오지 않는지 보세요."


def settings_bad_encoding(line: int) -> str:
    return f"{line}번째 줄에 UTF-8이 아닌 글자가 있습니다. UTF-8로 저장하세요."


def settings_ignored(path: str, reason: str) -> str:
    return f"설정 파일을 쓰지 못해 기본값으로 시작합니다. {path}: {reason}"


def settings_wrong_value(path: str, line: int, key: str, choices: tuple[str, ...] | None) -> str:
    """`choices` are the texts that are allowed; without them it is a switch."""
    allowed = ", ".join(f'"{choice}"' for choice in choices) if choices else "true, false"
    return f"{path} {line}번째 줄: {key} 값은 {allowed} 가운데 하나여야 합니다. 기본값을 씁니다."


def settings_unknown_key(path: str, line: int, key: str) -> str:
    return f"{path} {line}번째 줄: '{key}'라는 설정은 없어서 건너뜁니다."


def settings_not_saved(path: str, reason: str) -> str:
    return f"지금 화면에만 바꾸었습니다. 설정 파일을 고친 뒤 다시 바꾸면 기억합니다. {path}: {reason}"


# --- what is remembered -----------------------------------------------------------------------------------------------


def secret_replaced(kept_as: str) -> str:
    return f"이 컴퓨터의 비밀 값을 읽을 수 없어 새로 만들었습니다. 이전 파일: {kept_as}"


def secret_not_kept(folder: str) -> str:
    return f"비밀 값을 저장할 수 없어 이번에만 쓰는 값으로 접속합니다. 쓸 수 있는 폴더인지 확인하세요: {folder}"

# --- searching --------------------------------------------------------------------------------------------------------

SEARCH_TITLE = "찾기"
SEARCH_PLACEHOLDER = "지난 대화에서 찾을 말"
SEARCHING = "찾는 중…"
SEARCH_OFFLINE = "연결되어 있지 않아 찾을 수 없습니다. 연결되면 바로 찾습니다."
SEARCH_CONTEXT_TITLE = "앞뒤 대화"
SEARCH_MORE_HITS = "더 찾는 중…"

SEARCH_EXAMPLES = (
    ("회의 자료", "두 낱말이 다 들어 있는 메시지"),
    ("ㅎㅇ ㅈㄹ", "첫소리만으로 찾기"),
    ("@철수 회의", "철수님이 한 말에서만 찾기"),
)
"""What can be typed, and what it finds."""

SEARCH_KEYS = (
    ("↑ ↓", "고르기", ""),
    ("Enter", "앞뒤 대화로", "screen.read"),
    ("Esc", "돌아가기", "screen.back"),
    ("PgUp PgDn", "앞뒤 대화 넘기기", "screen.page_up"),
    ("Ctrl+T", "한/영 바꾸기", "screen.convert"),
)
"""While one types; as in `KEYS`."""

SEARCH_KEYS_EMPTY = (
    ("Esc", "돌아가기", "screen.back"),
    ("Ctrl+T", "한/영 바꾸기", "screen.convert"),
)
"""While there is nothing to choose from."""

SEARCH_KEYS_READING = (
    ("↑ ↓", "넘기기", ""),
    ("F3", "다음 결과", "screen.next_hit(1)"),
    ("Shift+F3", "이전 결과", "screen.next_hit(-1)"),
    ("Esc", "찾을 말로", "screen.back"),
)
"""While one reads around a hit."""

TODAY = "오늘"
YESTERDAY = "어제"


def hit_count(chosen: int, count: int, *, has_more: bool) -> str:
    """`chosen` counts from 1."""
    return f"{chosen:,}/{count:,}건" + " · 더 있음" * has_more


def no_hits(words: str, nick: str) -> str:
    """`nick` is whose words were searched, or nothing."""
    what = attach(f"'{words}'", Particle.SUBJECT)
    return f"{nick}님이 한 말에는 {what} 없습니다." if nick else f"{what} 들어 있는 메시지가 없습니다."


def search_instead(text: str) -> str:
    return f"'{text}' 찾기: Ctrl+T"


def search_of_person(nick: str) -> str:
    return f"{nick}님이 한 말에서 무엇을 찾을까요?"


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
    if abs(today - day) <= timedelta(days=1):
        return day_of_hit(day, today)
    this_year = f"{day.month}/{day.day}"
    return this_year if day.year == today.year else f"{day.year % 100:02}/{this_year}"


# --- links ------------------------------------------------------------------------------------------------------------

LINKS_TITLE = "링크"
LINKS_PLACEHOLDER = "골라 볼 말"
LINKS_KEYS = "↑ ↓ 고르기 · Enter 열기 · Esc 닫기"
LINKS_KEYS_EMPTY = "Esc 닫기"
NO_LINKS = "아직 대화에 나온 링크가 없습니다."


def no_such_links(typed: str) -> str:
    what = attach(f"'{typed}'", Particle.SUBJECT)
    return f"{what} 들어 있는 링크가 없습니다."


def link_leads_to(host: str) -> str:
    return f"여는 곳: {host}"
