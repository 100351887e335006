"""Settings, and what is remembered."""

from tui_client.strings.choosing import THEME_ABOUT, THEME_TITLES

# --- settings ---------------------------------------------------------------------------------------------------------

SETTINGS_HEAD = (
    "속삭의 설정입니다. 값을 고치고 저장하면 다음에 시작할 때부터 적용됩니다.",
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
    "fold_presence": ("들어오고 나간 사람을 한 줄로 접어 보여 줍니다. true 또는 false",),
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
    "fold_presence": "입·퇴장",
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
    ("focus", "auto", "자동", "터미널이 알려 주는 대로"),
    ("focus", "always-away", "항상", "터미널이 알려 주지 않을 때"),
    ("fold_presence", True, "접기", "들어오고 나간 사람을 한 줄로 모읍니다"),
    ("fold_presence", False, "펼치기", "들어오고 나간 사람을 하나씩 보여 줍니다"),
    ("show_members", True, "보이기", "자리가 있으면 보여 줍니다"),
    ("show_members", False, "감추기", "대화를 더 넓게 봅니다"),
)
"""Key, value, what it is called and what it means."""


SETTINGS_NOT_READABLE = "파일을 읽을 수 없습니다. 권한을 확인하세요."
SETTINGS_TOO_LARGE = "설정 파일치고는 너무 큽니다. 다른 곳으로 옮기면 새로 만듭니다."
SETTINGS_TOO_DEEP = "괄호가 너무 깊이 겹쳐 있습니다. 줄여서 다시 저장하세요."


def settings_bad_line(line: int) -> str:
    return f"{line}번째 줄을 읽을 수 없습니다. '이름 = 값' 꼴인지, 따옴표가 맞는지, 같은 이름이 두 번 나오지 않는지 보세요."


def settings_bad_encoding(line: int) -> str:
    return f"{line}번째 줄에 UTF-8이 아닌 글자가 있습니다. UTF-8로 저장하세요."


def settings_ignored(path: str, reason: str) -> str:
    return f"설정 파일을 읽지 못해 기본값으로 시작합니다. {path}: {reason}"


def settings_wrong_value(path: str, line: int, key: str, choices: tuple[str, ...] | None) -> str:
    """`choices` are the texts that are allowed; without them it is a switch."""
    allowed = ", ".join(f'"{choice}"' for choice in choices) if choices else "true, false"
    return f"{path} {line}번째 줄: {key} 값은 {allowed} 가운데 하나여야 합니다. 기본값을 씁니다."


def settings_unknown_key(path: str, line: int, key: str) -> str:
    return f"{path} {line}번째 줄: '{key}' 설정은 없어서 건너뜁니다. 이름을 확인하세요."


def settings_not_saved(path: str, reason: str) -> str:
    return f"지금 화면에만 적용했습니다. 설정 파일을 고친 뒤 다시 바꾸면 저장됩니다. {path}: {reason}"


def settings_locked(path: str) -> str:
    return f"지금 화면에만 적용했습니다. 다른 속삭이 설정 파일을 쓰고 있으니 잠시 뒤에 다시 바꾸세요: {path}"


# --- what is remembered -----------------------------------------------------------------------------------------------


def secret_replaced(kept_as: str) -> str:
    return f"이 컴퓨터의 비밀 값을 읽을 수 없어 새로 만들었습니다. 이전 파일: {kept_as}"


def secret_not_kept(folder: str) -> str:
    return f"비밀 값을 저장할 수 없어 이번에만 쓰는 값으로 접속합니다. 쓸 수 있는 폴더인지 확인하세요: {folder}"
