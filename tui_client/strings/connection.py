"""The connection, and the server of one's own."""

import errno

from server.protocol.errors import Code

# --- the connection ---------------------------------------------------------------------------------------------------

CONNECTION_LOST = "서버와의 연결이 끊겼습니다. 다시 연결합니다."
SERVER_SILENT = "서버가 응답하지 않아 연결을 끊었습니다. 다시 연결합니다."
SERVER_GARBLED = "서버에서 알아볼 수 없는 데이터가 와서 연결을 끊었습니다. 다시 연결합니다."
LINK_FAILED = "프로그램 내부 오류로 연결을 이어 갈 수 없습니다. 프로그램을 다시 시작하세요."

_CONNECT_REASONS = {
    errno.ECONNREFUSED: "그 주소에서 실행 중인 서버가 없습니다. 서버가 켜지면 저절로 연결합니다.",
    errno.ETIMEDOUT: "서버가 응답하지 않습니다. 저절로 다시 연결해 봅니다.",
    errno.EHOSTUNREACH: "그 주소로 가는 길을 찾을 수 없습니다. 네트워크를 확인하세요.",
    errno.ENETUNREACH: "네트워크에 연결되어 있지 않습니다. 네트워크를 확인하세요.",
    errno.ENETDOWN: "네트워크가 꺼져 있습니다. 네트워크를 확인하세요.",
    errno.EADDRNOTAVAIL: "쓸 수 없는 주소입니다. --host를 확인하세요.",
    errno.EACCES: "그 주소에 접속할 권한이 없습니다. 방화벽을 확인하세요.",
    errno.EPERM: "그 주소에 접속할 권한이 없습니다. 방화벽을 확인하세요.",
    errno.ECONNRESET: "서버가 연결을 끊었습니다. 저절로 다시 연결해 봅니다.",
}


def stopped(reason: str) -> str:
    return f"{reason} 다시 연결하려면 F5를 누르세요."


def cannot_connect(address: str, error_number: int) -> str:
    """`error_number` is the system's `errno`."""
    reason = _CONNECT_REASONS.get(error_number) or f"{system_error(error_number)} 주소와 네트워크를 확인하세요."
    return f"{address}에 연결할 수 없습니다. {reason}"


def cannot_resolve(host: str) -> str:
    return f"'{host}' 주소를 찾을 수 없습니다. 이름이나 IPv4 주소가 맞는지, 네트워크가 되는지 확인하세요."


def not_soksak(address: str) -> str:
    return f"{address}에서 속삭 서버가 아닌 프로그램이 응답합니다. 주소와 포트를 확인하세요."


def no_welcome(address: str) -> str:
    return f"{address}에서 속삭 서버의 응답이 없습니다. 주소와 포트를 확인하세요."


def hung_up(address: str) -> str:
    return f"{address}의 서버가 바로 연결을 끊었습니다. 잠시 뒤에 다시 연결합니다."


def still_silent(address: str) -> str:
    """Of a server that was there before: its address is right."""
    return f"{address}에서 응답이 없습니다. 저절로 다시 연결해 봅니다."


CONNECTED_AGAIN = "다시 연결되었습니다."

_CLOSED_FOR: dict[str, str] = {
    Code.SHUTDOWN: "서버가 꺼졌습니다.",
    Code.IDLE: "오랫동안 응답이 없어 서버가 연결을 끊었습니다. 다시 연결합니다.",
    Code.SLOW: "받는 속도가 너무 느려 서버가 연결을 끊었습니다. 다시 연결합니다.",
    Code.SERVER_FULL: "서버에 자리가 없습니다. 자리가 나면 저절로 들어갑니다.",
    Code.HANDSHAKE_TIMEOUT: "기다리는 시간이 지나 서버가 연결을 끊었습니다. 다시 연결합니다.",
    Code.STORAGE_FULL: "서버의 저장 공간이 가득 차 지금은 들어갈 수 없습니다. 공간이 생기면 저절로 들어갑니다.",
}


def closed_for(code: str, text: str) -> str:
    """Why the server let us go, or not in, where it says more of what to do than is left to be done; else its own `text`."""
    return _CLOSED_FOR.get(code, text)


def newer_server(version: int) -> str:
    return f"서버가 쓰는 프로토콜 {version}판을 이 프로그램은 모릅니다. 프로그램을 새 판으로 설치하세요."


# --- the server of one's own ------------------------------------------------------------------------------------------


def server_started(address: str) -> str:
    return f"{address}에 서버가 없어 이 컴퓨터에서 새로 시작했습니다. 모두 나가고 10분이 지나면 저절로 꺼집니다."


def server_not_started(reason: str) -> str:
    return f"채팅 서버를 시작하지 못했습니다. {reason}"


def server_ended(last_words: str, log_path: str) -> str:
    """`last_words` is the last line that the server wrote, or nothing."""
    told = f"{last_words} " if last_words else ""
    return server_not_started(f"{told}자세한 기록: {log_path}")


def server_not_ready(log_path: str) -> str:
    return server_not_started(f"시간 안에 준비되지 않았습니다. 자세한 기록: {log_path}")


def system_error(number: int) -> str:
    """`number` is the system's `errno`."""
    return f"시스템 오류 {number}번입니다."


def folder_not_writable(folder: str) -> str:
    return f"폴더에 쓸 수 없습니다. 권한을 확인하세요: {folder}"
