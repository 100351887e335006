"""Every Korean sentence that the server says, in either dialect; none of them is decided here.

A nickname is followed by `님`, so that the particles come out right whatever it ends in.
"""

from collections.abc import Sequence

NOTICE = "[알림] "

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


# --- refusals: what happened, and what to do --------------------------------------------------------------------------


def nick_in_use(nick: str) -> str:
    return f"'{nick}' 닉네임은 다른 분이 쓰고 있습니다. 다른 닉네임을 입력하세요."


def nick_reserved(nick: str) -> str:
    return f"'{nick}' 닉네임은 쓸 수 없게 정해져 있습니다. 다른 닉네임을 입력하세요."


NICK_EMPTY = "닉네임이 비어 있습니다. 한 글자 이상 입력하세요."
NICK_CHARACTERS = "닉네임에는 글자, 숫자, '_', '-'만 쓸 수 있습니다. 다시 입력하세요."
NICK_SCRIPTS = "닉네임에 서로 섞어 쓸 수 없는 문자가 있습니다. 한 가지 문자로 다시 입력하세요."


def nick_too_long(max_chars: int, max_columns: int) -> str:
    return f"닉네임이 너무 깁니다. {max_chars}자(한글은 {max_columns // 2}자) 이내로 다시 입력하세요."


NICK_UNCHANGED = "이미 그 닉네임을 쓰고 있습니다."


def no_such_nick(nick: str) -> str:
    return f"'{nick}'님은 접속해 있지 않습니다."


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


# --- goodbyes: the connection ends ------------------------------------------------------------------------------------

TOO_MANY_TRIES = "닉네임을 여러 번 잘못 입력해 연결을 끊습니다. 다시 접속하세요."
WRONG_PROTOCOL = "이 포트는 속삭 채팅 서버입니다. chat-tui나 netcat으로 접속하세요."
NO_TLS = "이 서버는 TLS로 연결할 수 없습니다. TLS 없이 다시 접속하세요."
SERVER_FULL = "서버에 자리가 없습니다. 잠시 뒤에 다시 접속하세요."
HANDSHAKE_TIMEOUT = "기다리는 시간이 지나 연결을 끊습니다. 다시 접속하세요."
IDLE = "오랫동안 응답이 없어 연결을 끊습니다. 다시 접속하세요."
SLOW = "받는 속도가 너무 느려 연결을 끊습니다. 다시 접속하세요."
REPLACED = "같은 닉네임으로 다른 곳에서 접속해 이 연결을 끊습니다."
STORAGE_ERROR = "서버가 메시지를 저장하지 못해 멈춥니다. 서버 관리자에게 알려 주세요."
SHUTDOWN = "서버를 끕니다. 잠시 뒤에 다시 접속하세요."


def bad_version(version: int) -> str:
    return f"이 서버는 프로토콜 {version}판을 씁니다. 프로그램을 새로 설치하세요."


# --- to the person who runs the server --------------------------------------------------------------------------------


def listening(host: str, port: int) -> str:
    return f"속삭 서버가 {host}:{port}에서 기다립니다."


def port_in_use(host: str, port: int) -> str:
    return (
        f"{host}:{port} 포트를 다른 프로그램이 쓰고 있습니다. --port로 다른 포트를 지정하거나 그 프로그램을 끝내세요."
    )


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
