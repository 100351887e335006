"""chat-server: arguments → Config → serve; exit codes.

0: stopped as asked. 1: something outside prevents it, said in one Korean sentence on stderr. 2: wrong options.
"""

import argparse
import logging
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import platformdirs

from server import __version__
from server.archive import back_up_to_file, export_to, export_to_file
from server.arguments import KoreanParser, leave_output_alone, port, say, speak_utf8, whole_number
from server.certificate import CertificateError
from server.config import Config, Timeouts
from server.core_dumps import leave_no_core
from server.limit_options import add_limits, limited
from server.listener import ListenError, Server, address_for_others, start_server
from server.log.keeping import Keep
from server.log.sqlite import SqliteStore
from server.log.store import MemoryStore, Store, StoreError
from server.log_lines import LineHandler
from server.peer import Peer
from server.protocol import phrases
from server.protocol.address import HOST, PORT
from server.protocol.fingerprint import fingerprint_rows
from server.secret_file import SecretFileError
from server.secret_setting import Kind, NotSet, set_secret
from server.signals import Signals, Wish

logger = logging.getLogger(__name__)

IDLE_CHECK_S = 0.25
LOG_LEVELS = ("debug", "info", "warning", "error")

LEAST_KEPT = 1000
"""Events; with fewer, somebody who was cut off for a moment could not be told what was said."""

WANTED_DESCRIPTORS = 10_240
"""Where the system sets no limit of its own; macOS allows no more."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is told to stop; the exit code."""
    speak_utf8()
    leave_no_core()
    parser = _parser()
    options = parser.read(arguments)
    if (options.cert is None) != (options.key is None):
        parser.error(phrases.CERT_AND_KEY)
    if options.memory and (options.keep or options.export or options.backup):
        parser.error("--memory: 저장된 대화가 없으니 --keep, --export, --backup과 함께 쓸 수 없습니다.")
    log_format = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.logThreads = False  # see client_threads
    logging.basicConfig(level=options.log_level.upper(), handlers=[_log_handler(sys.stderr)], format=log_format)
    config = _config(options)
    if options.set_password or options.set_operator_key:
        return _set_secret(options)
    if config.db is not None and (options.export or options.backup):
        return _copy(config.db, options)
    _raise_descriptor_limit()
    signals = Signals()
    try:
        server = start_server(config, _open_store, signals.on_failure)
    except (ListenError, CertificateError, SecretFileError, StoreError) as error:
        print(error.text, file=sys.stderr)
        return 1
    try:
        _announce(server, config)
        _wait(signals, server, config.exit_when_idle_s)
    finally:
        server.stop()
    if not signals.has_failed and server.storage_failure is None:
        return 0
    print(server.storage_failure or phrases.SERVER_FAILED, file=sys.stderr)
    return 1


def _set_secret(options: argparse.Namespace) -> int:
    """What was asked for instead of serving."""
    kind = Kind.PASSWORD if options.set_password else Kind.OPERATOR_KEY
    given: Path | None = options.password_file if options.set_password else options.operator_key_file
    try:
        _say(set_secret(kind, given or _state_folder() / kind.file_name))
    except NotSet as problem:
        print(problem.text, file=sys.stderr)
        return 1
    return 0


