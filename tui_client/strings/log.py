"""The room's log: days, who came and went, what this program tells its user."""

import errno
from collections.abc import Mapping, Sequence
from datetime import date

from server.protocol.errors import Code
from tui_client.korean.hangul import Particle, attach
from tui_client.strings.connection import system_error

# --- the room's log: what this program tells its user -----------------------------------------------------------------

NEW_LOG = "서버의 기록이 새로 시작되었습니다. 위의 대화는 서버에 남아 있지 않습니다."
ROLLED_BACK = "서버의 기록이 예전으로 되돌아갔습니다. 위의 메시지 가운데 마지막 것들은 서버에 남아 있지 않습니다."
SERVER_RESTARTED = "서버가 다시 시작되었습니다."
GAP = "연결이 끊긴 동안의 메시지 가운데 일부는 서버에 남아 있지 않아 여기에 나오지 않습니다."


def nick_lost(reason: str) -> str:
    return f"{reason} '/닉 새이름'으로 정하면 다시 들어갑니다."


def not_sent(reason: str) -> str:
    return f"보내지 못했습니다. {reason}"


# --- own messages that are not sent -----------------------------------------------------------------------------------

FORGOTTEN = "이보다 앞선 대화는 서버가 지웠습니다."
STALE = "하루가 넘게 지난 메시지라서 저절로 보내지 않았습니다."
LOST = "서버의 기록에서 사라졌습니다."
NOTHING_FAILED = "보내지 못한 메시지가 없습니다."
NOTHING_UNSENT = "보내지 못했거나 기다리는 메시지가 없습니다."
MAY_STAND = "서버에 이미 닿았을 수 있어 되돌릴 수 없습니다."
STANDS = "이미 보낸 메시지입니다."
NICK_WANTS_SPACE = "서버의 저장 공간이 가득 차 지금은 닉네임을 바꿀 수 없습니다. 나중에 다시 해 보세요."


def failed(count: int, reason: str = "") -> str:
    """`reason` where it can't be seen beside the message."""
    told = not_sent(reason) if reason else f"보내지 못한 메시지가 {count:,}개 있습니다."
    return f"{told} F8로 다시 보내거나, 고치거나, 버리세요."


def failed_before(reason: str) -> str:
    """An earlier run has seen it fail."""
    return f"지난번에 보내지 못했습니다. {reason}"


def is_called_now(before: str, nick: str) -> str:
    return f"{before}님은 이제 {nick}님입니다. 귓속말을 보내지 않았습니다."


def nick_passed_on(nick: str) -> str:
    return f"'{nick}' 닉네임을 이제 다른 분이 씁니다. 받는 분을 고쳐 쓰세요."


def can_be_reached(nick: str) -> str:
    return f"{nick}님이 들어왔습니다. 보내지 못한 귓속말을 F8로 다시 보낼 수 있습니다."


def thrown_away(count: int, waiting: int = 0) -> str:
    """What failed; `waiting` others could be taken back."""
    too = f" 기다리는 메시지 {waiting:,}개도 버리려면 '/버리기'를 한 번 더 입력하세요." if waiting else ""
    return f"보내지 못한 메시지 {count:,}개를 버렸습니다.{too}"


def taken_back(count: int, under_way: int) -> str:
    """What waited, but for what was `under_way`."""
    rest = f" 이미 보냈을 수 있는 {under_way:,}개는 그대로 둡니다." if under_way else ""
    return f"기다리는 메시지 {count:,}개를 버렸습니다.{rest}"


def waits(count: int, *, is_online: bool) -> str:
    """Nothing need be done about it."""
    return f"기다리는 메시지 {count:,}개는 {'차례로 저절로' if is_online else '연결되면'} 보냅니다."


def put_off_for(code: str, text: str) -> str:
    """Why the server takes nothing for now, without what it tells those to do who can't wait; else its own `text`."""
    if code == Code.STORAGE_FULL:
        return "서버의 저장 공간이 가득 찼습니다."
    return "너무 빨리 보내고 있습니다." if code == Code.RATE_LIMITED else text


def held_up(code: str, count: int = 0) -> str:
    """What becomes of `count` messages that the server doesn't take for now."""
    if code == Code.RATE_LIMITED:
        left = f"(남은 {count:,}개)" if count else ""
        return f"차례로 보내는 중입니다{left}. 멈추려면 '/버리기'를 입력하세요."
    if code == Code.STORAGE_FULL:
        return f"{put_off_for(code, '')} 공간이 생기면 저절로 보냅니다."
    return "서버가 지금은 메시지를 받지 않습니다. 저절로 다시 보냅니다."


def lost_own(told: str, count: int) -> str:
    """`told` says what became of the log; `count` of one's own messages went with it."""
    return f"{told} 내가 쓴 {count:,}개는 F8로 다시 보낼 수 있습니다." if count else told


