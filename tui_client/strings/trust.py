"""Encryption, and whether the other end is the right one."""

from collections.abc import Sequence

# --- what the title says ----------------------------------------------------------------------------------------------

SECURED = "암호화됨"
EXPOSED = "암호화 안 됨"
EXPOSED_NOTICE = (
    "암호화하지 않은 연결입니다. 오가는 말을 누구나 엿볼 수 있으니 중요한 이야기는 하지 마세요. "
    "비밀번호와 이 컴퓨터의 비밀 값은 보내지 않습니다."
)

# --- a server that was never seen -------------------------------------------------------------------------------------

TRUST_TITLE = "처음 접속하는 서버입니다"
TRUST_COMPARE = "서버를 연 분에게 지문을 물어 아래와 같은지 비교하세요. 서버를 켜면 나오는 '인증서 지문'이 그것입니다."
TRUST_OTHERWISE = "하나라도 다르면 누군가 사이에서 엿듣고 있습니다."
TRUST_YES = "예, 같습니다"
TRUST_NO = "아니오"
TRUST_KEYS = "← → 고르기 · Enter 답하기 · Esc 아니오"
TRUST_CHOOSE = "← →로 먼저 고르세요."

LINE_TRUST_COMPARE = "서버를 연 분에게 물은 지문과 한 글자도 다르지 않으면 '예', 다르거나 모르면 '아니오'를 입력하세요."
LINE_TRUST_PROMPT = "이 서버가 맞습니까? (예/아니오) "
LINE_TRUST_YES = ("예", "네")
LINE_TRUST_NO = ("아니오", "아니요")
LINE_TRUST_AGAIN = "'예'나 '아니오'를 입력하세요."


def line_trust(address: str, fingerprint: str) -> str:
    return f"{TRUST_TITLE}: {address}\n인증서 지문: {fingerprint}\n{LINE_TRUST_COMPARE}"


def not_trusted(address: str) -> str:
    return f"{address}에 연결하지 않았습니다. 아무것도 보내지 않았습니다."


def nobody_to_ask(fingerprint: str) -> str:
    return (
        f"{TRUST_TITLE}. 인증서 지문: {fingerprint}\n"
        "서버를 연 분에게 물은 지문과 같으면 다음 옵션을 함께 쓰세요.\n"
        f"--fingerprint {fingerprint.replace(' ', '')}"
    )


# --- a server that is another one now ---------------------------------------------------------------------------------

CHANGED_TITLE = "경고: 서버의 인증서가 바뀌었습니다"
CHANGED_GIVEN_TITLE = "경고: 정해 준 지문과 다른 서버입니다"
CHANGED_MEANING = (
    "누군가 사이에서 엿듣거나 서버인 척하고 있을 수 있습니다. 서버를 새로 설치했거나 인증서를 바꾼 것일 수도 있습니다."
)
CHANGED_NOTHING_SENT = "연결을 끊었고, 아무것도 보내지 않았습니다."
CHANGED_GIVEN_ADVICE = "서버를 연 분에게 지문을 다시 물어보세요. 확인하기 전에는 접속하지 마세요."
CHANGED_FORGET_ADVICE = "서버를 연 분이 새 지문이 맞다고 하면 이 명령으로 옛 지문을 지우고 다시 접속하세요."
CHANGED_EXPECTED = "기억한 지문"
CHANGED_GIVEN = "정해 준 지문"
CHANGED_SHOWN = "지금 지문"
CHANGED_VERIFIED = ("전에는 인증 기관이", "보증하던 서버인데", "이제는 보증하는", "곳이 없습니다.")
CHANGED_KEYS = "Esc 닫기 · Ctrl+Q 나가기"


def changed(address: str, *, is_remembered: bool) -> str:
    if not is_remembered:
        return f"{address}의 인증서가 정해 준 지문과 달라 연결하지 않았습니다. 아무것도 보내지 않았습니다."
    advice = f"새 인증서가 맞을 때만 이 명령을 실행하고 다시 연결하세요: {forget_command(address)}"
    return f"{address}의 인증서가 바뀌어 연결하지 않았습니다. 아무것도 보내지 않았습니다. {advice}"


def forget_command(address: str) -> str:
    return f"chat-tui --forget {address}"


def labelled(label: str, fingerprint: str) -> str:
    return f"{label}: {fingerprint}"


# --- certificates that are not good -----------------------------------------------------------------------------------


def certificate_expired(address: str, day: str) -> str:
    """`day` may not be known."""
    when = f"{day}에 " if day else ""
    return f"{address}의 인증서가 {when}만료되어 연결하지 않았습니다. 서버를 연 분에게 새 인증서가 필요하다고 알리세요."


def certificate_not_yet_valid(address: str, day: str) -> str:
    since = f"{day}부터 쓸 수 있어" if day else "아직 쓸 수 없는 것이어서"
    return f"{address}의 인증서가 {since} 연결하지 않았습니다. 이 컴퓨터의 날짜와 시각이 맞는지 확인하세요."


def certificate_of_another(address: str) -> str:
    return (
        f"{address}에서 다른 서버의 인증서를 보여 주어 연결하지 않았습니다. "
        "--host에 인증서에 적힌 이름을 쓰거나, 서버를 연 분에게 물어보세요."
    )


