"""Every Korean sentence of the client. Nothing is decided here; the room's own words are in `server.protocol.phrases`.

A sentence says what happened and what to do next. Nicknames and addresses are given as text and must have been cleaned.
"""

import errno
import math
from collections.abc import Sequence
from datetime import date, timedelta

from tui_client.hangul import Particle, attach

APP_NAME = "속삭"

# --- the command line -------------------------------------------------------------------------------------------------

ARG_DESCRIPTION = "속삭: 터미널에서 하루 종일 켜 두는 채팅"
ARG_NICK = "대화방에서 쓸 닉네임. 주지 않으면 화면에서 물어봅니다."
ARG_HOST_NAME = "주소"
ARG_PORT_NAME = "포트"
ARG_NICK_NAME = "닉네임"

ARG_LINE = "전체 화면 없이 한 줄씩 주고받습니다. 파이프로 받은 줄은 메시지로 보냅니다."
ARG_WAIT_NAME = "초"
ARG_DOCTOR = "터미널과 서버를 살펴보고 무엇을 바꾸면 좋은지 알려 줍니다."

NOT_A_TERMINAL = (
    "화면을 그릴 수 있는 터미널이 아닙니다. 터미널에서 실행하세요. 스크립트나 파이프에서는 --line을 함께 쓰세요."
)


def arg_wait(default_s: float) -> str:
    return f"--line에서 서버가 이만큼 답하지 않으면 보내기를 그만둡니다 (기본값: {default_s:.0f})."


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
    ("F1", "도움말", "app.help"),
    ("Ctrl+P", "메뉴", "app.palette"),
    ("Ctrl+F", "찾기", "app.search"),
    ("Ctrl+Q", "나가기", "app.quit"),
    ("Ctrl+J", "줄 바꿈", ""),
    ("Ctrl+R", "귓속말 답장", "app.reply"),
    ("Ctrl+O", "링크", "app.links"),
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

HELP_TYPED_TITLE = "입력하는 것"
HELP_TYPED = (
    ("메시지", "모두에게 보냅니다"),
    ("@닉네임 메시지", "그 사람에게만 귓속말을 보냅니다"),
    ("//… @@…", "'/'나 '@'로 시작하는 메시지를 보냅니다"),
)
"""Besides the commands, which explain themselves."""

HELP_SEEN = (
    "보이는 것",
    (
        ("흐린 메시지", "아직 서버에 닿지 않은 내 메시지"),
        ("실패 표시", "보내지 못한 메시지. 까닭은 아래에 나옵니다"),
        ("여기까지 읽었습니다", "자리를 비운 사이에 온 것은 그 아래에 있습니다"),
    ),
)

HELP_PRESSED = (
    (
        "쓰기",
        (
            ("Enter", "보냅니다"),
            ("Ctrl+J", "메시지 안에서 줄을 바꿉니다. Shift+Enter도 됩니다"),
            ("Tab", "완성 목록에서 고른 것을 넣습니다"),
            ("Ctrl+T", "한/영을 잘못 놓고 친 것을 바꿉니다 (dkssud ↔ 안녕)"),
            ("Ctrl+L", "입력한 것을 지웁니다. Ctrl+Z로 되살립니다"),
            ("↑ ↓", "완성 목록에서 고르거나, 전에 보낸 것을 다시 꺼냅니다"),
            ("Ctrl+R", "마지막 귓속말에 답합니다"),
            ("Esc", "완성 목록을 닫고, 귓속말을 그만하고, 쓰던 곳으로 옵니다"),
        ),
    ),
    (
        "읽기",
        (
            ("PgUp PgDn", "지난 대화를 넘겨 봅니다. 맨 처음까지 갑니다"),
            ("Home End", "맨 위로, 맨 아래로 갑니다"),
            ("Ctrl+F", "지난 대화에서 찾습니다"),
            ("Ctrl+O", "대화에 나온 링크를 엽니다"),
            ("Ctrl+Y", "마지막 메시지를 복사합니다"),
            ("Ctrl+C", "마우스로 골라 놓은 글을 복사합니다"),
            ("F6", "들어오고 나간 것을 펼치고 접습니다"),
        ),
    ),
    (
        "그 밖에",
        (
            ("Ctrl+P", "할 수 있는 것을 모두 보고 고릅니다"),
            ("Tab F2", "대화, 사람, 귓속말, 입력 사이를 옮겨 다닙니다"),
            ("F1", "이 도움말을 봅니다"),
            ("F5", "끊긴 연결을 바로 다시 시도합니다"),
            ("Ctrl+Q", "나갑니다"),
        ),
    ),
)

