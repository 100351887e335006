"""The composer: what was typed and is not sent, and what may be typed."""

from collections.abc import Sequence

from tui_client.korean.hangul import Particle, attach
from tui_client.strings.settings import SETTING_CHOICES

# --- what was typed, and is not sent ----------------------------------------------------------------------------------

FAILED_MARK = "실패"
LOST_MARK = "유실"
TOO_MANY_PENDING = "기다리거나 보내지 못한 메시지가 너무 많습니다. 나중에 보내거나, 밀린 것을 '/버리기'로 버리세요."
NOBODY_TO_ANSWER = "아직 귓속말을 주고받은 사람이 없습니다. '@닉네임 메시지'로 먼저 보내세요."
NOTHING_TO_COPY = "아직 복사할 메시지가 없습니다."
ALREADY_CONNECTED = "이미 서버에 연결되어 있습니다."
NOT_CONNECTED = "서버에 연결되어 있지 않습니다. 연결된 뒤에 다시 해 보세요."
ORDERS_LOST = "연결이 끊겨 명령대로 되었는지 알 수 없습니다. 다시 입력하세요."
NOBODY_KNOWN = "아직 연결되지 않아 누가 있는지 모릅니다."


def members_then(nicks: Sequence[str]) -> str:
    """Who was here when the connection was lost."""
    return f"연결이 끊기기 전에는 {len(nicks)}명이 있었습니다: {', '.join(nicks)}"


def partner_is_away(nick: str) -> str:
    """Somebody whose connection is lost was whispered to."""
    return f"{nick}님은 지금 연결이 끊겨 있습니다. 돌아오면 받습니다."


def copied(text: str) -> str:
    return f"복사했습니다: {_short(text)}"


def link_copied(url: str) -> str:
    return f"브라우저를 열 수 없어 주소를 복사했습니다: {_short(url)}"


def link_opened(url: str) -> str:
    return f"브라우저에서 엽니다: {_short(url)}"


def to_everyone_again(partner: str) -> str:
    """Whisper mode was left while something stood in the composer."""
    name = attach(f"'@{partner}'", Particle.OBJECT)
    return f"이제 모두에게 보냅니다. {partner}님에게만 보내려면 {name} 앞에 붙이거나 Ctrl+R을 누르세요."


def whisper_put_away(partner: str) -> str:
    """Whisper mode was left while a refused whisper stood in the composer."""
    return f"이제 모두에게 보냅니다. {partner}님에게 못 보낸 글은 ↑로 다시 꺼냅니다."


def partner_replaced(partner: str) -> str:
    """Somebody else has the nickname of whom one whispers to."""
    why = f"'{partner}' 닉네임을 이제 다른 분이 쓰고 있어 귓속말을 보내지 않았습니다."
    return f"{why} 그분에게 보내려면 '@{partner} 메시지'로 입력하세요."


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
    return f"메시지가 너무 깁니다({chars:,}자, {lines:,}줄). {max_chars:,}자, {max_lines}줄 이내로 나누어 보내세요."


def blank_in_command(command: str) -> str:
    return f"명령은 '/' 바로 뒤에 붙여 쓰세요: {command} — '/'로 시작하는 메시지는 '//'로 보냅니다."


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
    return f"{nick}님만 보는 메시지를 입력하세요"


def pasted(chars: int, lines: int, number: int) -> str:
    """What stands for a large paste; `number` tells two of the same size apart."""
    size = f"{chars:,}자 {lines:,}줄" if lines > 1 else f"{chars:,}자"
    return f"[붙여넣은 글 {size}]" if number == 1 else f"[붙여넣은 글 {size} ({number})]"


def text_size(chars: int, lines: int, max_chars: int, max_lines: int) -> str:
    """How much stands in the composer, of what may be sent at once."""
    size = f"{lines:,}/{max_lines}줄" if lines > max_lines else f"{chars:,}/{max_chars:,}자"
    return f"{size} · Ctrl+L 지우기"
