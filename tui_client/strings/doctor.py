"""`chat-tui --doctor`."""


# --- the doctor: what it looks at -------------------------------------------------------------------------------------

DOCTOR_TERMINAL_PART = "터미널"
DOCTOR_AROUND_PART = "서버와 파일"
DOCTOR_NO_TERMINAL = "터미널이 아니어서 서버와 파일만 살펴봅니다. 터미널도 살펴보려면 터미널에서 바로 실행하세요."
DOCTOR_LEVELS = ("✓ 좋음", "! 주의", "✗ 문제")

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
DOCTOR_ESCAPE = "Esc 키"
DOCTOR_SERVER = "서버"
DOCTOR_ROUND_TRIP = "왕복 시간"
DOCTOR_SECURITY = "연결 보호"
DOCTOR_FINGERPRINT = "인증서 지문"
DOCTOR_STATE_FOLDER = "저장 폴더"
DOCTOR_SETTINGS = "설정 파일"
DOCTOR_DATABASE = "대화 기록"

APPLE_TERMINAL = "macOS 터미널"
LINUX_CONSOLE = "리눅스 콘솔"

# --- the doctor: what it finds, and what to do ------------------------------------------------------------------------

DOCTOR_CAN = "쓸 수 있습니다"
DOCTOR_CANNOT = "쓸 수 없습니다"
DOCTOR_DEPENDS = "설정에 따라 다릅니다"
DOCTOR_NOT_NEEDED = "지원하지 않지만 없어도 됩니다"
DOCTOR_UNKNOWN = "터미널이 답하지 않아 알 수 없습니다"

DOCTOR_ENCODING_ADVICE = (
    "tmux나 ssh에서 한글이 깨질 수 있습니다. 셸 설정에 다음 줄을 넣으세요. 그 로캘이 없으면 C.UTF-8을 쓰세요."
)
DOCTOR_TERM_ADVICE = "전체 화면을 그릴 수 없습니다. 다음처럼 TERM을 터미널에 맞게 정하거나, chat-tui --line을 쓰세요."
DOCTOR_LINUX_ADVICE = (
    "이 콘솔에는 한글 글꼴과 입력기가 없습니다. 그래픽 터미널에서 쓰거나, 다른 컴퓨터에서 ssh로 접속해 쓰세요."
)
DOCTOR_WINDOWS_CONSOLE = "Windows의 옛 콘솔"
DOCTOR_WINDOWS_ADVICE = "Windows Terminal에서 실행하면 한글 입력과 색, 클립보드가 제대로 됩니다."
DOCTOR_CRAMPED_ADVICE = "화면이 좁아 대화를 보기 어렵습니다. 창을 키우거나 chat-tui --line을 쓰세요."
DOCTOR_SMALL_ADVICE = "80×24보다 작으면 사람 목록과 귓속말 창이 접힙니다."
DOCTOR_NO_COLOR = "NO_COLOR가 있어 색 없이 그립니다"
DOCTOR_TRUE_COLOUR = "1,677만 색"
DOCTOR_COLOURS_ADVICE = "사람마다 다른 색을 구별하기 어렵습니다. 다음처럼 TERM을 색이 많은 종류로 정하세요."

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
DOCTOR_KEYS_LEFT_ON_ADVICE = "한글을 입력하면 사라지거나 깨집니다. 터미널 창을 새로 열거나 다음 명령을 실행하세요."

DOCTOR_FOCUS_ADVICE = (
    "다른 창을 보는지 알 수 없어 알림이 오지 않을 수 있습니다. "
    "속삭에서 /설정을 열어 '자리 비움: 항상'을 고르거나, 설정 파일에 다음 줄을 넣으세요."
)
_IN_TMUX_CONF = "~/.tmux.conf에 다음 줄을 넣고 tmux를 다시 시작하세요."

DOCTOR_FOCUS_TMUX = "tmux의 focus-events가 꺼져 있습니다"
DOCTOR_FOCUS_TMUX_ADVICE = f"다른 창을 보는지 알 수 없어 알림이 오지 않습니다. {_IN_TMUX_CONF}"
DOCTOR_PASTE_ADVICE = "여러 줄을 붙여넣으면 줄마다 따로 보내질 수 있습니다. 한 줄씩 붙여넣으세요."
DOCTOR_MOUSE_ADVICE = "마우스가 듣지 않으면 키보드로 모두 할 수 있습니다. F1이 모든 키를 보여 줍니다."