# --- what was typed, and is not sent ----------------------------------------------------------------------------------

FAILED_MARK = "실패"
TOO_MANY_PENDING = "보내지 못한 메시지가 너무 많습니다. 연결된 뒤에 다시 보내세요."
NOBODY_TO_ANSWER = "아직 귓속말을 주고받은 사람이 없습니다. '@닉네임 메시지'로 먼저 보내세요."
NOTHING_TO_COPY = "아직 복사할 메시지가 없습니다."
NOT_CONNECTED = "서버에 연결되어 있지 않습니다. 연결된 뒤에 다시 해 보세요."


def copied(text: str) -> str:
    return f"복사했습니다: {_short(text)}"


def link_copied(url: str) -> str:
    return f"브라우저를 열 수 없어 주소를 복사했습니다: {_short(url)}"


def link_opened(url: str) -> str:
    return f"브라우저에서 엽니다: {_short(url)}"


def to_everyone_again(partner: str) -> str:
    """Whisper mode was left while something stood in the composer."""
    return f"이제 모두에게 보냅니다. {partner}님에게만 보내려면 '@{partner}'를 앞에 붙이거나 Ctrl+R을 누르세요."


def notify_set(which: str) -> str:
    """`which` is one of the values of the setting."""
    title, about = next(
        (title, about) for key, value, title, about in SETTING_CHOICES if (key, value) == ("notify", which)
    )
    return f"알림: {title} ({about})"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


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


# --- typing -----------------------------------------------------------------------------------------------------------

SUGGESTION_KEYS = "Tab 고르기 · Esc 닫기"
RECENT_PARTNER = "최근 귓속말"

ROOM_AGAIN = "이제 모두에게 보냅니다"


def whispering_to(nick: str) -> str:
    return f"{nick}에게 귓속말 · Esc로 나가기"


def whisper_placeholder(nick: str) -> str:
    return f"{nick}님만 보는 메시지를 입력하세요 (Esc: 모두에게)"


def pasted(chars: int, lines: int, number: int) -> str:
    """What stands for a large paste; `number` tells two of the same size apart."""
    size = f"{chars:,}자 {lines:,}줄" if lines > 1 else f"{chars:,}자"
    return f"[붙여넣은 글 {size}]" if number == 1 else f"[붙여넣은 글 {size} ({number})]"


def text_size(chars: int, lines: int, max_chars: int, max_lines: int) -> str:
    """How much stands in the composer, of what may be sent at once."""
    return f"{lines:,}/{max_lines}줄" if lines > max_lines else f"{chars:,}/{max_chars:,}자"


# --- commands: what follows each, in short, and what it does ----------------------------------------------------------

COMMAND_HELP = ("", "입력할 수 있는 것과 키를 봅니다")
COMMAND_WHISPER = ("닉네임 [메시지]", "귓속말을 합니다. 메시지가 없으면 계속")
COMMAND_REPLY = ("[메시지]", "마지막 귓속말에 답합니다")
COMMAND_SEARCH = ("[@닉네임] [찾을 말]", "지난 대화에서 찾습니다")
COMMAND_LIST = ("", "지금 있는 사람을 봅니다")
COMMAND_NICK = ("새이름", "닉네임을 바꿉니다")
COMMAND_NOTIFY = ("멘션|모두|끄기", "무엇을 알릴지 정합니다")
COMMAND_THEME = ("[이름]", "화면의 색을 바꿉니다")
COMMAND_SETTINGS = ("", "설정을 엽니다")
COMMAND_LINKS = ("", "대화에 나온 링크를 엽니다")
COMMAND_COPY = ("", "마지막 메시지를 복사합니다")
COMMAND_RECONNECT = ("", "지금 바로 다시 연결합니다")
COMMAND_QUIT = ("", "나갑니다")

