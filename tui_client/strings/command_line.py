"""What `chat-tui` says before anything is drawn."""

ARG_DESCRIPTION = "속삭: 터미널에서 하루 종일 켜 두는 채팅"
ARG_NICK = "대화방에서 쓸 닉네임. 적지 않으면 화면에서 물어봅니다."
ARG_HOST_NAME = "주소"
ARG_PORT_NAME = "포트"
ARG_NICK_NAME = "닉네임"

ARG_LINE = "전체 화면 없이 한 줄씩 주고받습니다. 파이프로 받은 줄은 메시지로 보냅니다."
ARG_WAIT_NAME = "초"
ARG_DOCTOR = "터미널과 서버를 살펴보고 무엇을 바꾸면 좋은지 알려 줍니다."

NOT_A_TERMINAL = (
    "화면을 그릴 수 있는 터미널이 아닙니다. 터미널에서 실행하세요. 스크립트나 파이프에서는 --line을 함께 쓰세요."
)


def terminal_cannot_draw(term: str) -> str:
    return (
        f"TERM={term}인 터미널에는 전체 화면을 그릴 수 없습니다. "
        "export TERM=xterm-256color처럼 터미널에 맞게 정하거나, --line을 함께 쓰세요."
    )


def arg_wait(default_s: float) -> str:
    return f"--line에서 서버가 이 시간 동안 답하지 않으면 보내기를 그만둡니다 (기본값: {default_s:.0f})."


def arg_host(default: str) -> str:
    return f"접속할 서버의 주소 (기본값: {default}). 적으면 서버를 저절로 시작하지 않습니다."


def wrong_host(text: str) -> str:
    return (
        f"'{text}'에는 이름이나 IPv4 주소만 적고, 포트는 --port로 정하세요. (예: --host chat.example.com --port 12345)"
    )


def arg_port(default: int) -> str:
    return f"접속할 서버의 포트 (기본값: {default}). 적으면 서버를 저절로 시작하지 않습니다."
