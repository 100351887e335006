"""What one address may take: connections, new ones a minute, reading; and that nobody is remembered for longer than needed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.addresses import FORGET_AT_LEAST, MAX_ACCOUNTS, MAX_DEBT_S, Addresses
from server.config import PerAddress
from server.peer import Peer
from server.rate import FULL, Rate

NOW = 33_333.333
HERE, THERE, LOOPBACK = Peer.of("192.0.2.1"), Peer.of("192.0.2.2"), Peer.of("127.0.0.1")
LIMITS = PerAddress(connections=3, new=Rate(6, 0.1), reading=Rate(1000, 100))


@pytest.fixture
def addresses() -> Addresses:
    return Addresses(LIMITS)


def connect_all(addresses: Addresses, peer: Peer, now_s: float, tries: int = 20) -> int:
    """How many of so many tries are let in."""
    return sum(addresses.connect(peer, now_s) for _ in range(tries))


# --- who it is --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "key", "is_loopback"),
    [
        ("192.0.2.1", "192.0.2.1", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.8.8.8", "127.8.8.8", True),
        ("::1", "::/64", True),
        ("::ffff:192.0.2.1", "192.0.2.1", False),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", False),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64", False),
        ("2001:db8:1:3::", "2001:db8:1:3::/64", False),
        ("fe80::1%eth0", "fe80::/64", False),
    ],
)
def test_an_ipv6_network_is_one_address_and_a_mapped_one_is_what_it_is_mapped_from(
    address: str, key: str, is_loopback: bool
) -> None:
    peer = Peer.of(address)
    assert (peer.key, peer.is_loopback) == (key, is_loopback)


# --- buckets ----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 1000), st.integers(1, 1000), st.floats(0, 1e6))
def test_a_full_bucket_gives_its_burst_at_once_and_not_one_more(burst: int, per_s: int, now_s: float) -> None:
    rate, full_at = Rate(burst, per_s), FULL
    for _ in range(burst):
        assert rate.wait_s(full_at, 1, now_s) == 0
        full_at = rate.taken(full_at, 1, now_s)
    assert rate.wait_s(full_at, 1, now_s) == pytest.approx(1 / per_s, rel=1e-3)


@given(st.integers(1, 100), st.integers(1, 100), st.integers(0, 300), st.floats(0, 1e6))
def test_whoever_waits_for_as_long_as_was_said_may(burst: int, per_s: int, taken: int, now_s: float) -> None:
    rate = Rate(burst, per_s)
    full_at = rate.taken(FULL, taken, now_s)
    assert rate.wait_s(full_at, 1, now_s + rate.wait_s(full_at, 1, now_s)) == 0


# --- connections ------------------------------------------------------------------------------------------------------


def test_so_many_at_a_time_and_one_more_when_one_has_gone(addresses: Addresses) -> None:
    assert connect_all(addresses, HERE, NOW) == 3
    addresses.disconnect(HERE)
    assert connect_all(addresses, HERE, NOW) == 1


def test_so_many_new_ones_and_then_as_they_come_back(addresses: Addresses) -> None:
    let_in = 0
    for _ in range(20):
        if addresses.connect(HERE, NOW):
            let_in += 1
            addresses.disconnect(HERE)
    assert let_in == 6
    assert not addresses.connect(HERE, NOW + 9.9)
    assert addresses.connect(HERE, NOW + 10)
    assert not addresses.connect(HERE, NOW + 10)


def test_who_is_turned_away_does_not_have_to_wait_longer_for_it(addresses: Addresses) -> None:
    connect_all(addresses, HERE, NOW, tries=1000)
    addresses.disconnect(HERE)
    assert addresses.connect(HERE, NOW + 1)


def test_one_address_is_not_another(addresses: Addresses) -> None:
    connect_all(addresses, HERE, NOW)
    addresses.charge(HERE, 10_000, NOW)
    assert connect_all(addresses, THERE, NOW) == 3
    assert addresses.reading_wait_s(THERE, NOW) == 0


def test_this_machine_is_only_limited_if_it_is_to_be(addresses: Addresses) -> None:
    assert connect_all(addresses, LOOPBACK, NOW) == 20
    assert connect_all(Addresses(LIMITS, also_loopback=True), LOOPBACK, NOW) == 3
    assert connect_all(Addresses(None, also_loopback=True), LOOPBACK, NOW) == 20
    assert connect_all(Addresses(None), HERE, NOW) == 20


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_burst_is_read_at_once_and_the_rest_at_its_pace(addresses: Addresses) -> None:
    addresses.charge(HERE, 1000, NOW)
    assert addresses.reading_wait_s(HERE, NOW) == 0
    addresses.charge(HERE, 200, NOW)
    assert addresses.reading_wait_s(HERE, NOW) == pytest.approx(2)
    assert addresses.reading_wait_s(HERE, NOW + 2.001) == 0


def test_whatever_was_read_nobody_waits_for_ever(addresses: Addresses) -> None:
    for _ in range(100):
        addresses.charge(HERE, 25_000, NOW)
    assert addresses.reading_wait_s(HERE, NOW) == pytest.approx(MAX_DEBT_S)


# --- forgetting -------------------------------------------------------------------------------------------------------


def many(count: int) -> list[Peer]:
    return [Peer(f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}", is_loopback=False, key=f"{n}") for n in range(count)]


def test_who_came_once_is_forgotten_and_who_is_here_is_not(addresses: Addresses) -> None:
    connect_all(addresses, HERE, NOW)
    for number, peer in enumerate(many(100_000)):
        assert addresses.connect(peer, NOW + number)
        addresses.disconnect(peer)
        assert len(addresses) <= FORGET_AT_LEAST + 1
    assert connect_all(addresses, HERE, NOW + 1e6) == 0


def test_nobody_is_forgotten_before_they_may_come_again(addresses: Addresses) -> None:
    for _ in range(6):
        assert addresses.connect(HERE, NOW)
        addresses.disconnect(HERE)
    for peer in many(10 * FORGET_AT_LEAST):
        addresses.charge(peer, 1, NOW)
    assert not addresses.connect(HERE, NOW + 1)


def test_however_many_come_at_once_what_is_held_is_bounded(addresses: Addresses) -> None:
    connect_all(addresses, HERE, NOW)
    for peer in many(3 * MAX_ACCOUNTS):
        addresses.charge(peer, 1000, NOW)
        assert len(addresses) <= MAX_ACCOUNTS
    assert connect_all(addresses, HERE, NOW + 1e6) == 0