NOTIFY_MENTIONS = "귓속말과 내 이름이 나온 메시지"
NOTIFY_ALL = "모든 메시지"
NOTIFY_NONE = "알리지 않음"
NOTIFY_USAGE = "'/알림 멘션', '/알림 모두', '/알림 끄기' 가운데 하나로 입력하세요."

WHISPER_COMMAND_USAGE = (
    "'/귓속말 닉네임 메시지'로 보냅니다. 메시지 없이 '/귓속말 닉네임'만 입력하면 계속 귓속말로 이야기합니다."
)


def unknown_theme(typed: str) -> str:
    titles = ", ".join(title for _, title in THEME_TITLES)
    return f"'{typed}' 테마는 없습니다. 고를 수 있는 것: {titles}"


# --- the room's log: what this program tells its user -----------------------------------------------------------------

NEW_LOG = "서버가 다시 시작되었고, 그 전의 대화는 서버에 남아 있지 않습니다."
SERVER_RESTARTED = "서버가 다시 시작되었습니다."
GAP = "연결이 끊긴 동안의 메시지 가운데 일부는 여기에 나오지 않습니다."


def nick_lost(reason: str) -> str:
    return f"{reason} '/닉 새이름'으로 정하면 다시 들어갑니다."


def not_sent(reason: str) -> str:
    return f"보내지 못했습니다. {reason}"


CRASHED = "프로그램 안에서 오류가 나 끝냅니다. 자세한 내용은 상태 폴더의 client.log에 있습니다."

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
    return " · ".join(f"{before}님이 {after}님으로 바꿨습니다" for before, after in names)


def took_old_names(nicks: Sequence[str]) -> str:
    return f"{_people(nicks)}이 닉네임을 바꿨다가 되돌렸습니다"


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


# --- the palette ------------------------------------------------------------------------------------------------------

PALETTE_TITLE = "무엇을 할까요?"
PALETTE_PLACEHOLDER = "찾을 말 (초성도 됩니다: ㅌㅁ → 테마)"
PALETTE_KEYS = "↑ ↓ 고르기 · Enter 하기 · Esc 닫기"
PALETTE_ACTIONS = (
    ("search", "대화 찾기", "지난 대화에서 낱말, 초성, 사람으로 찾습니다", "Ctrl+F", ("search", "find", "검색")),
    ("reply", "귓속말에 답하기", "마지막으로 귓속말한 사람에게 답합니다", "Ctrl+R", ("reply", "답장")),
    ("links", "링크 열기", "대화에 나온 링크를 골라 엽니다", "Ctrl+O", ("links",)),
    ("copy_last", "마지막 메시지 복사", "클립보드에 넣습니다", "Ctrl+Y", ("copy",)),
    ("unfold", "드나듦 펼치기·접기", "들어오고 나간 사람을 하나씩 봅니다", "F6", ("fold", "입장", "퇴장")),
    ("themes", "테마 바꾸기", "화면의 색을 고릅니다", "/테마", ("theme", "색")),
    ("settings", "설정", "알림과 화면을 바꿉니다", "/설정", ("settings", "알림", "notify")),
    ("reconnect", "지금 다시 연결", "기다리지 않고 바로 연결해 봅니다", "F5", ("reconnect", "연결")),
    ("help", "도움말", "키와 명령을 모두 봅니다", "F1", ("help",)),
    ("quit", "나가기", "대화방을 떠납니다", "Ctrl+Q", ("quit", "exit", "종료")),
)
"""The action of the app, what it is called, what it does, the key that does the same, and by what else it is found."""

PALETTE_NOTHING = "그런 것은 없습니다. 다른 말로 찾아 보세요."

THEMES_TITLE = "테마"
THEMES_PLACEHOLDER = "테마 이름 (초성도 됩니다: ㅎㅈ → 한지)"
THEMES_KEYS = "↑ ↓ 입어 보기 · Enter 고르기 · Esc 되돌리기"

