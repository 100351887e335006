"""The options of chat-server that are limits: how much one connection, one address, and all together may take. Options → a Config."""

import argparse
import re
from dataclasses import replace
from typing import Final

from server.arguments import KoreanParser, whole_number
from server.config import Config, PerAddress, Sending, Timeouts
from server.rate import Rate

_RATE: Final = re.compile(r"([0-9]{1,9}),([0-9]{1,9})")
_SECONDS_A_MINUTE: Final = 60
_UNLIMITED: Final = Rate(1e9, 1e9)


def add_limits(parser: KoreanParser) -> None:
    """All of them, in a group of their own."""
    add = parser.add_argument_group("제한").add_argument
    config, timeouts, sending, each = Config(), Timeouts(), Sending(), PerAddress()
    add(
        "--max-clients",
        default=config.max_clients,
        type=_connections,
        metavar="명",
        help=f"동시에 접속할 수 있는 사람 수 (기본값: {config.max_clients})",
    )
    add(
        "--max-per-address",
        default=each.connections,
        type=_connections,
        metavar="개",
        help=f"한 주소에서 동시에 열 수 있는 연결 수. 공유기 하나를 여럿이 쓰면 늘리세요 (기본값: {each.connections})",
    )
    add(
        "--new-per-minute",
        default=round(each.new.burst),
        type=_connections,
        metavar="개",
        help=f"한 주소에서 1분에 새로 열 수 있는 연결 수 (기본값: {each.new.burst:.0f})",
    )
    add(
        "--arrivals",
        default=config.arrivals,
        type=_rate,
        metavar="개,개",
        help=f"모두 합쳐 한꺼번에, 그 뒤로 1초에 들여보내는 연결 수 (기본값: {_shown(config.arrivals)})",
    )
    add("--limit-loopback", action="store_true", help="주소별 제한을 이 컴퓨터에서 온 연결에도 둡니다")
    add(
        "--send-messages",
        default=Rate(sending.messages, sending.messages_per_s),
        type=_rate,
        metavar="개,개",
        help=f"한 사람이 한꺼번에, 그 뒤로 1초에 보낼 수 있는 메시지 수 (기본값: {sending.messages},{sending.messages_per_s:.0f})",
    )
    add(
        "--send-bytes",
        default=Rate(sending.bytes, sending.bytes_per_s),
        type=_rate,
        metavar="개,개",
        help=f"그 바이트 수 (기본값: {sending.bytes},{sending.bytes_per_s:.0f})",
    )
    add(
        "--requests",
        default=config.requests,
        type=_rate,
        metavar="개,개",
        help=f"연결 하나에서 한꺼번에, 그 뒤로 1초에 읽는 줄 수 (기본값: {_shown(config.requests)})",
    )
    add(
        "--requests-of-all",
        default=config.requests_of_all,
        type=_rate,
        metavar="개,개",
        help=f"그보다 많이 보내는 연결 모두를 합쳐 읽는 줄 수 (기본값: {_shown(config.requests_of_all)})",
    )
    add(
        "--read-events",
        default=each.reading,
        type=_rate,
        metavar="개,개",
        help=f"한 주소에서 한꺼번에, 그 뒤로 1초에 읽을 수 있는 지난 대화 수 (기본값: {_shown(each.reading)})",
    )
    add(
        "--hello-timeout",
        default=timeouts.json_handshake_s,
        type=_seconds,
        metavar="초",
        help=f"프로그램이 인사할 때까지 기다리는 시간 (기본값: {timeouts.json_handshake_s:.0f})",
    )
    add(
        "--nick-timeout",
        default=timeouts.typed_handshake_s,
        type=_seconds,
        metavar="초",
        help=f"사람이 닉네임을 입력할 때까지 기다리는 시간 (기본값: {timeouts.typed_handshake_s:.0f})",
    )
    add(
        "--slow-timeout",
        default=timeouts.slow_reader_s,
        type=_seconds,
        metavar="초",
        help=f"아무것도 받지 않는 연결을 끊기까지의 시간 (기본값: {timeouts.slow_reader_s:.0f})",
    )
    add("--no-limits", action="store_true", help="속도와 주소별 제한을 두지 않습니다 (시험용)")


def limited(config: Config, options: argparse.Namespace) -> Config:
    """`config` with the limits that were asked for."""
    config = replace(
        config,
        max_clients=options.max_clients,
        limit_loopback=options.limit_loopback,
        timeouts=replace(
            config.timeouts,
            json_handshake_s=options.hello_timeout,
            tls_handshake_s=options.hello_timeout,
            typed_handshake_s=options.nick_timeout,
            slow_reader_s=options.slow_timeout,
        ),
    )
    if options.no_limits:
        return replace(config, sending=None, requests=None, per_address=None, arrivals=_UNLIMITED)
    messages, size = options.send_messages, options.send_bytes
    new = Rate(options.new_per_minute, options.new_per_minute / _SECONDS_A_MINUTE)
    return replace(
        config,
        sending=Sending(messages.burst, messages.per_s, size.burst, size.per_s),
        arrivals=options.arrivals,
        requests=options.requests,
        requests_of_all=options.requests_of_all,
        per_address=PerAddress(options.max_per_address, new, options.read_events),
    )


def _shown(rate: Rate | None) -> str:
    return "" if rate is None else f"{rate.burst:.0f},{rate.per_s:.0f}"


def _rate(text: str) -> Rate:
    found = _RATE.fullmatch(text)
    if not found or not int(found[1]) or not int(found[2]):
        raise argparse.ArgumentTypeError(
            f"'{text}' 대신 200,50처럼 적으세요: 한꺼번에 되는 만큼, 쉼표, 1초에 되는 만큼."
        )
    return Rate(int(found[1]), int(found[2]))


def _connections(text: str) -> int:
    return whole_number(text, 1, 100_000)


def _seconds(text: str) -> float:
    return float(whole_number(text, 1, 3600))
