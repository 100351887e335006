"""The attacks of `tests.bench.attacks`, a few seconds of each: the others hear all that they say, in order, and memory stays in bounds.

How soon they hear it says more about this machine than about us, when all tests run: the long form measures that.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.bench.attacks import ATTACKS, Outcome, Plan, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there 127.0.0.0/8 are addresses of one's own")

SHORT: Final[Mapping[str, Plan]] = {
    name: ATTACKS[name].shorter(quiet_s=0.3, attack_s=2.0)
    for name in (
        "1,000 never finish a handshake",
        "1,000 of one address never finish one",
        "500 drip a byte a second",
        "one floods 100,000 lines",
        "15 of one address flood frames",
        "15 of one address flood nonsense",
        "150 never read",
        "resume from 0 in a loop",
        "15 search in a loop",
        "ten addresses guess the password",
        "TLS: 1,000 send half a ClientHello",
        "TLS: 500 drip a ClientHello",
        "TLS: 150 send nonsense for a ClientHello",
        "TLS: 1,000 never finish the handshake",
        "TLS: 1,000 addresses shake hands in a loop",
    )
}


def attacked(name: str, home: Path) -> Outcome:
    """What came of it; all that must hold whatever the attack does."""
    outcome = run(SHORT[name], home)
    assert [f"{one.name}: {one.measured}" for one in outcome.counts if not one.is_met] == []
    return outcome


def test_a_thousand_who_never_finish_a_handshake_are_held_to_the_places_there_are(tmp_path: Path) -> None:
    report = attacked("1,000 never finish a handshake", tmp_path).report
    assert report.opened >= 1000
    assert report.opened - report.thrown_out <= 1000
    assert report.thrown_out >= 400


def test_a_thousand_of_one_address_are_held_to_what_it_may_have(tmp_path: Path) -> None:
    outcome = attacked("1,000 of one address never finish one", tmp_path)
    assert outcome.report.thrown_out >= 900
    assert outcome.report.codes["a sentence"] > 900
    assert outcome.memory_mib < 16
    assert outcome.newcomer_s < 2


def test_five_hundred_who_drip_disturb_nobody(tmp_path: Path) -> None:
    assert attacked("500 drip a byte a second", tmp_path).report.opened >= 500


def test_whoever_floods_lines_is_heard_at_their_pace(tmp_path: Path) -> None:
    report = attacked("one floods 100,000 lines", tmp_path).report
    assert report.thrown_out == 0
    assert report.sent_bytes < 8 * 2**20, "more than the network holds"


@pytest.mark.parametrize("name", ["15 of one address flood frames", "15 of one address flood nonsense"])
def test_answers_to_who_floods_are_few(name: str, tmp_path: Path) -> None:
    report = attacked(name, tmp_path).report
    answers_of_each = 30 + 20 * 4.0  # Config.requests: at once, and a second
    assert report.received_bytes < 15 * (answers_of_each * 200 + 150 * 200)


def test_whoever_never_reads_costs_little_memory(tmp_path: Path) -> None:
    outcome = attacked("150 never read", tmp_path)
    assert outcome.report.received_bytes == 0
    assert outcome.memory_mib < 40


def test_resuming_from_the_beginning_again_and_again_is_paced(tmp_path: Path) -> None:
    report = attacked("resume from 0 in a loop", tmp_path).report
    assert report.received_bytes < 30_000 * 150  # what an address may read in that time, and the size of such an event


def test_searching_again_and_again_is_paced(tmp_path: Path) -> None:
    assert attacked("15 search in a loop", tmp_path).report.received_bytes < 2**20


def test_guessing_a_password_gets_three_tries_a_minute_from_each_address(tmp_path: Path) -> None:
    report = attacked("ten addresses guess the password", tmp_path).report
    assert report.codes.get("auth_failed", 0) <= 10 * 3
    assert sum(report.codes.values()) > 100


@pytest.mark.parametrize("name", ["TLS: 1,000 send half a ClientHello", "TLS: 1,000 never finish the handshake"])
def test_a_thousand_who_never_agree_on_tls_are_held_to_the_places_there_are(name: str, tmp_path: Path) -> None:
    report = attacked(name, tmp_path).report
    assert report.opened >= 1000
    assert report.thrown_out >= 400


def test_five_hundred_who_drip_a_client_hello_disturb_nobody(tmp_path: Path) -> None:
    assert attacked("TLS: 500 drip a ClientHello", tmp_path).report.opened >= 500


def test_who_speaks_nonsense_for_tls_is_thrown_out(tmp_path: Path) -> None:
    report = attacked("TLS: 150 send nonsense for a ClientHello", tmp_path).report
    assert report.thrown_out >= 100
    assert report.codes["nothing"] >= 10, "not one was answered with a sentence that TLS cannot read"


def test_who_shakes_hands_again_and_again_disturbs_nobody(tmp_path: Path) -> None:
    assert attacked("TLS: 1,000 addresses shake hands in a loop", tmp_path).report.opened >= 1000