# --- notifications ----------------------------------------------------------------------------------------------------


def window_title(nick: str, unread: int) -> str:
    """What the terminal's window is called."""
    counted = f"({unread:,}) " if unread else ""
    return f"{counted}{APP_NAME} — {nick}" if nick else f"{counted}{APP_NAME}"


def note_of_whisper(nick: str) -> str:
    return f"{nick}님의 귓속말"


def note_of_mention(nick: str) -> str:
    return f"{nick}님이 나를 불렀습니다"


def note_of_many(count: int, whispers: int) -> str:
    """`whispers` of them are whispers."""
    if whispers == count:
        return f"새 귓속말 {count:,}개"
    return f"새 메시지 {count:,}개 (귓속말 {whispers:,}개)" if whispers else f"새 메시지 {count:,}개"


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


SETTING_WORD = "설정"
SETTINGS_TITLE = "설정"
SETTINGS_PLACEHOLDER = "설정 이름 (초성도 됩니다: ㅇㄹ → 알림)"
SETTINGS_KEYS = "↑ ↓ 고르기 · Enter 바꾸기 · Esc 닫기"

SETTING_TITLES = {
    "notify": "알림",
    "bell": "종소리",
    "desktop": "데스크톱 알림",
    "focus": "자리 비움",
    "fold_presence": "드나듦",
    "show_members": "사람 목록",
}

SETTING_CHOICES: tuple[tuple[str, str | bool, str, str], ...] = (
    ("notify", "mentions", "멘션", "귓속말과 내 이름이 나온 메시지만"),
    ("notify", "all", "모두", "모든 메시지"),
    ("notify", "none", "끄기", "알리지 않습니다"),
    ("bell", True, "켜기", "알릴 때 터미널의 종을 울립니다"),
    ("bell", False, "끄기", "소리 없이 알립니다"),
    ("desktop", "osc9", "OSC 9", "iTerm2, WezTerm, Windows Terminal"),
    ("desktop", "osc777", "OSC 777", "foot, urxvt"),
    ("desktop", "osc99", "OSC 99", "kitty"),
    ("desktop", "off", "끄기", "데스크톱에는 알리지 않습니다"),
    ("focus", "auto", "저절로", "터미널이 알려 주는 대로"),
    ("focus", "always-away", "늘", "터미널이 알려 주지 않을 때"),
    ("fold_presence", True, "접기", "들어오고 나간 것을 한 줄로 모읍니다"),
    ("fold_presence", False, "펼치기", "들어오고 나간 것을 하나씩 보여 줍니다"),
    ("show_members", True, "보이기", "자리가 있으면 보여 줍니다"),
    ("show_members", False, "감추기", "대화를 더 넓게 봅니다"),
)
"""Key, value, what it is called and what it means."""


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
SEARCH_HAS_MORE = "더 있음"
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


def hit_count(chosen: int, count: int) -> str:
    """`chosen` counts from 1."""
    return f"{chosen:,}/{count:,}건"


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
    if timedelta(0) <= today - day <= timedelta(days=1):
        return day_of_hit(day, today)
    this_year = f"{day.month}/{day.day}"
    return this_year if day.year == today.year else f"{day.year % 100:02}/{this_year}"


# --- links ------------------------------------------------------------------------------------------------------------

LINKS_TITLE = "링크"
LINKS_PLACEHOLDER = "주소나 닉네임으로 골라내기"
LINKS_KEYS = "↑ ↓ 고르기 · Enter 열기 · Esc 닫기"
LINKS_KEYS_EMPTY = "Esc 닫기"
LINK_OF_MINE = "나"
NO_LINKS = "아직 대화에 나온 링크가 없습니다."


def no_such_links(typed: str) -> str:
    what = attach(f"'{typed}'", Particle.SUBJECT)
    return f"{what} 들어 있는 링크가 없습니다."


def link_leads_to(host: str) -> str:
    return f"여는 곳: {host}"


# --- line mode --------------------------------------------------------------------------------------------------------