DOCTOR_CLIPBOARD_ADVICE = "복사가 되지 않으면 Shift를 누른 채 마우스로 고른 다음 터미널의 복사를 쓰세요."
DOCTOR_CLIPBOARD_ITERM2 = (
    "Settings › General › Selection의 Applications in terminal may access clipboard를 켜야 복사가 됩니다."
)
DOCTOR_CLIPBOARD_XTERM = "복사가 되려면 ~/.Xresources에 다음 줄을 넣고 xterm을 새로 여세요."
DOCTOR_CLIPBOARD_TMUX_ON = "tmux가 바깥 터미널에 넘겨줍니다"
DOCTOR_CLIPBOARD_TMUX_ADVICE = f"복사한 글이 바깥 클립보드로 가지 않습니다. {_IN_TMUX_CONF}"
DOCTOR_PASSTHROUGH_ADVICE = f"데스크톱 알림이 바깥 터미널에 닿지 않습니다. {_IN_TMUX_CONF}"
DOCTOR_ESCAPE_ADVICE = f"Esc가 늦게 듣고, 곧바로 이어서 누른 키가 다른 키로 읽힐 수 있습니다. {_IN_TMUX_CONF}"
DOCTOR_SCREEN = "색과 클립보드, 포커스 알림을 바깥 터미널에 넘겨주지 않습니다"
DOCTOR_SCREEN_ADVICE = "tmux를 쓰거나 GNU screen 밖에서 실행하세요."
DOCTOR_APPLE = "색이 256가지뿐이고 클립보드에 복사하지 못합니다"
DOCTOR_APPLE_ADVICE = "iTerm2, Ghostty, kitty 같은 터미널에서는 모두 됩니다."
DOCTOR_SSH = "ssh로 접속했습니다. 클립보드와 알림은 앞에 있는 컴퓨터의 터미널이 맡습니다"

DOCTOR_SERVER_NONE = "없습니다. chat-tui를 실행하면 이 컴퓨터에서 저절로 시작합니다"
DOCTOR_SERVER_ADVICE = "주소와 포트가 맞는지, 그곳에서 chat-server가 도는지, 방화벽이 막지 않는지 확인하세요."
DOCTOR_PORT_TAKEN_ADVICE = "그 포트를 쓰는 프로그램을 끝내거나 --port로 다른 서버에 접속하세요."
DOCTOR_VERSION_ADVICE = "서버나 이 프로그램 가운데 오래된 쪽을 새로 설치하세요."
DOCTOR_LOCAL = "이 컴퓨터 안에서만 오가므로 암호화하지 않습니다"
DOCTOR_EXPOSED_ADVICE = "오가는 말을 누구나 엿볼 수 있습니다. 서버가 할 수 있으면 --plaintext 없이 접속하세요."
DOCTOR_STRANGER_ADVICE = (
    "아무것도 보내지 않았습니다. 서버를 연 분에게 지문을 물어보세요. 같으면 접속할 때 '예'라고 답하세요."
)
DOCTOR_DOUBTFUL_ADVICE = "아무것도 보내지 않았습니다. 서버를 연 분에게 물어보기 전에는 접속하지 마세요."
DOCTOR_KNOWN_SERVERS_ADVICE = "그 줄을 지우거나 고치세요. 그때까지 그 서버는 처음 보는 서버로 여깁니다."
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
DOCTOR_DISK_ADVICE = "디스크가 가득 차면 서버가 새 메시지를 받지 못합니다. 공간을 비우세요."
DOCTOR_SETTINGS_NONE = "아직 없습니다. 설정을 바꾸면 만듭니다"
DOCTOR_SETTINGS_IGNORED = "파일을 고치세요. 그때까지 읽지 못한 설정은 기본값을 씁니다."


def doctor_summary(problems: int, cautions: int) -> str:
    if not problems:
        return f"문제는 없고, 주의할 점이 {cautions}개 있습니다." if cautions else "모두 좋습니다."
    return f"문제 {problems}개, 주의할 점 {cautions}개가 있습니다." if cautions else f"문제가 {problems}개 있습니다."


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


def doctor_escape(wait_ms: int) -> str:
    return f"tmux가 {wait_ms:,}밀리초 기다렸다가 넘겨줍니다"


def doctor_server(address: str, version: int) -> str:
    return f"{address}의 속삭 서버가 답합니다 (프로토콜 {version}판)"


def doctor_secured(version: str, *, is_verified: bool) -> str:
    """`version` as OpenSSL calls it: `TLSv1.3`."""
    known_by = "인증 기관이 보증하는 서버입니다" if is_verified else "기억한 지문과 같은 서버입니다"
    return f"{version.replace('v', ' ')}, {known_by}"


def doctor_stranger(address: str, fingerprint: str) -> str:
    return f"{address}: 처음 보는 서버입니다. 인증서 지문: {fingerprint}"


def doctor_round_trip(seconds: float) -> str:
    return f"{max(0.1, seconds * 1000):,.1f}밀리초"


def doctor_database(path: str, size_bytes: int) -> str:
    return f"{path} ({size_bytes / 1024 / 1024:,.1f}MB)"


def doctor_disk_low(free_bytes: int) -> str:
    return f"남은 디스크 공간이 {free_bytes / 1024 / 1024:,.0f}MB뿐입니다"
