"""The room's password, and other secrets that are typed."""

ARG_PASSWORD_FILE_NAME = "파일"
ARG_PASSWORD_FILE = "방 비밀번호가 첫 줄에 적힌 파일. 환경 변수 SOKSAK_PASSWORD로도 줄 수 있고, 없으면 물어봅니다."
PASSWORD_ON_COMMAND_LINE = (
    "비밀번호는 명령줄에 적지 마세요. 다른 사람이 볼 수 있고 기록에 남습니다. "
    "그냥 접속하면 물어봅니다. 스크립트에서는 --password-file이나 환경 변수 SOKSAK_PASSWORD를 쓰세요."
)

PASSWORD_TITLE = "비밀번호"
PASSWORD_QUESTION = "이 방은 비밀번호를 아는 분만 들어갈 수 있습니다."
PASSWORD_WRONG = "비밀번호가 맞지 않습니다. 다시 입력하세요."
PASSWORD_KEYS = "Enter로 들어가기 · Esc로 나중에"
SECRET_IS_CHECKED = "확인하는 중입니다…"
SECRET_PLACEHOLDER = "입력한 글자는 보이지 않습니다"

PASSWORD_LATER = "비밀번호를 입력하지 않아 들어가지 않았습니다. F5를 누르면 다시 물어봅니다."
PASSWORD_WANTED = "방에 들어가려면 비밀번호가 필요합니다. F5를 눌러 입력하세요."
PASSWORD_WANTED_AGAIN = "방 비밀번호가 맞지 않습니다. F5를 눌러 다시 입력하세요."
STATE_PASSWORD_NEEDED = "비밀번호 필요 · F5"
PASSWORD_NOT_SENT = (
    "이 방은 비밀번호가 필요한데, 암호화하지 않은 연결이라 누가 엿볼 수 있어 보내지 않았습니다. "
    "--plaintext 없이 접속하세요."
)

LINE_PASSWORD_PROMPT = "비밀번호: "
LINE_PASSWORD_QUESTION = "방 비밀번호를 입력하세요. 화면에는 보이지 않습니다."
LINE_PASSWORD_WRONG = "비밀번호가 맞지 않습니다. 다시 입력하세요. 화면에는 보이지 않습니다."
LINE_PASSWORD_WANTED = "방에 들어가려면 비밀번호가 필요합니다. 빈 줄에서 Enter를 누르면 물어봅니다."
LINE_PASSWORD_WANTED_AGAIN = "방 비밀번호가 맞지 않습니다. 빈 줄에서 Enter를 누르면 다시 물어봅니다."
LINE_PASSWORD_LATER = "비밀번호를 입력하지 않아 들어가지 않았습니다. 빈 줄에서 Enter를 누르면 다시 물어봅니다."
LINE_PASSWORD_NEEDED = "이 방은 비밀번호가 필요합니다. --password-file이나 환경 변수 SOKSAK_PASSWORD로 알려 주세요."
LINE_PASSWORD_REFUSED = "방 비밀번호가 맞지 않습니다. --password-file이나 환경 변수 SOKSAK_PASSWORD를 확인하세요."

PASSWORD_VARIABLE_NOT_TEXT = "환경 변수 SOKSAK_PASSWORD가 UTF-8이 아닙니다. 비밀번호를 UTF-8로 적으세요."


def password_file_missing(path: str) -> str:
    return f"비밀번호 파일이 없습니다: {path} — 경로를 확인하세요."


def password_file_unreadable(path: str) -> str:
    return f"비밀번호 파일을 읽을 수 없습니다: {path} — 읽기 권한을 확인하세요."


def password_file_not_text(path: str) -> str:
    return f"비밀번호 파일이 UTF-8이 아닙니다: {path} — UTF-8로 저장하세요."


def password_file_empty(path: str) -> str:
    return f"비밀번호 파일의 첫 줄이 비어 있습니다: {path} — 첫 줄에 비밀번호를 적으세요."


def password_file_hashed(path: str) -> str:
    return (
        f"chat-server가 쓰는 파일이라 비밀번호를 알 수 없습니다: {path} — 비밀번호를 그대로 적은 파일을 따로 만드세요."
    )


def password_file_exposed(path: str) -> str:
    return f"비밀번호 파일을 다른 사용자가 읽거나 바꿀 수 있습니다: {path} — 'chmod 600'으로 막으세요."