def issuer_unknown(address: str) -> str:
    return (
        f"{address}의 인증서를 누가 발급했는지 확인할 수 없어 연결하지 않았습니다. "
        "발급한 곳의 인증서 파일을 --ca로 정하거나, 서버를 연 분에게 물은 지문을 --fingerprint로 정하세요."
    )


def not_issued_by_ca(address: str) -> str:
    return f"{address}의 인증서는 --ca로 정한 곳에서 발급하지 않아 연결하지 않았습니다. 파일이 맞는지 확인하세요."


def certificate_unverifiable(address: str) -> str:
    return f"{address}의 인증서를 확인할 수 없어 연결하지 않았습니다. 서버를 연 분에게 알리세요."


# --- no TLS -----------------------------------------------------------------------------------------------------------

TLS_DAMAGED = "암호화된 데이터가 도중에 손상되어 연결을 끊었습니다. 다시 연결합니다."
TLS_REQUIRED = "이 서버는 암호화한 연결만 받습니다. --plaintext 없이 --tls로 다시 실행하세요."


def not_tls(address: str, *, is_wanted: bool, was_trusted: bool) -> str:
    """`is_wanted`: by an option, where it would do without."""
    told = f"{address}의 서버는 암호화(TLS)를 하지 않아 연결하지 않았습니다."
    if was_trusted:
        return (
            f"{told} 전에는 했으니 서버를 연 분에게 물어보세요. 이제 하지 않는 것이 맞으면: {forget_command(address)}"
        )
    if is_wanted:
        return f"{told} --tls, --ca, --fingerprint 없이 다시 실행하세요."
    return f"{told} 누가 엿보아도 괜찮은 대화라면 --plaintext로 접속할 수 있습니다."


def tls_too_old(address: str) -> str:
    return f"{address}의 서버는 너무 오래된 TLS만 할 수 있어 연결하지 않았습니다. 서버를 새 판으로 바꿔야 합니다."


def tls_stalled(address: str) -> str:
    return f"{address}의 서버와 제때 보안 연결을 만들지 못했습니다. 저절로 다시 연결해 봅니다."


def tls_cut(address: str) -> str:
    return f"{address}의 서버와 보안 연결을 만드는 중에 끊겼습니다. 저절로 다시 연결해 봅니다."


def tls_failed(address: str) -> str:
    return f"{address}의 서버와 보안 연결을 만들지 못했습니다. 저절로 다시 연결해 봅니다."


# --- what is remembered -----------------------------------------------------------------------------------------------


def known_servers_damaged(path: str, lines: Sequence[int]) -> str:
    numbers = ", ".join(f"{number}" for number in lines[:5])
    return f"{path} 파일의 {numbers}번째 줄을 읽을 수 없어 그 서버의 지문을 모릅니다. 줄은 그대로 두었습니다."


def remembered_unreadable(address: str) -> str:
    return (
        f"{address}의 지문을 적어 둔 줄이 손상되어 연결하지 않았습니다. 아무것도 보내지 않았습니다. "
        f"서버를 연 분에게 지문을 묻고, 이 명령으로 손상된 줄을 지운 뒤 다시 연결하세요: {forget_command(address)}"
    )


def known_servers_not_read(path: str) -> str:
    return f"{path} 파일을 읽을 수 없어 어떤 서버를 믿기로 했는지 모릅니다. 파일의 권한을 확인하세요."


def known_servers_not_written(path: str) -> str:
    return f"{path} 파일에 쓸 수 없어 이 서버를 다음에 다시 물어봅니다. 파일과 폴더의 권한을 확인하세요."


def forgotten(address: str) -> str:
    return f"{address}의 지문을 잊었습니다. 다음에 접속할 때 새 지문을 비교하세요."


def nothing_to_forget(address: str) -> str:
    return f"{address}의 지문은 기억하고 있지 않습니다. 주소와 포트가 맞는지 확인하세요."


# --- options ----------------------------------------------------------------------------------------------------------

ARG_TLS = "이 컴퓨터의 서버에도 암호화해서 접속합니다. 다른 컴퓨터의 서버에는 언제나 그렇게 합니다."
ARG_PLAINTEXT = "암호화하지 않고 접속합니다. 누구나 엿볼 수 있으므로 비밀번호와 비밀 값은 보내지 않습니다."
ARG_CA_NAME = "파일"
ARG_CA = "서버의 인증서를 발급한 곳의 인증서 파일. 이것으로 확인되는 서버에만 접속합니다."
ARG_FINGERPRINT_NAME = "지문"
ARG_FINGERPRINT = "서버 인증서의 지문. 이 지문인 서버에만 접속합니다."
ARG_FORGET_NAME = "주소:포트"
ARG_FORGET = "이 서버의 지문을 잊고 끝냅니다."


def ca_unreadable(path: str) -> str:
    return f"'{path}' 파일을 읽을 수 없습니다. 경로와 권한을 확인하세요."


def ca_unusable(path: str) -> str:
    return f"'{path}' 파일에 인증서가 없습니다. '-----BEGIN CERTIFICATE-----'로 시작하는 파일이어야 합니다."


def wrong_fingerprint(text: str) -> str:
    return f"'{text}' 대신 서버가 알려 주는 지문 64자리를 적으세요."


def wrong_server(text: str) -> str:
    return f"'{text}' 대신 chat.example.com:12345처럼 주소와 포트를 적으세요."


def options_exclusive(one: str, other: str) -> str:
    return f"{one}: {other} 옵션과 함께 쓸 수 없습니다."
