"""Every Korean sentence that the server says, in either dialect; none of them is decided here.

A nickname is followed by `님`, so that the particles come out right whatever it ends in.
"""

from collections.abc import Sequence
from itertools import pairwise

NOTICE = "[알림] "
ANNOUNCEMENT = "[공지] "

ASK_NICKNAME = "닉네임을 입력하세요."

# --- the room's own sentences, word for word --------------------------------------------------------------------------


def joined(nick: str) -> str:
    return f"{nick}님이 입장하셨습니다."


def left(nick: str) -> str:
    return f"{nick}님이 퇴장하셨습니다."


def renamed(was: str, nick: str) -> str:
    return f"{was}님이 {nick}님으로 바꾸셨습니다."


def said(nick: str, line: str) -> str:
    return f"{nick}> {line}"


def whisper_received(sender: str, line: str) -> str:
    return f"[귓속말] {sender}> {line}"


def whisper_sent(recipient: str, line: str) -> str:
    return f"[귓속말 전송] {recipient}에게: {line}"


def announced(line: str) -> str:
    return f"{ANNOUNCEMENT}{line}"


def moderated(nick: str, action: str, target: str, seconds: int | None) -> str:
    """What the operator `nick` did about `target`, for so long; of a network `target` is empty."""
    whom = f"{target}님" if target else "주소 하나"
    how_long = f" {_span(seconds)} 동안" if seconds is not None else ""
    match action:
        case "kick":
            return f"{nick}님이 {whom}을 내보냈습니다."
        case "ban":
            return f"{nick}님이 {whom}{'을' if target else '를'}{how_long} 차단했습니다."
        case "unban":
            return f"{nick}님이 {whom}의 차단을 풀었습니다."
        case "mute":
            return f"{nick}님이 {whom}을{how_long} 조용히 있게 했습니다."
        case "unmute":
            return f"{nick}님이 {whom}을 다시 말할 수 있게 했습니다."
        case _:
            return f"{nick}님이 방을 관리했습니다."


_UNITS = ((24 * 60 * 60, "일"), (60 * 60, "시간"), (60, "분"), (1, "초"))