LINE_NICK_NEEDED = "--nick으로 닉네임을 정하세요. 예: echo 배포 끝 | chat-tui --nick 봇 --line"
LINE_NICK_PROMPT = "닉네임: "
LINE_PAST_ENDS = "여기까지 지난 대화입니다."
LINE_HOW_TO_LEAVE = "나가려면 /종료, 쓰는 법은 /도움말을 입력하세요."
LINE_CONNECTED_AGAIN = "다시 연결되었습니다."
LINE_SLOWED = "메시지가 너무 잦아 서버가 조금 기다리게 합니다. 저절로 다시 보냅니다."
LINE_TO_ALL_AGAIN = "이제 모두에게 보냅니다."
LINE_NOBODY_TO_ANSWER = "답할 귓속말이 없습니다. '@닉네임 메시지'로 보내세요."
LINE_NAME_THE_PARTNER = "여기서는 '@닉네임 메시지'로 받는 분을 줄마다 적으세요. 아무에게도 보내지 않았습니다."
LINE_BAD_UTF8 = "UTF-8이 아닌 글자가 있어 보내지 않았습니다. 입력을 UTF-8로 바꾸세요."
LINE_CUT_BY_TERMINAL = "줄이 너무 길어 터미널이 뒤를 잘랐을 수 있어 보내지 않았습니다. 나누어 보내세요."
ONLY_ON_SCREEN = "전체 화면에서만 쓸 수 있는 명령입니다. --line 없이 chat-tui를 실행하세요."

LINE_HELP = (
    "그냥 입력하면 모두에게 보냅니다.",
    "@닉네임 메시지 — 그 사람에게만 귓속말을 보냅니다.",
    "/귓속말 닉네임 — 계속 그 사람에게만 보냅니다. 빈 줄을 입력하면 모두에게 돌아옵니다. (/whisper)",
    "/답장 메시지 — 마지막 귓속말에 답합니다. (/reply)",
    "/목록 — 지금 있는 사람을 봅니다. (/list)",
    "/닉 새이름 — 닉네임을 바꿉니다. (/nick)",
    "/연결 — 끊긴 연결을 바로 다시 시도합니다. (/reconnect)",
    "/도움말 — 이 도움말을 봅니다. (/help)",
    "/종료 — 나갑니다. Ctrl+D도 같습니다. (/quit, /exit)",
    "//… 와 @@… — '/'나 '@'로 시작하는 메시지를 보냅니다.",
)


def line_ask_nickname(default: str) -> str:
    """`default` is taken when nothing is typed; it may be nothing."""
    if default:
        return f"{START_QUESTION} 그냥 Enter를 누르면 전에 쓰던 '{default}' 닉네임으로 들어갑니다."
    return START_QUESTION


def line_whisper_prompt(nick: str) -> str:
    return f"귓속말 {nick}> "


def line_whispering_to(nick: str) -> str:
    return f"이제 {nick}님에게만 보냅니다. 빈 줄을 입력하면 모두에게 돌아옵니다."


def line_stopped(reason: str) -> str:
    return f"{reason} 다시 연결하려면 빈 줄에서 Enter를 누르세요."


def line_will_send(line: str) -> str:
    return f"연결되면 보냅니다: {line}"


def line_still_pending(count: int) -> str:
    return f"아직 서버가 받지 못한 메시지 {count:,}개는 다시 연결되면 보냅니다."


def line_undelivered(label: str, text: str) -> str:
    """`label` is what the message would have begun with."""
    return f"보내지 못한 메시지: {label}{text}"


def line_failed(number: int, reason: str) -> str:
    return f"{number:,}번째 줄: {reason}"


def line_unanswered(number: int, text: str) -> str:
    return line_failed(number, f"서버가 받았다는 답이 없습니다. {text}")


def line_never_sent(number: int) -> str:
    return f"{number:,}번째 줄부터는 보내지 않았습니다."


def line_no_answer(patience_s: float) -> str:
    return f"서버가 {patience_s:,.0f}초 동안 답하지 않아 그만둡니다. 더 기다리려면 --wait로 늘리세요."


