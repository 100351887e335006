"""The goals, as ratios within one run: which figure of which case is held against which."""

from collections.abc import Iterator, Sequence
from typing import Final

from tests.bench.server.cases import (
    BESIDE_A_STRAGGLER,
    BUSY,
    DURABLE,
    EVERYONE,
    GENTLE,
    IDLE,
    IN_MEMORY,
    MANY,
    OURS,
    OVER_TLS,
    STORED,
    STRAGGLER,
    TLS,
    flood_name,
    stored_name,
)
from tests.bench.server.peers import NAIVE, NGIRCD, REDIS
from tests.bench.server.results import Results
from tests.bench.table import Figure

_RATE: Final = "deliveries/s"
_COST: Final = "CPU s/M deliveries"
_P99: Final = "p99 ms"

_AT_LEAST: Final = (
    (flood_name(500), NGIRCD.name, 8.0),
    (flood_name(500), REDIS.name, 5.0),
    (flood_name(500), NAIVE.name, 60.0),
    (flood_name(100), NGIRCD.name, 2.5),
    (flood_name(100), REDIS.name, 1.4),
    (flood_name(10), NGIRCD.name, 1.0),
    (EVERYONE, NGIRCD.name, 3.5),
    (EVERYONE, REDIS.name, 2.5),
)
"""Deliveries a second, against a peer."""

_LATENCIES: Final = (
    (GENTLE, REDIS.name, 2.0),
    (GENTLE, NGIRCD.name, 0.1),
    (BUSY, NGIRCD.name, 0.5),
)
"""p99 at most so many times that of a peer."""

STRAGGLER_MIB: Final = 16.0
"""What may be called flat: less than the straggler was not sent in a second of the flood."""


def goals(results: Results) -> list[Figure]:
    """All for which there are figures."""
    return [figure for figure in _all(results) if figure is not None]


def _all(results: Results) -> Iterator[Figure | None]:
    for case, peer, goal in _AT_LEAST:
        yield _ratio(f"{case}: against {peer}", results.ratio(_RATE, case, OURS, peer), at_least=goal)
    for case, peer, goal in _LATENCIES:
        yield _ratio(f"{case}: p99 against {peer}", results.ratio(_P99, case, OURS, peer), at_most=goal)
    cost = results.ratio(_COST, flood_name(500), OURS, NGIRCD.name)
    yield _ratio(f"{flood_name(500)}: CPU per delivery against {NGIRCD.name}", cost, at_most=1 / 8)
    yield _value("memory per idle client", results.value(IDLE, OURS, "KiB/idle client"), 20, "KiB")
    many = f"{results.value(MANY, OURS, 'clients') or 0:,.0f} idle clients"
    yield _value(f"{many}: memory each", results.value(MANY, OURS, "KiB/idle client"), 20, "KiB")
    yield _value(f"{many}: a message to all", results.value(MANY, OURS, "to all s"), 1, "s")
    yield _ratio("durable against --memory", results.ratio(_RATE, DURABLE, OURS, IN_MEMORY), at_least=0.6)
    yield _ratio("TLS against plaintext", results.ratio(_RATE, TLS, OVER_TLS, OURS), at_least=0.3)
    growth = results.ratio(_COST, flood_name(1000), OURS, OURS, flood_name(100))
    yield _ratio("CPU per delivery, 1,000 against 100", growth, at_most=1.2)
    yield from _of_stored(results)
    yield _ratio("beside a straggler", results.ratio(_RATE, STRAGGLER, BESIDE_A_STRAGGLER, OURS), at_least=0.9)
    yield _value(
        "beside a straggler: memory", results.value(STRAGGLER, BESIDE_A_STRAGGLER, "grown MiB"), STRAGGLER_MIB, "MiB"
    )
    if (missing := results.missing()) is not None:
        yield Figure("deliveries missing", f"{missing:,}", "0", missing == 0)
    yield Figure("trials that failed", str(results.failed), "0", results.failed == 0)


def _of_stored(results: Results) -> Iterator[Figure | None]:
    """The longest log against the empty one."""
    names = results.systems(STORED)
    if not names or names[-1] == (empty := stored_name(0)):
        return
    for figure, least, most in ((_RATE, 0.9, None), ("joining ms", None, 1.2), ("start-up s", None, 1.5)):
        ratio = results.ratio(figure, STORED, names[-1], empty)
        yield _ratio(f"{names[-1]}: {figure} against none", ratio, at_least=least, at_most=most)


def _ratio(
    name: str, ratio: float | None, *, at_least: float | None = None, at_most: float | None = None
) -> Figure | None:
    if ratio is None:
        return None
    if at_least is not None:
        return Figure(name, f"{ratio:.2f} ×", f"≥ {at_least:g} ×", ratio >= at_least)
    assert at_most is not None
    return Figure(name, f"{ratio:.3g} ×", f"≤ {at_most:g} ×", ratio <= at_most)


def _value(name: str, value: float | None, most: float, unit: str) -> Figure | None:
    return None if value is None else Figure(name, f"{value:.3g} {unit}", f"≤ {most:g} {unit}", value <= most)


def missed(figures: Sequence[Figure]) -> bool:
    """Whether any goal was."""
    return any(figure.is_met is False for figure in figures)
