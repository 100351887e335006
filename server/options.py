"""The options of chat-server: what may be typed, and what is meant by it. Options → a Config, and what is asked for besides.

Limits have a module of their own (`limit_options`).
"""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server import __version__
from server.arguments import KoreanParser, port, whole_number
from server.config import Config, Timeouts
from server.limit_options import add_limits, limited
from server.log.keeping import Keep
from server.protocol import phrases
from server.protocol.address import HOST, PORT
from server.secret_setting import Kind

LOG_LEVELS: Final = ("debug", "info", "warning", "error")

LEAST_KEPT: Final = 1000
"""Events; with fewer, somebody who was cut off for a moment could not be told what was said."""

STANDARD_OUTPUT: Final = Path("-")

DATABASE: Final = "soksak.db"
"""Below the state folder, when nobody says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was typed. At most one of `new_secret`, `export` and `backup` is carried out, in this order, and then nothing is served."""

    config: Config
    log_level: str
    new_secret: tuple[Kind, Path] | None
    """What is to be set, and the file where it is kept."""
    export: Path | None
    """Where to; it may be STANDARD_OUTPUT."""
    backup: Path | None


def read_options(arguments: Sequence[str] | None, state_folder: Path) -> Options:
    """What was typed, or exit code 2 and a sentence. What nobody says where to keep is kept in `state_folder`."""
    parser = make_parser()
    options = parser.read(arguments)
    if (options.cert is None) != (options.key is None):
        parser.error(phrases.CERT_AND_KEY)
    if options.memory and (options.keep or options.export or options.backup):
        parser.error("--memory: 저장된 대화가 없으니 --keep, --export, --backup과 함께 쓸 수 없습니다.")
    return Options(
        config=_config(options, state_folder),
        log_level=options.log_level,
        new_secret=_new_secret(options, state_folder),
        export=options.export,
        backup=options.backup,
    )


def _config(options: argparse.Namespace, state_folder: Path) -> Config:
    config = Config(
        host=options.host,
        port=options.port,
        db=None if options.memory else options.db or state_folder / DATABASE,
        cert=options.cert,
        key=options.key,
        certificate_folder=state_folder,
        allow_plaintext=options.allow_plaintext,
        password_file=options.password_file,
        operator_key_file=options.operator_key_file,
        plain_history=options.plain_history,
        exit_when_idle_s=options.exit_when_idle,
        keep_events=options.keep.events,
        keep_days=options.keep.days,
        nick_lapse_days=options.nick_lapse,
        timeouts=Timeouts(grace_s=options.grace),
    )
    return limited(config, options)


def _new_secret(options: argparse.Namespace, state_folder: Path) -> tuple[Kind, Path] | None:
    if options.set_password:
        return Kind.PASSWORD, options.password_file or state_folder / Kind.PASSWORD.file_name
    if options.set_operator_key:
        return Kind.OPERATOR_KEY, options.operator_key_file or state_folder / Kind.OPERATOR_KEY.file_name
    return None


def make_parser() -> KoreanParser:
    """All options, those of the limits too."""
    parser = KoreanParser("chat-server", "속삭 채팅 서버. 터미널 채팅 chat-tui와 netcat이 함께 씁니다.", __version__)
    _add_way_in(parser)
    _add_log(parser)
    _add_setting(parser)
    _add_others(parser)
    add_limits(parser)
    return parser


def _add_way_in(parser: KoreanParser) -> None:
    """Where it listens, and who may come in."""
    add = parser.options.add_argument
    add("--host", default=HOST, metavar="주소", help=f"기다릴 IPv4 주소 (기본값: {HOST})")
    add(
        "--port",
        default=PORT,
        type=port,
        metavar="포트",
        help=f"기다릴 포트, 0이면 빈 포트 (기본값: {PORT})",
    )
    add(
        "--cert",
        type=Path,
        metavar="파일",
        help="TLS 인증서(PEM). 없으면 다른 컴퓨터에 열 때 스스로 만들어 씁니다. SIGHUP을 받으면 새로 읽습니다",
    )
    add("--key", type=Path, metavar="파일", help="인증서의 개인 키(PEM)")
    add("--allow-plaintext", action="store_true", help="다른 컴퓨터에서 암호화하지 않고 들어오는 것도 허락합니다")
    add("--password-file", type=Path, metavar="파일", help="들어오는 사람에게 이 파일에 정해 둔 방 비밀번호를 묻습니다")
    add(
        "--operator-key-file",
        type=Path,
        metavar="파일",
        help="이 파일에 정해 둔 운영자 키를 아는 사람이 운영자가 됩니다",
    )