# --- the doctor: what it looks at -------------------------------------------------------------------------------------

DOCTOR_TERMINAL_PART = "터미널"
DOCTOR_AROUND_PART = "서버와 파일"
DOCTOR_NO_TERMINAL = "터미널이 아니어서 서버와 파일만 살펴봅니다. 터미널도 살펴보려면 터미널에서 바로 실행하세요."
DOCTOR_LEVELS = ("✓ 좋음", "! 주의", "✗ 문제")
DOCTOR_ALL_GOOD = "모두 좋습니다."

DOCTOR_ENCODING = "문자 인코딩"
DOCTOR_TERMINAL = "터미널"
DOCTOR_SIZE = "크기"
DOCTOR_COLOURS = "색"
DOCTOR_HANGUL = "한글 너비"
DOCTOR_EMOJI = "이모지 너비"
DOCTOR_FAMILY = "이어진 이모지"
DOCTOR_FLAG = "국기"
DOCTOR_AMBIGUOUS = "문장 부호 너비"
DOCTOR_CURSOR = "커서 위치"
DOCTOR_KEYBOARD = "키보드"
DOCTOR_FOCUS = "포커스 알림"
DOCTOR_PASTE = "붙여넣기"
DOCTOR_MOUSE = "마우스"
DOCTOR_SYNCHRONIZED = "깜박임 막기"
DOCTOR_CLIPBOARD = "클립보드"
DOCTOR_PASSTHROUGH = "데스크톱 알림"
DOCTOR_SERVER = "서버"
DOCTOR_ROUND_TRIP = "왕복 시간"
DOCTOR_STATE_FOLDER = "저장 폴더"
DOCTOR_SETTINGS = "설정 파일"
DOCTOR_DATABASE = "대화 기록"

APPLE_TERMINAL = "macOS 터미널"
LINUX_CONSOLE = "리눅스 콘솔"

# --- the doctor: what it finds, and what to do ------------------------------------------------------------------------

DOCTOR_CAN = "쓸 수 있습니다"
DOCTOR_CANNOT = "쓸 수 없습니다"
DOCTOR_DEPENDS = "설정에 따라 다릅니다"
DOCTOR_NOT_NEEDED = "없지만, 없어도 됩니다"
DOCTOR_UNKNOWN = "터미널이 답하지 않아 알 수 없습니다"

DOCTOR_ENCODING_ADVICE = (
    "셸 설정에 export LANG=ko_KR.UTF-8 (없으면 C.UTF-8)을 넣으세요. tmux나 ssh에서 한글이 깨질 수 있습니다."
)
DOCTOR_TERM_ADVICE = (
    "전체 화면을 그릴 수 없습니다. TERM을 터미널에 맞게 (예: xterm-256color) 정하거나 chat-tui --line을 쓰세요."
)
DOCTOR_LINUX_ADVICE = "이 콘솔에는 한글 글꼴과 입력기가 없습니다. 그래픽 터미널이나 다른 컴퓨터에서 ssh로 쓰세요."
DOCTOR_WINDOWS_CONSOLE = "Windows의 옛 콘솔"
DOCTOR_WINDOWS_ADVICE = "Windows Terminal에서 실행하면 한글 입력과 색, 클립보드가 제대로 됩니다."
DOCTOR_CRAMPED_ADVICE = "화면이 좁아 대화를 보기 어렵습니다. 창을 키우거나 chat-tui --line을 쓰세요."
DOCTOR_SMALL_ADVICE = "80×24보다 작으면 사람 목록과 귓속말 창이 접힙니다."
DOCTOR_NO_COLOR = "NO_COLOR가 있어 색 없이 그립니다"
DOCTOR_TRUE_COLOUR = "1,677만 색"
DOCTOR_COLOURS_ADVICE = "사람마다 다른 색을 구별하기 어렵습니다. TERM=xterm-256color처럼 색이 많은 종류로 정하세요."

