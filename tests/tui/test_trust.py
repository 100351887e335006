"""Whom a connection is with, and whether it is encrypted: decided before anything is said, and never the other way."""

from pathlib import Path

import pytest

from tui_client.trust import (
    NO_OPTIONS,
    VERIFIED,
    Pin,
    Plaintext,
    Plan,
    TlsOptions,
    Trust,
    Verify,
    is_exposed,
    is_loopback,
    plan_for,
)

HERE, THERE = "127.0.0.1", "chat.example.com"
CA = Path("/ca.pem")
ONE, OTHER = "0f3a", "77c1"


class Notebook:
    """A memory that can be looked at."""

    def __init__(self, **known: str) -> None:
        self.known = known

    def find(self, server: str, /) -> str:
        return self.known.get(server, "")

    def remember(self, server: str, what: str, /) -> None:
        self.known[server] = what

    def take_notices(self) -> list[str]:
        return []


@pytest.mark.parametrize(
    ("host", "options", "remembered", "plan"),
    [
        (HERE, NO_OPTIONS, "", Plaintext()),
        ("localhost", NO_OPTIONS, "", Plaintext()),
        ("LOCALHOST", NO_OPTIONS, "", Plaintext()),
        ("127.8.9.10", NO_OPTIONS, "", Plaintext()),
        (THERE, NO_OPTIONS, "", Verify()),
        ("192.168.0.7", NO_OPTIONS, "", Verify()),
        ("localhost.example.com", NO_OPTIONS, "", Verify()),
        ("127.1", NO_OPTIONS, "", Verify()),
        ("0.0.0.0", NO_OPTIONS, "", Verify()),
        ("", NO_OPTIONS, "", Verify()),
        (HERE, TlsOptions(tls=True), "", Verify()),
        (HERE, NO_OPTIONS, ONE, Pin(ONE)),
        (HERE, NO_OPTIONS, VERIFIED, Verify(is_remembered=True)),
        (THERE, NO_OPTIONS, ONE, Pin(ONE)),
        (THERE, NO_OPTIONS, VERIFIED, Verify(is_remembered=True)),
        (HERE, TlsOptions(ca=CA), "", Verify(CA)),
        (THERE, TlsOptions(ca=CA), ONE, Verify(CA)),
        (THERE, TlsOptions(fingerprint=OTHER), ONE, Pin(OTHER, is_remembered=False)),
        (HERE, TlsOptions(fingerprint=OTHER), "", Pin(OTHER, is_remembered=False)),
        (THERE, TlsOptions(plaintext=True), ONE, Plaintext()),
        (THERE, TlsOptions(tls=True), ONE, Pin(ONE)),
    ],
)
def test_what_is_to_be_done(host: str, options: TlsOptions, remembered: str, plan: Plan) -> None:
    assert plan_for(host, options, remembered) == plan


@pytest.mark.parametrize("remembered", ["", ONE, VERIFIED])
@pytest.mark.parametrize("options", [NO_OPTIONS, TlsOptions(tls=True), TlsOptions(ca=CA), TlsOptions(fingerprint=ONE)])
def test_only_the_option_for_it_goes_over_a_network_in_the_clear(options: TlsOptions, remembered: str) -> None:
    assert plan_for(THERE, options, remembered) != Plaintext()
    assert not is_exposed(THERE, options)


def test_on_this_machine_nobody_listens_in() -> None:
    assert is_exposed(THERE, TlsOptions(plaintext=True))
    assert not is_exposed(HERE, TlsOptions(plaintext=True))


@pytest.mark.parametrize(
    "host", ["127.0.0.1.example.com", "2130706433", "0x7f000001", "127.0.0.01", "::1", "128.0.0.1"]
)
def test_what_only_looks_like_this_machine_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("plan", "may_ask"), [(Verify(), True), (Verify(CA), False), (Verify(is_remembered=True), False)]
)
def test_nobody_is_asked_about_what_somebody_vouched_for(plan: Verify, may_ask: bool) -> None:
    assert plan.may_ask is may_ask


def test_what_was_accepted_is_what_it_must_be_from_then_on() -> None:
    notebook = Notebook()
    trust = Trust(THERE, 1, NO_OPTIONS, notebook)
    assert trust.plan() == Verify()
    trust.accept(ONE)
    assert trust.plan() == Pin(ONE)
    assert Trust(THERE, 2, NO_OPTIONS, notebook).plan() == Verify(), "another port is another server"


def test_what_was_verified_has_to_be_from_then_on() -> None:
    trust = Trust(THERE, 1, NO_OPTIONS, Notebook())
    trust.note_verified(Verify())
    assert trust.plan() == Verify(is_remembered=True)


def test_what_only_a_given_authority_vouches_for_is_not_remembered() -> None:
    notebook = Notebook()
    Trust(THERE, 1, TlsOptions(ca=CA), notebook).note_verified(Verify(CA))
    assert notebook.known == {}
