"""Notifications."""

from tui_client.strings.chat import APP_NAME


def window_title(nick: str, unread: int) -> str:
    """What the terminal's window is called."""
    counted = f"({unread:,}) " if unread else ""
    return f"{counted}{APP_NAME} — {nick}" if nick else f"{counted}{APP_NAME}"


def note_of_whisper(nick: str) -> str:
    return f"{nick}님의 귓속말"


NOTE_OF_ANNOUNCEMENT = "공지"


def note_of_mention(nick: str) -> str:
    return f"{nick}님이 나를 불렀습니다"


def note_of_many(count: int, whispers: int) -> str:
    """`whispers` of them are whispers."""
    if whispers == count:
        return f"새 귓속말 {count:,}개"
    return f"새 메시지 {count:,}개 (귓속말 {whispers:,}개)" if whispers else f"새 메시지 {count:,}개"