DOCTOR_WIDTH_UNKNOWN_ADVICE = "줄이 어긋나 보이면 다른 터미널을 쓰거나 chat-tui --line을 쓰세요."
DOCTOR_HANGUL_ADVICE = (
    "한글이 어긋나거나 깨집니다. 터미널의 문자 인코딩을 UTF-8로, 글꼴을 한글이 있는 고정폭으로 바꾸세요."
)
DOCTOR_EMOJI_ADVICE = "이모지가 있는 줄이 어긋나 보일 수 있습니다. 터미널을 새 판으로 바꾸세요."
DOCTOR_FAMILY_ADVICE = "이런 이모지가 있는 줄만 조금 어긋나 보입니다. 터미널을 새 판으로 바꾸면 나아집니다."
DOCTOR_AMBIGUOUS_ADVICE = "테두리와 문장 부호가 어긋납니다. 터미널 설정에서 '너비가 모호한 글자'를 좁게로 바꾸세요."
DOCTOR_AMBIGUOUS_ITERM2 = (
    "테두리와 문장 부호가 어긋납니다. Settings › Profiles › Text의 Ambiguous characters are double-width를 끄세요."
)
DOCTOR_CURSOR_KNOWN = "조합하는 글자가 입력하는 자리에 보입니다"
DOCTOR_CURSOR_ADVICE = "조합하는 글자가 다른 자리에 보이면 chat-tui --line을 쓰거나 다른 터미널을 쓰세요."

DOCTOR_KEYBOARD_PLAIN = "보통 방식이라 한글 입력에 문제가 없습니다. 줄 바꿈은 Ctrl+J입니다"
DOCTOR_KEYBOARD_KITTY = "kitty 방식을 압니다. Shift+Enter로도 줄을 바꾸고, 한글은 글자 그대로 받습니다"
DOCTOR_KEYBOARD_ITERM2 = "iTerm2에서는 한글이 사라지지 않게 kitty 방식을 쓰지 않습니다. 줄 바꿈은 Ctrl+J입니다"
DOCTOR_KEYS_LEFT_ON_ADVICE = "한글을 입력하면 사라지거나 깨집니다. reset을 실행하거나 터미널 창을 새로 여세요."

DOCTOR_FOCUS_ADVICE = (
    '다른 창을 보는지 알 수 없어 알림이 오지 않을 수 있습니다. 설정에서 focus = "always-away"로 바꾸세요.'
)
DOCTOR_FOCUS_TMUX = "tmux의 focus-events가 꺼져 있습니다"
DOCTOR_FOCUS_TMUX_ADVICE = "~/.tmux.conf에 set -g focus-events on을 넣고 tmux를 다시 시작하세요."
DOCTOR_PASTE_ADVICE = "여러 줄을 붙여넣으면 줄마다 따로 보내질 수 있습니다. 한 줄씩 붙여넣으세요."
DOCTOR_MOUSE_ADVICE = "마우스가 듣지 않으면 키보드로 모두 할 수 있습니다. F1이 모든 키를 보여 줍니다."

DOCTOR_CLIPBOARD_ADVICE = "복사가 되지 않으면 Shift를 누른 채 마우스로 고른 다음 터미널의 복사를 쓰세요."
DOCTOR_CLIPBOARD_ITERM2 = (
    "Settings › General › Selection의 Applications in terminal may access clipboard를 켜야 복사가 됩니다."
)
DOCTOR_CLIPBOARD_XTERM = "~/.Xresources에 XTerm*disallowedWindowOps: 20,21,SetXprop을 넣어야 복사가 됩니다."
DOCTOR_CLIPBOARD_TMUX_ON = "tmux가 바깥 터미널에 넘겨줍니다"
DOCTOR_CLIPBOARD_TMUX_ADVICE = "~/.tmux.conf에 set -s set-clipboard on을 넣어야 복사한 글이 바깥 클립보드로 갑니다."
DOCTOR_PASSTHROUGH_ADVICE = (
    "데스크톱 알림이 바깥 터미널에 닿지 않습니다. ~/.tmux.conf에 set -g allow-passthrough on을 넣으세요."
)
DOCTOR_SCREEN = "색과 클립보드, 포커스 알림을 바깥 터미널에 넘겨주지 않습니다"
DOCTOR_SCREEN_ADVICE = "tmux를 쓰거나 GNU screen 밖에서 실행하세요."
DOCTOR_APPLE = "색이 256가지뿐이고 클립보드에 복사하지 못합니다"
DOCTOR_APPLE_ADVICE = "iTerm2, Ghostty, kitty 같은 터미널에서는 모두 됩니다."
DOCTOR_SSH = "ssh로 접속했습니다. 클립보드와 알림은 앞에 있는 컴퓨터의 터미널이 맡습니다"