def _span(seconds: int) -> str:
    """How long that is, in the largest unit that fits and the next one below: `2시간 30분`. What is smaller is rounded up."""
    seconds = max(1, seconds)
    for (size, unit), (smaller, rest_unit) in pairwise(_UNITS):
        whole, rest = divmod(-(-seconds // smaller) * smaller, size)
        if whole:
            return f"{whole:,}{unit}" + (f" {rest // smaller}{rest_unit}" if rest else "")
    return f"{seconds}초"


# --- answers to plain commands ----------------------------------------------------------------------------------------


def member_list(nicks: Sequence[str]) -> str:
    return f"지금 {len(nicks)}명이 있습니다: {', '.join(nicks)}"


HELP = (
    "그냥 입력하면 모두에게 보냅니다.",
    "@닉네임 메시지 — 그 사람에게만 귓속말을 보냅니다.",
    "/목록 — 지금 있는 사람을 봅니다. (/list)",
    "/닉 새이름 — 닉네임을 바꿉니다. (/nick)",
    "/도움말 — 이 도움말을 봅니다. (/help)",
    "/종료 — 나갑니다. (/quit, /exit)",
    "//… 와 @@… — '/'나 '@'로 시작하는 메시지를 보냅니다.",
)


def skipped(count: int) -> str:
    return f"읽는 속도가 느려 메시지 {count}개를 건너뛰었습니다."


# --- answers to those who keep a nickname -----------------------------------------------------------------------------


def registered(nick: str, lapse_days: int) -> str:
    return f"'{nick}' 닉네임을 등록했습니다. 이제 다른 분은 쓸 수 없습니다. {lapse_days}일 동안 들어오지 않으면 등록이 풀립니다."


def registered_already(nick: str, nicks: Sequence[str]) -> str:
    return f"'{nick}' 닉네임은 이미 등록해 두었습니다. 등록한 닉네임: {', '.join(nicks)}"


def released(nick: str) -> str:
    return f"'{nick}' 닉네임의 등록을 풀었습니다. 이제 다른 분도 쓸 수 있습니다."


# --- answers to operators ----------------------------------------------------------------------------------------------

IS_OPERATOR = "운영자가 되었습니다. 할 수 있는 일은 도움말에 있습니다."
NO_OPERATOR_KEY = "이 서버에는 운영자 키가 없습니다. 서버를 켠 분이 '--operator-key-file'로 정할 수 있습니다."
OPERATOR_NEEDS_TLS = "암호화하지 않은 연결에서는 운영자가 될 수 없습니다. --plaintext 없이 다시 접속하세요."
NOT_OPERATOR = "운영자만 할 수 있습니다. '/운영자'를 입력해 운영자가 된 뒤에 다시 하세요."
NOT_ONESELF = "자기 자신에게는 할 수 없습니다. 다른 분의 닉네임을 입력하세요."
NOT_ONES_DEVICE = (
    "지금 쓰고 있는 chat-tui로 들어온 닉네임이라 자신도 함께 막힙니다. 내보내기만 하려면 '/추방 닉네임'을 입력하세요."
)
NOT_ONES_ADDRESS = "지금 쓰고 있는 주소가 들어 있어 차단하지 않았습니다. 다른 주소를 입력하세요."
MODERATING_NEEDS_CLIENT = "그 명령은 chat-tui에서만 쓸 수 있습니다. chat-tui로 접속해 다시 입력하세요."


def ban_address_too(nick: str, address: str, others: int) -> str:
    """With how many `others` the banned one shared it, who would be kept out, too."""
    shared = f" 지금 이 주소에 다른 분 {others:,}명이 함께 있어 그분들도 막힙니다." if others else ""
    return f"{nick}님이 다른 사람인 척 다시 오면 주소를 막을 수 있습니다: /차단 {address}{shared}"


def only_nick_banned(nick: str) -> str:
    return f"'{nick}'님은 접속해 있지 않아 닉네임만 막았습니다. 이 닉네임으로는 들어올 수 없지만, 다른 닉네임으로는 들어올 수 있습니다."


KICKED_UNWRITTEN = "내보냈습니다. 서버의 저장 공간이 가득 차 다른 분들에게 알리는 말은 남기지 못했고, 공간이 생기면 퇴장한 것으로 보입니다."
STORAGE_FULL_OPERATOR = (
    "서버의 저장 공간이 가득 차 지금은 할 수 없습니다. 공간이 생기면 다시 하세요. '/추방 닉네임'은 지금도 됩니다."
)


def no_such_address(typed: str) -> str:
    return f"'{typed}' 주소를 알아볼 수 없습니다. 203.0.113.7이나 203.0.113.0/24처럼 입력하세요."


def not_sanctioned(typed: str) -> str:
    return f"'{typed}'에 걸린 것이 없습니다. '/제재'로 무엇이 걸려 있는지 보세요."


def too_many_sanctions(most: int) -> str:
    return f"제재는 {most:,}개까지만 걸 수 있습니다. '/제재'로 보고 필요 없는 것을 푸세요."


# --- refusals: what happened, and what to do --------------------------------------------------------------------------


def nick_in_use(nick: str) -> str:
    return f"'{nick}' 닉네임은 다른 분이 쓰고 있습니다. 다른 닉네임을 입력하세요."


def nick_reserved(nick: str) -> str:
    return f"'{nick}' 닉네임은 쓸 수 없게 정해져 있습니다. 다른 닉네임을 입력하세요."


def nick_like_reserved(nick: str) -> str:
    return f"'{nick}' 닉네임은 쓸 수 없게 정해진 이름과 헷갈리기 쉽습니다. 다른 닉네임을 입력하세요."


def nick_look_alike(nick: str, other: str) -> str:
    return f"'{nick}' 닉네임은 '{other}'님과 헷갈리기 쉽습니다. 다른 닉네임을 입력하세요."


def own_nick_in_use(nick: str) -> str:
    return f"등록하신 '{nick}' 닉네임에 지금 다른 분이 앉아 있습니다. 그분이 나간 뒤에 다시 오거나 다른 닉네임을 입력하세요."


def nick_registered(nick: str) -> str:
    return f"'{nick}' 닉네임은 다른 분이 등록해 두었습니다. 다른 닉네임을 입력하세요. 등록한 분은 등록할 때 쓴 chat-tui로 접속하세요."


def nick_like_registered(nick: str, other: str) -> str:
    return f"'{nick}' 닉네임은 다른 분이 등록한 '{other}'님과 헷갈리기 쉽습니다. 다른 닉네임을 입력하세요."


def too_many_registered(nicks: Sequence[str]) -> str:
    return f"닉네임은 {len(nicks)}개까지 등록할 수 있습니다. '/등록해제 닉네임'으로 하나를 푸세요. 등록한 닉네임: {', '.join(nicks)}"


REGISTRY_FULL = "이 서버에는 닉네임을 더 등록할 수 없습니다. 서버 관리자에게 알려 주세요."
REGISTERING_TOO_OFTEN = "이 주소에서 닉네임을 너무 많이 등록했습니다. 나중에 다시 등록하세요."
REGISTERING_NEEDS_CLIENT = "닉네임은 chat-tui로 들어온 분만 등록할 수 있습니다. chat-tui로 접속해 다시 입력하세요."
REGISTERING_NEEDS_TLS = "암호화하지 않은 연결에서는 닉네임을 등록할 수 없습니다. --plaintext 없이 다시 접속하세요."


def nick_banned(nick: str) -> str:
    return f"'{nick}' 닉네임은 운영자가 차단했습니다. 다른 닉네임을 입력하세요."


def muted(seconds: int | None) -> str:
    """For how much longer; for good if that is None."""
    if seconds is None:
        return "운영자가 메시지와 귓속말, 닉네임 바꾸기를 막았습니다. 운영자가 풀어 주면 다시 할 수 있습니다."
    return f"운영자가 메시지와 귓속말, 닉네임 바꾸기를 막았습니다. {_span(seconds)} 뒤에 다시 할 수 있습니다."


def not_registered(nick: str, nicks: Sequence[str]) -> str:
    mine = f"등록한 닉네임: {', '.join(nicks)}" if nicks else "등록한 닉네임이 없습니다."
    return f"'{nick}' 닉네임은 등록하신 것이 아닙니다. {mine}"


NICK_EMPTY = "닉네임이 비어 있습니다. 한 글자 이상 입력하세요."
NICK_CHARACTERS = "닉네임에는 글자, 숫자, '_', '-'만 쓸 수 있습니다. 다시 입력하세요."
NICK_SCRIPTS = "닉네임에 서로 섞어 쓸 수 없는 문자가 있습니다. 한 가지 문자로 다시 입력하세요."


def nick_too_long(max_chars: int, max_columns: int) -> str:
    return f"닉네임이 너무 깁니다. {max_chars}자(한글은 {max_columns // 2}자) 이내로 다시 입력하세요."


NICK_UNCHANGED = "이미 그 닉네임을 쓰고 있습니다."


def no_such_nick(nick: str) -> str:
    return f"'{nick}'님은 접속해 있지 않습니다."


def absent(nick: str) -> str:
    """The same to whoever has a list of who is there before their eyes, or a command for it."""
    return f"{no_such_nick(nick)} '/목록'으로 누가 있는지 보세요."


def recipient_changed(nick: str) -> str:
    return f"'{nick}' 닉네임을 이제 다른 분이 쓰고 있어 귓속말을 보내지 않았습니다. 받는 분을 다시 확인하세요."


def text_too_long(max_chars: int, max_lines: int) -> str:
    return f"메시지가 너무 깁니다. {max_chars:,}자, {max_lines}줄 이내로 나누어 보내세요."


def line_too_long(max_bytes: int) -> str:
    return f"한 줄이 너무 깁니다. {max_bytes:,}바이트 이내로 나누어 보내세요."


TEXT_EMPTY = "보낼 내용이 없습니다. 메시지를 입력하세요."
WHISPER_USAGE = "귓속말은 '@닉네임 메시지'처럼 입력하세요. 아무에게도 보내지 않았습니다."
RENAME_USAGE = "새 닉네임을 함께 입력하세요. 예: /닉 영희"
BAD_UTF8 = "UTF-8이 아닌 글자가 있어 보내지 않았습니다. 터미널의 문자 인코딩을 UTF-8로 바꾸세요."
UNSTORABLE = "저장할 수 없는 내용이 있어 보내지 않았습니다. 내용을 바꾸어 다시 보내세요."
BAD_JSON = "JSON으로 읽을 수 없는 줄입니다. 한 줄에 JSON 객체 하나를 보내세요."


def unknown_command(word: str) -> str:
    return f"모르는 명령입니다: {word}"


def bad_frame(frame_type: str) -> str:
    return f"'{frame_type}' 프레임의 필드가 맞지 않습니다. 프로토콜 문서를 확인하세요."


UNTYPED_FRAME = "프레임에 종류를 나타내는 't' 필드가 없습니다. 프로토콜 문서를 확인하세요."


def unknown_type(frame_type: str) -> str:
    return f"모르는 프레임 종류입니다: {frame_type}"


HELLO_FIRST = "먼저 'hello' 프레임으로 인사하세요."
HELLO_AGAIN = "이미 입장했습니다. 'hello'는 처음 한 번만 보냅니다."
RATE_LIMITED = "너무 빨리 보내고 있습니다. 잠시 뒤에 다시 보내세요."
STORAGE_FULL = "서버의 저장 공간이 가득 차 지금은 보낼 수 없습니다. 잠시 뒤에 다시 보내세요."
STORAGE_FULL_OUTSIDE = "서버의 저장 공간이 가득 차 지금은 들어갈 수 없습니다. 잠시 뒤에 다시 들어오세요."
CID_CONFLICT = "같은 'cid'로 다른 메시지를 보냈습니다. 새 'cid'로 다시 보내세요."
QUERY_EMPTY = "찾을 말이 없습니다. 찾을 말을 입력하세요."


UNREADABLE = "지난 대화의 일부를 읽을 수 없습니다. 서버 관리자에게 알려 주세요."


def query_too_long(max_chars: int) -> str:
    return f"찾을 말이 너무 깁니다. {max_chars}자 이내로 입력하세요."


# --- secrets ----------------------------------------------------------------------------------------------------------

ASK_PASSWORD = "방 비밀번호를 입력하세요."
PASSWORD_AGAIN = "방 비밀번호가 맞지 않습니다. 다시 입력하세요."
AUTH_FAILED = "방 비밀번호가 없거나 맞지 않습니다. 비밀번호를 확인하고 다시 접속하세요."
OPERATOR_KEY_WRONG = "운영자 키가 맞지 않습니다. '/운영자'를 입력하면 키를 다시 묻습니다."
HASHING_BUSY = "지금 비밀번호를 확인할 사람이 많이 밀려 있습니다. 잠시 뒤에 다시 접속하세요."


def too_many_secrets(wait_s: int) -> str:
    return f"이 주소에서 여러 번 틀려 지금은 확인하지 않습니다. {wait_s}초 뒤에 다시 해 보세요."


# --- goodbyes: the connection ends ------------------------------------------------------------------------------------

TOO_MANY_TRIES = "닉네임을 여러 번 잘못 입력해 연결을 끊습니다. 다시 접속하세요."
WRONG_PROTOCOL = "이 포트는 속삭 채팅 서버입니다. chat-tui나 netcat으로 접속하세요."
NO_TLS = "이 서버는 TLS로 연결할 수 없습니다. TLS 없이 다시 접속하세요."
TLS_REQUIRED = (
    "다른 컴퓨터에서는 암호화해야 들어올 수 있습니다. chat-tui나 'ncat --ssl 서버주소 포트'로 다시 접속하세요."
)
SERVER_FULL = "서버에 자리가 없습니다. 잠시 뒤에 다시 접속하세요."
IP_LIMIT = "같은 주소에서 너무 많이 접속했습니다. 쓰지 않는 연결을 끊거나 잠시 뒤에 다시 접속하세요."
HANDSHAKE_TIMEOUT = "기다리는 시간이 지나 연결을 끊습니다. 다시 접속하세요."
IDLE = "오랫동안 응답이 없어 연결을 끊습니다. 다시 접속하세요."
SLOW = "받는 속도가 너무 느려 연결을 끊습니다. 다시 접속하세요."
REPLACED = "같은 닉네임으로 다른 곳에서 접속해 이 연결을 끊습니다."
KICKED = "운영자가 이 방에서 내보냈습니다."
STORAGE_ERROR = "서버가 메시지를 저장하지 못해 멈춥니다. 서버 관리자에게 알려 주세요."
SHUTDOWN = "서버를 끕니다. 잠시 뒤에 다시 접속하세요."


def banned(seconds: int | None) -> str:
    """For how much longer; for good if that is None."""
    if seconds is None:
        return "운영자가 차단해 들어올 수 없습니다."
    return f"운영자가 차단해 들어올 수 없습니다. {_span(seconds)} 뒤에 다시 접속하세요."


def bad_version(version: int) -> str:
    return f"이 서버는 프로토콜 {version}판을 씁니다. 프로그램을 새로 설치하세요."


# --- to the person who runs the server --------------------------------------------------------------------------------


def listening(host: str, port: int) -> str:
    return f"속삭 서버가 {host}:{port}에서 기다립니다."


CERTIFICATE_FINGERPRINT = "인증서 지문(SHA-256)"
OPEN_TO_ALL = "주의: 방 비밀번호가 없어 이 주소를 아는 사람은 누구나 들어올 수 있습니다. '--set-password'와 '--password-file'로 정하세요."


OWN_ADDRESS = "이_컴퓨터의_주소"


def how_to_come_in(host: str, port: int) -> str:
    return f"다른 컴퓨터에서 들어오는 명령: 'chat-tui --host {host} --port {port}' 또는 'ncat --ssl {host} {port}'"


def certificate_renewed(fingerprint: str) -> str:
    return f"인증서를 새로 읽었습니다. 이제 들어오는 사람에게는 이것을 보여 줍니다. 지문(SHA-256): {fingerprint}"


def certificate_kept(why: str) -> str:
    return f"인증서를 새로 읽지 못해 쓰던 것을 그대로 씁니다. {why}"


NO_CERTIFICATE = "이 서버는 TLS를 쓰지 않아 새로 읽을 인증서가 없습니다."

PLAINTEXT_ALLOWED = (
    "주의: --allow-plaintext — 다른 컴퓨터에서 암호화하지 않고도 들어올 수 있고, 그 대화는 누구나 엿볼 수 있습니다."
)
CERT_AND_KEY = "--cert와 --key는 함께 지정하세요."


def file_missing(path: str) -> str:
    return f"파일이 없습니다: {path} — 경로를 확인하세요."


def file_unreadable(path: str) -> str:
    return f"파일을 읽을 수 없습니다: {path} — 읽기 권한을 확인하세요."


def not_a_certificate(path: str) -> str:
    return f"PEM 형식의 인증서가 아닙니다: {path} — --cert에 인증서 파일을 지정하세요."


def not_a_key(path: str) -> str:
    return f"PEM 형식의 개인 키가 아닙니다: {path} — --key에 인증서의 개인 키 파일을 지정하세요."


def key_encrypted(path: str) -> str:
    return f"암호가 걸린 개인 키입니다: {path} — 'openssl pkey -in 키 -out 새파일'로 암호를 푼 키를 만들어 --key에 지정하세요."


def key_does_not_fit(cert: str, key: str) -> str:
    return f"인증서와 개인 키가 서로 맞지 않습니다: {cert}, {key} — 그 인증서의 개인 키를 --key에 지정하세요."


def certificate_unusable(cert: str) -> str:
    return f"너무 약하거나 지원하지 않는 인증서입니다: {cert} — 새 인증서를 --cert와 --key에 지정하세요."


def certificate_expired(cert: str, day: str) -> str:
    return f"주의: 인증서가 {day}에 만료되었습니다: {cert} — chat-tui가 접속을 거부합니다. 인증서를 새로 받으세요."


def certificate_not_yet_valid(cert: str, day: str) -> str:
    return f"주의: 인증서를 {day}부터 쓸 수 있습니다: {cert} — 이 컴퓨터의 시계가 맞는지 확인하세요."


def key_readable_by_others(key: str) -> str:
    return f"주의: 개인 키를 다른 사용자도 읽을 수 있습니다: {key} — 'chmod 600'으로 막으세요."


def own_certificate_damaged(cert: str, key: str) -> str:
    return (
        f"이 서버가 만들어 둔 인증서를 쓸 수 없습니다: {cert}, {key} — 두 파일을 지우고 다시 시작하면 새로 만듭니다. "
        "지문이 바뀌므로 접속하던 분들에게 새 지문을 알려야 합니다."
    )


def own_certificate_unwritable(folder: str) -> str:
    return (
        f"인증서를 만들어 둘 수 없습니다: {folder} — 폴더의 권한과 남은 공간을 확인하거나 --cert와 --key를 지정하세요."
    )


# --- to the person who sets the room's password or the operator's key -------------------------------------------------

ROOM_PASSWORD = "방 비밀번호"
OPERATOR_KEY = "운영자 키"

SECRET_NOT_SET = "그만두었습니다. 아무것도 바꾸지 않았습니다."
SECRETS_DIFFER = "두 번 입력한 것이 서로 다릅니다. 아무것도 바꾸지 않았으니 다시 실행하세요."
SECRET_EMPTY = "입력한 것이 없습니다. 아무것도 바꾸지 않았으니 다시 실행하세요."
SECRET_BAD_UTF8 = "UTF-8이 아닌 글자가 있습니다. 터미널이나 입력의 문자 인코딩을 UTF-8로 바꾸고 다시 실행하세요."
SECRET_CHARACTERS = "줄바꿈이나 보이지 않는 글자가 들어 있습니다. 누구나 입력할 수 있는 글자로 한 줄만 입력하세요."


def secret_prompt(title: str) -> str:
    return f"새 {title} (화면에 보이지 않습니다): "


def secret_prompt_again(title: str) -> str:
    return f"새 {title} 다시 한 번: "


def secret_too_short(min_columns: int) -> str:
    return f"너무 짧아 알아맞히기 쉽습니다. {min_columns}자(한글은 {min_columns // 2}자) 이상으로 다시 정하세요."


def secret_too_long(max_chars: int) -> str:
    return f"너무 깁니다. {max_chars}자 이내로 다시 정하세요."


def secret_set(title: str, path: str) -> str:
    return f"저장했습니다: {title}, {path} — 이 파일을 읽어도 원래 글자는 알 수 없습니다."


def secret_used_by(command: str) -> str:
    return f"이렇게 시작한 서버가 씁니다. 이미 돌고 있으면 다시 시작하세요: {command}"


def secret_file_missing(path: str, how_to_make: str) -> str:
    return f"파일이 없습니다: {path} — 다음 명령으로 만드세요: {how_to_make}"


def secret_file_foreign(path: str, how_to_make: str) -> str:
    return f"chat-server가 만든 파일이 아닙니다: {path} — 비밀번호를 그대로 적지 말고 다음 명령으로 만드세요: {how_to_make}"


def secret_file_not_replaced(path: str) -> str:
    return f"chat-server가 만든 파일이 아니어서 덮어쓰지 않았습니다: {path} — 다른 파일을 지정하세요."


def secret_file_exposed(path: str) -> str:
    return f"주의: 다른 사용자가 읽거나 바꿀 수 있는 파일입니다: {path} — 'chmod 600'으로 막으세요."


# --- to the person who starts the server ------------------------------------------------------------------------------


def port_in_use(host: str, port: int) -> str:
    return (
        f"{host}:{port} 포트를 다른 프로그램이 쓰고 있습니다. --port로 다른 포트를 지정하거나 그 프로그램을 끝내세요."
    )


NO_THREADS = "스레드를 더 만들 수 없어 서버를 시작하지 못했습니다. 다른 프로그램을 끝내거나 프로세스 수 제한(ulimit -u)을 늘리세요."


def port_forbidden(host: str, port: int) -> str:
    return f"{host}:{port} 포트를 열 권한이 없습니다. --port로 1024 이상의 포트를 지정하세요."


def address_unusable(host: str) -> str:
    return f"'{host}' 주소에서 기다릴 수 없습니다. 이 컴퓨터의 IPv4 주소를 --host로 지정하세요."


def database_newer(path: str) -> str:
    return f"더 새로운 판의 속삭이 만든 데이터베이스입니다: {path} — 속삭을 새 판으로 설치하거나 --db로 다른 파일을 지정하세요."


def database_foreign(path: str) -> str:
    return f"속삭의 데이터베이스가 아닙니다: {path} — --db로 다른 파일을 지정하세요."


def database_in_use(path: str) -> str:
    return (
        f"다른 chat-server가 쓰고 있는 데이터베이스입니다: {path} — 그 서버를 끝내거나 --db로 다른 파일을 지정하세요."
    )


def database_locked(path: str) -> str:
    return f"다른 프로그램이 데이터베이스를 잠그고 있습니다: {path} — 그 프로그램을 끝내고 다시 시작하세요."


def database_changed(path: str) -> str:
    return (
        f"다른 프로그램이 데이터베이스를 고쳐 서버를 멈췄습니다: {path} — 그 프로그램을 끝내고 서버를 다시 시작하세요. "
        "저장되었다고 답한 메시지는 남아 있습니다."
    )


def database_orphaned(path: str) -> str:
    return (
        f"데이터베이스가 없거나 비어 있는데, 아직 옮겨 적지 않은 대화가 {path}-wal 파일에 남아 있습니다 — "
        f"{path} 파일을 제자리에 되돌려 놓으세요. 새로 시작하려면 {path}-wal 파일을 다른 곳에 옮겨 두세요."
    )


def database_missing(path: str) -> str:
    return f"데이터베이스가 없습니다: {path} — --db로 대화가 저장된 파일을 지정하세요."


def database_damaged(path: str) -> str:
    return (
        f"데이터베이스가 손상되었습니다: {path} — 파일은 그대로 두었습니다. 옆의 -wal, -shm 파일과 함께 다른 곳에 옮겨 두고 "
        "백업을 그 자리에 놓거나, "
        "--db로 다른 파일을 지정하세요."
    )


def database_gone(path: str, rescued: str | None) -> str:
    what_happened = f"데이터베이스 파일이 지워졌거나 다른 파일로 바뀌어 서버를 멈췄습니다: {path}"
    if rescued is None:
        return (
            f"{what_happened} — 그때까지의 대화를 건지지 못했습니다. 옆의 -wal, -shm 파일을 지우고 백업을 그 자리에 놓은 뒤 "
            "서버를 다시 시작하세요."
        )
    return f"{what_happened} — 그때까지의 대화는 {rescued}에 남겼습니다. 이 파일을 그 자리로 옮기고 서버를 다시 시작하세요."


def disk_failing(path: str) -> str:
    return (
        f"디스크 오류로 대화를 저장하지 못했습니다: {path} — 디스크를 확인한 뒤 서버를 다시 시작하세요. "
        "저장되었다고 답한 메시지는 남아 있습니다."
    )


def database_unusable(path: str) -> str:
    return (
        f"데이터베이스를 열거나 쓸 수 없습니다: {path} — 폴더와 파일의 권한을 확인하거나 --db로 다른 파일을 지정하세요."
    )


def disk_full(path: str) -> str:
    return f"디스크가 가득 차 대화를 저장할 수 없습니다: {path} — 그 디스크에 공간을 비우세요."


DISK_HAS_ROOM = "디스크에 공간이 생겨 대화를 다시 저장합니다."
SERVER_FAILED = "서버 안에서 오류가 나 멈췄습니다. 위의 기록을 개발자에게 보내고 서버를 다시 시작하세요."

# --- to the person who copies the log ---------------------------------------------------------------------------------


def exported(count: int, path: str) -> str:
    return f"드나든 기록까지 모두 {count:,}건을 {path}에 내보냈습니다."


def backed_up(path: str) -> str:
    return f"데이터베이스를 {path}에 복사했습니다."


OUTPUT = "표준 출력"


def file_exists(path: str) -> str:
    return f"이미 있는 파일입니다: {path} — 덮어쓰지 않습니다. 다른 이름을 지정하세요."


def file_unwritable(path: str) -> str:
    return f"파일을 쓸 수 없습니다: {path} — 폴더와 권한, 남은 공간을 확인하세요."


FORGOTTEN_MEANWHILE = "내보내는 동안 오래된 대화가 지워져 그만두었습니다. 다시 내보내세요."
