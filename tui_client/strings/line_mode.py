"""`chat-tui --line`."""

from datetime import date, datetime

from tui_client.korean.hangul import Particle, attach
from tui_client.strings.chat import START_QUESTION

LINE_NICK_NEEDED = "--nick으로 닉네임을 정하세요. 예: echo 배포 끝 | chat-tui --nick 봇 --line"
LINE_NICK_PROMPT = "닉네임: "
LINE_PAST_ENDS = "여기까지 지난 대화입니다."
LINE_HOW_TO_LEAVE = "나가려면 /종료, 쓰는 법은 /도움말을 입력하세요."
LINE_TO_ALL_AGAIN = "이제 모두에게 보냅니다."
LINE_NOBODY_TO_ANSWER = "답할 귓속말이 없습니다. '@닉네임 메시지'로 보내세요."
LINE_NAME_THE_PARTNER = "아무에게도 보내지 않았습니다. 여기서는 줄마다 '@닉네임 메시지'로 받는 분을 적으세요."
LINE_BAD_UTF8 = "UTF-8이 아닌 글자가 있어 보내지 않았습니다. 입력을 UTF-8로 바꾸세요."
LINE_CUT_BY_TERMINAL = "줄이 너무 길어 터미널이 뒤를 잘랐을 수 있어 보내지 않았습니다. 나누어 보내세요."
ONLY_ON_SCREEN = "전체 화면에서만 쓸 수 있는 명령입니다. --line 없이 chat-tui를 실행하세요."

LINE_HELP = (
    "그냥 입력하면 모두에게 보냅니다.",
    "@닉네임 메시지 — 그 사람에게만 귓속말을 보냅니다.",
    "/귓속말 닉네임 — 계속 그 사람에게만 보냅니다. 빈 줄을 입력하면 다시 모두에게 보냅니다. (/whisper)",
    "/답장 메시지 — 마지막 귓속말에 답합니다. (/reply)",
    "/찾기 [@닉네임] [찾을 말] — 지난 대화에서 찾습니다. 첫소리만으로도 찾고, '/찾기'만 다시 입력하면 더 오래된 것을 봅니다. (/search)",
    "/목록 — 지금 있는 사람을 봅니다. (/list)",
    "/닉 새이름 — 닉네임을 바꿉니다. (/nick)",
    "/등록 — 지금 닉네임을 나만 쓰게 등록합니다. (/register)",
    "/등록해제 [닉네임] — 닉네임 등록을 풉니다. (/unregister)",
    "/무시 [닉네임] — 그 사람의 말을 보지 않거나 다시 봅니다. (/ignore)",
    "/운영자 — 키를 입력해 운영자가 됩니다. 운영자는 사람을 내보내고 막고, 모두에게 공지할 수 있습니다. (/operator)",
    "/추방 닉네임 · /조용히 닉네임 [10분] · /조용히해제 닉네임 · /차단 닉네임|주소 [3일] · /차단해제 닉네임|주소 · /공지 글 · /제재",
    "/연결 — 끊긴 연결을 바로 다시 시도합니다. (/reconnect)",
    "/다시 — 보내지 못한 메시지를 다시 보냅니다. (/retry)",
    "/버리기 — 보내지 못한 메시지를, 없으면 기다리는 메시지를 버립니다. (/discard)",
    "/도움말 — 이 도움말을 봅니다. (/help)",
    "/종료 — 나갑니다. Ctrl+D도 같습니다. (/quit, /exit)",
    "//… 와 @@… — '/'나 '@'로 시작하는 메시지를 보냅니다.",
)

LINE_SEARCH_USAGE = "찾을 말을 함께 입력하세요. 예: /찾기 회의, /찾기 ㅎㅇ, /찾기 @철수, /찾기 @철수 회의"
LINE_NO_OLDER_HITS = "더 오래된 것은 없습니다."


def line_hits(words: str, nick: str, shown: int, total: int, *, has_more: bool) -> str:
    """`shown` more of the `total` that were found until now; `nick` is whose words were searched, or nothing. Without `words` all that
    this person said was looked for.
    """
    whose = f"{nick}님이 한 말에서 " if nick else ""
    what = f"{whose}'{words}' 찾기" if words else f"{nick}님이 한 말"
    counted = f"{shown:,}건" if shown == total else f"{shown:,}건 더, 모두 {total:,}건"
    more = " 더 오래된 것은 '/찾기'만 입력하면 나옵니다." if has_more else " 이것이 전부입니다."
    return f"{what}: {counted}.{more}"


def line_search_instead(text: str) -> str:
    """There would be hits, had it been typed in the keyboard's other mode."""
    what = attach(f"'{text}'", Particle.TOWARDS)
    return f"한/영을 바꿔 {what} 찾으면 있습니다: /찾기 {text}"


def line_moment(at: datetime, today: date) -> str:
    """When something was said; a year other than this one is named."""
    year = "" if at.year == today.year else f"{at.year}년 "
    return f"{year}{at.month}월 {at.day}일 {at:%H:%M}"


def line_ask_nickname(default: str) -> str:
    """`default` is taken when nothing is typed; it may be nothing."""
    if default:
        return f"{START_QUESTION} 그냥 Enter를 누르면 전에 쓰던 '{default}' 닉네임으로 들어갑니다."
    return START_QUESTION


def line_whisper_prompt(nick: str) -> str:
    return f"귓속말 {nick}> "


def line_whispering_to(nick: str) -> str:
    return f"이제 {nick}님에게만 보냅니다. 빈 줄을 입력하면 다시 모두에게 보냅니다."


def line_stopped(reason: str) -> str:
    return f"{reason} 다시 연결하려면 빈 줄에서 Enter를 누르세요."


def line_will_send(line: str) -> str:
    return f"연결되면 보냅니다: {line}"


def line_still_pending(count: int) -> str:
    return f"기다리는 메시지 {count:,}개는 다시 연결되면 보냅니다."


def line_waits(label: str, text: str) -> str:
    """`label` is what the message would have begun with, here and below."""
    return f"기다리는 메시지: {label}{text}"


def line_undelivered(label: str, text: str) -> str:
    return f"보내지 못한 메시지: {label}{text}"


def line_not_taken(reason: str) -> str:
    """Below the message."""
    return f"{reason} '/다시'로 다시 보내거나 '/버리기'로 버리세요."


def line_failed(number: int, reason: str, text: str = "") -> str:
    """`text` is what stands in the line."""
    return f"{number:,}번째 줄: {reason} {text}".rstrip()


def line_unanswered(number: int, text: str) -> str:
    return line_failed(number, "서버가 받았다는 답이 없습니다.", text)


def line_never_sent(number: int) -> str:
    return f"{number:,}번째 줄부터는 보내지 않았습니다."


def line_no_answer(patience_s: float) -> str:
    return f"서버가 {patience_s:,.0f}초 동안 답하지 않아 그만둡니다. 더 기다리려면 --wait로 늘리세요."


def line_put_off(reason: str, patience_s: float) -> str:
    """The server has answered, but taken nothing, for `reason`."""
    return f"{reason} {patience_s:,.0f}초 동안 나아지지 않아 그만둡니다. 더 기다리려면 --wait로 늘리세요."
