"""The options that are limits: what one gets without them, with each of them, and with one that makes no sense."""

from dataclasses import replace

import pytest

from server.config import Config, PerAddress, Sending, Timeouts
from server.limit_options import limited
from server.options import make_parser
from server.rate import Rate


def config_of(*options: str) -> Config:
    return limited(Config(), make_parser().read(list(options)))


def test_without_an_option_all_is_as_it_is_written_down() -> None:
    assert config_of() == Config()


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--max-clients=7", replace(Config(), max_clients=7)),
        ("--max-per-address=7", replace(Config(), per_address=PerAddress(connections=7))),
        ("--new-per-minute=120", replace(Config(), per_address=PerAddress(new=Rate(120, 2)))),
        ("--read-events=7,8", replace(Config(), per_address=PerAddress(reading=Rate(7, 8)))),
        ("--limit-loopback", replace(Config(), limit_loopback=True)),
        ("--arrivals=7,8", replace(Config(), arrivals=Rate(7, 8))),
        ("--send-messages=7,8", replace(Config(), sending=Sending(messages=7, messages_per_s=8))),
        ("--send-bytes=7,8", replace(Config(), sending=Sending(bytes=7, bytes_per_s=8))),
        ("--requests=7,8", replace(Config(), requests=Rate(7, 8))),
        ("--requests-of-all=7,8", replace(Config(), requests_of_all=Rate(7, 8))),
        ("--hello-timeout=7", replace(Config(), timeouts=Timeouts(json_handshake_s=7, tls_handshake_s=7))),
        ("--nick-timeout=7", replace(Config(), timeouts=Timeouts(typed_handshake_s=7))),
        ("--slow-timeout=7", replace(Config(), timeouts=Timeouts(slow_reader_s=7))),
    ],
)
def test_each_limit_is_an_option(option: str, expected: Config) -> None:
    assert config_of(option) == expected


def test_no_limits_lifts_those_on_rate_and_on_addresses() -> None:
    config = config_of("--no-limits")
    assert (config.sending, config.requests, config.per_address) == (None, None, None)
    assert config.arrivals.wait_s(0, 100_000, 1) == 0
    assert config.max_clients == Config().max_clients


@pytest.mark.parametrize(
    "option",
    [
        *("--send-messages=10", "--send-messages=0,3", "--send-messages=10,0", "--requests=1,2,3", "--requests=1.5,2"),
        *("--requests=-1,2", "--arrivals=a,b", "--max-per-address=0", "--hello-timeout=0", "--requests=１,２"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        config_of(option)
    assert ended.value.code == 2
    name, value = option.split("=")
    assert capsys.readouterr().err.startswith(f"{name}: '{value}' 대신 ")