def _copy(db: Path, options: argparse.Namespace) -> int:
    """What was asked for instead of serving."""
    try:
        if options.backup:
            _say(back_up_to_file(db, options.backup))
        elif options.export != Path("-"):
            _say(export_to_file(db, options.export))
        else:
            _export_to_output(db)
    except StoreError as error:
        print(error.text, file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads our output wants no more of it
        return 1
    return 0


def _export_to_output(db: Path) -> None:
    """Raises StoreError, BrokenPipeError."""
    if sys.stdout is None:  # started with it closed
        raise StoreError(phrases.file_unwritable(phrases.OUTPUT))
    try:
        export_to(db, sys.stdout.buffer)
    except BrokenPipeError:
        leave_output_alone()
        raise
    except OSError as error:
        leave_output_alone()
        raise StoreError(phrases.file_unwritable(phrases.OUTPUT)) from error


def _say(text: str) -> None:
    """On our output, if anybody reads it."""
    if not say(text):
        logger.warning("nobody reads our output")


def _log_handler(stderr: TextIO | None) -> logging.Handler:
    """Started with stderr closed there is none, and its descriptor may become anything, a client's socket too."""
    return logging.NullHandler() if stderr is None else LineHandler(stderr.fileno())


def _announce(server: Server, config: Config) -> None:
    for warning in _warnings(server, config):
        print(warning, file=sys.stderr)
    _say("\n".join(_announcement(server)))


def _announcement(server: Server) -> list[str]:
    """Where it is, and if others can come, how, and what they are to compare."""
    lines = [phrases.listening(*server.address)]
    if server.certificate is not None:
        lines.append(phrases.CERTIFICATE_FINGERPRINT)
        lines.extend(f"  {row}" for row in fingerprint_rows(server.certificate.fingerprint))
        host, port = server.address
        if not Peer.of(host).is_loopback:
            lines.append(phrases.how_to_come_in(address_for_others(host) or phrases.OWN_ADDRESS, port))
    return lines


def _warnings(server: Server, config: Config) -> list[str]:
    warnings = [*server.warnings, *(() if server.certificate is None else server.certificate.warnings)]
    if config.password_file is None and not Peer.of(server.address[0]).is_loopback:
        warnings.append(phrases.OPEN_TO_ALL)
    return [*warnings, phrases.PLAINTEXT_ALLOWED] if config.allow_plaintext else warnings


def _wait(signals: Signals, server: Server, exit_when_idle_s: float | None) -> None:
    """Until there is a reason to stop."""
    while True:
        match signals.wait(None if exit_when_idle_s is None else IDLE_CHECK_S):
            case Wish.STOP:
                return
            case Wish.RENEW:
                _renew_certificate(server)
            case None:
                if exit_when_idle_s is not None and server.idle_s() >= exit_when_idle_s:
                    return


def _renew_certificate(server: Server) -> None:
    """Told by the log's lines, which wait for nobody: a terminal that is held would keep us from hearing the next signal."""
    try:
        certificate = server.renew_certificate(datetime.now(UTC))
    except CertificateError as error:
        logger.error(phrases.certificate_kept(error.text))  # noqa: TRY400 -- what is wrong is said
        return
    if certificate is None:
        logger.warning(phrases.NO_CERTIFICATE)
        return
    logger.info(phrases.certificate_renewed(certificate.fingerprint))
    for warning in certificate.warnings:
        logger.warning(warning)


def _parser() -> KoreanParser:
    parser = KoreanParser("chat-server", "속삭 채팅 서버. 터미널 채팅 chat-tui와 netcat이 함께 씁니다.", __version__)
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
    add_limits(parser)
    return parser


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


def _state_folder() -> Path:
    return platformdirs.user_state_path("soksak", appauthor=False)


def _config(options: argparse.Namespace) -> Config:
    state = _state_folder()
    config = Config(
        host=options.host,
        port=options.port,
        db=None if options.memory else options.db or state / "soksak.db",
        cert=options.cert,
        key=options.key,
        certificate_folder=state,
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


def _open_store(config: Config) -> Store:
    if config.db is None:
        return MemoryStore(config.memory_events, config.memory_bytes)
    return SqliteStore(config.db, Keep(config.keep_events, config.keep_days))


def _raise_descriptor_limit() -> None:
    """As many sockets as the system lets us have; many give a process 1,024 unless it asks."""
    if sys.platform == "win32":
        return
    import resource  # does not exist there

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    with suppress(ValueError, OSError):  # then it stays as it is
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    sys.exit(main())