def stood_already(text: str) -> str:
    """A message of an earlier run turns out to stand in the room's log."""
    return f"지난번에 보낸 메시지는 이미 전해졌습니다: {text}"


def left_over(waiting: int, failed: int) -> str:
    """What an earlier run has left; nothing if it has left nothing."""
    told = [f"지난번부터 기다리던 메시지 {waiting:,}개를 보냅니다."] * bool(waiting)
    return " ".join([*told, *[_still_failed(failed)] * bool(failed)])


def left_over_offline(waiting: int, failed: int) -> str:
    """The same where there is no connection yet."""
    told = [f"지난번부터 기다리는 메시지 {waiting:,}개는 연결되면 보냅니다."] * bool(waiting)
    return " ".join([*told, *[_still_failed(failed)] * bool(failed)])


def _still_failed(count: int) -> str:
    return f"보내지 못한 메시지 {count:,}개가 남아 있습니다. '/다시'로 다시 보내거나 '/버리기'로 버리세요."


def left_elsewhere(waiting: Mapping[str, int], failed: Mapping[str, int]) -> str:
    """How many messages wait for other nicknames, and how many have failed under them; nothing if there are none."""
    told = []
    if waiting:
        told.append(
            f"다른 닉네임으로 쓴 메시지가 기다리고 있습니다({_by_nick(waiting)}). 그 닉네임으로 들어오면 보냅니다."
        )
    if failed:
        told.append(
            f"다른 닉네임으로 쓴 메시지를 보내지 못했습니다({_by_nick(failed)}). "
            "그 닉네임으로 들어와 다시 보내거나 버릴 수 있습니다."
        )
    return " ".join(told)


def _by_nick(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{nick} {count:,}개" for nick, count in counts.items())


def left_unsent(waiting: int, failed: int, nick: str) -> str:
    """On leaving; nothing if there is nothing to be told. What waits and what has failed are two things, each on a line."""
    told = []
    if waiting:
        told.append(f"기다리는 메시지 {waiting:,}개를 간직했습니다. '{nick}' 닉네임으로 다시 들어오면 보냅니다.")
    if failed:
        told.append(
            f"보내지 못한 메시지 {failed:,}개를 간직했습니다. "
            f"'{nick}' 닉네임으로 들어와 다시 보내거나 버릴 수 있습니다."
        )
    return "\n".join(told)


def left_unkept(count: int) -> str:
    """On leaving, above the messages themselves."""
    return f"메시지 {count:,}개를 보내지도, 이 컴퓨터에 적어 두지도 못했습니다. 다음에 저절로 보내지 않으니 필요하면 복사하세요."


def outbox_not_written(folder: str, error_number: int) -> str:
    """`error_number` is the system's `errno`, here and below."""
    return (
        f"기다리는 메시지를 이 컴퓨터에 적어 둘 수 없습니다. {_disk_error(error_number)} "
        f"연결되면 보내지만, 그 전에 끝내면 사라집니다: {folder}"
    )


def outbox_not_read(path: str, error_number: int) -> str:
    return f"지난번에 간직한 메시지를 읽을 수 없습니다. {_disk_error(error_number)} 파일: {path}"


def outbox_damaged(lines: int, kept_as: str) -> str:
    return f"지난번에 간직한 메시지를 적어 둔 파일이 손상되어 {lines:,}줄을 읽을 수 없었습니다. 그 파일: {kept_as}"


def _disk_error(number: int) -> str:
    return _DISK_ERRORS.get(number) or system_error(number)


_DISK_ERRORS = {
    errno.ENOSPC: "디스크가 가득 찼습니다.",
    errno.EDQUOT: "쓸 수 있는 디스크를 다 썼습니다.",
    errno.EACCES: "그 폴더를 쓸 권한이 없습니다.",
    errno.EROFS: "쓸 수 없는 디스크입니다.",
    errno.EIO: "디스크에 오류가 있습니다.",
}


CRASHED = "프로그램 내부 오류로 끝냅니다. 다시 실행해 보세요. 자세한 내용은 상태 폴더의 client.log에 있습니다."

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
    return " · ".join(f"{before}님이 닉네임을 {attach(after, Particle.TOWARDS)} 바꿨습니다" for before, after in names)


def known_as(last: str, before: str) -> str:
    """Somebody who has had another nickname until just now."""
    return f"{last}({before})"


def took_old_names(nicks: Sequence[str]) -> str:
    return f"{_people(nicks)}이 닉네임을 바꿨다가 되돌렸습니다"


def told_until(told: str, clock: str) -> str:
    """What stands under the time at which it began, and went on until another."""
    return f"{told} (~{clock})"
