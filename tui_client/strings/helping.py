"""Help, and what each command does."""

from tui_client.strings.choosing import THEME_TITLES

# --- help -------------------------------------------------------------------------------------------------------------

HELP_TITLE = "도움말"
HELP_CLOSE = "↑ ↓ 넘기기 · Esc 닫기"

HELP_FIRST = (
    "자주 쓰는 키",
    (
        ("Enter", "보내기"),
        ("Ctrl+J", "줄 바꿈"),
        ("Tab", "완성, 다른 창"),
        ("Ctrl+T", "한/영 바꾸기"),
        ("Ctrl+R", "귓속말 답장"),
        ("Ctrl+F", "대화 찾기"),
        ("Ctrl+O", "링크 열기"),
        ("PgUp", "지난 대화"),
        ("Ctrl+P", "모든 메뉴"),
        ("F5", "다시 연결"),
        ("Esc", "닫기"),
        ("Ctrl+Q", "나가기"),
    ),
)
"""In short, for who sees no more than the beginning; all of it is told below."""

HELP_TYPED_TITLE = "입력하는 것"
HELP_TYPED = (
    ("메시지", "모두에게 보냅니다"),
    ("@닉네임 메시지", "그 사람에게만 귓속말을 보냅니다"),
    ("//… @@…", "'/'나 '@'로 시작하는 메시지를 보냅니다"),
)
"""Besides the commands, which explain themselves."""

HELP_OPERATORS_TITLE = "운영자가 입력하는 것"

HELP_SEEN = (
    "보이는 것",
    (
        ("… 표시", "기다리는 내 메시지. 저절로 보냅니다"),
        ("실패 표시", "못 보낸 메시지. F8로 다시 보내거나 버립니다"),
        ("유실 표시", "서버의 기록이 되돌아가 사라진 메시지"),
        ("이름 옆 끊김", "연결이 끊긴 사람. 귓속말은 돌아오면 받습니다"),
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
            ("F8", "못 보낸 메시지를 다시 보내고, 기다리는 것을 버립니다"),
            ("Esc", "완성 목록을 닫고, 귓속말을 끝내고, 입력란으로 옵니다"),
        ),
    ),
    (
        "읽기",
        (
            ("PgUp PgDn", "지난 대화를 넘겨 봅니다. 맨 처음까지 갑니다"),
            ("Home End", "맨 처음으로, 맨 아래로 갑니다"),
            ("Ctrl+F", "지난 대화에서 찾습니다. F5로 다시 찾습니다"),
            ("Ctrl+O", "대화에 나온 링크를 엽니다"),
            ("Ctrl+Y", "마지막 메시지를 복사합니다"),
            ("Ctrl+C", "마우스로 골라 놓은 글을 복사합니다"),
            ("F6", "입장과 퇴장을 하나씩 펼치거나 접습니다"),
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

# --- commands: what follows each, in short, and what it does ----------------------------------------------------------

COMMAND_HELP = ("", "입력할 수 있는 것과 키를 봅니다")
COMMAND_WHISPER = ("닉네임 [메시지]", "귓속말을 한 번 또는 계속 합니다")
COMMAND_REPLY = ("[메시지]", "마지막 귓속말에 답합니다")
COMMAND_SEARCH = ("[@닉네임] [찾을 말]", "지난 대화에서 찾습니다")
COMMAND_LIST = ("", "지금 있는 사람을 봅니다")
COMMAND_NICK = ("새이름", "닉네임을 바꿉니다")
COMMAND_REGISTER = ("", "이 닉네임을 나만 쓰게 합니다")
COMMAND_UNREGISTER = ("[닉네임]", "닉네임 등록을 풉니다")
COMMAND_IGNORE = ("[닉네임]", "그 사람의 말을 감추거나 다시 봅니다")
COMMAND_OPERATOR = ("", "키를 입력해 운영자가 됩니다")
COMMAND_KICK = ("닉네임", "운영자: 방에서 내보냅니다")
COMMAND_MUTE = ("닉네임 [10분]", "운영자: 말하지 못하게 합니다")
COMMAND_UNMUTE = ("닉네임", "운영자: 다시 말하게 합니다")
COMMAND_BAN = ("닉네임|주소 [3일]", "운영자: 들어오지 못하게 합니다")
COMMAND_UNBAN = ("닉네임|주소", "운영자: 다시 들어오게 합니다")
COMMAND_ANNOUNCE = ("글", "운영자: 모두에게 공지합니다")
COMMAND_SANCTIONS = ("", "운영자: 제재와 주소를 봅니다")
COMMAND_NOTIFY = ("멘션|모두|끄기", "무엇을 알릴지 정합니다")
COMMAND_THEME = ("[이름]", "화면의 색을 바꿉니다")
COMMAND_SETTINGS = ("", "설정을 엽니다")
COMMAND_LINKS = ("", "대화에 나온 링크를 엽니다")
COMMAND_COPY = ("", "마지막 메시지를 복사합니다")
COMMAND_RECONNECT = ("", "지금 바로 다시 연결합니다")
COMMAND_SEND_AGAIN = ("", "보내지 못한 메시지를 다시 보냅니다")
COMMAND_THROW_AWAY = ("", "아직 보내지 않은 메시지를 버립니다")
COMMAND_QUIT = ("", "나갑니다")

NOTIFY_MENTIONS = "귓속말과 내 이름이 나온 메시지"
NOTIFY_ALL = "모든 메시지"
NOTIFY_NONE = "알리지 않음"
NOTIFY_USAGE = "'/알림 멘션', '/알림 모두', '/알림 끄기' 가운데 하나로 입력하세요."


def register_usage(typed: str) -> str:
    return f"지금 쓰는 닉네임만 등록할 수 있습니다. '/닉 {typed}' 다음에 '/등록'을 입력하세요."


WHISPER_COMMAND_USAGE = (
    "'/귓속말 닉네임 메시지'로 보냅니다. 메시지 없이 '/귓속말 닉네임'만 입력하면 계속 귓속말로 이야기합니다."
)


def unknown_theme(typed: str) -> str:
    titles = ", ".join(title for _, title in THEME_TITLES)
    return f"'{typed}' 테마는 없습니다. 다음 가운데 하나를 입력하세요: {titles}"