def _add_log(parser: KoreanParser) -> None:
    """What is kept, where, and for how long; and what else can be done with it."""
    add = parser.options.add_argument
    log = parser.options.add_mutually_exclusive_group()
    log.add_argument(
        "--db", type=_file, metavar="파일", help="대화를 저장할 파일 (기본값: 사용자 상태 폴더의 soksak.db)"
    )
    log.add_argument("--memory", action="store_true", help="대화를 저장하지 않고 메모리에만 둡니다")
    add(
        "--keep",
        default=Keep(),
        type=_keep,
        metavar="기간|개수",
        help="이만큼만 남기고 오래된 대화를 지웁니다: 90일, 10만개. 1일, 1,000개 이상 (기본값: 모두 남김)",
    )
    add(
        "--nick-lapse",
        default=Config().nick_lapse_days,
        type=_days,
        metavar="기간",
        help=f"등록한 닉네임은 이만큼 들어오지 않으면 풀립니다 (기본값: {Config().nick_lapse_days}일)",
    )
    copy = parser.options.add_mutually_exclusive_group()
    copy.add_argument(
        "--export",
        type=_file,
        metavar="파일",
        help="귓속말까지 모든 대화를 한 줄에 JSON 하나로 내보내고 끝냅니다. '-'는 표준 출력. 서버가 도는 중에도 됩니다",
    )
    copy.add_argument(
        "--backup", type=_new_file, metavar="파일", help="데이터베이스를 복사하고 끝냅니다. 서버가 도는 중에도 됩니다"
    )


def _add_setting(parser: KoreanParser) -> None:
    """Secrets to be set."""
    setting = parser.options.add_mutually_exclusive_group()
    setting.add_argument(
        "--set-password",
        action="store_true",
        help="방 비밀번호를 물어 --password-file에 적은 파일에 저장하고 끝냅니다. 터미널이 아니면 표준 입력에서 읽습니다",
    )
    setting.add_argument(
        "--set-operator-key",
        action="store_true",
        help="운영자 키를 물어 --operator-key-file에 적은 파일에 저장하고 끝냅니다",
    )


def _add_others(parser: KoreanParser) -> None:
    add = parser.options.add_argument
    add(
        "--plain-history",
        default=0,
        type=_count,
        metavar="개수",
        help="netcat 등으로 들어온 사람에게 보여 줄 지난 줄 수 (기본값: 0)",
    )
    add(
        "--grace",
        default=Timeouts().grace_s,
        type=_grace,
        metavar="초",
        help="연결이 끊긴 사람의 자리를 지켜 두는 시간 (기본값 30)",
    )
    add("--exit-when-idle", type=_seconds, metavar="초", help="아무도 없는 채로 이만큼 지나면 스스로 끝냅니다")
    add(
        "--log-level",
        default="info",
        type=_log_level,
        metavar="수준",
        help=f"기록 수준: {', '.join(LOG_LEVELS)} (기본값: info)",
    )


def _file(text: str) -> Path:
    path = Path(text)
    if not path.name:
        raise argparse.ArgumentTypeError(f"'{text}' 대신 파일 이름을 적으세요.")
    return path


def _new_file(text: str) -> Path:
    if text == "-":
        raise argparse.ArgumentTypeError("표준 출력으로는 복사할 수 없으니 파일 이름을 적으세요.")
    return _file(text)


def _keep(text: str) -> Keep:
    found = re.fullmatch(r"([0-9]{1,9})(만?)(일|d|개|)", text.replace(",", ""))
    number = int(found[1]) * (10_000 if found[2] else 1) if found else 0
    if found and found[3] in ("일", "d") and number and not found[2]:
        return Keep(days=number)
    if found and found[3] in ("개", "") and number >= LEAST_KEPT:
        return Keep(events=number)
    raise argparse.ArgumentTypeError(
        f"'{text}' 대신 90일이나 10만개처럼 적으세요. 1일, {LEAST_KEPT:,}개보다 적게 남길 수는 없습니다."
    )


def _days(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,5})(일|d|)", text)
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"'{text}' 대신 90일처럼 적으세요.")
    return int(found[1])


def _count(text: str) -> int:
    return whole_number(text, 0, 10_000)


def _grace(text: str) -> float:
    return float(whole_number(text, 0, 3600))


def _seconds(text: str) -> float:
    return float(whole_number(text, 1, 10_000_000))


def _log_level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise argparse.ArgumentTypeError(f"'{text}' 대신 {', '.join(LOG_LEVELS)} 중 하나를 적으세요.")
    return text.lower()
