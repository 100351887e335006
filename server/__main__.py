"""chat-server: arguments → Config → serve; signals; exit codes.

0: stopped as asked. 1: something outside prevents it, said in one Korean sentence on stderr. 2: wrong options.
"""

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Literal

import platformdirs

from server import __version__
from server.arguments import KoreanParser, port, speak_utf8, whole_number
from server.config import Config
from server.listener import ListenError, Server, start_server
from server.log.sqlite import SqliteStore
from server.log.store import MemoryStore, Store, StoreError
from server.protocol import phrases
from server.protocol.address import HOST, PORT

IDLE_CHECK_S = 0.25
LOG_LEVELS = ("debug", "info", "warning", "error")

StopReason = Literal["signal", "failure"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is told to stop; the exit code."""
    speak_utf8()
    options = _parser().read(arguments)
    logging.basicConfig(
        level=options.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    _raise_descriptor_limit()
    stop: SimpleQueue[StopReason] = SimpleQueue()
    _listen_to_signals(stop)
    try:
        server = start_server(_config(options), _open_store, lambda: stop.put("failure"))
    except (ListenError, StoreError) as error:
        print(error.text, file=sys.stderr)
        return 1
    print(phrases.listening(*server.address), flush=True)
    _wait(stop, server, options.exit_when_idle)
    server.stop()
    if server.failed:
        print(phrases.STORAGE_FAILED, file=sys.stderr)
    return 1 if server.failed else 0


def _parser() -> KoreanParser:
    parser = KoreanParser("chat-server", "속삭 채팅 서버. 터미널 채팅 chat-tui와 netcat이 함께 씁니다.", __version__)
    add = parser.options.add_argument
    add("--host", default=HOST, metavar="주소", help=f"기다릴 IPv4 주소 (기본값 {HOST})")
    add(
        "--port",
        default=PORT,
        type=port,
        metavar="포트",
        help=f"기다릴 포트, 0이면 빈 포트 (기본값 {PORT})",
    )
    log = parser.options.add_mutually_exclusive_group()
    log.add_argument(
        "--db", type=Path, metavar="파일", help="대화를 저장할 파일 (기본값: 사용자 상태 폴더의 soksak.db)"
    )
    log.add_argument("--memory", action="store_true", help="대화를 저장하지 않고 메모리에만 둡니다")
    add(
        "--plain-history",
        default=0,
        type=_count,
        metavar="개수",
        help="netcat 등으로 들어온 사람에게 보여 줄 지난 줄 수 (기본값 0)",
    )
    add(
        "--max-clients",
        default=Config().max_clients,
        type=_seats,
        metavar="명",
        help="동시에 접속할 수 있는 수 (기본값 500)",
    )
    add("--exit-when-idle", type=_seconds, metavar="초", help="아무도 없는 채로 이만큼 지나면 스스로 끝냅니다")
    add(
        "--log-level",
        default="info",
        type=_log_level,
        metavar="수준",
        help=f"기록 수준: {', '.join(LOG_LEVELS)} (기본값 info)",
    )
    return parser


def _count(text: str) -> int:
    return whole_number(text, 0, 10_000)


def _seats(text: str) -> int:
    return whole_number(text, 1, 100_000)


def _seconds(text: str) -> float:
    return float(whole_number(text, 1, 10_000_000))


def _log_level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise argparse.ArgumentTypeError(f"'{text}' 대신 {', '.join(LOG_LEVELS)} 중 하나를 적으세요.")
    return text.lower()


def _config(options: argparse.Namespace) -> Config:
    default_db = platformdirs.user_state_path("soksak", appauthor=False) / "soksak.db"
    return Config(
        host=options.host,
        port=options.port,
        db=None if options.memory else options.db or default_db,
        plain_history=options.plain_history,
        max_clients=options.max_clients,
    )


def _open_store(config: Config) -> Store:
    return MemoryStore(config.memory_events) if config.db is None else SqliteStore(config.db)


def _wait(stop: "SimpleQueue[StopReason]", server: Server, exit_when_idle_s: float | None) -> None:
    """Until there is a reason to stop."""
    while True:
        try:
            stop.get(timeout=IDLE_CHECK_S if exit_when_idle_s else None)
        except Empty:
            if exit_when_idle_s is not None and server.idle_s() >= exit_when_idle_s:
                return
        else:
            return


def _listen_to_signals(stop: "SimpleQueue[StopReason]") -> None:
    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.put("signal")  # may be called inside itself, by the documentation of SimpleQueue

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)


def _raise_descriptor_limit() -> None:
    """As many sockets as the system lets us have; many give a process 1,024 unless it asks."""
    if sys.platform == "win32":
        return
    import resource  # does not exist there

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:  # unlimited can't be set on macOS
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