DOCTOR_SERVER_NONE = "없습니다. chat-tui를 실행하면 이 컴퓨터에서 저절로 시작합니다"
DOCTOR_SERVER_ADVICE = "주소와 포트가 맞는지, 그곳에서 chat-server가 도는지, 방화벽이 막지 않는지 확인하세요."
DOCTOR_PORT_TAKEN_ADVICE = "그 포트를 쓰는 프로그램을 끝내거나 --port로 다른 서버에 접속하세요."
DOCTOR_VERSION_ADVICE = "서버나 이 프로그램 가운데 오래된 쪽을 새로 설치하세요."
DOCTOR_SLOW_ADVICE = "대화가 조금 늦게 보입니다. 네트워크나 서버가 바쁜지 확인하세요."
DOCTOR_NO_HOME = "홈 폴더를 알 수 없습니다"
DOCTOR_NO_HOME_ADVICE = "HOME 환경 변수를 정하세요. 그러지 않으면 대화 기록과 설정을 저장할 곳이 없습니다."
DOCTOR_FOLDER_ADVICE = (
    "폴더의 권한을 바꾸세요. 그러지 않으면 닉네임과 비밀 값을 기억하지 못하고 서버를 시작하지 못합니다."
)
DOCTOR_DATABASE_NONE = "아직 없습니다. 서버가 처음 시작할 때 만듭니다"
DOCTOR_DATABASE_FOREIGN = "속삭의 대화 기록이 아닌 파일입니다"
DOCTOR_DATABASE_UNUSABLE = "읽거나 쓸 수 없습니다"
DOCTOR_DATABASE_ADVICE = "파일의 권한을 바꾸거나 다른 곳으로 옮기세요"
DOCTOR_DISK_ADVICE = "디스크가 가득 차면 서버가 멈춥니다. 공간을 비우세요."
DOCTOR_SETTINGS_NONE = "아직 없습니다. 설정을 바꾸면 만듭니다"
DOCTOR_SETTINGS_IGNORED = "읽지 못한 것은 기본값으로 씁니다"


def doctor_summary(problems: int, cautions: int) -> str:
    return f"문제 {problems}개, 주의 {cautions}개가 있습니다."


def doctor_not_utf8(encoding: str) -> str:
    return f"UTF-8이 아니라 {encoding}입니다"


def doctor_size(columns: int, rows: int) -> str:
    return f"{columns}×{rows} (가로 칸×세로 줄)"


def doctor_colours(count: int) -> str:
    return f"{count}색" if count else "몇 가지 색인지 알 수 없습니다"


def doctor_width(sample: str, columns: int) -> str:
    return f"'{sample}' {columns}칸"


def doctor_keys_left_on(flags: int) -> str:
    """`flags` as kitty's protocol counts them."""
    return f"다른 프로그램이 모든 키를 코드로 보내게 해 놓았습니다 (kitty 플래그 {flags})"


def doctor_tmux_option(name: str, value: str) -> str:
    return f"tmux의 {name} 값이 {value}입니다"


def doctor_server(address: str, version: int) -> str:
    return f"{address}의 속삭 서버가 답합니다 (프로토콜 {version}판)"


def doctor_round_trip(seconds: float) -> str:
    return f"{max(0.1, seconds * 1000):,.1f}밀리초"


def doctor_database(path: str, size_bytes: int) -> str:
    return f"{path} ({size_bytes / 1024 / 1024:,.1f}MB)"


def doctor_disk_low(free_bytes: int) -> str:
    return f"남은 디스크 공간이 {free_bytes / 1024 / 1024:,.0f}MB뿐입니다"
