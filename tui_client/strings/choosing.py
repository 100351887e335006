"""Palette, themes and links: what is chosen from a list."""

from tui_client.korean.hangul import Particle, attach

# --- the palette ------------------------------------------------------------------------------------------------------

PALETTE_TITLE = "무엇을 할까요?"
PALETTE_PLACEHOLDER = "찾을 말 (초성도 됩니다: ㅌㅁ → 테마)"
PALETTE_KEYS = "↑ ↓ 고르기 · Enter 실행 · Esc 닫기"
PALETTE_ACTIONS = (
    ("search", "대화 찾기", "지난 대화에서 낱말, 초성, 사람으로 찾습니다", "Ctrl+F", ("search", "find", "검색")),
    ("reply", "귓속말에 답하기", "마지막으로 귓속말한 사람에게 답합니다", "Ctrl+R", ("reply", "답장")),
    ("links", "링크 열기", "대화에 나온 링크를 골라 엽니다", "Ctrl+O", ("links",)),
    ("copy_last", "마지막 메시지 복사", "클립보드에 넣습니다", "Ctrl+Y", ("copy",)),
    ("unfold", "입·퇴장 펼치기/접기", "들어오고 나간 사람을 하나씩 봅니다", "F6", ("fold", "입장", "퇴장")),
    ("themes", "테마 바꾸기", "화면의 색을 고릅니다", "/테마", ("theme", "색")),
    ("settings", "설정", "알림과 화면을 바꿉니다", "/설정", ("settings", "알림", "notify")),
    (
        "unsent",
        "못 보낸 메시지",
        "기다리거나 실패한 것을 다시 보내거나, 고치거나, 버립니다",
        "F8",
        ("retry", "discard", "다시", "버리기", "실패", "기다리는", "보내지"),
    ),
    ("reconnect", "지금 다시 연결", "기다리지 않고 바로 연결해 봅니다", "F5", ("reconnect", "연결")),
    ("help", "도움말", "키와 명령을 모두 봅니다", "F1", ("help",)),
    ("quit", "나가기", "대화방을 떠납니다", "Ctrl+Q", ("quit", "exit", "종료")),
)
"""The action of the app, what it is called, what it does, the key that does the same, and by what else it is found."""

PALETTE_NOTHING = "찾는 것이 없습니다. 다른 말로 찾아보세요."

THEMES_TITLE = "테마"
THEMES_PLACEHOLDER = "테마 이름 (ㅎㅈ → 한지)"
THEMES_KEYS = "Enter 고르기 · Esc 취소"

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

# --- links ------------------------------------------------------------------------------------------------------------

LINKS_TITLE = "링크"
LINKS_PLACEHOLDER = "주소나 닉네임으로 골라내기"
LINKS_KEYS = "↑ ↓ 고르기 · Enter 열기 · Esc 닫기"
LINKS_KEYS_EMPTY = "Esc 닫기"
LINK_OF_MINE = "나"
NO_LINKS = "아직 대화에 나온 링크가 없습니다."


def no_such_links(typed: str) -> str:
    what = attach(f"'{typed}'", Particle.SUBJECT)
    return f"{what} 들어 있는 링크가 없습니다. 다른 말로 찾아보세요."


def link_leads_to(host: str) -> str:
    return f"여는 곳: {host}"
